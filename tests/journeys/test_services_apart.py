"""The embedded journeys of a lost engine and of commands beside a server, with the services in separate processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from events.topics import ISSUES
from services.warehouse.client import Warehouse
from tests.chaos.verdict import settle
from tests.journeys.conftest import ServicesApart
from tests.journeys.installation import eventually
from tests.journeys.test_beside_a_server import MAPPING, ROWS
from tests.journeys.test_dead_spot_story import BAT_MOT, issue_of, report
from tests.stack import Stack

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]


def issue_records(stack: Stack) -> int:
    with closing(stack.open_log()) as log:
        return sum(log.end_positions(ISSUES.name).values())


def test_a_lost_database_is_read_again_from_kafka_without_a_word(stack: Stack) -> None:
    home = ServicesApart(stack)
    with home.serving() as running:
        issue_id = report(running)
        officer = running.as_("commune_officer", BAT_MOT)
        before = eventually(lambda: (found := issue_of(officer, issue_id))["clocks"] and found)
        settle(stack)
        running.stop()
    said = issue_records(stack)
    with closing(Warehouse(stack.front.dsn, database=stack.database)) as warehouse:
        warehouse.drop()
    with home.serving() as running:
        officer = running.as_("commune_officer", BAT_MOT)
        after = eventually(
            lambda: (
                officer.get(f"/api/v1/issues/{issue_id}").status_code == 200 and issue_of(officer, issue_id)
            ),
            60,
        )
        assert after["version"] == before["version"]
        assert [each["id"] for each in after["escalations"]] == [each["id"] for each in before["escalations"]]
        settle(stack)
        running.stop()
    assert issue_records(stack) == said
    stack.must("audit")


def test_commands_work_beside_running_services(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(ROWS)
    (tmp_path / "cases.toml").write_text(MAPPING)
    with ServicesApart(stack).serving() as running:
        taken = stack.run(
            *("import", "cases", str(tmp_path / "cases.csv"), "--unit", BAT_MOT),
            *("--mapping", str(tmp_path / "cases.toml"), "--errors", str(tmp_path / "wrong.csv")),
        )
        assert taken.returncode == 1, taken.stdout + taken.stderr
        assert "NgayHenTra" in (tmp_path / "wrong.csv").read_text()
        officer = running.as_("commune_officer", BAT_MOT)
        window = f"/api/v1/units/{BAT_MOT}/rollups?from=2026-11-20&to=2026-11-20"
        eventually(lambda: officer.get(window).json()["total"]["received"] == 2)
        settle(stack)
        for command in ("audit", "rebuild", "doctor"):
            stack.must(command)
        assert "topics: ok" in stack.must("topics", "check")
        assert stack.must("dlq", "list").strip() == "0 dead letters"
        assert running.stop() == 0
