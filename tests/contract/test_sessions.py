"""The behaviour of sessions in every store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import ColumnElement, select

from services.access.actors import Actor
from services.access.sessions import Session
from services.errors import Unauthenticated
from services.store.session_tables import SESSIONS
from services.store.sessions import FRESH_SECONDS, KEPT_AFTER, Sessions, of_person
from services.store.store import Store

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
OFFICER = Actor("commune_officer", "15607", "15607.ubnd", "cb-0042")


class Clock:
    """A clock that a test sets."""

    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


def begin(sessions: Sessions, actor: Actor = OFFICER, hours: float = 12, token_id: str | None = None) -> str:
    ends = NOW + dt.timedelta(hours=hours)
    return sessions.begin(actor, how="token", device="Chrome, Android", expires_at=ends, token_id=token_id)


def test_a_session_is_its_actor_until_its_time_is_over(store: Store) -> None:
    clock = Clock()
    sessions = Sessions(store, clock)
    key = begin(sessions)
    found = sessions.held(key)
    assert (found.actor, found.device, found.expires_at) == (
        OFFICER,
        "Chrome, Android",
        NOW + dt.timedelta(hours=12),
    )
    assert sessions.remembered(key) == found
    clock.now = NOW + dt.timedelta(hours=12)
    assert sessions.remembered(key) is None
    with pytest.raises(Unauthenticated):
        sessions.held(key)


def test_the_store_holds_no_key(store: Store) -> None:
    key = begin(Sessions(store, Clock()))
    with store.read() as conn:
        [row] = conn.execute(select(SESSIONS)).all()
    assert key not in {str(value) for value in row}


def test_what_ends_here_opens_nothing_from_now_on(store: Store) -> None:
    sessions = Sessions(store, Clock())
    key, other = begin(sessions), begin(sessions)
    assert [sessions.held(each).actor for each in (key, other)] == [OFFICER, OFFICER]
    sessions.end(key)
    assert sessions.remembered(key) is None
    with pytest.raises(Unauthenticated):
        sessions.held(key)
    assert sessions.held(other).actor == OFFICER


def test_what_another_process_ends_opens_nothing_after_some_seconds(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 100.0
    monkeypatch.setattr("services.store.sessions.time.monotonic", lambda: at)
    sessions = Sessions(store, Clock())
    key = begin(sessions)
    sessions.held(key)
    elsewhere = Store(store_url)
    Sessions(elsewhere, Clock()).end(key)
    elsewhere.close()
    assert sessions.remembered(key) is not None, "within its bound it relies on what it looked up"
    at += FRESH_SECONDS + 0.1
    assert sessions.remembered(key) is None
    with pytest.raises(Unauthenticated):
        sessions.held(key)


def test_an_ending_during_a_look_up_is_not_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(store, Clock())
    key = begin(sessions)
    read = sessions._read

    def read_then_end(which: ColumnElement[bool]) -> list[Session]:
        found = read(which)
        monkeypatch.setattr(sessions, "_read", read)
        sessions.end(key)
        return found

    monkeypatch.setattr(sessions, "_read", read_then_end)
    sessions.held(key)
    assert sessions.remembered(key) is None
    with pytest.raises(Unauthenticated):
        sessions.held(key)


def test_a_person_is_known_by_code_and_unit(store: Store) -> None:
    sessions = Sessions(store, Clock())
    namesake = Actor("commune_officer", "15622", "15622.ubnd", OFFICER.subject)
    begin(sessions)
    begin(sessions, namesake)
    assert [one.actor for one in sessions.own(OFFICER)] == [OFFICER]
    assert sessions.end_those(of_person(OFFICER), "somebody") == 1
    assert sessions.own(OFFICER) == []
    assert [one.actor for one in sessions.of_units(["15622"])] == [namesake]
    assert [one.actor for one in sessions.of_units(None)] == [namesake]


def test_sessions_of_nobody_in_particular_are_different_people(store: Store) -> None:
    sessions = Sessions(store, Clock())
    unnamed = Actor("auditor", "38")
    one, two = (sessions.held(begin(sessions, unnamed)).actor for _ in range(2))
    assert one.subject != two.subject
    assert not one.is_named


def test_a_session_ends_with_its_token(store: Store) -> None:
    sessions = Sessions(store, Clock())
    key, other = begin(sessions, token_id="one"), begin(sessions, token_id="two")
    assert sessions.end_those(SESSIONS.c.token_id == "one", "revoked") == 1
    with pytest.raises(Unauthenticated):
        sessions.held(key)
    assert sessions.held(other).token_id == "two"


def test_what_is_over_is_deleted_after_some_weeks_and_nothing_else(store: Store) -> None:
    clock = Clock()
    sessions = Sessions(store, clock)
    ended, over, kept = begin(sessions), begin(sessions, hours=1), begin(sessions, hours=24 * 60)
    sessions.end(ended)
    clock.now = NOW + KEPT_AFTER + dt.timedelta(hours=2)
    assert sessions.prune() == 2
    assert sessions.held(kept).actor == OFFICER
    with pytest.raises(Unauthenticated):
        sessions.held(over)
