"""The behaviour of API tokens in every store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from services.access.actors import Actor
from services.access.tokens import SignedToken
from services.errors import NotReady, Unauthenticated
from services.store.sessions import Sessions
from services.store.store import Store
from services.store.tokens import FRESH_SECONDS, ApiTokens

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
OFFICER = Actor("commune_officer", "15607", "15607.ubnd", "cb-0042")
KEY, OTHER_KEY = "a key for tests, long enough", "another key for tests, long enough"


def clock() -> dt.datetime:
    return NOW


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


def signed(token_id: str, days: int = 30) -> SignedToken:
    return SignedToken(OFFICER, token_id, NOW + dt.timedelta(days=days), ("cases:write",))


def test_a_token_is_listed_with_its_owner_purpose_and_scopes_until_it_expires(store: Store) -> None:
    tokens = ApiTokens(store, clock)
    tokens.add(signed("one"), purpose="daily export", key=KEY)
    tokens.add(signed("over", days=0), purpose="", key=KEY)
    [one] = tokens.of_units(["15607", "15622"])
    assert (one.id, one.actor, one.purpose, one.scopes, one.made_at) == (
        "one",
        OFFICER,
        "daily export",
        ("cases:write",),
        NOW,
    )
    assert tokens.of_units(["15622"]) == []
    assert tokens.of_units(None) == [one]


def test_a_revoked_token_opens_nothing_and_ends_what_it_began(store: Store) -> None:
    tokens, sessions = ApiTokens(store, clock), Sessions(store, clock)
    for name in ("one", "two"):
        tokens.add(signed(name), purpose="", key=KEY)
    keys = [
        sessions.begin(OFFICER, how="token", device="", expires_at=NOW + dt.timedelta(hours=1), token_id=name)
        for name in ("one", "two")
    ]
    tokens.refresh()
    tokens.check("one")
    tokens.revoke("one", "somebody")
    assert not tokens.is_fresh
    tokens.refresh()
    with pytest.raises(Unauthenticated):
        tokens.check("one")
    with pytest.raises(Unauthenticated):
        tokens.check_now("one")
    with pytest.raises(Unauthenticated):
        sessions.held(keys[0])
    tokens.check("two")
    assert sessions.held(keys[1]).token_id == "two"
    tokens.revoke("one", "somebody else")
    found = tokens.one("one")
    assert found is not None
    assert found.revoked_by == "somebody"


def test_a_token_that_another_process_revoked_opens_nothing_after_some_seconds(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 100.0
    monkeypatch.setattr("services.store.tokens.time.monotonic", lambda: at)
    tokens = ApiTokens(store, clock)
    tokens.add(signed("one"), purpose="", key=KEY)
    tokens.refresh()
    elsewhere = Store(store_url)
    ApiTokens(elsewhere, clock).revoke("one", "somebody")
    elsewhere.close()
    assert tokens.is_fresh
    at += FRESH_SECONDS + 0.1
    assert not tokens.is_fresh
    tokens.refresh()
    with pytest.raises(Unauthenticated):
        tokens.check("one")


def test_where_the_store_is_away_the_revoked_tokens_stay_revoked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = ApiTokens(store, clock)
    tokens.add(signed("one"), purpose="", key=KEY)
    tokens.revoke("one", "somebody")
    tokens.refresh()

    def away() -> None:
        raise NotReady("away")

    monkeypatch.setattr(store, "read", away)
    monkeypatch.setattr(tokens, "_read_at", float("-inf"))
    tokens.refresh()
    with pytest.raises(Unauthenticated):
        tokens.check("one")
    tokens.check("two")
    with pytest.raises(NotReady):
        ApiTokens(store, clock).refresh()


def test_a_token_of_an_earlier_release_is_revoked_by_itself(store: Store) -> None:
    tokens = ApiTokens(store, clock)
    for _ in range(2):
        tokens.revoke_unnoted(signed("old"), key=KEY, by="command line")
    with pytest.raises(Unauthenticated):
        tokens.check_now("old")
    [one] = tokens.of_units(None)
    assert (one.made_at, one.revoked_by) == (None, "command line")


def test_when_a_token_was_used_is_written_later(store: Store) -> None:
    tokens = ApiTokens(store, clock)
    tokens.add(signed("one"), purpose="", key=KEY)
    for token_id in ("one", "one", "of nobody"):
        tokens.mark_used(token_id)
    assert tokens.of_units(None)[0].last_used_at is None
    tokens.note_uses()
    tokens.note_uses()
    assert tokens.of_units(None)[0].last_used_at == NOW


def test_with_a_key_end_the_sessions_that_its_tokens_began(store: Store) -> None:
    tokens, sessions = ApiTokens(store, clock), Sessions(store, clock)
    tokens.add(signed("old"), purpose="", key=KEY)
    tokens.add(signed("new"), purpose="", key=OTHER_KEY)
    held = {
        name: sessions.begin(
            OFFICER, how="token", device="", expires_at=NOW + dt.timedelta(hours=1), token_id=name
        )
        for name in ("old", "new", "unnoted")
    }
    persona = sessions.begin(OFFICER, how="demo", device="", expires_at=NOW + dt.timedelta(hours=1))
    assert tokens.end_sessions_of_key(KEY, "keys drop") == 2
    assert [sessions.held(key).actor for key in (held["new"], persona)] == [OFFICER, OFFICER]
