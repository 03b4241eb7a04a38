"""Commands beside a server that has the engine open: each works, or fails with one sentence that gives the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.installation import eventually, liencap, serving

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]

ROWS = """MaHoSo,MaTTHC,NgayTiepNhan,NgayHenTra,TrangThai,KenhThucHien
H56-1,1.001193,2026-11-20,2026-11-25,2,1
H56-2,1.001193,20/11/2026,2026-11-25,2,2
H56-3,1.001193,2026-11-20,2026-11-10,2,2
"""
MAPPING = """kind = "cases"

[columns]
MaHoSo = "MaHoSo"
MaTTHC = "MaTTHC"
NgayTiepNhan = "NgayTiepNhan"
NgayHenTra = "NgayHenTra"
TrangThai = "TrangThai"
KenhThucHien = "KenhThucHien"
"""


def test_commands_beside_a_running_server_work_or_say_who_has_the_engine(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "cases.csv").write_text(ROWS)
    (tmp_path / "cases.toml").write_text(MAPPING)
    with serving(data) as server:
        for command in (["audit"], ["rebuild"], ["migrate"], ["worker", "--once"]):
            refused = liencap(data, *command)
            assert refused.returncode == 2, command
            [sentence] = (refused.stdout + refused.stderr).splitlines()
            assert f"open in process {server.process.pid}" in sentence
        examined = liencap(data, "doctor")
        assert examined.returncode == 0, examined.stdout
        assert f"open in process {server.process.pid}" in examined.stdout
        for command in (["config", "show"], ["dlq", "list"]):
            assert liencap(data, *command).returncode == 0, command

        taken = liencap(
            data,
            *("import", "cases", str(tmp_path / "cases.csv"), "--unit", "15607"),
            *("--mapping", str(tmp_path / "cases.toml"), "--errors", str(tmp_path / "wrong.csv")),
        )
        assert taken.returncode == 1, taken.stdout + taken.stderr
        assert "NgayHenTra" in (tmp_path / "wrong.csv").read_text()
        officer = server.as_("commune_officer", "15607")
        window = "/api/v1/units/15607/rollups?from=2026-11-20&to=2026-11-20"
        eventually(lambda: officer.get(window).json()["total"]["received"] == 2)
        assert server.stop() == 0
    audit = liencap(data, "audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr
