"""Pages of rows of the store: over rows that come and go, what stays is shown once; a strange key asks for the beginning."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from reporting.keyset import Turn, written
from services.access.actors import Actor
from services.documents.drafts import Drafts
from services.store.document_tables import DRAWINGS
from services.store.keyset import Portion, portion_of
from services.store.store import Store
from services.store.texts import TextStore

NOW = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
CLERK = Actor("commune_clerk", "15607")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path_factory.mktemp('keyset') / 'store.db'}")) as store:
        yield store


def draw(store: Store, minute: int) -> None:
    Drafts(store, TextStore(store)).note_drawing(
        CLERK,
        NOW + dt.timedelta(minutes=minute),
        unit_code="15607",
        period="2026-11",
        kind="letter",
        file_format="docx",
        row_count=1,
        content=b"",
    )


def ids(store: Store) -> set[int]:
    with store.read() as conn:
        return set(conn.execute(select(DRAWINGS.c.id)).scalars())


def page(store: Store, turn: Turn, size: int) -> Portion:
    with store.read() as conn:
        return portion_of(conn, select(DRAWINGS), DRAWINGS.c.drawn_at, DRAWINGS.c.id, turn, size)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 4))
def test_what_stays_is_shown_once_while_rows_come_and_go(store: Store, seed: int, size: int) -> None:
    r = random.Random(seed)
    with store.begin() as conn:
        conn.execute(delete(DRAWINGS))
    for _ in range(8):
        draw(store, r.randrange(4))
    stayed, seen, turn = ids(store), list[int](), Turn()
    while True:
        found = page(store, turn, size)
        seen += [row.id for row in found.rows]
        if found.next is None:
            break
        turn = found.next
        draw(store, r.randrange(4))
        gone = r.choice(sorted(ids(store)))
        with store.begin() as conn:
            conn.execute(delete(DRAWINGS).where(DRAWINGS.c.id == gone))
        stayed.discard(gone)
        if len(seen) > 60:  # as many as may ever be there
            pytest.fail("the pages do not end")
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_the_way_back_shows_the_page_before(store: Store) -> None:
    with store.begin() as conn:
        conn.execute(delete(DRAWINGS))
    for minute in (0, 0, 1, 2, 2):
        draw(store, minute)
    first = page(store, Turn(), 2)
    assert first.previous is None
    assert first.next is not None
    second = page(store, first.next, 2)
    assert second.previous is not None
    assert [row.id for row in page(store, second.previous, 2).rows] == [row.id for row in first.rows]


@pytest.mark.parametrize(
    "text",
    ["x", written((0, "no number")), written((10**30, 1)), written((0, 10**40)), written((0, -(10**40)))],
)
def test_a_key_that_no_page_gave_harms_nobody(store: Store, text: str) -> None:
    assert isinstance(page(store, Turn(after=text), 2), Portion)
    assert isinstance(page(store, Turn(before=text), 2), Portion)
