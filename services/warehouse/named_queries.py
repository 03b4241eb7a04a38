"""SQL by name: the named queries and the numbered migrations of `reporting`."""

from __future__ import annotations

import importlib.resources
import re
from functools import cache
from importlib.resources.abc import Traversable

from events.topics import FACT_TOPICS
from reporting.cases.marks import MARKS
from reporting.cases.metrics import METRICS
from reporting.silence import basis_in_sql, kind_in_sql
from reporting.tables import CASE_EVENTS, FACTS
from services.errors import NotFound

Params = dict[str, object]
"""The parameters of a named query, each by its name; the engine checks their types."""

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_MIGRATION = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_OF_A_PART = re.compile(
    r"\{(?:window|recounts|recount|known|supply|silence|newborn|issue|form|sums|audit|held|mismatch) [a-z]+\}"
)
_COMMENT = re.compile(r"--[^\n]*\n?")
_UNION = "\n    UNION ALL\n    "
_LANDINGS = tuple(f"SELECT landed_at FROM {table.name}" for table in FACTS if table is not CASE_EVENTS)
_OF_EACH_MARK = re.compile(r"\{marks: ([^{}]+)\}")


@cache
def statement(name: str) -> str:
    """Return a named query as it is sent: without comments, which the driver would read letter by letter each time.

    Raises:
        NotFound: no query has that name.
    """
    return _COMMENT.sub("", named_query(name)).strip()


@cache
def named_query(name: str) -> str:
    """Return the text of one named query, with its placeholders expanded from the definitions.

    Raises:
        NotFound: no query has that name.
    """
    file = importlib.resources.files("reporting") / "queries" / f"{name}.sql"
    if not _NAME.match(name) or not file.is_file():
        raise NotFound(f"there is no named query {name!r}; see reporting/queries/")
    return written_out(_text(file))


def written_out(sql: str) -> str:
    """Expand the placeholders of a query from the definitions of metrics and marks.

    `{window lines}` becomes the text of queries/parts/window_lines.sql, and so on for each of the parts, `{metrics}` a
    column for each metric over the window, `{metrics by day}` one for each metric and day, and `{marks: 0 AS $mark}` a
    copy of its text for each mark, where `$bit` is the bit of the mark, from 0. `{kind of silence}` and `{basis of
    silence}` are the rules of reporting/silence.py over columns named like their facts. `{each topic}` becomes the
    newest of each topic by its part, `{each fact table but of cases}` the landings of each table of facts.
    """
    sql = _OF_A_PART.sub(_part, sql)
    sql = sql.replace("{kind of silence}", kind_in_sql()).replace("{basis of silence}", basis_in_sql())
    if "{each topic}" in sql:
        sql = sql.replace("{each topic}", _UNION.join(map(_newest_of, range(len(FACT_TOPICS)))))
    sql = sql.replace("{each fact table but of cases}", _UNION.join(_LANDINGS))
    sql = sql.replace("{metrics}", ", ".join(metric.over_window() for metric in METRICS))
    sql = sql.replace("{metrics by day}", ", ".join(metric.by_day() for metric in METRICS))
    return _OF_EACH_MARK.sub(_of_each_mark, sql)


def _part(found: re.Match[str]) -> str:
    return _part_named(found[0][1:-1].replace(" ", "_"))


def _part_named(name: str) -> str:
    return written_out(_text(importlib.resources.files("reporting") / "queries" / "parts" / f"{name}.sql"))


def _newest_of(place: int) -> str:
    topic = FACT_TOPICS[place].name
    newest = _part_named(f"fresh_{topic}")
    return f"SELECT '{topic}' AS topic, newest, is_known, {place} AS place FROM ({newest})"


def _of_each_mark(found: re.Match[str]) -> str:
    bits = enumerate(MARKS)
    return ", ".join(found[1].replace("$mark", mark).replace("$bit", str(bit)) for bit, mark in bits)


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8").strip().rstrip(";")


def query_names() -> tuple[str, ...]:
    """Return the names of all named queries, sorted."""
    folder = importlib.resources.files("reporting") / "queries"
    return tuple(sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".sql")))


def migration_files() -> tuple[tuple[int, str, str], ...]:
    """Return (number, file name, SQL) of every migration, by number."""
    folder = importlib.resources.files("reporting") / "migrations"
    found = ((_MIGRATION.match(f.name), f) for f in folder.iterdir())
    return tuple(sorted((int(m[1]), f.name, f.read_text(encoding="utf-8")) for m, f in found if m))
