"""The workload of communes as a file: a line each, also of those that are left out, with the reason."""

from __future__ import annotations

from reporting.dated.periods import Period, period_words
from services.language.labels import Lang
from services.web.shell.list_files import ListFile
from services.web.shell.parts import ViewParts
from services.web.shell.workbook import SheetLine
from services.web.workload.schemas import LeftOut, UnitLoad, WorkloadAnswer

_HEAD = (
    *(
        "unit",
        "unit_code",
        "group",
        "carried_over",
        "received",
        "resolved",
        "open",
        "minutes",
        "open_minutes",
    ),
    *("people", "officer_days", "load", "median", "standing", "lends", "lacks", "backlog", "vice_chairs"),
)


def file_of(parts: ViewParts, lang: Lang, answer: WorkloadAnswer, period: Period | None) -> ListFile:
    """Return the communes of an answer as a list to write."""

    def text(key: str, **values: object) -> str:
        return parts.labels.text(f"workload.{key}", lang, **values)

    groups = {group.like: group.words for group in answer.groups}
    rows = [_row(one, groups[one.like]) for one in answer.items]
    rows += [_left_out(one) for one in answer.left_out]
    return ListFile(
        kind="workload",
        title=f"{text('title')}, {answer.unit_name}",
        head=tuple(text(f"head.{name}") for name in _HEAD),
        rows=rows,
        chosen=(
            (text("unit"), answer.unit_name),
            (
                parts.labels.text("look.period", lang),
                period_words(period, lang) if period is not None else "",
            ),
            (text("window_head"), f"{answer.first_on.isoformat()}/{answer.last_on.isoformat()}"),
            (text("definition"), f"{answer.definition.version}; {answer.definition.tables}"),
        ),
        read_at=parts.clock(),
        note=" ".join(answer.definition.formula),
    )


def _row(one: UnitLoad, group: str) -> SheetLine:
    return (
        *(one.unit_name, one.unit_code, group),
        *(one.cases.carried_over, one.cases.received, one.cases.resolved, one.cases.open),
        *(one.minutes.to_handle, one.minutes.open, one.people, one.officer_days),
        *(_rounded(one.minutes_per_day), _rounded(one.median), one.standing_words),
        *(one.lends, one.lacks, _rounded(one.backlog_days), one.vice_chairs),
    )


def _left_out(one: LeftOut) -> SheetLine:
    known = (one.unit_name, one.unit_code)
    before_words = _HEAD.index("standing") - len(known)
    after_words = len(_HEAD) - _HEAD.index("standing") - 1
    return (*known, *[None] * before_words, one.words, *[None] * after_words)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
