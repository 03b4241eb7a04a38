"""The demo lets anybody in, so it starts only where `liencap demo` made the store, and only for this machine."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from events.log import Message
from services.boot.demo_mode import FILLED, claim_for_demo, must_be_loopback, must_be_made_by_demo
from services.boot.open import check_demo
from services.errors import SetupError
from services.log.sqlite import SqliteLog
from services.settings import Settings
from services.store.notes import note
from services.store.store import TEXTS, Store
from tests.processes import run
from tests.services.test_pages import browser
from tests.services.world import World
from tests.stores import empty_store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, demo=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(empty_store(tmp_path / "store.db"))) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "log.db")) as opened:
        yield opened


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_a_demo_starts_on_loopback(host: str) -> None:
    must_be_loopback(Settings(demo=True, host=host))
    must_be_loopback(Settings(demo=True, public_url="http://localhost:8000"))


EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 -- what is refused


@pytest.mark.parametrize("host", [EVERY_ADDRESS, "::", "10.0.0.4", "demo.example", "", "127.0.0.1.example"])
def test_a_demo_starts_on_no_other_address(host: str) -> None:
    with pytest.raises(SetupError, match="this machine alone: LIENCAP_HOST"):
        must_be_loopback(Settings(demo=True, host=host))
    with pytest.raises(SetupError, match="this machine alone: LIENCAP_PUBLIC_URL"):
        must_be_loopback(Settings(demo=True, public_url=f"https://{host or 'x'}/"))


def test_an_empty_store_becomes_a_demo_and_stays_one(
    settings: Settings, store: Store, log: SqliteLog
) -> None:
    with pytest.raises(SetupError, match="not made by `liencap demo`"):
        must_be_made_by_demo(store)
    claim_for_demo(settings, store, log)
    add_text(store)
    claim_for_demo(settings, store, log)
    must_be_made_by_demo(store)
    check_demo(settings)


def test_a_demo_of_an_earlier_release_goes_on(settings: Settings, store: Store, log: SqliteLog) -> None:
    add_text(store)
    note(store, FILLED, "{}")
    claim_for_demo(settings, store, log)
    check_demo(settings)


def test_a_store_with_work_is_made_no_demo(settings: Settings, store: Store, log: SqliteLog) -> None:
    add_text(store)
    with pytest.raises(SetupError, match="holds work that no demo made"):
        claim_for_demo(settings, store, log)
    with pytest.raises(SetupError, match="not made by `liencap demo`"):
        check_demo(settings)


def test_an_empty_store_beside_a_log_with_work_is_made_no_demo(
    settings: Settings, store: Store, log: SqliteLog
) -> None:
    log.append("cases", [Message(key="15607", value=b"{}")])
    with pytest.raises(SetupError, match="holds work that no demo made"):
        claim_for_demo(settings, store, log)


@pytest.mark.process
def test_serving_real_work_as_a_demo_ends_in_one_sentence_before_anything_opens(tmp_path: Path) -> None:
    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        add_text(store)
    environment = {**os.environ, "LIENCAP_DATA": str(tmp_path), "LIENCAP_DEMO": "true"}
    for command in (["serve"], ["demo"]):
        done = run([*command, "--port", "0"], environment, 60)
        assert done.returncode == 2, done.stdout
        assert "lets anybody sign in as anybody" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "warehouse").exists()


@pytest.mark.warehouse
def test_each_page_of_a_demo_says_that_it_is_one(shared_world: World) -> None:
    with browser(shared_world, "commune_officer-15607") as client:
        for path in ("/", "/xa", "/khong-co", "/phien/danh-sach"):
            page = client.get(path, params={"lang": "en"}).text
            assert page.count("data-demo") == 1, path
            assert "Demonstration: simulated figures" in page


def add_text(store: Store) -> None:
    row = {
        "id": uuid.uuid4(),
        "sha256": "0" * 64,
        "body": "Cả bản không có sóng",
        "unit_code": "15607",
        "purpose": "report",
        "erased_at": None,
    }
    with store.begin() as conn:
        conn.execute(insert(TEXTS).values(**row))
