from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlparse

import pytest

from services.errors import NotFound, NotReady, SetupError
from services.warehouse.client import Warehouse
from services.warehouse.migrations import checksum, migrate, statements
from services.warehouse.named_queries import migration_files, named_query

ROOT = Path(__file__).parents[2]


def test_statements_split_at_semicolons_that_end_something() -> None:
    sql = """
    -- a comment; with a semicolon
    SELECT ';', 'it''s; \\'; fine'; /* another; one */ SELECT `a;b` -- end;
    ;
    ;
    SELECT "x;y"
    """
    assert list(statements(sql)) == ["SELECT ';', 'it''s; \\'; fine'", "SELECT `a;b`", 'SELECT "x;y"']


def test_a_comment_may_change_after_a_migration_ran_a_statement_may_not() -> None:
    assert checksum("-- one\nSELECT 1;") == checksum("SELECT 1; -- two")
    assert checksum("SELECT 1") != checksum("SELECT 2")


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _, _ in migration_files()] == list(range(1, len(migration_files()) + 1))


@pytest.mark.warehouse
def test_migrating_twice_does_nothing_the_second_time(warehouse: Warehouse) -> None:
    assert migrate(warehouse) == []


@pytest.mark.warehouse
def test_an_edited_migration_is_refused(warehouse: Warehouse) -> None:
    number, name, sql = migration_files()[0]
    edited = [(number, name, sql + "\nSELECT 1;"), *migration_files()[1:]]
    with pytest.raises(SetupError, match="edited after it was applied"):
        migrate(warehouse, edited)


@pytest.mark.warehouse
def test_a_warehouse_newer_than_the_release_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(SetupError, match="does not know"):
        migrate(warehouse, migration_files()[:1])


@pytest.mark.warehouse
def test_a_migration_that_was_interrupted_is_finished_later(warehouse: Warehouse) -> None:
    half = (
        99,
        "0099_two_tables.sql",
        "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory; SELECT broken(;",
    )
    whole = (99, half[1], half[2].replace("SELECT broken(", "CREATE TABLE b (x UInt8) ENGINE = Memory"))
    with pytest.raises(Exception, match="Syntax error"):
        migrate(warehouse, [*migration_files(), half])
    assert migrate(warehouse, [*migration_files(), whole]) == ["0099_two_tables.sql"]
    assert warehouse.rows("SELECT count() AS n FROM b") == [{"n": 0}]


@pytest.mark.warehouse
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO case_marks (day) VALUES ('2026-01-01')",
        "DROP TABLE case_marks",
        "SYSTEM SHUTDOWN",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SET readonly = 0",
    ],
)
def test_the_reading_client_can_only_read(warehouse_module: Warehouse, sql: str) -> None:
    with pytest.raises(Exception, match=r"readonly|READONLY|Not enough privileges"):
        warehouse_module.rows(sql)


@pytest.mark.warehouse
def test_parameters_are_typed_and_never_spliced_into_the_text(warehouse: Warehouse) -> None:
    hostile = "x'; DROP TABLE case_marks; --"
    rows = warehouse.rows("SELECT {a:String} AS a, {b:Array(String)} AS b", a=hostile, b=["1", hostile])
    assert rows == [{"a": hostile, "b": ["1", hostile]}]


@pytest.mark.warehouse
def test_every_thread_works_with_clients_of_its_own(warehouse: Warehouse) -> None:
    answers: list[int] = []

    def ask(number: int) -> None:
        answers.extend(int(warehouse.rows("SELECT {n:UInt32} AS n", n=number)[0]["n"]) for _ in range(5))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(n for n in range(6) for _ in range(5))


@pytest.mark.warehouse
def test_the_engine_clock_moves_forward(warehouse: Warehouse) -> None:
    readings = [warehouse.clock() for _ in range(5)]
    assert readings == sorted(set(readings))


@pytest.mark.warehouse
def test_the_engine_is_capped_and_durable(warehouse: Warehouse) -> None:
    caps = warehouse.rows(
        "SELECT name, value FROM system.server_settings WHERE name IN"
        " ('max_server_memory_usage', 'max_thread_pool_size', 'background_pool_size') ORDER BY name"
    )
    assert {c["name"]: c["value"] for c in caps} == {
        "max_server_memory_usage": "1500000000",
        "max_thread_pool_size": "100",
        "background_pool_size": "2",
    }
    tables = warehouse.rows(
        "SELECT name, engine_full FROM system.tables WHERE database = {d:String} AND engine LIKE '%MergeTree'",
        d=warehouse.database,
    )
    assert len(tables) >= 9
    for table in tables:
        for setting in (
            "fsync_after_insert = 1",
            "fsync_part_directory = 1",
            "min_rows_to_fsync_after_merge = 1",
        ):
            assert setting in table["engine_full"], table["name"]


@pytest.mark.warehouse
def test_a_closed_warehouse_says_so(warehouse_dsn: str) -> None:
    closed = Warehouse(warehouse_dsn, database="default")
    closed.close()
    with pytest.raises(NotReady, match="closed"):
        closed.clock()


@pytest.mark.warehouse
def test_a_second_folder_in_one_process_is_a_setup_fault(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="already has another warehouse folder open"):
        migrate(Warehouse(f"chdb://{tmp_path}/other"))
    assert warehouse.clock() > 0


@pytest.mark.warehouse
@pytest.mark.process
def test_a_folder_open_in_another_process_is_a_setup_fault(warehouse_dsn: str) -> None:
    attempt = (
        "from services.warehouse.client import Warehouse\n"
        "from services.warehouse.migrations import migrate\n"
        "from services.errors import SetupError\n"
        f"try: migrate(Warehouse({warehouse_dsn!r}))\n"
        "except SetupError as fault: print(fault)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", attempt], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert "is open in another process" in answer.stdout
    assert urlparse(warehouse_dsn).path in answer.stdout


def test_an_unknown_query_name_is_not_found() -> None:
    for name in ("no_such_query", "../migrations/0001_facts", "", "a/b"):
        with pytest.raises(NotFound):
            named_query(name)


@pytest.mark.process
def test_importing_the_client_does_not_load_the_engine() -> None:
    probe = "import sys, services.warehouse.client\nprint(sorted({'chdb', 'pandas'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == "[]"
