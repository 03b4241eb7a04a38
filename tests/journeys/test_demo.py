"""The demo as a new user meets it: it fills itself, finds its data again, and its numbers hold."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.journeys.installation import liencap, serving

pytestmark = [pytest.mark.process, pytest.mark.warehouse]


def received(server_client: object, unit: str) -> int:
    answer = server_client.get(f"/api/v1/units/{unit}/rollups?from=2025-07-01&to=2025-10-14&by=day")  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.text
    return sum(int(line["received"]) for line in answer.json()["items"])


@pytest.mark.slow
def test_the_demo_holds_the_332_cases_of_bat_mot_and_finds_its_data_again(tmp_path: Path) -> None:
    with serving(tmp_path, "demo", "--days", "2", "--alone", is_cold=True) as server:
        officer = server.as_("commune_officer", "15607")
        assert received(officer, "15607") == 332
        sign_in = officer.get("/", headers={"accept": "text/html", "authorization": ""})
        assert "Bát Mọt" in sign_in.text
        assert officer.get("/api/v1/units/38/overview").status_code == 403
        communes = server.as_("province_reviewer", "38").get("/api/v1/units/38/overview").json()["units"]
        assert len(communes) == 166
        assert server.stop() == 0
    began = time.monotonic()
    with serving(tmp_path, "demo", "--days", "2", "--alone") as server:
        assert time.monotonic() - began < 60, "a second start must not simulate again"
        assert received(server.as_("commune_officer", "15607"), "15607") == 332
        server.stop()
    audit = liencap(tmp_path, "audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr
