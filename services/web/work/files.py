"""A list of work as a file: every row under its view, not those of one page."""

from __future__ import annotations

from collections.abc import Iterator

from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from reporting.issues.need import Item, Need
from services.web.issues.listing import MOST_ISSUES
from services.web.shell.list_files import ListFile, word_of
from services.web.shell.rows import Row
from services.web.shell.workbook import CellValue
from services.web.work.lists import WorkList

_NO_DAY: frozenset[Need] = frozenset({"done", "stopped"})
"""Where a row of the page shows no day either."""


def file_of(found: WorkList) -> ListFile:
    """Return the list as it is asked for, with the words that its rows have on the page."""
    rows = found.maker().rows(found.found, found.page_link)
    heads = _heads(found)
    return ListFile(
        kind="work",
        title=found.parts.labels.text("term.queue", found.lang),
        head=tuple(_text(found, name) for name in heads),
        rows=[
            tuple(_cells(found, need, item, row)[name] for name in heads)
            for (need, item), row in zip(found.found, rows, strict=True)
        ],
        chosen=tuple(_chosen(found)),
        read_at=found.standpoint.today.now,
        wide=2,
        note=_note(found),
    )


def _heads(found: WorkList) -> tuple[str, ...]:
    province = ("province",) if found.actor.unit_code == NATION else ()
    return (
        *("name", "kind", "need", "unit", "unit_code", *province, "severity", "state", "holder"),
        *("people", "cases", "since", "due_on", "due", "item"),
    )


def _cells(found: WorkList, need: Need, item: Item, row: Row) -> dict[str, CellValue]:
    issue, one, viewer, text = item.issue, item.hand_off, found.viewer, found.parts.labels.text
    holder = one.lead_body if one is not None else issue.holder_body
    clock = None if need in _NO_DAY else item.clock
    day = found.standpoint.today.next_on
    return {
        "name": row.name,
        "kind": viewer.kind_label(issue.report.kind),
        "need": text(f"queue.need.{need}", found.lang, day=f"{day:%d/%m}"),
        "unit": viewer.unit_name(issue.unit_code),
        "unit_code": issue.unit_code,
        "province": viewer.unit_name(issue.province_code),
        "severity": text(f"severity.{issue.report.severity}", found.lang),
        "state": viewer.state_label(issue, one),
        "holder": viewer.body_name(holder),
        "people": issue.report.people_affected,
        "cases": issue.report.cases_blocked,
        "since": local_day(item.since),
        "due_on": None if clock is None else local_day(clock.due_at),
        "due": "" if row.due is None else " · ".join(filter(None, (row.due.words, row.due.note))),
        "item": item.id,
    }


def _chosen(found: WorkList) -> Iterator[tuple[str, str]]:
    """Yield what the list is narrowed to, in the words of the page."""
    text, asked, lang, viewer = found.parts.labels.text, found.asked, found.lang, found.viewer
    views = {one.key: one.label for one in found.rail}
    yield _text(found, "view"), views[found.view]
    yield _text(found, "sort"), text(f"queue.sort.{asked.sort}", lang)
    if asked.body:
        yield _text(found, "holder"), viewer.body_name(asked.body) or asked.body
    if asked.unit:
        units = {one.key: one.label for one in found.units()}
        yield _text(found, "unit"), units.get(asked.unit, asked.unit)
    if asked.kind:
        yield _text(found, "kind"), viewer.kind_label(asked.kind)
    if asked.severity:
        known = found.parts.labels.has(f"severity.{asked.severity}")
        yield _text(found, "severity"), text(f"severity.{asked.severity}", lang) if known else asked.severity
    if asked.since:
        yield text("queue.filter.since", lang), text("queue.filter.days", lang, count=asked.since)
    if asked.words:
        yield _text(found, "words"), asked.words


def _note(found: WorkList) -> str:
    if len(found.issues) < MOST_ISSUES:
        return ""
    return found.parts.labels.text("queue.most", found.lang, count=MOST_ISSUES)


def _text(found: WorkList, name: str) -> str:
    return word_of(found.parts.labels, found.lang, name)
