from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reporting.tables import CASE_STATES, TABLES
from services.errors import SetupError
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.maintenance.rebuild import rebuild
from services.maintenance.unfinished import STEPS, TURN
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.cluster import SHARDED_BY, ClickHouseCluster, for_cluster
from services.warehouse.migrations import migrate, rendered, statements
from services.warehouse.named_queries import migration_files, query_names
from tests.clickhouse_front.process import running_front
from tests.histories import arrivals, random_history, seeded
from tests.services.test_land import daily_counts, everything, expected_counts
from tests.services.test_queries import PARAMETERS

GIGA = ClickHouseCluster("giga", quorum=2)
REPLICATED = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'"


def on_giga(sql: str) -> tuple[str, ...]:
    return for_cluster(sql, GIGA, "liencap")


def test_a_table_becomes_replicated_shards_and_a_distributed_table_of_its_name() -> None:
    sql = "CREATE TABLE IF NOT EXISTS case_marks (day Date, seq UInt64)\nENGINE = ReplacingMergeTree(seq, gone)\nORDER BY day"
    shards, front = on_giga(sql)
    assert shards == (
        "CREATE TABLE IF NOT EXISTS `liencap`.`case_marks_shard` ON CLUSTER `giga`\n(day Date, seq UInt64)\n"
        f"ENGINE = ReplicatedReplacingMergeTree({REPLICATED}, seq, gone)\nORDER BY day"
    )
    assert front == (
        "CREATE TABLE IF NOT EXISTS `liencap`.`case_marks` ON CLUSTER `giga` AS `liencap`.`case_marks_shard`\n"
        "ENGINE = Distributed('giga', 'liencap', 'case_marks_shard', cityHash64(unit_code))"
    )
    bare, _ = on_giga(
        "CREATE TABLE issue_events (issue_id UUID) ENGINE = ReplacingMergeTree ORDER BY issue_id"
    )
    assert bare.endswith(f"ENGINE = ReplicatedReplacingMergeTree({REPLICATED}) ORDER BY issue_id")


@pytest.mark.parametrize(
    ("sql", "on_the_cluster"),
    [
        ("SELECT * FROM case_events FINAL", ["SELECT * FROM case_events FINAL"]),
        ("INSERT INTO case_marks SELECT 1", ["INSERT INTO case_marks SELECT 1"]),
        ("DROP DATABASE IF EXISTS `x` SYNC", ["DROP DATABASE IF EXISTS `x` ON CLUSTER `giga` SYNC"]),
        ("CREATE VIEW v AS SELECT 1", ["CREATE VIEW `liencap`.`v` ON CLUSTER `giga` AS SELECT 1"]),
        ("TRUNCATE TABLE case_marks", ["TRUNCATE TABLE `liencap`.`case_marks_shard` ON CLUSTER `giga`"]),
        (
            "OPTIMIZE TABLE `b`.case_marks FINAL",
            ["OPTIMIZE TABLE `b`.`case_marks_shard` ON CLUSTER `giga` FINAL"],
        ),
        (
            "DROP TABLE IF EXISTS case_marks SYNC",
            [
                "DROP TABLE IF EXISTS `liencap`.`case_marks` ON CLUSTER `giga` SYNC",
                "DROP TABLE IF EXISTS `liencap`.`case_marks_shard` ON CLUSTER `giga` SYNC",
            ],
        ),
        (
            "ALTER TABLE case_marks ADD COLUMN IF NOT EXISTS n UInt8",
            [
                "ALTER TABLE `liencap`.`case_marks_shard` ON CLUSTER `giga` ADD COLUMN IF NOT EXISTS n UInt8",
                "ALTER TABLE `liencap`.`case_marks` ON CLUSTER `giga` ADD COLUMN IF NOT EXISTS n UInt8",
            ],
        ),
        (
            "ALTER TABLE case_marks DROP COLUMN n",
            [
                "ALTER TABLE `liencap`.`case_marks` ON CLUSTER `giga` DROP COLUMN n",
                "ALTER TABLE `liencap`.`case_marks_shard` ON CLUSTER `giga` DROP COLUMN n",
            ],
        ),
        (
            "ALTER TABLE case_marks MODIFY SETTING old_parts_lifetime = 9",
            [
                "ALTER TABLE `liencap`.`case_marks_shard` ON CLUSTER `giga` MODIFY SETTING old_parts_lifetime = 9"
            ],
        ),
        (
            "EXCHANGE TABLES `a`.case_marks AND `b`.case_marks, `a`.cases_current AND `b`.cases_current",
            [
                (
                    "EXCHANGE TABLES `a`.`case_marks_shard` AND `b`.`case_marks_shard`,"
                    " `a`.`cases_current_shard` AND `b`.`cases_current_shard` ON CLUSTER `giga`"
                )
            ],
        ),
        (
            "CREATE TABLE `b`.scratch (n UInt8) ENGINE = Memory",
            ["CREATE TABLE `b`.scratch (n UInt8) ENGINE = Memory"],
        ),
    ],
)
def test_each_kind_of_statement_has_its_form_on_a_cluster(sql: str, on_the_cluster: list[str]) -> None:
    assert list(on_giga(sql)) == on_the_cluster


@pytest.mark.parametrize(
    "sql", ["RENAME TABLE case_marks TO b", "CREATE DICTIONARY d (n UInt8)", "EXCHANGE TABLES a AND b"]
)
def test_a_statement_without_a_form_on_a_cluster_is_refused(sql: str) -> None:
    with pytest.raises(SetupError, match="cluster"):
        on_giga(sql)


def test_every_table_is_sharded_by_a_column_of_its_sorting_key() -> None:
    """A row and the one that replaces it must meet on one shard; there FINAL puts them together."""
    assert set(TABLES) < set(SHARDED_BY)
    for table in TABLES.values():
        assert SHARDED_BY[table.name] in re.findall(r"\w+", table.sorting_key), table.name


def test_every_table_of_the_migrations_is_on_the_shards() -> None:
    made = re.findall(
        r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", "\n".join(sql for _, _, sql in migration_files())
    )
    assert made
    assert set(made) - {CASE_STATES.name} <= set(SHARDED_BY)


def test_what_passes_through_a_server_is_on_every_server() -> None:
    """Nothing is kept there; the view of each server writes to the table in front of the shards."""
    assert on_giga("CREATE TABLE IF NOT EXISTS passing (n UInt8)\nENGINE = Null") == (
        "CREATE TABLE IF NOT EXISTS `liencap`.`passing` ON CLUSTER `giga`\n(n UInt8)\nENGINE = Null",
    )
    (view,) = on_giga("CREATE MATERIALIZED VIEW IF NOT EXISTS feed TO kept AS SELECT n FROM passing")
    assert " `liencap`.`feed` ON CLUSTER `giga` TO `liencap`.`kept` AS SELECT" in view


def test_one_server_gets_the_migrations_as_they_are() -> None:
    whole = dict(rendered("liencap", None))
    for _, name, sql in migration_files():
        assert whole[name] == list(statements(sql))


@pytest.mark.warehouse
@pytest.mark.parametrize("cluster", [None, GIGA], ids=["one server", "cluster"])
def test_the_engine_can_parse_every_statement_of_the_migrations(
    warehouse: Warehouse, cluster: ClickHouseCluster | None
) -> None:
    found = [sql for _, statements in rendered("liencap", cluster) for sql in statements]
    for sql in found:
        parsed = warehouse.rows("SELECT formatQuery({said:String}) AS text", said=sql)[0]["text"]
        changes_structure = not sql.startswith("INSERT")  # rows go through whatever server is asked
        assert ("ON CLUSTER giga" in parsed) == (cluster is not None and changes_structure), sql
    # A table that a later migration makes anew is made twice.
    replicated = {sql.split("(", 1)[0] for sql in found if "ReplicatedReplacingMergeTree" in sql}
    assert len(replicated) == (0 if cluster is None else len(set(SHARDED_BY) - {STEPS, TURN}))


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A database whose tables are Distributed ones over the one shard of a made-up cluster, without replication."""
    with (
        running_front(tmp_path_factory.mktemp("cluster") / "engine", cluster=GIGA.name) as front,
        closing(Warehouse(front.dsn, cluster=GIGA)) as warehouse,
    ):
        migrate(warehouse)
        yield warehouse


@pytest.mark.warehouse
@pytest.mark.process
@pytest.mark.slow
def test_everything_runs_through_the_distributed_tables(spread: Warehouse, tmp_path: Path) -> None:
    engines = spread.rows(
        "SELECT name, engine FROM system.tables WHERE database = 'liencap' AND name NOT LIKE '%\\_shard'"
    )
    assert {row["name"] for row in engines if row["engine"] == "Distributed"} == {
        *TABLES,
        "schema_migrations",
    }
    assert migrate(spread) == []
    r = seeded(31)
    history = random_history(r, cases=15)
    for batch in arrivals(r, history):
        Land(spread).handle(batch)
    assert daily_counts(spread) == expected_counts(history)
    before = everything(spread)
    for name in query_names():
        spread.query(name, **PARAMETERS)
    spread.command("TRUNCATE TABLE case_marks")
    rebuild(spread, lambda _line: None)
    assert everything(spread)[2:] == before[2:]
    assert daily_counts(spread) == expected_counts(history)
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        assert audit(spread, log).findings["audit_recount"] == ()
