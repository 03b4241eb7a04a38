"""The kept installation, opened in one process by the code of the day: it comes to what is expected of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select

from events.topics import ISSUES
from services.dated_tables import load_tables
from services.store.store import OUTBOX, Store
from tests.chaos.verdict import records_of
from tests.kept.expect import differences, expected, opened, place_of, written
from tests.kept.folder import FIRST, STORE, TABLES, Kept
from tests.kept.state import Section, State

pytestmark = pytest.mark.warehouse

MOST_BYTES = 3_000_000
DATABASE = "kept"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the code of the day made of a copy.

    Attributes:
        waited: how many events waited in the outbox of the copy before it was opened.
        published: the ids in topic `issues` afterwards, each as often as it lies there.
    """

    kept: Kept
    waited: int
    state: State
    published: list[UUID]


@pytest.fixture(scope="module")
def found(warehouse_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a copy on an engine that holds nothing of it."""
    kept, data = Kept.open(FIRST), tmp_path_factory.mktemp("kept")
    kept.copy_to(data)
    waited = _waiting(data)
    with opened(kept, data, warehouse_dsn=warehouse_dsn, database=DATABASE) as system:
        published = [
            UUID(orjson.loads(record.value)["id"])
            for record in records_of(system.intake_side.log, ISSUES.name)
            if record.value.endswith(b"}")
        ]
        yield Opened(kept, waited, place_of(system).state(), published)
        system.warehouse.drop()


def _waiting(data: Path) -> int:
    with closing(Store(f"sqlite:///{data / STORE}")) as store, store.read() as conn:
        return conn.scalar(select(func.count()).where(OUTBOX.c.published_at.is_(None))) or 0


def test_it_comes_to_what_is_expected(found: Opened) -> None:
    wrong = differences(expected(FIRST), found.state)
    assert not wrong, f"{len(wrong)} rows differ:\n" + "\n".join(wrong[:40])


def test_the_audit_finds_nothing(found: Opened) -> None:
    assert found.state["audit"]["verdict"] == "ok"


def test_what_waited_in_the_outbox_is_published_once(found: Opened) -> None:
    assert found.waited == 1
    assert found.published.count(found.kept.queued) == 1
    assert found.state["store"]["waiting in the outbox"] == 0


def test_every_text_can_be_read_and_is_the_one_that_the_log_names(found: Opened) -> None:
    said = [str(text).rpartition(": ")[2] for text in found.state["texts"].values()]
    assert set(said) == {"readable", "erased"}
    assert said.count("erased") == 1


def test_a_figure_that_changed_by_one_is_noticed(found: Opened) -> None:
    changed = copy.deepcopy(found.state)
    counts = changed["rollups_daily"]["15607 2026-11-09"]
    assert isinstance(counts, dict)
    opened_count = counts["opened"]
    assert isinstance(opened_count, int)
    counts["opened"] = opened_count + 1
    assert differences(expected(FIRST), changed) == [
        f"rollups_daily/15607 2026-11-09/opened: expected {opened_count}, found {opened_count + 1}"
    ]


@pytest.mark.parametrize("section", sorted(expected(FIRST)))
def test_a_row_that_is_missing_and_one_that_came_are_noticed(section: str) -> None:
    wanted = expected(FIRST)
    without = copy.deepcopy(wanted)
    row = without[section].pop(next(iter(without[section])))
    more: State = {**wanted, section: {**wanted[section], "came": row}}
    assert differences(wanted, without)
    assert differences(wanted, more)


def test_what_is_expected_is_written_one_row_a_line_and_read_back_equal() -> None:
    text = (FIRST / "expected.json").read_text(encoding="utf-8")
    wanted = expected(FIRST)
    assert written(wanted) == text
    lines = text.splitlines()
    assert len(lines) == 2 + sum(len(section) + 2 for section in wanted.values())


def test_it_holds_what_it_was_made_for() -> None:
    wanted = expected(FIRST)
    assert {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} <= _numbers(
        wanted["store"], "cases by status"
    ).keys()
    held = {
        "case.supplement_requested", "case.transferred", "case.extended", "case.corrected", "clock.breached",
        "clock.paused", "clock.resumed", "escalation.answered", "escalation.returned", "escalation.referred",
        "fault.cleared", "fault.confirmed", "issue.closed", "issue.disputed", "issue.suppressed", "issue.released",
        "problem.answered", "problem.withdrawn", "promise.measured", "promise.missed", "promise.struck",
        "signal.raised", "source.silent", "source.recovered",
    }  # fmt: skip
    assert not held - wanted["events"].keys()
    assert len(wanted["dead_letters"]) == 2
    assert len({key.partition(" ")[0] for key in wanted["rollups_daily"]}) == 5


def _numbers(section: Section, name: str) -> dict[str, object]:
    numbers = section[name]
    assert isinstance(numbers, dict)
    return dict(numbers)


def test_its_tables_can_be_read_and_it_is_small() -> None:
    assert load_tables(FIRST / TABLES).units.get("15607").name == "Bát Mọt"
    assert sum(file.stat().st_size for file in FIRST.rglob("*") if file.is_file()) <= MOST_BYTES
