"""A zero of cases stands on a commune's home only where its day is known."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from reporting.dated.calendar import local_day
from tests.services.world import BAT_MOT, CHAIR, OFFICER, World

pytestmark = pytest.mark.warehouse

UNKNOWN = "chưa có số liệu hôm nay"


def test_a_zero_gives_way_to_words_once_the_feed_is_silent(world: World) -> None:
    day = local_day(world.clock()).isoformat()
    row = {
        "MaHoSo": f"H56.{BAT_MOT}-1",
        "TrangThai": 2,
        "MaTTHC": "1.004884",
        "KenhThucHien": 2,
        "NgayTiepNhan": day,
    }
    officer = world.as_(*OFFICER)
    sent = officer.post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json=[row])
    assert sent.json()["counts"]["created"] == 1, sent.text
    world.settle()
    home = officer.get("/xa").text
    assert UNKNOWN not in home
    assert 'data-number="due_today" data-value="0"' in home
    world.clock.ahead = dt.timedelta(days=12)
    for who in (OFFICER, CHAIR):
        silent = world.as_(*who).get("/xa").text
        assert UNKNOWN in silent
        assert 'data-number="due_today"' not in silent
    # What is known to be late stays: a case that was not closed is no guess.
    late = re.search(r'data-number="overdue" data-value="(\d+)"', officer.get("/xa").text)
    assert late is None or int(late[1]) > 0
