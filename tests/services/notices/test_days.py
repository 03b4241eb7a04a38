"""The list of notices: each stands once, whole days share a page, and a row's number is the number behind it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.calendar import local_day
from reporting.keyset import Turn
from reporting.notice import Notice, Recipient, Template
from services.access.actors import Actor
from services.notices.alike import FROM, Alike, Entry, bundled
from services.notices.book import NoticeBook
from services.notices.days import Days, days_for, entries_alike, read_alike
from services.notices.words import WrittenNotice
from services.store.store import Store
from tests.services.notices.written import LEAD, NOON
from tests.services.world import tables

READER = Actor("department_officer", "38", LEAD, "reads-notices")
MIDNIGHT = dt.datetime(2025, 10, 14, 17, 0, tzinfo=dt.UTC)
"""The local midnight between two days."""

TURNED_EVERY = 4
_TEMPLATES: tuple[Template, ...] = ("arrived", "overdue", "fault_confirmed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        yield store


def wrote(store: Store, minutes: list[int]) -> list[Notice]:
    """Write notices so many minutes around a midnight, of three templates in turn."""
    notices = [
        Notice(
            id=uuid4(),
            cause=uuid4(),
            template=_TEMPLATES[number % 3],
            recipient=Recipient(LEAD),
            urgent=False,
            occurred_at=MIDNIGHT + dt.timedelta(minutes=at),
            unit_code="15607",
            kind="mobile_dead_spot",
            issue_id=uuid4(),
        )
        for number, at in enumerate(minutes)
    ]
    NoticeBook(store, tables().calendar, tables().notice_hours).write(notices, NOON)
    return notices


def ids_of(days: Days) -> list[UUID]:
    return [entry.notice.id for bundle in days.bundles for entry in bundle.entries]


def turns(store: Store, start: Turn | None, name: str) -> list[Days]:
    found = [days_for(store, READER, start)]
    while (turn := getattr(found[-1], name)) is not None:
        found.append(days_for(store, READER, turn))
    return found


@pytest.mark.parametrize("read_at_once", [3, 500])
def test_every_notice_stands_once_on_the_way_down_and_once_on_the_way_up(
    store: Store, monkeypatch: pytest.MonkeyPatch, read_at_once: int
) -> None:
    monkeypatch.setattr("services.notices.days.PAGE_SIZE", TURNED_EVERY)
    monkeypatch.setattr("services.notices.days.READ_AT_ONCE", read_at_once)
    day = 24 * 60
    notices = wrote(store, [-1, 0, 1, 2, *(9 * [day + 5]), 2 * day, 3 * day, 3 * day + 1, -5 * day, 7 * day])
    down = turns(store, None, "next")
    up = turns(store, down[-1].previous, "previous")
    assert len(down) > 2
    assert sorted(one for page in down for one in ids_of(page)) == sorted(one.id for one in notices)
    above = {one for page in up for one in ids_of(page)}
    assert above == {one for page in down[:-1] for one in ids_of(page)}
    for pages in (down, up[::-1]):
        held = [{bundle.alike.day for bundle in page.bundles} for page in pages]
        assert sum(map(len, held)) == len(set().union(*held)), "a day stands on two pages"
        assert [max(one) for one in held] == sorted((max(one) for one in held), reverse=True)


def test_what_opens_from_a_row_is_what_it_counts_and_can_be_read_alone(store: Store) -> None:
    wrote(store, [5, 6, 7, 8, 9, 10, 11, 12, 13])
    [*bundles] = days_for(store, READER).bundles
    assert [len(one.entries) for one in bundles] == [3, 3, 3]
    behind, _ = entries_alike(store, READER, bundles[0].alike)
    assert [one.notice.id for one in behind] == [one.notice.id for one in bundles[0].entries]
    read_alike(store, READER, bundles[0].alike, NOON)
    assert [one.unread for one in days_for(store, READER).bundles] == [0, 3, 3]


notices = st.builds(
    WrittenNotice,
    id=st.uuids(),
    template=st.sampled_from(_TEMPLATES),
    body=st.just(LEAD),
    territory=st.just("38"),
    unit_code=st.sampled_from(["15607", "14758"]),
    occurred_at=st.integers(-3_000, 3_000).map(lambda minutes: MIDNIGHT + dt.timedelta(minutes=minutes)),
    urgent=st.booleans(),
    kind=st.sampled_from([None, "", "lgsp_outage"]),
    detail=st.sampled_from([None, "guidance"]),
)


@given(st.lists(st.builds(Entry, notices, st.booleans()), max_size=40))
def test_bundling_loses_nothing_and_keeps_days_and_kinds_apart(entries: list[Entry]) -> None:
    latest_first = sorted(entries, key=lambda one: one.notice.occurred_at, reverse=True)
    bundles = bundled(latest_first)
    held = [entry for bundle in bundles for entry in bundle.entries]
    assert Counter(id(one) for one in held) == Counter(id(one) for one in entries)
    assert all(Alike.of(one.notice) == bundle.alike for bundle in bundles for one in bundle.entries)
    assert all(local_day(one.entries[0].notice.occurred_at) == one.alike.day for one in bundles)
    many = [one.alike for one in bundles if len(one.entries) > 1]
    assert len(many) == len(set(many))
    assert all(len(one.entries) == 1 or len(one.entries) >= FROM for one in bundles)
    assert all(Alike.read(one.alike.written) == one.alike for one in bundles)


@pytest.mark.parametrize("text", ["", "x", "WyIyMDI2LTEzLTAxIiwiYSIsIiIsIiIsMF0"])
def test_an_address_that_names_no_group_is_none(text: str) -> None:
    assert Alike.read(text) is None
