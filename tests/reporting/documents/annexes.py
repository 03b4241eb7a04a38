"""Stories of one period and the annex that they make, for tests of documents."""

from __future__ import annotations

import datetime as dt
from functools import cache
from uuid import UUID, uuid5

from msgspec.structs import replace

from events.fields import TextRef
from reporting.dated.kind_words import topics_of
from reporting.dated.periods import Period
from reporting.documents.annex import AnnexRow, Names, annex_rows
from reporting.documents.official import OfficialDocument
from reporting.documents.report import periodic_report
from reporting.issues.state import IssueState
from tests.reporting.stories import TEXT, Story, document, tables

CONTENT, REQUEST = "Cả bản không có sóng của ba nhà mạng", "Đề nghị lắp trạm phát sóng tại bản"
PLACE, TRIED = "Bản Vịn", "Đã làm việc với nhà mạng, chưa có kế hoạch lắp trạm"
ANSWER = "Sẽ lắp trạm trong quý I"
NOW = dt.datetime(2025, 10, 14, 9, 0, tzinfo=dt.UTC)
OCTOBER = tables().periods.named("2025-10")
COMMUNE, PROVINCE = tables().units.get("15607"), tables().units.get("38")


@cache
def names() -> Names:
    """Return the names of the shipped tables."""
    kinds = {row.kind.key: row.kind.name_vi for row in tables().competence.rows()}
    return Names(tables().units, tables().bodies, kinds, topics_of(tables().kind_words, OCTOBER.last_on))


SAID = {"place": PLACE, "content": CONTENT, "request": REQUEST, "tried": TRIED}


def with_texts(story: Story, *, without: tuple[str, ...] = (), **stated: int) -> IssueState:
    """Give the report of a story its texts and numbers; texts exist from the beginning, as on a real report.

    Args:
        without: the texts that it lacks, as one of an earlier release does.
    """
    refs = {what: TextRef(id=uuid5(story.id, what), sha256="0" * 64) for what in SAID if what not in without}
    report = story.state.report.model_copy(update={**refs, **stated})
    return replace(story.state, report=report)


def texts_for(*states: IssueState) -> dict[UUID, str | None]:
    """Return what the store holds for these issues."""
    found: dict[UUID, str | None] = {TEXT.id: ANSWER}
    for state in states:
        refs = {what: getattr(state.report, what) for what in SAID}
        found |= {ref.id: SAID[what] for what, ref in refs.items() if ref is not None}
    return found


def one_of_each_sort() -> tuple[IssueState, ...]:
    """Tell one issue of each sort: with the chair, sent, promised, confirmed, guided, withdrawn, outside."""
    confirmed = Story(name="confirmed").taken_on()
    confirmed.answer("solved")
    confirmed.confirm()
    promised = Story(name="promised").taken_on()
    promised.answer("waiting_resources", document=document("45/SKHCN-BCVT", "38.so_khcn"))
    withdrawn = Story(name="withdrawn").on_its_way()
    withdrawn.withdraw()
    stories = (
        Story("no_grid_power", name="with the chair"),
        Story(name="sent").on_its_way(),
        promised,
        confirmed,
        withdrawn,
        Story("third_vice_chair", name="outside"),
    )
    return tuple(with_texts(story, people_affected=1200, cases_blocked=3) for story in stories)


def rows_of(states: tuple[IssueState, ...], period: Period = OCTOBER) -> tuple[AnnexRow, ...]:
    """Return the annex of these issues."""
    return annex_rows(states, period, names(), texts_for(*states))


def report() -> OfficialDocument:
    """Return the report of Bát Mọt."""
    return periodic_report(COMMUNE, PROVINCE, OCTOBER, rows_of(one_of_each_sort()), names(), NOW)
