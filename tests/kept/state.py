"""The state of an installation as plain JSON that does not depend on how the log was cut into batches."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from pydantic import BaseModel
from sqlalchemy import func, select

from reporting.cases.marks import MARKS
from reporting.issues.state_json import write_state
from reporting.tables import FACTS
from services.consuming.dead_letters import listing
from services.maintenance.audit import audit
from services.store.document_tables import ANNEX_EDITS, DRAWINGS
from services.store.notice_tables import DELIVERIES, NOTICES, SUBSCRIPTIONS
from services.store.store import CASES, IDEMPOTENCY, OUTBOX, TEXTS, Store
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable
from services.warehouse.promise_table import PromiseTable
from tests.rollup_counts import counts_of

if TYPE_CHECKING:
    from events.log import EventLog
    from services.warehouse.client import Warehouse

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Section = dict[str, Json]
State = dict[str, Section]

_ROLLUPS = "SELECT * EXCEPT version FROM {table} FINAL ORDER BY ALL"
_CASES = "SELECT * EXCEPT (event_id, recorded_at) FROM cases_current FINAL ORDER BY case_key"
_SOURCES = "SELECT * FROM sources_current ORDER BY unit_code"
_EVENTS = "SELECT event_type, uniqExact(event_id) AS events FROM {table} GROUP BY event_type"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation's state is read from."""

    warehouse: Warehouse
    log: EventLog
    store: Store

    def state(self) -> State:
        """Read everything that is compared."""
        return {
            "audit": self._audit(),
            "events": self._events(),
            "dead_letters": self._dead_letters(),
            "rollups_daily": self._rollups("rollups_daily", "day"),
            "rollups_monthly": self._rollups("rollups_monthly", "month"),
            "cases": self._rows(_CASES, "case_key"),
            "sources": self._rows(_SOURCES, "unit_code"),
            "issues": {str(one.id): _folded(write_state(one)) for one in IssueTable(self.warehouse).every()},
            "problems": {
                str(one.id): _folded(write_state(one)) for one in ProblemTable(self.warehouse).list()
            },
            "promises": {
                str(one.id): _folded(orjson.dumps(one, default=_dumped))
                for one in PromiseTable(self.warehouse).within("/vn")
            },
            "notices": self._notices(),
            "texts": self._texts(),
            "store": self._store(),
        }

    def _audit(self) -> Section:
        report = audit(self.warehouse, self.log)
        positions: Counter[str] = Counter()
        for one in report.partitions:
            positions[f"{one.topic}: missing"] += one.missing_count
            positions[f"{one.topic}: waiting"] += one.waiting_count
            positions[f"{one.topic}: landed"] += one.landed_count
        findings: Section = {check: list(found) for check, found in report.findings.items()}
        return {"verdict": "ok" if report.ok else "FAILED", **findings, **positions}

    def _events(self) -> Section:
        rows = [row for table in FACTS for row in self.warehouse.rows(_EVENTS.format(table=table.name))]
        return {row["event_type"]: row["events"] for row in rows}

    def _dead_letters(self) -> Section:
        return {
            f"{one.position.topic} {_hash(one.value)}": {
                "key": one.key,
                "reason": one.reason,
                "group": one.group,
            }
            for one in listing(self.log)
        }

    def _rollups(self, table: str, day: str) -> Section:
        rows = self.warehouse.rows(_ROLLUPS.format(table=table))
        found = {f"{row['unit_code']} {row[day]}": _counted(row) for row in rows}
        return {key: counts for key, counts in found.items() if counts}

    def _rows(self, sql: str, key: str) -> Section:
        return {str(row.pop(key)): _bare(orjson.loads(orjson.dumps(row))) for row in self.warehouse.rows(sql)}

    def _notices(self) -> Section:
        columns = [column for column in NOTICES.c if column.name not in {"id", "noted_at"}]
        with self.store.read() as conn:
            rows = conn.execute(select(NOTICES.c.id, *columns)).mappings().all()
        found = [{str(name): value for name, value in row.items()} for row in rows]
        return {str(row.pop("id")): _bare(orjson.loads(orjson.dumps(row))) for row in found}

    def _texts(self) -> Section:
        """Read every text: which can be read, and whether it is the one that the log names by its hash."""
        with self.store.read() as conn:
            rows = conn.execute(select(TEXTS)).all()
        return {
            str(row.id): f"{row.purpose} of {row.unit_code}: {_readable(row.body, row.sha256)}"
            for row in rows
        }

    def _store(self) -> Section:
        asked = {
            "cases by status": select(CASES.c.status_code, func.count()).group_by(CASES.c.status_code),
            "annex edits": select(ANNEX_EDITS.c.part, func.count()).group_by(ANNEX_EDITS.c.part),
            "documents drawn": select(DRAWINGS.c.kind, func.count()).group_by(DRAWINGS.c.kind),
            "subscriptions": select(SUBSCRIPTIONS.c.channel, func.count()).group_by(SUBSCRIPTIONS.c.channel),
            "deliveries": select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state),
            "answers kept by unit": select(IDEMPOTENCY.c.unit_code, func.count()).group_by(
                IDEMPOTENCY.c.unit_code
            ),
        }
        waiting = select(func.count()).where(OUTBOX.c.published_at.is_(None))
        with self.store.read() as conn:
            counted: Section = {
                name: {str(row[0]): row[1] for row in conn.execute(query)} for name, query in asked.items()
            }
            return {**counted, "waiting in the outbox": conn.scalar(waiting)}


def _folded(state: bytes) -> Json:
    """Return a folded state without the count of events that it was folded from."""
    return _bare({name: value for name, value in orjson.loads(state).items() if name != "version"})


def _dumped(value: object) -> object:
    """Give the members of a model that stands in a state that is none."""
    assert isinstance(value, BaseModel)
    return value.model_dump(mode="json", exclude_defaults=True)


def _bare(value: Json) -> Json:
    """Leave out what says nothing, so that a member which a later release adds changes nothing where it is empty."""
    if isinstance(value, dict):
        bare = {name: _bare(member) for name, member in value.items()}
        return {name: member for name, member in bare.items() if not _is_empty(member)}
    if isinstance(value, list):
        return [_bare(member) for member in value]
    return value


def _is_empty(value: Json) -> bool:
    return value is None or value is False or value in ("", [], {})


def _counted(row: Mapping[str, Any]) -> Json:
    """Return the totals of a row and its counts by field and channel, without zeros."""
    totals = {mark: row[mark] for mark in MARKS if row[mark]}
    return totals | {f"counts {name}": count for name, count in counts_of(row).items()}


def _readable(body: str | None, sha256: str) -> str:
    if body is None:
        return "erased"
    return (
        "readable"
        if hashlib.sha256(body.encode()).hexdigest() == sha256
        else "NOT THE TEXT THAT THE LOG NAMES"
    )


def _hash(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:16]
