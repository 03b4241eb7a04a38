from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from services.errors import NotReady, SetupError
from services.store.store import Store


def test_what_was_committed_survives_the_loss_of_power(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'folder' / 'store.db'}")) as store, store.read() as conn:
        settings = {
            name: conn.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql+pymysql://localhost/liencap", "kept in SQLite or PostgreSQL"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("not an address", "no database address"),
    ],
)
def test_an_address_that_cannot_hold_a_store_is_refused_in_words(url: str, said: str) -> None:
    with pytest.raises(SetupError, match=said):
        Store(url)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is a letter, not a database" * 100)
    with pytest.raises(SetupError, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_full_disk_is_said_to_be_no_fault_of_the_request(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'store.db'}")) as store:

        def fill() -> None:
            with store.begin() as conn:
                # SQLite's own limit of pages stands for the disk.
                pages = conn.scalar(text("PRAGMA page_count"))
                conn.execute(text(f"PRAGMA max_page_count={pages}"))
                conn.execute(text("INSERT INTO meta VALUES ('a', :value)"), {"value": "x" * 1_000_000})

        with pytest.raises(NotReady, match="send it again"):
            fill()
        with store.read() as conn:
            assert conn.scalar(text("SELECT count(*) FROM meta")) == 0
