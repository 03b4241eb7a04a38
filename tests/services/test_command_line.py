from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.journeys.installation import liencap
from tests.reporting.tables import FOLDER

pytestmark = pytest.mark.process


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = liencap(tmp_path, "--help").stdout
    for name in [
        "demo",
        "serve",
        "worker",
        "migrate",
        "rebuild",
        "doctor",
        "simulate",
        "import",
        "backup",
        "dlq",
        "audit",
        "token",
        "config",
        "competence",
    ]:
        assert name in shown


def test_competence_is_explained_in_both_languages_with_its_row(tmp_path: Path) -> None:
    asked = ("competence", "explain", "--kind", "mobile_dead_spot", "--unit", "15607", "--on", "2026-11-01")
    verdict = json.loads(liencap(tmp_path, *asked, "--json").stdout)
    assert verdict["lane"] == "proposal"
    assert verdict["lead_body"] == "38.so_khcn"
    assert verdict["deadline_source"] == "default"
    shown = liencap(tmp_path, *asked).stdout
    assert "Sở Khoa học và Công nghệ" in shown
    assert "Department of Science and Technology" in shown


def test_the_verdict_is_that_of_the_day_asked_for(tmp_path: Path) -> None:
    asked = ("competence", "explain", "--kind", "mobile_dead_spot", "--unit", "15607", "--json", "--on")
    expired = json.loads(liencap(tmp_path, *asked, "2027-03-02").stdout)
    assert expired["finding"] == "row_expired"
    assert expired["lead_body"] == "38.vp_ubnd"


@pytest.mark.slow
def test_what_else_is_known_can_change_the_verdict(tmp_path: Path) -> None:
    asked = ("competence", "explain", "--kind", "equipment_lack", "--unit", "15607", "--on", "2026-11-01")
    much = json.loads(liencap(tmp_path, *asked, "--json", "--fact", "amount_dong=600000000").stdout)
    assert much["row_id"] == "equipment_lack.large_amount@2025-07-01"
    wrong = liencap(tmp_path, *asked, "--fact", "amount_dong=plenty")
    assert wrong.returncode == 2
    assert "amount_dong" in wrong.stderr


def test_the_way_to_a_ministry_is_explained_too(tmp_path: Path) -> None:
    asked = ("competence", "explain", "--kind", "power_unstable", "--unit", "15607", "--on", "2026-11-01")
    told = liencap(tmp_path, *asked, "--to", "ministry").stdout.strip().splitlines()
    assert "UBND tỉnh Thanh Hóa kiến nghị Bộ Công Thương" in told[0]
    assert len(told) == 2


@pytest.mark.slow
def test_the_check_of_competence_ends_with_1_only_where_there_are_errors(tmp_path: Path) -> None:
    asked = ("competence", "check", "--on")
    assert "0 errors" in liencap(tmp_path, *asked, "2026-11-25").stdout
    lapsed = liencap(tmp_path, *asked, "2027-03-01", "--json")
    assert lapsed.returncode == 1
    assert {one["slug"] for one in json.loads(lapsed.stdout) if one["weight"] == "error"} == {"expired"}
    assert liencap(tmp_path, *asked, "2026-11-25", "--strict").returncode == 1


@pytest.mark.slow
def test_tables_are_compared_over_the_open_issues_of_this_installation(tmp_path: Path) -> None:
    rows = str(FOLDER / "competence.csv")
    assert "0 open issues would go elsewhere" in liencap(tmp_path, "competence", "diff", rows, rows).stdout
    missing = liencap(tmp_path, "competence", "diff", rows, str(tmp_path / "nowhere.csv"))
    assert missing.returncode == 2
    assert "nowhere.csv" in missing.stderr
    listed = liencap(tmp_path, "competence", "proposals")
    assert listed.stdout.startswith("key,variant,severity_from")
    assert "0 proposed rows" in listed.stderr


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (("--role", "emperor", "--unit", "15607"), "no role"),
        (("--role", "commune_officer", "--unit", "99999"), "99999"),
        (("--role", "commune_officer", "--unit", "38"), "commune"),
    ],
)
@pytest.mark.slow
def test_a_token_for_nobody_is_refused_in_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], because: str
) -> None:
    done = liencap(tmp_path, "token", "create", *arguments)
    assert done.returncode == 2
    assert because in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_config_show_masks_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENCAP_SECRET", "do-not-show-this-to-anybody")
    shown = liencap(tmp_path, "config", "show").stdout
    assert "do-not-show" not in shown
    assert f"LIENCAP_DATA={tmp_path}" in shown


def test_a_setting_that_cannot_be_right_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENCAP_PORT", "eighty")
    done = liencap(tmp_path, "config", "show")
    assert done.returncode == 2
    assert "LIENCAP_PORT" in done.stderr


@pytest.mark.slow
def test_a_province_that_there_is_not_is_named_by_whatever_needs_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIENCAP_PROVINCES", "38,99")
    because = "LIENCAP_PROVINCES: '99' is no province; write the two-digit codes of provinces with commas"
    refused = liencap(tmp_path, "serve", "--port", "0")
    assert refused.returncode == 2
    assert because in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert because in liencap(tmp_path, "doctor").stdout


def test_an_address_that_holds_a_password_is_refused_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIENCAP_WAREHOUSE_READER_DSN", "http://pages:open-sesame@warehouse:8123")
    refused = liencap(tmp_path, "config", "show")
    assert refused.returncode != 0
    assert "LIENCAP_WAREHOUSE_READER_PASSWORD" in refused.stderr
    assert "open-sesame" not in refused.stderr + refused.stdout


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_doctor_finds_a_new_installation_well(tmp_path: Path) -> None:
    done = liencap(tmp_path, "doctor")
    parts = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert [part.split(maxsplit=1)[1] for part in parts] == [
        "data folder",
        "dated tables",
        "SQLite",
        "store",
        "provinces",
        "topics",
        "log",
        "groups",
        "engine",
        "calendar",
    ]
    assert all(part.startswith("ok") for part in parts[:-1]), done.stdout


@pytest.mark.slow
def test_an_empty_log_has_no_dead_letters(tmp_path: Path) -> None:
    assert liencap(tmp_path, "dlq", "list").stdout.strip() == "0 dead letters"


@pytest.mark.slow
def test_a_port_in_use_is_said_before_anything_is_simulated(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = liencap(tmp_path, "demo", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.strip().endswith("choose another port with --port")
    assert list(tmp_path.iterdir()) == []
