"""The cases of one commune, page by page, for its counter."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import and_, func, or_, select

from events.cases import CaseState
from events.fields import LAST_DAY
from services.commune.schemas import CaseLine, CaseListAnswer
from services.errors import BadInput
from services.intake.case_counts import CaseNeed, needing
from services.store.store import CASES, Store

MOST_PER_PAGE = 500
_ENDED = (3, 8, 9, 10)
"""National status codes of a closed case: not accepted, stopped, finished, result returned."""
_PLACE = re.compile(r"^(\d{4}-\d{2}-\d{2})_([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Filter of a list of cases.

    Attributes:
        overdue_on: only cases that were past their due day, open and with a running clock at the end of that day,
            as far as their present state shows.
        unfinished: only open cases.
        need: only cases that the commune's numbers count so, on the day `need_on`.
        after: cursor from the previous page.
    """

    status_code: int | None = None
    overdue_on: dt.date | None = None
    after: str | None = None
    limit: int = 50
    unfinished: bool = False
    need: CaseNeed | None = None
    need_on: dt.date | None = None


def list_cases(store: Store, unit_code: str, case_filter: CaseFilter, *, with_codes: bool) -> CaseListAnswer:
    """Return cases that the commune received or is competent for.

    Args:
        with_codes: whether dossier codes are returned; readers outside the commune do not get them.

    Raises:
        BadInput: `after` is not a cursor of a page.
    """
    due = func.coalesce(CASES.c.due_on, LAST_DAY)
    wanted = [or_(CASES.c.unit_code == unit_code, CASES.c.received_unit_code == unit_code)]
    if case_filter.status_code is not None:
        wanted.append(CASES.c.status_code == case_filter.status_code)
    if case_filter.overdue_on is not None:
        day = case_filter.overdue_on
        wanted += [
            CASES.c.due_on < day,
            or_(CASES.c.closed_on.is_(None), CASES.c.closed_on > day),
            or_(CASES.c.paused_on.is_(None), CASES.c.paused_on > CASES.c.due_on),
        ]
    if case_filter.unfinished:
        wanted += [CASES.c.closed_on.is_(None), CASES.c.status_code.not_in(_ENDED)]
    if case_filter.need is not None and case_filter.need_on is not None:
        wanted.append(needing(case_filter.need, unit_code, case_filter.need_on))
    if case_filter.after is not None:
        last_due, last_key = _place(case_filter.after)
        wanted.append(or_(due > last_due, and_(due == last_due, CASES.c.case_key > last_key)))
    limit = min(case_filter.limit, MOST_PER_PAGE)
    query = (
        select(CASES.c.case_key, CASES.c.dossier_code, CASES.c.state, CASES.c.due_on)
        .where(*wanted)
        .order_by(due, CASES.c.case_key)
        .limit(limit + 1)
    )
    with store.read() as conn:
        rows = conn.execute(query).all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = f"{shown[-1].due_on or LAST_DAY}_{shown[-1].case_key}"
    lines = [_line(row.dossier_code if with_codes else None, row.case_key, row.state) for row in shown]
    return CaseListAnswer(items=lines, next=following)


def every_case(store: Store, unit_code: str, case_filter: CaseFilter) -> Iterator[CaseLine]:
    """Yield all cases of a filter, with dossier codes, page after page."""
    after: str | None = None
    while True:
        page = list_cases(
            store, unit_code, replace(case_filter, after=after, limit=MOST_PER_PAGE), with_codes=True
        )
        yield from page.items
        after = page.next
        if after is None:
            return


def _place(after: str) -> tuple[dt.date, str]:
    found = _PLACE.match(after)
    try:
        if found is not None:
            return dt.date.fromisoformat(found[1]), found[2]
    except ValueError:
        pass
    raise BadInput("after is not a place that a page of this list gave", field="after")


def _line(dossier_code: str | None, case_key: str, written: bytes) -> CaseLine:
    members = vars(CaseState.model_validate_json(written))
    shown = {name: members[name] for name in CaseLine.model_fields if name in members}
    return CaseLine(case_key=case_key, dossier_code=dossier_code, **shown)
