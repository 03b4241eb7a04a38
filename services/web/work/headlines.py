"""The headline of a difficulty in a list of work: its place and the first words of what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from events.issues import IssueReport
from services.web.issues import text_views
from services.web.issues.text_views import first_words

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
    return text_views.headline_of(place, content or tried)


def short_kind(name: str) -> str:
    """Return the name of a kind as the second line of a row has room for."""
    first = re.split(r"[,(;]", name, maxsplit=1)[0].strip()
    return first_words(first if first.count(" ") >= _LEAST_SPACES else name, _MOST_OF_A_KIND)


def refs_of(reports: Iterable[IssueReport]) -> list[UUID]:
    """Return the ids of the texts of many headlines."""
    return [ref for report in reports for ref in headline_refs(report)]
