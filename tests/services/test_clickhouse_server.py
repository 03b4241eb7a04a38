from __future__ import annotations

import datetime as dt
import http.client
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pytest

from reporting.tables import SOURCE_EVENTS
from services.errors import NotReady, SetupError
from services.maintenance import doctor
from services.maintenance.doctor import examine
from services.settings import load_settings
from services.streams.land import Land
from services.streams.tally import Tally
from services.warehouse import client as clickhouse
from services.warehouse.arrow import arrow_schema
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from services.warehouse.named_queries import query_names
from tests.clickhouse_front.process import ROOT, FrontProcess, running_front
from tests.databases import Databases
from tests.histories import arrivals, random_history, seeded
from tests.services.test_land import daily_counts, everything, expected_counts
from tests.services.test_queries import PARAMETERS

pytestmark = [pytest.mark.warehouse, pytest.mark.process]
DATABASE = "server_test"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontProcess]:
    """A front of this module's own, which its tests may kill."""
    with running_front(tmp_path_factory.mktemp("server") / "engine") as front:
        yield front


class Between(ThreadingHTTPServer):
    """Stand between client and front, note every statement, and spoil the answers when told to."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.port = port
        self.spoil = ""
        self.statements: list[str] = []
        self.dsn = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about connections that a client left."""


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Between

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.statements.append(self.path + body[:60].decode(errors="replace"))
        if self.server.spoil.isdigit():
            self._send(int(self.server.spoil), b"<html>something between says no</html>", {})
            return
        onward = http.client.HTTPConnection("127.0.0.1", self.server.port)
        onward.request("POST", self.path, body, dict(self.headers.items()))
        answer = onward.getresponse()
        data = answer.read()
        onward.close()
        if self.server.spoil == "cut before the answer":
            self.close_connection = True
            self.connection.close()
            return
        shown = {name: value for name, value in answer.getheaders() if name.startswith("X-")}
        if self.server.spoil == "cut in the answer":
            self.close_connection = True
            self._send(answer.status, data[: len(data) // 2], shown, said=len(data))
            self.connection.close()
            return
        self._send(answer.status, data, shown)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        """Say nothing."""

    def _send(self, status: int, data: bytes, headers: dict[str, str], *, said: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data) if said is None else said)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()


@pytest.fixture
def between(front: FrontProcess) -> Iterator[Between]:
    with Between(front.port) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def databases(front: FrontProcess) -> Databases:
    """The databases of this module's front: migrating one for each test took longer than the tests."""
    return Databases(front.dsn)


@pytest.fixture
def warehouse(between: Between, databases: Databases) -> Iterator[Warehouse]:
    """A migrated database, reached through what stands between, with both clients open."""
    lent = databases.fresh()
    with closing(Warehouse(between.dsn, database=lent.database)) as warehouse:
        warehouse.command("SELECT 1")
        warehouse.clock()
        between.statements.clear()
        yield warehouse
    databases.give_back(lent)


def heartbeats(*numbers: int) -> pa.Table:
    instant = dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
    texts = {"event_type": "source.heartbeat", "unit_code": "15607", "release": "1", "topic": "sources"}
    instants = {
        "occurred_at": instant,
        "recorded_at": instant,
        "last_seen_at": instant,
        "oldest_unsent_at": None,
    }
    counts = dict.fromkeys(("outbox_count", "case_seq", "epoch", "partition"), 0)
    rows = [{**texts, **instants, **counts, "offset": n, "event_id": n.to_bytes(16, "big")} for n in numbers]
    return pa.Table.from_pylist(rows, schema=arrow_schema(SOURCE_EVENTS))


def landed(warehouse: Warehouse) -> int:
    return int(warehouse.rows("SELECT count() AS n FROM source_events FINAL")[0]["n"])


@pytest.mark.parametrize(
    "spoil", ["502", "503", "504", "429", "404", "cut before the answer", "cut in the answer"]
)
def test_a_server_that_is_not_there_is_not_ready_whatever_the_network_says(
    between: Between, warehouse: Warehouse, spoil: str
) -> None:
    between.spoil = spoil
    with pytest.raises(NotReady, match="cannot be reached"):
        warehouse.rows("SELECT number FROM numbers(100000)")
    if spoil != "cut in the answer":  # a statement that writes has an empty one
        with pytest.raises(NotReady, match="cannot be reached"):
            warehouse.command("OPTIMIZE TABLE source_events")
        with pytest.raises(NotReady, match="cannot be reached"):
            warehouse.insert("source_events", heartbeats(1))
    with pytest.raises(NotReady), closing(Warehouse(between.dsn, database=warehouse.database)) as late:
        late.clock()
    between.spoil = ""
    warehouse.insert("source_events", heartbeats(1, 2))
    assert landed(warehouse) == 2


@pytest.mark.parametrize("spoil", ["503", "cut before the answer"])
def test_an_insert_whose_answer_was_lost_is_sent_once_and_said_to_have_failed(
    between: Between, warehouse: Warehouse, spoil: str
) -> None:
    between.spoil = spoil
    with pytest.raises(NotReady):
        warehouse.insert("source_events", heartbeats(1, 2, 3))
    with pytest.raises(NotReady):
        warehouse.command("INSERT INTO source_events (event_id) SELECT generateUUIDv4()")
    between.spoil = ""
    sent = [statement for statement in between.statements if "INSERT" in statement]
    assert len(sent) == 2
    assert all("async_insert=0" in statement for statement in sent)
    warehouse.insert("source_events", heartbeats(1, 2, 3))  # the step says it again, as after any failure
    assert warehouse.rows("SELECT count() AS n FROM source_events FINAL WHERE unit_code = '15607'") == [
        {"n": 3}
    ]


def test_a_wrong_statement_is_not_taken_for_a_lost_server(warehouse: Warehouse) -> None:
    for sql in ("SELECT no_such_column", "SELECT * FROM no_such_table", "SELEKT"):
        with pytest.raises(Exception, match="DB::Exception") as caught:
            warehouse.rows(sql)
        assert not isinstance(caught.value, NotReady)
    with pytest.raises(NotReady, match="MEMORY_LIMIT_EXCEEDED"):
        warehouse.rows("SELECT length(groupArray(number)) AS n FROM numbers(1000000000)")


def test_what_starts_before_the_tables_are_made_is_not_ready(front: FrontProcess) -> None:
    with (
        closing(Warehouse(front.dsn, database="no_such_database")) as early,
        pytest.raises(NotReady, match="migrate"),
    ):
        early.clock()


@pytest.mark.slow
def test_the_same_warehouse_goes_on_when_its_server_comes_back(
    front: FrontProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clickhouse, "READ_SECONDS", 1)
    monkeypatch.setattr(clickhouse, "WRITE_SECONDS", 1)
    with closing(Warehouse(front.dsn, database=DATABASE)) as warehouse:
        warehouse.drop()
        migrate(warehouse)
        warehouse.insert("source_events", heartbeats(1))
        front.kill()
        for ask in (warehouse.clock, lambda: warehouse.insert("source_events", heartbeats(2))):
            with pytest.raises(NotReady):
                ask()
        front.start()
        assert landed(warehouse) == 1
        warehouse.insert("source_events", heartbeats(2))
        front.pause()
        for ask in (warehouse.clock, lambda: warehouse.insert("source_events", heartbeats(3))):
            with pytest.raises(NotReady, match="timed out"):
                ask()
        front.resume()
        warehouse.insert("source_events", heartbeats(3))
        assert landed(warehouse) == 3


@pytest.mark.slow
def test_a_backup_of_the_database_restores_what_was_there_and_the_log_brings_the_rest(
    front: FrontProcess,
) -> None:
    r = seeded(9)
    history = random_history(r, cases=10)
    batches = arrivals(r, history)
    copy = f"File('{front.path.parent}/backups/one')"
    with closing(Warehouse(front.dsn, database="backed_up")) as warehouse:
        migrate(warehouse)
        for batch in batches[:-1]:
            Land(warehouse).handle(batch)
        before = everything(warehouse)
        warehouse.administer(f"BACKUP DATABASE backed_up TO {copy}")
        Land(warehouse).handle(batches[-1])
        warehouse.drop()
        warehouse.administer(f"RESTORE DATABASE backed_up FROM {copy}")
        assert migrate(warehouse) == []
        assert everything(warehouse) == before
        for batch in batches:
            Land(warehouse).handle(batch)
        assert daily_counts(warehouse) == expected_counts(history)


def test_a_server_may_start_later_than_what_asks_it(tmp_path: Path) -> None:
    late = FrontProcess(tmp_path / "engine")
    starting = threading.Timer(1.0, late.start)
    with closing(Warehouse(late.dsn)) as warehouse:
        with pytest.raises(NotReady):
            warehouse.wait(0.1)
        starting.start()
        warehouse.wait(60)
        assert migrate(warehouse)
    starting.join()
    late.close()


def test_writer_and_reader_may_be_two_users(front: FrontProcess) -> None:
    writer, reader = front.dsn_of("writer"), front.dsn_of("reader")
    with closing(Warehouse(writer, reader_dsn=reader, database=DATABASE)) as warehouse:
        migrate(warehouse)
        who = "SELECT value, readonly FROM system.settings WHERE name = 'readonly'"
        assert warehouse.rows(who) == [{"value": "1", "readonly": 1}]
        assert migrate(warehouse.beside("rebuild"))
        warehouse.beside("rebuild").drop()
    bare = f"http://reader@127.0.0.1:{front.port}"
    with closing(
        Warehouse(writer, reader_dsn=bare, reader_password="reader's secret", database=DATABASE)
    ) as warehouse:
        assert warehouse.clock() > 0
    with (
        closing(Warehouse(writer, reader_dsn=bare, reader_password="wrong", database=DATABASE)) as warehouse,
        pytest.raises(SetupError, match="refuses the user"),
    ):
        warehouse.clock()


def test_the_user_of_the_pages_can_ask_every_named_query(front: FrontProcess) -> None:
    writer, reader = front.dsn_of("writer"), front.dsn_of("reader")
    with closing(Warehouse(writer, reader_dsn=reader, database=DATABASE)) as warehouse:
        migrate(warehouse)
        for name in query_names():
            warehouse.query(name, **PARAMETERS)


@pytest.mark.slow
def test_the_doctor_says_who_answers_and_whether_the_clocks_agree(
    front: FrontProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(data=tmp_path, warehouse_dsn=front.dsn, warehouse_database=DATABASE)
    lost = settings.model_copy(update={"warehouse_cluster": "no_such_cluster"})
    with closing(Warehouse(front.dsn, database=DATABASE)) as warehouse:
        migrate(warehouse)
        engine = {finding.part: finding for finding in examine(settings)}["engine"]
        assert engine.ok, engine.sentence
        said = r"ClickHouse [\d.]+ answers default, tables are of this release, clocks 0\.\d s apart"
        assert re.fullmatch(said, engine.sentence)
        with pytest.raises(SetupError, match="0 replicas"):
            doctor._clickhouse(warehouse, lost)
        monkeypatch.setattr("services.maintenance.doctor.time.time_ns", lambda: 0)
        with pytest.raises(SetupError, match="clock of ClickHouse differs"):
            doctor._clickhouse(warehouse, settings)


def test_many_threads_share_a_few_connections(front: FrontProcess, caplog: pytest.LogCaptureFixture) -> None:
    with closing(Warehouse(front.dsn, database="default")) as warehouse, caplog.at_level(logging.WARNING):
        answers: list[int] = []

        def ask(number: int) -> None:
            sql = "SELECT {n:UInt32} AS n"
            answers.extend(int(warehouse.rows(sql, n=number)[0]["n"]) for _ in range(10))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == sorted(number for number in range(40) for _ in range(10))
    assert not [record for record in caplog.records if "pool" in record.getMessage()]


def test_an_address_that_is_none_is_a_setup_fault() -> None:
    for dsn in ("clickhouse://127.0.0.1:9000", "127.0.0.1:8123"):
        with closing(Warehouse(dsn)) as warehouse, pytest.raises(SetupError, match="begins with"):
            warehouse.clock()


@pytest.mark.slow
def test_a_server_with_a_certificate_of_its_own_is_trusted_by_name(tmp_path: Path) -> None:
    for name in ("server", "stranger"):
        make = (
            f"req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}"
        )
        command = ["openssl", *make.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "server.crt").read_text() + (tmp_path / "server.key").read_text())
    front = FrontProcess(tmp_path / "engine")
    front.speak_tls(both)
    front.start()
    try:
        with closing(Warehouse(f"{front.dsn}/?ca_cert={tmp_path}/server.crt")) as warehouse:
            assert migrate(warehouse)
        for other in (f"?ca_cert={tmp_path}/stranger.crt", ""):
            with (
                closing(Warehouse(f"{front.dsn}/{other}")) as warehouse,
                pytest.raises(NotReady, match=r"(?i)certif"),
            ):
                warehouse.clock()
    finally:
        front.close()


_LANDING = """
import sys
from services.warehouse.client import Warehouse
from services.streams.land import Land
from tests.databases import Databases
from tests.histories import arrivals, random_history, seeded
dsn, database, seed, share = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
warehouse = Warehouse(dsn, database=database)
sys.stdin.readline()
history = random_history(seeded(seed), cases=40)
for number, batch in enumerate(arrivals(seeded(seed), history)):
    if number % 2 == share:
        Land(warehouse).handle(batch)
"""


@pytest.mark.parametrize("seed", [3])
@pytest.mark.slow
def test_two_processes_that_land_and_count_at_once_end_on_the_right_rows(
    front: FrontProcess, seed: int
) -> None:
    with closing(Warehouse(front.dsn, database=f"two_{seed}")) as warehouse:
        migrate(warehouse)
        command = [sys.executable, "-c", _LANDING, front.dsn, warehouse.database, str(seed)]
        workers = [
            subprocess.Popen([*command, str(share)], cwd=ROOT, stdin=subprocess.PIPE, text=True)
            for share in (0, 1)
        ]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.close()
        assert [worker.wait(120) for worker in workers] == [0, 0]
        assert daily_counts(warehouse) == expected_counts(random_history(seeded(seed), cases=40))


@pytest.mark.slow
def test_a_backlog_that_touches_thousands_of_days_is_recounted_over_http(front: FrontProcess) -> None:
    """The front refuses an address over 64 KiB, as much of what stands before a server does."""
    day = dt.date(2026, 1, 1)
    with closing(Warehouse(front.dsn, database="recounted")) as warehouse:
        migrate(warehouse)
        Tally(warehouse).recount([(str(unit), day) for unit in range(15_000, 18_321)])
        assert warehouse.rows("SELECT count() AS n FROM rollups_daily") == [{"n": 3_321}]
