"""The headline of a difficulty in a list: where it is and the first words of what was written. The one place to change it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from events.issues import IssueReport

MOST_LETTERS = 90
_MOST_OF_A_KIND = 32
_LEAST_SPACES = 2
"""A first piece of fewer words than three ("Lỗi, gián đoạn…") names no kind."""


def headline_refs(report: IssueReport) -> list[UUID]:
    """Return the ids of the texts that the headline of a report is made of."""
    return [ref.id for ref in (report.place, report.content, report.tried) if ref is not None]


def headline_of(report: IssueReport, texts: Mapping[UUID, str | None]) -> str | None:
    """Return the headline of a report; None where nothing was written, or all of it was erased."""
    place, content, tried = (
        texts.get(ref.id) if ref is not None else None for ref in (report.place, report.content, report.tried)
    )
    return cut(": ".join(words for words in (place, content or tried) if words)) or None


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """Return the first words of a text on one line, with … where more follow."""
    words = " ".join(text.split())
    if len(words) <= most:
        return words
    kept = words[:most].rsplit(" ", 1)[0] if " " in words[:most] else words[:most]
    return kept.rstrip(" ,;:.") + "…"


def short_kind(name: str) -> str:
    """Return the name of a kind as the second line of a row has room for."""
    first = re.split(r"[,(;]", name, maxsplit=1)[0].strip()
    return cut(first if first.count(" ") >= _LEAST_SPACES else name, _MOST_OF_A_KIND)


def refs_of(reports: Iterable[IssueReport]) -> list[UUID]:
    """Return the ids of the texts of many headlines."""
    return [ref for report in reports for ref in headline_refs(report)]
