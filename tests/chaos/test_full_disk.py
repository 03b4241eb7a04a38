"""A full disk under the outbox, and one under the engine: refused in words, never acknowledged and lost."""

from __future__ import annotations

import time

import pytest

from tests.chaos.conftest import Ground, Ruin
from tests.chaos.load import Load
from tests.chaos.small_disk import SmallDisk, small_disk
from tests.journeys.installation import eventually

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

STORE_MB = 64
ENGINE_MB = 400
FULL_SECONDS = 4.0
RATE = 200
PATIENCE = 120.0


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
            load.ledger.words.clear()
            outbox.fill()
            eventually(lambda: bool(load.ledger.words), PATIENCE)
            outbox.fill()
            time.sleep(FULL_SECONDS)
            assert any("the store does not answer" in words for words in set(load.ledger.words))
            outbox.make_room()
            _goes_on(load)
            _batch_fails(ruin, engine)
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
    eventually(lambda: load.ledger.event_count > before + RATE, PATIENCE)


def _batch_fails(ruin: Ruin, engine: SmallDisk) -> None:
    """Fill the engine's disk until a batch does not get through."""
    before = _repeated(ruin)
    engine.fill()
    eventually(lambda: _repeated(ruin) > before, PATIENCE)


def _repeated(ruin: Ruin) -> int:
    """Return how often the workers have said that a batch did not get through."""
    workers = (part for name, part in ruin.stack.parts.items() if name.startswith("worker"))
    return sum(part.output.read_text(errors="replace").count("batch will be repeated") for part in workers)
