"""Render statements for a cluster of ClickHouse servers, from the one set of migrations.

Every shared table becomes two: `NAME_shard`, replicated, on every server, and in front of it a Distributed table with
the plain name, so that queries, inserts and views need no change. Reasons, and the parts never run on servers:
docs/decisions/0011-a-cluster-from-one-set-of-migrations.md; sharding, inserts and rebuilds: 0018 to 0020 beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.errors import SetupError

LOCAL = "_shard"
"""Suffix of the table on each server."""

SHARDED_BY: Mapping[str, str] = {
    "case_events": "unit_code",
    "case_marks": "unit_code",
    "case_marks_moving": "unit_code",
    "rollups_daily": "unit_code",
    "rollups_monthly": "unit_code",
    "source_events": "unit_code",
    "source_states": "unit_code",
    "case_units": "case_start",
    "cases_current": "case_key",
    "closed_figures": "unit_code",
    "dead_letters": "offset",
    "issue_events": "issue_id",
    "issues_current": "issue_id",
    "problem_events": "problem_id",
    "problems_current": "problem_id",
    "promise_events": "spot_id",
    "period_events": "filing_id",
    "lesson_events": "lesson_id",
    "province_days": "province_code",
    "province_months": "province_code",
    "rebuild_steps": "step",
    "rebuild_turn": "step",
    "recounts_due": "unit_code",
    "schema_migrations": "number",
    "vocabularies": "code",
}
"""The column whose hash determines the shard of a row. It is in the sorting key, so that a row and the one that
replaces it are on one shard: FINAL replaces within a shard only. The latest state of a case goes by the case, not by
its unit: a case that moved to another unit would have a state on two shards."""

_PATH = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'"
_NAME = r"(?:`?(?P<database>\w+)`?\.)?`?(?P<table>\w+)`?"
_CREATE = re.compile(
    rf"^CREATE TABLE (?P<guard>IF NOT EXISTS )?{_NAME}\s*(?P<columns>\(.*\))\s*ENGINE\s*=\s*"
    r"(?P<engine>\w+)(?:\s*\((?P<arguments>[^)]*)\))?(?P<rest>.*)$",
    re.DOTALL,
)
_VIEW = re.compile(
    rf"^CREATE (?P<kind>VIEW|MATERIALIZED VIEW) (?P<guard>IF NOT EXISTS )?{_NAME}\s+(?:TO (?P<to>\w+) )?(?P<rest>AS\b.*)$",
    re.DOTALL,
)
_DATABASE = re.compile(
    r"^(?P<verb>CREATE|DROP) DATABASE (?P<guard>IF (?:NOT )?EXISTS )?`?(?P<name>\w+)`?(?P<rest>.*)$"
)
_ALTER = re.compile(rf"^ALTER TABLE {_NAME}\s+(?P<rest>.*)$", re.DOTALL)
_DROP = re.compile(rf"^DROP (?P<kind>TABLE|VIEW) (?P<guard>IF EXISTS )?{_NAME}(?P<rest>.*)$")
_ON_SHARDS = re.compile(
    rf"^(?P<verb>TRUNCATE TABLE(?: IF EXISTS)?|OPTIMIZE TABLE|DELETE FROM) {_NAME}(?P<rest>.*)$", re.DOTALL
)
_EXCHANGE = re.compile(r"^EXCHANGE TABLES (?P<pairs>.*)$", re.DOTALL)
_COLUMNS = re.compile(r"^(?P<verb>ADD|DROP|MODIFY|RENAME) COLUMN\b", re.IGNORECASE)
_AS_IT_IS = re.compile(r"^(SELECT|WITH|INSERT|SET|SYSTEM|EXPLAIN|SHOW)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ClickHouseCluster:
    """A cluster as the servers' `remote_servers` names it, and the number of replicas that must hold an insert."""

    name: str
    quorum: int = 2

    @property
    def reading(self) -> Mapping[str, str | int]:
        """Return the settings of a reading statement.

        A subquery over another table of the cluster is run once and its result sent to the shards (`global`). A count
        reads the replica that was written to, while it lives (`in_order`).
        """
        return {
            "distributed_product_mode": "global",
            "prefer_global_in_and_join": 1,
            "load_balancing": "in_order",
        }

    @property
    def writing(self) -> Mapping[str, str | int]:
        """Return the settings of a writing statement.

        The statement returns when `quorum` replicas of each shard have the rows. `INSERT … SELECT` is not pushed down
        to the shards: source and target may be sharded by different columns.
        """
        return {
            **self.reading,
            "distributed_foreground_insert": 1,
            "parallel_distributed_insert_select": 0,
            "insert_quorum": self.quorum,
            "insert_quorum_timeout": 60_000,
        }


def names_on(table: str, cluster: ClickHouseCluster | None) -> tuple[str, ...]:
    """Return the names of a table on a server: its own, and on a cluster that of its shards."""
    return (table, table + LOCAL) if cluster and table in SHARDED_BY else (table,)


def for_cluster(statement: str, cluster: ClickHouseCluster, database: str) -> tuple[str, ...]:
    """Render one statement, without comments, for a cluster; reading and inserting statements stay unchanged.

    A table that is not in SHARDED_BY stays on the queried server, as scratch.

    Args:
        statement: in the form that the migrations and the services use.
        cluster: the cluster on which it will run.
        database: database of unqualified names.

    Raises:
        SetupError: the kind of statement has no rendering.
    """
    sql = statement.strip()
    if _AS_IT_IS.match(sql):
        return (sql,)
    on = f"ON CLUSTER `{cluster.name}`"
    for pattern, render in _RENDERINGS:
        if found := pattern.match(sql):
            return tuple(render(found, on, cluster, database))
    raise SetupError(f"no rendering for a cluster is known for: {sql.splitlines()[0][:80]}")


def _qualified(found: re.Match[str], database: str, table: str | None = None) -> str:
    return f"`{found['database'] or database}`.`{table or found['table']}`"


def _table(found: re.Match[str], on: str, cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    name, guard = found["table"], found["guard"] or ""
    if found["engine"] == "Null":
        # A view holds no rows: on each server it writes to the table in front of the shards.
        yield f"CREATE TABLE {guard}{_qualified(found, database)} {on}\n{found['columns']}\nENGINE = Null"
        return
    if name not in SHARDED_BY:
        yield found[0]
        return
    local = _qualified(found, database, name + LOCAL)
    arguments = ", ".join(part for part in (_PATH, found["arguments"]) if part)
    yield (
        f"CREATE TABLE {guard}{local} {on}\n{found['columns']}\n"
        f"ENGINE = Replicated{found['engine']}({arguments}){found['rest']}"
    )
    yield (
        f"CREATE TABLE {guard}{_qualified(found, database)} {on} AS {local}\n"
        f"ENGINE = Distributed('{cluster.name}', '{found['database'] or database}', '{name}{LOCAL}',"
        f" cityHash64({SHARDED_BY[name]}))"
    )


def _view(found: re.Match[str], on: str, _cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    to = f"TO {_qualified(found, database, found['to'])} " if found["to"] else ""
    yield f"CREATE {found['kind']} {found['guard'] or ''}{_qualified(found, database)} {on} {to}{found['rest']}"


def _database(found: re.Match[str], on: str, _cluster: ClickHouseCluster, _name: str) -> Iterator[str]:
    yield f"{found['verb']} DATABASE {found['guard'] or ''}`{found['name']}` {on}{found['rest']}"


def _alter(found: re.Match[str], on: str, _cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    """Render ALTER for the shards and, for a column, for the table in front; a dropped column goes there first."""
    if found["table"] not in SHARDED_BY:
        yield found[0]
        return
    columns = _COLUMNS.match(found["rest"])
    shards = f"ALTER TABLE {_qualified(found, database, found['table'] + LOCAL)} {on} {found['rest']}"
    if columns is None:
        yield shards
        return
    front = f"ALTER TABLE {_qualified(found, database)} {on} {found['rest']}"
    yield from (front, shards) if columns["verb"].upper() == "DROP" else (shards, front)


def _drop(found: re.Match[str], on: str, _cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    if found["kind"] == "TABLE" and found["table"] not in SHARDED_BY:
        yield found[0]
        return
    kind, guard, rest = found["kind"], found["guard"] or "", found["rest"]
    yield f"DROP {kind} {guard}{_qualified(found, database)} {on}{rest}"
    if kind == "TABLE":
        yield f"DROP {kind} {guard}{_qualified(found, database, found['table'] + LOCAL)} {on}{rest}"


def _on_shards(found: re.Match[str], on: str, _cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    if found["table"] not in SHARDED_BY:
        yield found[0]
        return
    yield f"{found['verb']} {_qualified(found, database, found['table'] + LOCAL)} {on}{found['rest']}"


def _exchange(found: re.Match[str], on: str, _cluster: ClickHouseCluster, database: str) -> Iterator[str]:
    """Render EXCHANGE for the shards: the tables in front find them by name."""

    def shard(name: re.Match[str]) -> str:
        if name["table"] not in SHARDED_BY:
            raise SetupError(f"{name['table']} is on no shard and cannot be exchanged on a cluster")
        return _qualified(name, database, name["table"] + LOCAL)

    pairs = []
    for pair in found["pairs"].split(","):
        one, _, other = pair.partition(" AND ")
        pairs.append(" AND ".join(re.sub(_NAME, shard, name.strip()) for name in (one, other)))
    yield f"EXCHANGE TABLES {', '.join(pairs)} {on}"


_RENDERINGS = (
    (_CREATE, _table),
    (_VIEW, _view),
    (_DATABASE, _database),
    (_ALTER, _alter),
    (_DROP, _drop),
    (_ON_SHARDS, _on_shards),
    (_EXCHANGE, _exchange),
)
