"""Small tables of competence written in a few words, for scenarios of rows, conditions and days."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from events.issues import CompetenceVerdict, ConsideredFacts
from reporting.competence.table import CompetenceTable, parse_competence
from reporting.dated.bodies import BodyTable
from tests.reporting.stories import tables
from tests.reporting.tables import lines, shipped

AUTUMN = dt.date(2025, 10, 15)
_HEADER = tuple(lines("competence.csv")[0])
_PLAIN = {
    "key": "equipment_lack",
    "severity_from": "low",
    "name_vi": "Thiếu máy tính",
    "name_en": "Lack of computers",
    "category": "co_so_vat_chat",
    "group": "means",
    "lane": "guidance",
    "beyond_commune": "false",
    "commune_bodies": "{commune}.ubnd",
    "province_bodies": "{province}.so_tai_chinh",
    "ministry_bodies": "bo_tai_chinh",
    "basis": "Luật NSNN 89/2025/QH15",
    "response_days": "15",
    "days_kind": "working",
    "deadline_source": "default",
    "confidence": "high",
    "source": "Bảng thử",
    "approved_by": "Quyết định 12/QĐ-UBND ngày 05/01/2026",
    "valid_from": "2025-07-01",
}
BEYOND = {"lane": "proposal", "beyond_commune": "true"}
"""What is beyond the commune: the province leads, after a document."""


def row(variant: str = "", **cells: str) -> dict[str, str]:
    """Return one row: what the commune decides itself, unless the cells say otherwise."""
    return {**dict.fromkeys(_HEADER, ""), **_PLAIN, "variant": variant, **cells}


def table_of(*rows: dict[str, str], bodies: BodyTable | None = None) -> CompetenceTable:
    """Return a table that holds these rows alone."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return parse_competence(
        out.getvalue(), shipped("clock_policies.csv"), shipped("kind_groups.csv"), bodies or tables().bodies
    )


def facts(kind: str = "equipment_lack", *, on: dt.date = AUTUMN, **stated: Any) -> ConsideredFacts:
    """Return the facts of one issue."""
    return ConsideredFacts.model_validate({"kind": kind, "severity": "medium", "assessed_on": on, **stated})


def decided(table: CompetenceTable, unit: str = "15607", **stated: Any) -> CompetenceVerdict:
    """Return the verdict on these facts in a commune, Bát Mọt unless told."""
    return table.assess(facts(**stated), tables().units.get(unit))
