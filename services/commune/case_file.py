"""The cases of a commune as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from reporting.dated.calendar import local_day
from reporting.errors import UnknownProcedure
from services.commune.schemas import CaseLine
from services.language.labels import Lang
from services.web.shell.list_files import ListFile, word_of
from services.web.shell.parts import Parts
from services.web.shell.workbook import SheetLine

_DUES = {"today": "due_today", "overdue": "overdue", "supplement": "waiting_supplement"}


def file_of(parts: Parts, lang: Lang, cases: Iterable[CaseLine], asked: tuple[str, str]) -> ListFile:
    """Return cases as a list to be written.

    Args:
        asked: the status and the deadline of the address.
    """
    text, day = parts.labels.text, local_day(parts.clock())
    status, due = asked
    deadline = f"number.{_DUES[due]}" if due in _DUES else "cases.every_deadline"
    heads = ("procedure", "dossier", "status", "received", "due_on", "closed")
    return ListFile(
        kind="cases",
        title=text("nav.cases", lang),
        head=tuple(word_of(parts.labels, lang, name) for name in heads),
        rows=[_row(parts, lang, one, day) for one in cases],
        chosen=(
            (text("cases.status", lang), text(_status_key(parts, status, due), lang)),
            (text("term.deadline", lang), text(deadline, lang)),
        ),
        read_at=parts.clock(),
    )


def _status_key(parts: Parts, status: str, due: str) -> str:
    if parts.labels.has(f"case.status.{status}"):
        return f"case.status.{status}"
    return "cases.every_status" if status or due in _DUES else "cases.unfinished"


def _row(parts: Parts, lang: Lang, one: CaseLine, day: dt.date) -> SheetLine:
    return (
        procedure_name(parts, lang, one.procedure_code, day) or one.field_code,
        one.dossier_code,
        parts.labels.text(f"case.status.{one.status_code}", lang),
        one.received_on or one.submitted_on,
        one.due_on,
        one.closed_on,
    )


def procedure_name(parts: Parts, lang: Lang, code: str | None, day: dt.date) -> str | None:
    """Return the name of a procedure; its code where the table lacks it."""
    try:
        found = parts.tables.procedures.get(code, day) if code is not None else None
    except UnknownProcedure:
        return code
    if found is None:
        return None
    return found.name_en if lang == "en" and found.name_en else found.name_vi
