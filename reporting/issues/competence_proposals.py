"""Rows that provincial offices proposed by naming another lead, ready for a person to add to the table."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from reporting.competence.rows import COLUMNS, CompetenceRow
from reporting.competence.table import OFFICE_KEY, CompetenceTable, facts_of
from reporting.dated.calendar import local_day
from reporting.issues.state import Escalation, IssueState

_PROVINCIAL = re.compile(r"[0-9]{2}\.")


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """A row that would hold if the office's decision were the rule.

    Attributes:
        replaces: the row that sent the returned issues; it has to end where this one begins.
        lead_body: the body that the office named.
        issue_ids: the issues that were returned, in order.
        first_on: local day on which the office first named this body.
        cells: the row, by column; it names no approving document, because none has approved it.
    """

    replaces: str
    lead_body: str
    issue_ids: tuple[UUID, ...]
    first_on: dt.date
    cells: dict[str, str]


def proposals(issues: Iterable[IssueState], table: CompetenceTable) -> list[ProposedRow]:
    """Return the rows that the decisions of provincial offices propose, the most frequent first.

    A decision that the table already follows, on the day of the decision, proposes nothing.

    Args:
        issues: folded issues, ended ones too.
        table: the table in use.
    """
    named: dict[tuple[str, str], list[tuple[dt.date, UUID]]] = defaultdict(list)
    rows: dict[str, CompetenceRow] = {}
    for state in issues:
        for one in state.escalations:
            row = _overruled(state, one, table)
            if row is not None:
                rows[row.id] = row
                named[row.id, one.lead_body].append((local_day(one.proposed_at), state.id))
    found = [_proposed(rows[row_id], lead, cases) for (row_id, lead), cases in named.items()]
    return sorted(found, key=lambda one: (-len(one.issue_ids), one.replaces, one.lead_body))


def as_csv(found: Iterable[ProposedRow]) -> str:
    """Return the proposed rows as lines of `competence.csv`, with their header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(one.cells for one in found)
    return out.getvalue()


def _overruled(state: IssueState, one: Escalation, table: CompetenceTable) -> CompetenceRow | None:
    """Return the row of that day that an office's decision contradicts; None where it contradicts none."""
    replaced = next((other for other in state.escalations if other.id == one.replaces_id), None)
    if replaced is None or replaced.return_reason is None:
        return None
    if one.trigger != "arbitration" or one.level != "province" or not _PROVINCIAL.match(one.lead_body):
        return None
    row = table.row_for(facts_of(state.report, local_day(one.proposed_at)))
    # Where the office itself leads, naming a body case by case is the rule and not a correction of it.
    if row is None or row.province[0].key in {
        _pattern(one.lead_body),
        _pattern(f"{one.lead_body[:2]}.{OFFICE_KEY}"),
    }:
        return None
    return row


def _proposed(row: CompetenceRow, lead: str, cases: list[tuple[dt.date, UUID]]) -> ProposedRow:
    cases.sort()
    first_on, last_on = cases[0][0], cases[-1][0]
    others = [
        word for word in row.cells["province_bodies"].split(";") if word.partition(":")[0] != _pattern(lead)
    ]
    return ProposedRow(
        replaces=row.id,
        lead_body=lead,
        issue_ids=tuple(dict.fromkeys(issue_id for _, issue_id in cases)),
        first_on=first_on,
        cells={
            **row.cells,
            "beyond_commune": "true",
            "province_bodies": ";".join([_pattern(lead), *others]),
            "confidence": "low",
            "source": (
                f"Đề xuất của Văn phòng UBND cấp tỉnh (mã {lead[:2]}) sau {len(cases)} lượt phân công lại, "
                f"từ {first_on:%d/%m/%Y} đến {last_on:%d/%m/%Y}"
            ),
            "approved_by": "",
            "valid_from": (last_on + dt.timedelta(days=1)).isoformat(),
            "valid_to": row.cells["valid_to"],
        },
    )


def _pattern(body_id: str) -> str:
    return "{province}." + body_id.partition(".")[2]
