"""A full disk under the outbox, and one under the engine: refused in words, never acknowledged and lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.chaos.conftest import Ground, Ruin
from tests.chaos.load import Load
from tests.chaos.small_disk import small_disk

pytestmark = [pytest.mark.process, pytest.mark.chaos]

STORE_MB = 64
ENGINE_MB = 400
FULL_SECONDS = 4.0
RATE = 200
PATIENCE = 30.0


def test_a_full_disk_refuses_in_words_and_everything_goes_on_when_there_is_room(
    ground: Ground, rounds: int | None
) -> None:
    with (
        small_disk(ground.folder / "outbox", STORE_MB) as outbox,
        small_disk(ground.folder / "engine-disk", ENGINE_MB) as engine,
        ground.installation(
            engine=engine.folder / "engine", store_url=f"sqlite:///{outbox.folder}/store.db"
        ) as ruin,
        ruin.load(RATE) as load,
    ):
        for _ in range(rounds or 1):
            time.sleep(2.0)
            outbox.fill()
            _until(lambda: bool(load.ledger.words))
            outbox.fill()
            time.sleep(FULL_SECONDS)
            assert any("the store does not answer" in words for words in load.ledger.words)
            outbox.make_room()
            _goes_on(load)
            engine.fill()
            _until(lambda: "batch will be repeated" in _said(ruin))
            engine.fill()
            before = load.ledger.event_count
            time.sleep(FULL_SECONDS)
            assert load.ledger.event_count > before, (
                "the counters stood still because the engine's disk is full"
            )
            engine.make_room()
            _goes_on(load)
        load.stop()
        ruin.judge(load)


def _goes_on(load: Load) -> None:
    before = load.ledger.event_count
    _until(lambda: load.ledger.event_count > before + RATE)


def _said(ruin: Ruin) -> str:
    workers = (part for name, part in ruin.stack.parts.items() if name.startswith("worker"))
    return "".join(part.output.read_text(errors="replace") for part in workers)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
