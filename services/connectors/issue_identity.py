"""Derive the id of a difficulty from the parsed values of its row, and find rows that only look alike; pure."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from reporting.dated.calendar import LOCAL
from services.connectors.mapping import Scalar
from services.language.vietnamese import case_folded

_OF_CELLS = uuid.UUID("5f2a7d0e-61c4-5b0a-9a53-7b8f6f1c2d11")
_OF_VALUES = uuid.UUID("8d4f5a52-0c7e-5f63-9f0e-2b1f6a0c9e77")
REMARKS = ("tried", "request")
"""Texts that go on being written after a difficulty was reported: more in them is a remark, not another report."""


def id_of(unit_code: str, members: Mapping[str, Scalar]) -> str:
    """Return the id of the report that a row holds, made of its parsed values.

    Commune, kind, place, local day and content make a difficulty; where a row has neither place nor content, the other
    texts do too.
    """
    texts = ["place", "content"]
    if not any(members.get(name) for name in texts):
        texts += REMARKS
    said = [unit_code, members.get("kind"), _day(members), *(_folded(members.get(name)) for name in texts)]
    return str(uuid.uuid5(_OF_VALUES, json.dumps(said, ensure_ascii=False)))


def former_id_of(unit_code: str, cells: Mapping[str, str]) -> str:
    """Return the id that earlier releases made of the cells as they are written."""
    return str(uuid.uuid5(_OF_CELLS, json.dumps([unit_code, dict(cells)], sort_keys=True)))


@dataclass(slots=True)
class Likeness:
    """Finds reports that a person should compare: of one commune, kind and place; `known` are places reported before."""

    _lines: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)

    def note(
        self, unit_code: str, members: Mapping[str, Scalar], line: int, known: frozenset[str]
    ) -> str | None:
        """Note a report that is taken, and return what it looks like."""
        place = _folded(members.get("place"))
        if not place:
            return None
        key = (unit_code, str(members.get("kind")), place)
        report_id, first = self._lines.setdefault(key, (str(members["id"]), line))
        if report_id != members["id"]:
            return f"line {line} looks like line {first}: the same commune, kind and place; compare them"
        if place in known:
            return f"line {line} names a place about which its commune has reported before; compare them"
        return None


def _folded(text: object) -> str:
    return case_folded(text).rstrip(".;,") if isinstance(text, str) else ""


def _day(members: Mapping[str, Scalar]) -> str:
    instant = members.get("occurred_at")
    if not isinstance(instant, str):
        return ""
    return dt.datetime.fromisoformat(instant).astimezone(LOCAL).date().isoformat()
