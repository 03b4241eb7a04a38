"""A process whose engine is dead ends, so that another is started; one whose server is away goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from services.boot.engine_watch import EXIT_CODE, watching
from services.boot.serving import reserve
from services.errors import EngineDead, NotReady
from services.warehouse.client import Warehouse
from services.warehouse.connection import translated_errors
from services.web.operations.app import build_operations
from services.web.shell.parts import Readiness

ROOT = Path(__file__).resolve().parents[2]
FATAL = "Code: 236. DB::Exception: The server is shutting down due to a fatal error. (ABORTED)"
END_SECONDS = 90
KILLED = frozenset({-signal.SIGABRT, -signal.SIGBUS, -signal.SIGSEGV})
"""How an aborted process ends: the lines of threads that still run are printed on the way, which may end it first."""


@contextmanager
def _server(data: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    errors = data / "stderr.txt"
    with errors.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.dying_server", *words, "serve", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, "LIENCAP_DATA": str(data), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        try:
            assert process.stdout is not None
            ready = next((line for line in process.stdout if "ready on" in line), "")
            assert ready, errors.read_text(encoding="utf-8")
            yield process, ready.split()[3].rstrip("/"), errors
        finally:
            process.kill()
            process.communicate()


@pytest.mark.process
@pytest.mark.warehouse
@pytest.mark.slow
def test_a_server_whose_native_code_aborts_is_gone_and_not_left_answering(tmp_path: Path) -> None:
    with _server(tmp_path) as (process, address, errors):
        assert httpx2.get(f"{address}/healthz", timeout=30).json() == {"status": "ok"}
        process.communicate("abort\n", timeout=END_SECONDS)
        assert process.returncode in KILLED
    assert "Fatal Python error: Aborted" in errors.read_text(encoding="utf-8")


@pytest.mark.process
@pytest.mark.warehouse
@pytest.mark.slow
def test_a_server_told_to_abort_from_outside_is_gone(tmp_path: Path) -> None:
    with _server(tmp_path) as (process, _, _):
        process.send_signal(signal.SIGABRT)
        assert process.wait(END_SECONDS) in KILLED


@pytest.mark.process
@pytest.mark.warehouse
@pytest.mark.slow
def test_a_server_whose_engine_alone_is_dead_ends_with_a_code_of_its_own_and_one_line(tmp_path: Path) -> None:
    with _server(tmp_path, "--engine-keeps-signals") as (process, address, errors):
        assert process.stdin is not None
        assert httpx2.get(f"{address}/healthz", timeout=30).status_code == 200
        process.stdin.write("abort\n")
        process.stdin.flush()
        assert process.wait(END_SECONDS) == EXIT_CODE
    lines = errors.read_text(encoding="utf-8").splitlines()
    assert sum('"engine.dead"' in line for line in lines) == 1
    assert lines[-1].startswith("liencap: the engine in this process is dead and does not come back")


class Engine:
    """An engine that is dead once it was told so."""

    def __init__(self) -> None:
        self.said: str | None = None

    def death(self) -> str | None:
        return self.said


class Operated:
    """What operators ask of a process with that engine."""

    def __init__(self, engine: Engine) -> None:
        self.warehouse = engine
        self.readiness: Mapping[str, Readiness] = {}
        self.registry = CollectorRegistry()


def test_healthz_fails_when_the_engine_is_dead() -> None:
    engine = Engine()
    client = TestClient(build_operations(Operated(engine)))
    assert client.get("/healthz").json() == {"status": "ok"}
    engine.said = "the engine in this process is dead"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["detail"]) == (503, engine.said)


def test_an_operator_with_a_browser_gets_an_error_as_a_document() -> None:
    client = TestClient(build_operations(Operated(Engine())), headers={"accept": "text/html"})
    answer = client.get("/khong-co")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_death_of_the_engine_stops_what_is_running_and_is_raised() -> None:
    engine, stopped = Engine(), threading.Event()
    engine.said = "dead for a test"

    def run() -> None:
        with watching(engine, stopped.set, every_seconds=0.01, grace_seconds=3_600):
            assert stopped.wait(30)

    with pytest.raises(EngineDead, match="dead for a test"):
        run()


def test_what_ends_while_the_engine_lives_ends_quietly() -> None:
    stopped = threading.Event()
    with watching(Engine(), stopped.set, every_seconds=0.01):
        pass
    assert not stopped.is_set()


@pytest.mark.process
def test_a_process_that_cannot_stop_in_order_ends_all_the_same() -> None:
    code = (
        "import threading\n"
        "from services.boot.engine_watch import watching\n"
        "class Dead:\n"
        "    def death(self): return 'dead'\n"
        "with watching(Dead(), lambda: None, every_seconds=0.01, grace_seconds=0.1):\n"
        "    threading.Event().wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=END_SECONDS)
    assert done.returncode == EXIT_CODE


@pytest.mark.parametrize("dsn", ["http://127.0.0.1:8123/", "https://clickhouse:8443/"])
def test_a_server_that_says_it_is_dying_is_only_away(dsn: str) -> None:
    with pytest.raises(NotReady) as caught, translated_errors(dsn):
        raise DatabaseError(FATAL)
    assert not isinstance(caught.value, EngineDead)


def test_the_engine_in_process_that_says_so_is_dead() -> None:
    with pytest.raises(EngineDead, match="start the process again"), translated_errors("chdb:///nowhere"):
        raise DatabaseError(FATAL)


def test_a_server_that_cannot_be_reached_is_no_death() -> None:
    with reserve("127.0.0.1", 0) as nobody_listens:
        port = nobody_listens.getsockname()[1]
        warehouse = Warehouse(f"http://127.0.0.1:{port}/")
        with pytest.raises(NotReady):
            warehouse.clock()
        assert warehouse.death() is None
        warehouse.close()


@pytest.mark.warehouse
def test_an_engine_that_answers_or_was_closed_is_no_death(warehouse: Warehouse) -> None:
    assert warehouse.death() is None
    other = warehouse.named(warehouse.database)
    other.close()
    with pytest.raises(NotReady):
        other.clock()
    assert other.death() is None
