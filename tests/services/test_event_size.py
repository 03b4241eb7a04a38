"""How long an event of a case is, over the work that the simulation draws."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from events.codec import decode
from services.streams.read_cases import _in_columns
from tests.counters_at_work import sent_by_counters
from tests.services.world import tables
from tests.strategies import written_out

MOST_BYTES = 800
FIRST_DAY = dt.date(2026, 9, 1)


def test_the_events_of_simulated_counters_are_short_and_taken_in_columns(tmp_path: Path) -> None:
    days = [FIRST_DAY + dt.timedelta(days=number) for number in range(21)]
    values = sent_by_counters(tmp_path, tables(), days, seed="s", communes=12)
    assert len(values) > 1_000
    size = sum(map(len, values)) / len(values)
    full = sum(len(written_out(decode(value))) for value in values) / len(values)
    assert size <= MOST_BYTES, f"{size:.0f} bytes, {full:.0f} with all stated"
    assert len(_in_columns(values, 1)[0]) == len(values)
