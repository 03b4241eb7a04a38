from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator

import httpx2
import pytest

from tests.clickhouse_front.process import FrontProcess, running_front

pytestmark = [pytest.mark.warehouse, pytest.mark.process]
TABLE = (
    "CREATE TABLE t (a UInt64, b String) ENGINE = ReplacingMergeTree ORDER BY a"
    " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontProcess]:
    """A front of this module's own, which its tests may kill."""
    with running_front(tmp_path_factory.mktemp("front") / "engine", memory_mb=400) as front:
        yield front


@pytest.fixture
def client(front: FrontProcess) -> Iterator[httpx2.Client]:
    """A client that knows nothing of ClickHouse, and an empty table."""
    with httpx2.Client(base_url=front.dsn, timeout=60) as client:
        for sql in ("DROP TABLE IF EXISTS t SYNC", TABLE):
            assert client.post("/", content=sql).status_code == 200
        yield client


def count(client: httpx2.Client) -> int:
    return int(client.get("/", params={"query": "SELECT count() FROM t"}).text)


def test_statement_and_data_come_in_address_or_body_as_from_any_client(client: httpx2.Client) -> None:
    into = "INSERT INTO t (a, b) FORMAT TabSeparated"
    assert client.get("/ping").text == "Ok.\n"
    assert client.post("/", content=f"{into}\n1\tx\n").status_code == 200
    assert client.post("/", params={"query": into}, content="2\ty\n").status_code == 200
    packed = {"Content-Encoding": "gzip"}
    assert (
        client.post("/", params={"query": into}, headers=packed, content=gzip.compress(b"3\tz\n")).status_code
        == 200
    )
    assert client.post("/", params={"query": into}, content=iter([b"4\t", b"z\n"])).status_code == 200
    assert client.post("/", content="INSERT INTO t VALUES (5, 'FORMAT Null')").status_code == 200
    assert client.post("/", content="INSERT INTO t SELECT a + 5, b FROM t").status_code == 200
    assert count(client) == 10


def test_parameters_are_typed(client: httpx2.Client) -> None:
    asked = {
        "query": "SELECT {n:UInt32} + 1 AS n, {s:String} AS s FORMAT JSONEachRow",
        "param_n": "6",
        "param_s": "it's",
    }
    answer = client.get("/", params=asked)
    assert answer.json() == {"n": 7, "s": "it's"}
    assert answer.headers["X-ClickHouse-Format"] == "JSONEachRow"


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT * FROM no_such_table", 404, "60"),
        ("SELEKT 1", 400, "62"),
        ("INSERT INTO t (a, b) FORMAT TabSeparated\nnot a number\tx\n", 500, "27"),
        ("SELECT throwIf(number = 3, 'three') FROM numbers(10)", 500, "395"),
    ],
)
def test_what_fails_says_so_in_the_words_of_the_engine(
    client: httpx2.Client, sql: str, status: int, code: str
) -> None:
    answer = client.post("/", content=sql)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert count(client) == 0


def test_a_setting_holds_for_its_request_alone(client: httpx2.Client) -> None:
    ask = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    assert client.post("/", params={"max_block_size": "77"}, content=ask).text == "77\n"
    assert client.post("/", content="SET max_block_size = 78").status_code == 200
    assert client.post("/", content=ask).text not in {"77\n", "78\n"}


def test_who_may_only_read_cannot_write_nor_unlock_it(client: httpx2.Client, front: FrontProcess) -> None:
    refused = client.post("/", params={"readonly": "1"}, content="INSERT INTO t VALUES (1, 'x')")
    assert refused.headers["X-ClickHouse-Exception-Code"] == "164"
    assert client.get("/", params={"query": "DROP TABLE t"}).headers["X-ClickHouse-Exception-Code"] == "164"
    reader = ("reader", "reader's secret")
    assert client.post("/", auth=reader, content="SELECT 1").text == "1\n"
    for settings in ({"readonly": "0"}, {"max_execution_time": "5"}):
        assert client.post("/", auth=reader, params=settings, content="SELECT 1").status_code == 403
    assert client.post("/", auth=("reader", "wrong"), content="SELECT 1").status_code == 403
    assert front.dsn_of("reader").startswith("http://reader:reader%27s%20secret@")


def test_a_statement_that_wants_too_much_memory_fails_and_the_next_one_works(client: httpx2.Client) -> None:
    greedy = client.post("/", content="SELECT length(groupArray(number)) FROM numbers(200000000)")
    assert greedy.headers["X-ClickHouse-Exception-Code"] == "241"
    assert count(client) == 0


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_every_kill(client: httpx2.Client, front: FrontProcess) -> None:
    acknowledged: list[int] = []
    stop = threading.Event()

    def write(number: int) -> None:
        with httpx2.Client(base_url=front.dsn, timeout=10) as mine:
            while not stop.is_set():
                number += 4
                rows = "".join(f"{number}\tx{row}\n" for row in range(3))
                try:
                    answer = mine.post("/", content=f"INSERT INTO t (a, b) FORMAT TabSeparated\n{rows}")
                except httpx2.TransportError:
                    continue
                assert answer.status_code == 200, answer.text
                acknowledged.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        wanted = len(acknowledged) + 40
        while len(acknowledged) < wanted:
            stop.wait(0.01)
        front.restart()
    stop.set()
    for writer in writers:
        writer.join(30)
    found = client.post("/", content="SELECT DISTINCT a FROM t FORMAT TabSeparated").text.split()
    assert set(acknowledged) <= {int(number) for number in found}
    assert len(acknowledged) >= 120


def test_it_finishes_what_runs_when_asked_to_end(client: httpx2.Client, front: FrontProcess) -> None:
    answers: list[httpx2.Response] = []

    def ask_long() -> None:
        with httpx2.Client(base_url=front.dsn, timeout=60) as mine:
            slow = "INSERT INTO t SELECT number, toString(sleepEachRow(0.1)) FROM numbers(15)"
            answers.append(mine.post("/", params={"max_block_size": "1"}, content=slow))

    asking = threading.Thread(target=ask_long)
    asking.start()
    running = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO t SELECT%'"
    while client.post("/", content=running).text != "1\n":
        assert asking.is_alive()
    assert front.stop() == 0
    asking.join(30)
    front.start()
    assert [answer.status_code for answer in answers] == [200]
    assert count(client) == 15
