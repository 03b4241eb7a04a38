"""The engine's folder is derived: lost, it is rebuilt from the log, and nothing is emitted twice."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from events.topics import ISSUES
from services.log.sqlite import SqliteLog
from tests.journeys.installation import eventually, liencap, serving
from tests.journeys.test_dead_spot_story import BAT_MOT, issue_of, report

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]


def issue_records(data: Path) -> int:
    with closing(SqliteLog(data / "log.db")) as log:
        return sum(log.end_positions(ISSUES.name).values())


def notices(data: Path) -> list[tuple[str, str]]:
    """Return what the book of notices holds, as (id, when it was noted)."""
    with closing(sqlite3.connect(data / "store.db")) as store:
        return sorted(store.execute("SELECT id, noted_at FROM notices"))


def test_a_lost_engine_is_read_again_from_the_log_without_a_word(tmp_path: Path) -> None:
    case = {
        "MaHoSo": "H56.15607-251001-0001",
        "MaTTHC": "1.001193",
        "NgayTiepNhan": "2025-10-01T08:00",
        "TrangThai": 2,
    }
    with serving(tmp_path) as server:
        officer = server.as_("commune_officer", BAT_MOT)
        issue_id = report(server)
        officer.post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json=[case]).raise_for_status()
        before = eventually(lambda: (found := issue_of(officer, issue_id))["clocks"] and found)
        told = eventually(lambda: notices(tmp_path))
        server.stop()
    said = issue_records(tmp_path)
    assert len(told) == 1
    shutil.rmtree(tmp_path / "warehouse")
    with serving(tmp_path) as server:
        officer = server.as_("commune_officer", BAT_MOT)
        after = eventually(
            lambda: (
                officer.get(f"/api/v1/issues/{issue_id}").status_code == 200 and issue_of(officer, issue_id)
            )
        )
        assert after["version"] == before["version"]
        assert [each["id"] for each in after["escalations"]] == [each["id"] for each in before["escalations"]]
        server.stop()
    assert issue_records(tmp_path) == said
    assert notices(tmp_path) == told
    audit = liencap(tmp_path, "audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_a_replaced_log_gets_a_higher_epoch_so_that_its_rows_win(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        report(server)
        server.stop()
    for file in tmp_path.glob("log.db*"):
        file.unlink()
    with serving(tmp_path) as server:
        second = report(server)
        officer = server.as_("commune_officer", BAT_MOT)
        assert eventually(lambda: officer.get(f"/api/v1/issues/{second}").status_code == 200)
        server.stop()
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        assert connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()[0] == 2
