"""A back-up taken while a counter works, a machine that is lost, another one that goes on from the back-up."""

from __future__ import annotations

import shutil
import threading
import uuid
from pathlib import Path

import pytest

from tests.journeys.installation import Installation, liencap, serving
from tests.services.world import SAID

pytestmark = [pytest.mark.process, pytest.mark.slow]
BAT_MOT = "15607"
OFFICER = ("commune_officer", BAT_MOT)


def report(office: Installation) -> str:
    """Report a difficulty and return its id."""
    issue_id = str(uuid.uuid4())
    sent = {"id": issue_id, "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    answer = office.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/issues", json=sent)
    assert answer.status_code == 201, answer.text
    return issue_id


def test_everything_acknowledged_before_a_back_up_is_there_on_the_machine_that_takes_over(
    tmp_path: Path,
) -> None:
    lost, found, backups = tmp_path / "lost", tmp_path / "found", tmp_path / "backups"
    before: list[str] = []
    with serving(lost) as office:
        before += [report(office) for _ in range(5)]
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                report(office)

        counter = threading.Thread(target=work)
        counter.start()
        made = office.run("backup", "create", str(backups))
        over.set()
        counter.join()
        assert made.returncode == 0, made.stderr
        refused = office.run("backup", "restore", str(next(backups.iterdir())), "--replace")
        assert refused.returncode == 2
        assert "stop it first" in refused.stderr
        office.kill()
    shutil.rmtree(lost)
    [backup] = backups.iterdir()
    checked = liencap(found, "backup", "verify", str(backup))
    assert checked.returncode == 0, checked.stdout
    restored = liencap(found, "backup", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    with serving(found) as office:
        for issue_id in before:
            seen = office.as_(*OFFICER).get(f"/api/v1/issues/{issue_id}")
            assert seen.status_code == 200, seen.text
            assert seen.json()["place"]["text"] == "Bản Vịn"
        assert office.stop() == 0
    audited = liencap(found, "audit")
    assert audited.returncode == 0, audited.stdout
