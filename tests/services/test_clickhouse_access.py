from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from reporting.tables import TABLES
from services.boot.warehouse_users import access_of, apply_access
from services.dated_tables import load_tables
from services.errors import SetupError
from services.settings import load_settings
from services.warehouse.access import Grants, User
from services.warehouse.client import Warehouse
from services.warehouse.cluster import ClickHouseCluster
from tests.journeys.installation import liencap

PROVINCES = {"38": ["14758", "15607"], "40": ["16681"]}
USERS = [User.with_password("dashboards_38", "open sesame", "salt")]
ACCESS = Grants("liencap", PROVINCES, USERS)
GIGA = ClickHouseCluster("giga")


def policies(access: Grants, role: str) -> dict[str, str]:
    """Return the condition of each table for a role."""
    found = {}
    for sql in access.statements():
        if sql.startswith("CREATE ROW POLICY") and f"`liencap_{role}_role`" in sql.rpartition(" TO ")[2]:
            found[sql.split(" ON `liencap`.`")[1].split("`")[0]] = sql.split(" USING ")[1].rpartition(" TO ")[
                0
            ]
    return found


def test_a_province_sees_its_own_units_in_every_table_and_no_row_of_a_table_that_names_none() -> None:
    seen = policies(ACCESS, "dashboards_38")
    assert set(seen) == set(TABLES)
    assert seen["rollups_daily"] == seen["case_events"] == "unit_code IN ('14758', '15607')"
    assert seen["issues_current"] == "province_code = '38'"
    assert seen["issue_events"] == "0"
    assert seen["vocabularies"] == "province_code IN ('', '38')"


def test_who_serves_everybody_sees_every_row_in_words() -> None:
    """A table that has a policy for anybody shows nothing to those for whom it has none, where a server says so."""
    for role in ("writer", "reader", "dashboards"):
        assert policies(ACCESS, role) == dict.fromkeys(TABLES, "1")


def test_dashboards_read_figures_and_can_change_nothing_but_their_time_limit() -> None:
    text = ACCESS.statements()
    granted = [sql for sql in text if sql.startswith("GRANT") and "`liencap_dashboards_38_role`" in sql]
    assert all(
        sql.startswith(("GRANT SELECT ON", "GRANT SELECT(", "GRANT `liencap_dashboards_38_role` TO"))
        for sql in granted
    )
    assert not [sql for sql in granted if "`cases_current`" in sql or " body" in sql]
    [of_events] = [sql for sql in granted if "`case_events`" in sql]
    assert of_events.startswith("GRANT SELECT(unit_code, recorded_at, recorded_on) ON ")
    profile = next(sql for sql in text if "PROFILE OR REPLACE `liencap_dashboards`" in sql)
    assert "readonly = 1" in profile
    assert "max_execution_time = 30 MIN 1 MAX 60 CHANGEABLE_IN_READONLY" in profile
    assert "max_rows_to_read = " in profile
    assert "max_memory_usage = " in profile
    assert profile.count("CHANGEABLE_IN_READONLY") == 1


@pytest.mark.warehouse
def test_who_writes_has_every_database_that_begins_with_the_name(warehouse: Warehouse) -> None:
    grant = next(
        sql
        for sql in ACCESS.statements()
        if sql.startswith("GRANT") and sql.endswith("`liencap_writer_role`")
    )
    parsed = warehouse.rows("SELECT formatQuerySingleLine({said:String}) AS text", said=grant)[0]["text"]
    assert " ON liencap*.* TO " in parsed, "a name in quotes would stand for itself, star and all"


def test_a_password_is_never_in_the_text() -> None:
    text = "\n".join(ACCESS.statements())
    assert "open sesame" not in text
    assert f"BY '{hashlib.sha256(b'open sesamesalt').hexdigest()}' SALT 'salt'" in text


def test_the_provinces_are_those_of_the_dated_units() -> None:
    units = load_tables(None).units
    access = access_of(load_settings(warehouse_users={"reader": "x"}), units)
    assert set(access.provinces) == {province.code for province in units.provinces()}
    for province, codes in access.provinces.items():
        assert set(codes) >= {unit.code for unit in units.communes_of(province)}
    assert "'15607'" in policies(access, "dashboards_38")["rollups_daily"]
    with pytest.raises(SetupError, match="names root"):
        access_of(load_settings(warehouse_users={"root": "x"}), units)


@pytest.mark.warehouse
@pytest.mark.parametrize("cluster", [None, GIGA], ids=["one server", "cluster"])
def test_the_engine_can_parse_every_statement(
    warehouse: Warehouse, cluster: ClickHouseCluster | None
) -> None:
    for sql in Grants("liencap", PROVINCES, USERS, cluster).statements():
        parsed = warehouse.rows("SELECT formatQuerySingleLine({said:String}) AS text", said=sql)[0]["text"]
        assert ("ON CLUSTER giga" in parsed) == (cluster is not None), sql
        assert parsed.split()[0] == sql.split()[0]
        for word in ("READONLY", "PERMISSIVE FOR SELECT USING", "KEYED BY user_name", "DEFAULT ROLE", "SALT"):
            assert (word in parsed) == (word in sql), sql


def test_what_the_profile_of_the_reader_holds_is_what_its_client_asks_for() -> None:
    """Who may only read cannot change a setting: the client leaves out what the profile says already."""
    for cluster in (None, GIGA):
        asked = Warehouse("http://nowhere", cluster=cluster)._settings("reader")
        profile = next(
            sql
            for sql in Grants("liencap", {}, (), cluster).statements()
            if "REPLACE `liencap_reader`" in sql
        )
        for name, value in asked.items():
            assert f"{name} = {value!r}" in profile


@pytest.mark.warehouse
def test_the_engine_in_process_has_no_users(warehouse: Warehouse) -> None:
    with pytest.raises(SetupError, match="has no users"):
        apply_access(warehouse, ACCESS)


@pytest.mark.process
@pytest.mark.slow
def test_the_command_shows_what_it_would_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENCAP_WAREHOUSE_USERS", json.dumps({"reader": "open sesame"}))
    monkeypatch.setenv("LIENCAP_WAREHOUSE_CLUSTER", "giga")
    shown = liencap(tmp_path, "warehouse", "access")
    assert shown.returncode == 0, shown.stderr
    assert "CREATE USER IF NOT EXISTS `liencap_reader` ON CLUSTER `giga`" in shown.stdout
    assert "ReplicatedReplacingMergeTree" in liencap(tmp_path, "warehouse", "tables").stdout
    assert "open sesame" not in shown.stdout + liencap(tmp_path, "config", "show").stdout
