from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from events.fields import TextRef
from services.access.actors import Actor
from services.errors import NotFound
from services.store.store import TEXTS, Store
from services.store.texts import TextStore

AUDITOR = Actor(role="auditor", unit_code="38", subject="a-17")
NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def texts(store: Store) -> TextStore:
    return TextStore(store, lambda: NOW)


def put(store: Store, texts: TextStore, text: str, **kwargs: uuid.UUID) -> TextRef:
    with store.begin() as conn:
        return texts.put(conn, text, unit_code="15607", purpose="place", **kwargs)


def test_a_text_comes_back_under_its_id_and_hash(store: Store, texts: TextStore) -> None:
    ref = put(store, texts, unicodedata.normalize("NFD", "Bản Vịn"))
    assert ref.sha256 == hashlib.sha256("Bản Vịn".encode()).hexdigest()
    assert texts.fetch([ref.id, ref.id]) == {ref.id: "Bản Vịn"}


def test_an_erased_text_is_gone_from_the_files_and_its_erasure_stays(
    store: Store, texts: TextStore, tmp_path: Path
) -> None:
    ref = put(store, texts, "một câu không ai khác viết")
    assert any("không ai khác".encode() in path.read_bytes() for path in tmp_path.iterdir())
    texts.erase(ref.id, AUDITOR, "request of the person")
    texts.erase(ref.id, Actor(role="administrator", unit_code="vn"), "again")
    assert texts.fetch([ref.id]) == {ref.id: None}
    with store.begin() as conn:
        row = conn.execute(select(TEXTS)).one()
    assert (row.sha256, row.erased_at) == (ref.sha256, NOW)
    assert (row.erased_by, row.erased_reason) == ("auditor@38:a-17", "request of the person")
    for path in tmp_path.iterdir():
        assert "không ai khác".encode() not in path.read_bytes()


def test_what_was_never_here_is_told_from_what_was_erased(texts: TextStore) -> None:
    assert texts.fetch([uuid.uuid4()]) == {}
    with pytest.raises(NotFound):
        texts.erase(uuid.uuid4(), AUDITOR, "x")


def test_a_text_under_a_given_id_is_kept_once(store: Store, texts: TextStore) -> None:
    name = uuid.uuid4()
    assert put(store, texts, "Bản Vịn", text_id=name) == put(store, texts, "Bản Vịn", text_id=name)
    assert texts.fetch([name]) == {name: "Bản Vịn"}


def test_a_text_is_kept_only_if_its_transaction_is(store: Store, texts: TextStore) -> None:
    refs: list[TextRef] = []

    def fail_after_putting() -> None:
        with store.begin() as conn:
            refs.append(texts.put(conn, "Bản Vịn", unit_code="15607", purpose="place"))
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_putting()
    assert texts.fetch([refs[0].id]) == {}


def test_many_are_fetched_at_once(store: Store, texts: TextStore) -> None:
    with store.begin() as conn:
        refs = [texts.put(conn, f"thôn {n}", unit_code="15607", purpose="place") for n in range(1_200)]
    found = texts.fetch(ref.id for ref in refs)
    assert [found[ref.id] for ref in refs] == [f"thôn {n}" for n in range(1_200)]
