"""Publish the boards through the real `grafana-api` to a stand-in of Grafana, as 12 and as 13."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from dashboards.grafana.rights import DATA, ON_BOARDS, OPERATIONS, PUBLISHER, READER, SERVICE_ACCOUNTS, TEAMS
from services.cli import grafana as commands
from services.errors import Conflict, Forbidden, NotReady, SetupError, Unauthenticated
from services.grafana.access import bring_rights, new_token
from services.grafana.files import dashboards
from services.grafana.opening import server_of, source_of
from services.grafana.organisations import name_of, publish_for
from services.grafana.publish import Source, health_of_source, publish, standings
from services.grafana.server import Server
from services.grafana.standing import standing_of
from services.settings import load_settings
from tests.grafana_server import ADMINISTRATOR, PLUGIN, TOKEN, Grafana, Organisation, running_grafana
from tests.services.world import tables

BOARDS = dashboards()
BOARD = BOARDS[0]
SOURCE = Source(
    host="clickhouse",
    port=8123,
    is_secure=False,
    user="liencap_dashboards",
    password="a secret",
    database="liencap",
)


@pytest.fixture(params=[12, 13])
def grafana(request: pytest.FixtureRequest) -> Iterator[Grafana]:
    with running_grafana(request.param) as running:
        yield running


@pytest.fixture
def server(grafana: Grafana) -> Server:
    return Server(grafana.url, TOKEN)


def rights_of_folder(held: Organisation) -> list[dict[str, object]]:
    numbers = {name: number for number, name in held.teams.items()}
    return [
        {"role": "Viewer", "permission": 1},
        {"role": "Editor", "permission": 1},
        {"teamId": numbers[OPERATIONS], "permission": 2},
    ]


def test_everything_is_made_once_and_publishing_again_writes_nothing(
    grafana: Grafana, server: Server
) -> None:
    done = publish(server, SOURCE, BOARDS)
    made = {"folder liencap", "data source liencap", *(one.uid for one in BOARDS)}
    made |= {f"team {name}" for name in TEAMS} | {f"service account {one.name}" for one in SERVICE_ACCOUNTS}
    assert set(done) == made
    assert set(done.values()) == {"created"}
    held = grafana.organisations[1]
    assert {one["folderUid"] for one in held.boards.values()} == {"liencap"}
    assert held.rights["liencap"] == rights_of_folder(held)
    assert held.sources["liencap"]["jsonData"]["username"] == "liencap_dashboards"
    assert {one.is_same for one in standings(server, SOURCE, BOARDS)} == {True}
    grafana.written.clear()
    assert set(publish(server, SOURCE, BOARDS).values()) == {"same"}
    assert grafana.written == []


def test_only_the_board_that_changed_is_written_and_stays_in_its_folder(
    grafana: Grafana, server: Server
) -> None:
    publish(server, SOURCE, BOARDS)
    grafana.written.clear()
    for turn in (1, 2):
        changed = [replace(BOARD, title=f"Cả nước {turn}"), *BOARDS[1:]]
        done = publish(server, SOURCE, changed)
        assert [what for what, change in done.items() if change != "same"] == [BOARD.uid]
        held = grafana.organisations[1].boards[BOARD.uid]
        assert (held["dashboard"]["title"], held["folderUid"]) == (f"Cả nước {turn}", "liencap")
    assert grafana.written == ["POST /api/dashboards/db"] * 2


def test_a_board_that_somebody_edited_is_not_overwritten_and_nothing_else_is_written(
    grafana: Grafana, server: Server
) -> None:
    publish(server, SOURCE, BOARDS)
    grafana.edit(BOARD.uid, "nguyen.van.a", title="Của tôi")
    grafana.written.clear()
    changed = [BOARD, *(replace(one, title=f"{one.title} mới") for one in BOARDS[1:])]
    with pytest.raises(Conflict, match=r"was edited by nguyen\.van\.a") as refused:
        publish(server, SOURCE, changed)
    assert ("is stored as v2beta1" in refused.value.message) == (grafana.major == 13)
    assert grafana.written == []
    assert grafana.organisations[1].boards[BOARD.uid]["dashboard"]["title"] == "Của tôi"
    assert standing_of(server, BOARD).differences == ("/title",)
    assert publish(server, SOURCE, changed, force=True)[BOARD.uid] == "updated"
    assert set(publish(server, SOURCE, changed).values()) == {"same"}


def test_a_board_that_was_saved_between_look_and_write_is_not_overwritten(
    grafana: Grafana, server: Server
) -> None:
    publish(server, SOURCE, BOARDS)

    def somebody_saves(path: str) -> None:
        if path == "/api/dashboards/db":
            grafana.edit(BOARD.uid, "nguyen.van.a", title="Của tôi")

    grafana.before_write = somebody_saves
    with pytest.raises(Conflict, match="changed by someone else"):
        publish(server, SOURCE, [replace(BOARD, title="mới")])
    assert grafana.organisations[1].boards[BOARD.uid]["dashboard"]["title"] == "Của tôi"


def test_a_board_that_was_moved_comes_back_to_its_folder(grafana: Grafana, server: Server) -> None:
    publish(server, SOURCE, BOARDS)
    grafana.organisations[1].boards[BOARD.uid]["folderUid"] = ""
    assert publish(server, SOURCE, BOARDS)[BOARD.uid] == "updated"
    assert grafana.organisations[1].boards[BOARD.uid]["folderUid"] == "liencap"


def test_a_provisioned_board_is_the_files(grafana: Grafana, server: Server) -> None:
    publish(server, SOURCE, BOARDS)
    held = grafana.organisations[1].boards[BOARD.uid]
    held["provisioned"] = True
    assert set(publish(server, SOURCE, BOARDS).values()) == {"same"}
    with pytest.raises(Conflict, match="is provisioned from a file"):
        publish(server, SOURCE, [replace(BOARD, title="mới")])


def test_folder_rights_and_data_source_are_brought_back(grafana: Grafana, server: Server) -> None:
    publish(server, SOURCE, BOARDS)
    held = grafana.organisations[1]
    held.folders["liencap"]["title"] = "Khác"
    held.rights["liencap"] = [{"role": "Viewer", "permission": 2}]
    held.sources["liencap"]["jsonData"]["username"] = "root"
    assert {one.what: one.differences for one in standings(server, SOURCE, BOARDS) if not one.is_same} == {
        "folder liencap": ("its title", "its rights"),
        "data source liencap": ("/jsonData/username",),
    }
    done = publish(server, SOURCE, BOARDS)
    assert [what for what, change in done.items() if change == "updated"] == [
        "folder liencap",
        "data source liencap",
    ]
    assert held.folders["liencap"]["title"] == "LiênCấp"
    assert held.rights["liencap"] == rights_of_folder(held)
    assert held.sources["liencap"]["jsonData"]["username"] == "liencap_dashboards"
    held.sources["liencap"] |= {"readOnly": True, "isDefault": False}
    assert publish(server, SOURCE, BOARDS)["data source liencap"] == "same"


def test_wrong_credentials_a_missing_plug_in_and_an_old_server_are_said(grafana: Grafana) -> None:
    for auth in ("glsa_wrong", ("admin", "wrong")):
        with pytest.raises(Unauthenticated, match="refuses the credentials"):
            publish(Server(grafana.url, auth), SOURCE, BOARDS)
    server = Server(grafana.url, TOKEN)
    grafana.plugins.clear()
    with pytest.raises(SetupError, match=f"lacks the plug-in {PLUGIN}"):
        publish(server, SOURCE, BOARDS)
    grafana.version = "12.0.0"
    with pytest.raises(SetupError, match=r"12\.0\.0 is too old"):
        publish(server, SOURCE, BOARDS)
    assert grafana.written == []


def test_what_is_no_grafana_or_does_not_answer_is_said() -> None:
    with running_grafana(12) as gone:
        url = gone.url
    with pytest.raises(NotReady, match="cannot be reached"):
        Server(url, TOKEN).version()
    with pytest.raises(SetupError, match="hold no password"):
        Server("http://admin:secret@grafana", TOKEN)


def test_a_board_that_grafana_refuses_is_named_with_the_reason(server: Server) -> None:
    long = replace(BOARD, uid="x" * 41)
    with pytest.raises(Exception, match="uid too long"):
        publish(server, SOURCE, [long])


def test_three_provinces_get_organisations_with_users_of_their_own(grafana: Grafana) -> None:
    provinces = [tables().units.get(code) for code in ("01", "38", "40")]
    sources = {one.code: replace(SOURCE, user=f"liencap_dashboards_{one.code}") for one in provinces}
    boards = dashboards(levels=frozenset({"commune", "province"}))
    administrator = Server(grafana.url, ADMINISTRATOR)
    done = dict(publish_for(administrator, sources, provinces, boards))
    assert {change for one in done.values() for change in one.values()} == {"created"}
    by_name = {one.name: one for one in grafana.organisations.values()}
    for province in provinces:
        held = by_name[name_of(province)]
        assert held.sources["liencap"]["jsonData"]["username"] == f"liencap_dashboards_{province.code}"
        assert set(held.boards) == {one.uid for one in boards}
    assert grafana.organisations[1].boards == {}, "the administrator's own organisation is not touched"
    grafana.written.clear()
    again = dict(publish_for(administrator, sources, provinces, boards))
    assert {change for one in again.values() for change in one.values()} == {"same"}
    assert grafana.written == []
    number = next(
        number for number, one in grafana.organisations.items() if one.name == name_of(provinces[1])
    )
    grafana.edit(boards[0].uid, "le.thi.b", organisation=number, title="Riêng")
    changed = [replace(one, description="mới") for one in boards]
    with pytest.raises(Conflict, match=r"LiênCấp 38 .*le\.thi\.b"):
        list(publish_for(administrator, sources, provinces, changed))
    assert grafana.written == [], "not in the organisations before it either"
    with pytest.raises(Forbidden, match="the server's administrator"):
        list(publish_for(Server(grafana.url, TOKEN), sources, provinces, boards))


def test_the_commands_read_the_settings(
    grafana: Grafana, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["dashboards", *words])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    # The same tables as a command would read, read once.
    monkeypatch.setattr("services.dated_tables.load_tables", lambda _folder: tables())
    assert run("diff") == (2, "liencap: set LIENCAP_GRAFANA_URL to the address of Grafana\n")
    monkeypatch.setenv("LIENCAP_GRAFANA_URL", grafana.url)
    monkeypatch.setenv("LIENCAP_GRAFANA_TOKEN", TOKEN)
    assert run("publish")[1].startswith("liencap: Grafana needs a ClickHouse server")
    monkeypatch.setenv("LIENCAP_WAREHOUSE_DSN", "https://liencap_writer@ch.example:8443/")
    assert "LIENCAP_WAREHOUSE_USERS has no dashboards" in run("publish")[1]
    users = {"dashboards": "x", "dashboards_38": "y"}
    monkeypatch.setenv("LIENCAP_WAREHOUSE_USERS", json.dumps(users))
    everything = len(BOARDS) + 2 + len(TEAMS) + len(SERVICE_ACCOUNTS)
    code, told = run("diff")
    assert (code, told.count("is not there")) == (1, everything)
    code, told = run("publish")
    assert (code, told.count("created")) == (0, everything)
    assert run("diff")[0] == 0
    grafana.edit(BOARD.uid, "nguyen.van.a", title="Của tôi")
    code, told = run("diff")
    assert (code, "nguyen.van.a" in told, "  /title\n" in told) == (1, True, True)
    assert run("publish")[0] == 2
    assert run("publish", "--force")[0] == 0
    monkeypatch.delenv("LIENCAP_GRAFANA_TOKEN")
    assert "LIENCAP_GRAFANA_TOKEN" in run("diff")[1]
    monkeypatch.setenv("LIENCAP_GRAFANA_USER", ADMINISTRATOR[0])
    monkeypatch.setenv("LIENCAP_GRAFANA_PASSWORD", ADMINISTRATOR[1])
    assert run("diff", "--provinces", "38") == (1, "38 organisation is not there\n")
    assert "has no organisation" in run("token", "today", "--provinces", "38")[1]
    code, told = run("publish", "--provinces", "38")
    assert (code, "38 organisation: created" in told) == (0, True)
    assert run("diff", "--provinces", "38")[0] == 0
    assert run("token", "today", "--reader")[1].startswith("glsa_1_")
    assert run("token", "today", "--provinces", "38")[1].startswith("38 glsa_2_")
    grafana.password = "another"
    code, told = run("publish")
    assert (code, "cannot ask the data source: Authentication failed" in told) == (1, True)
    code, told = run("diff")
    assert (code, "  Authentication failed" in told) == (1, True)
    assert "no unit has the code" in run("publish", "--provinces", "38,99")[1]


def test_the_data_source_is_the_server_of_the_pages_with_the_user_of_the_role() -> None:
    settings = load_settings(
        warehouse_dsn="http://writer@ch:8123",
        warehouse_reader_dsn="https://reader@ch.example/",
        warehouse_users={"dashboards_38": "a secret"},
        grafana_url="http://grafana:3000/boards/",
        grafana_token="t",
    )
    source = source_of(settings, "dashboards_38")
    assert (source.host, source.port, source.is_secure) == ("ch.example", 8443, True)
    assert (source.user, source.password) == ("liencap_dashboards_38", "a secret")
    assert server_of(settings).url == "http://grafana:3000/boards"


def test_the_stand_in_has_no_numeric_routes_and_moves_a_board_without_a_folder(
    grafana: Grafana, server: Server
) -> None:
    publish(server, SOURCE, BOARDS)
    auth = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("dashboards/id/1/permissions", "datasources/1", "folders/id/1"):
        assert requests.get(f"{grafana.url}/api/{path}", headers=auth, timeout=5).status_code == 404
    held = grafana.organisations[1].boards[BOARD.uid]
    body = {"dashboard": held["dashboard"], "overwrite": True}
    assert (
        requests.post(f"{grafana.url}/api/dashboards/db", json=body, headers=auth, timeout=5).status_code
        == 200
    )
    assert grafana.organisations[1].boards[BOARD.uid]["folderUid"] == ""


def test_teams_accounts_and_rights_are_those_of_the_table_and_stay_so(
    grafana: Grafana, server: Server
) -> None:
    publish(server, SOURCE, BOARDS)
    held = grafana.organisations[1]
    assert set(held.teams.values()) == set(TEAMS)
    assert {one["name"]: one["role"] for one in held.accounts.values()} == {
        one.name: one.role for one in SERVICE_ACCOUNTS
    }
    [quality] = ON_BOARDS
    data = next(number for number, name in held.teams.items() if name == DATA)
    assert held.board_rights == {quality: [{"teamId": data, "permission": 2}]}
    held.board_rights[BOARD.uid] = [{"role": "Viewer", "permission": 2}]
    held.board_rights[quality] = []
    held.accounts[1]["role"], held.accounts[2]["isDisabled"] = "Viewer", True
    differing = {one.what for one in standings(server, SOURCE, BOARDS) if not one.is_same}
    accounts = {f"service account {one.name}" for one in SERVICE_ACCOUNTS}
    assert differing == accounts | {f"rights on {BOARD.uid}", f"rights on {quality}"}
    done = publish(server, SOURCE, BOARDS)
    assert {what for what, change in done.items() if change == "updated"} == accounts | {BOARD.uid, quality}
    assert held.board_rights == {quality: [{"teamId": data, "permission": 2}], BOARD.uid: []}
    grafana.written.clear()
    assert set(publish(server, SOURCE, BOARDS).values()) == {"same"}
    assert grafana.written == []


def test_a_token_of_the_publisher_publishes_and_one_of_the_reader_only_looks(
    grafana: Grafana, server: Server
) -> None:
    made = new_token(Server(grafana.url, ADMINISTRATOR), PUBLISHER, "today")
    assert set(publish(Server(grafana.url, made), SOURCE, BOARDS).values()) == {"created", "same"}
    with pytest.raises(Conflict, match="choose another"):
        new_token(server, PUBLISHER, "today")
    looking = Server(grafana.url, new_token(server, READER, "today"))
    assert standing_of(looking, BOARD).is_same
    seen = standings(looking, SOURCE, BOARDS)
    assert [one.what for one in seen if one.is_unseen] == ["folder liencap", "data source liencap", "team *"]
    assert {one.name for one in seen if one.kind == "board" and one.is_same} == {one.uid for one in BOARDS}
    with pytest.raises(Forbidden, match="the role Admin"):
        bring_rights(looking, {})


def test_a_password_that_clickhouse_no_longer_takes_is_noticed_and_written_again(
    grafana: Grafana, server: Server
) -> None:
    publish(server, replace(SOURCE, password="the old one"), BOARDS)
    grafana.password = SOURCE.password
    assert "password is incorrect" in health_of_source(server)
    [differs] = [one for one in standings(server, SOURCE, BOARDS) if not one.is_same]
    assert differs.what == "data source liencap"
    assert publish(server, SOURCE, BOARDS)["data source liencap"] == "updated"
    assert health_of_source(server) == ""
    assert set(publish(server, SOURCE, BOARDS).values()) == {"same"}


def test_a_board_of_another_release_is_named_and_stays(grafana: Grafana, server: Server) -> None:
    publish(server, SOURCE, [*BOARDS, replace(BOARD, uid="liencap-cu", title="Bảng cũ")])
    [left] = [one for one in standings(server, SOURCE, BOARDS) if one.is_left_over]
    assert (left.what, left.title) == ("liencap-cu", "Bảng cũ")
    publish(server, SOURCE, BOARDS)
    assert "liencap-cu" in grafana.organisations[1].boards


def test_a_difference_names_the_panel_that_has_it(grafana: Grafana, server: Server) -> None:
    publish(server, SOURCE, BOARDS)
    panels = list(grafana.organisations[1].boards[BOARD.uid]["dashboard"]["panels"])
    first = {**panels[0], "description": "khác"}
    grafana.edit(BOARD.uid, "nguyen.van.a", panels=[first, *panels[1:]])
    assert standing_of(server, BOARD).differences == (f"/panels/“{BOARD.panels[0].title}”/description",)
    grafana.edit(BOARD.uid, "nguyen.van.a", panels=panels[1:])
    [said] = standing_of(server, BOARD).differences
    assert said == f"/panels ({len(panels)} in the definitions, {len(panels) - 1} there)"


def test_every_command_of_the_document_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "grafana.md").read_text(encoding="utf-8")
    found = re.findall(
        r"python\s+-m\s+dashboards\s+((?:diff|publish|token)\b[^`#\n]*(?:\n[^`\n]*(?=`))?)", text
    )
    lines = [" ".join(one.split()) for one in found]
    assert {"diff", "publish", "token"} <= {line.split()[0] for line in lines}
    users = {"dashboards": "x", "dashboards_38": "y", "dashboards_40": "z"}
    monkeypatch.setenv("LIENCAP_WAREHOUSE_DSN", "http://liencap@ch.example:8123")
    monkeypatch.setenv("LIENCAP_WAREHOUSE_USERS", json.dumps(users))
    monkeypatch.setenv("LIENCAP_GRAFANA_USER", ADMINISTRATOR[0])
    monkeypatch.setenv("LIENCAP_GRAFANA_PASSWORD", ADMINISTRATOR[1])
    monkeypatch.setattr("services.dated_tables.load_tables", lambda _folder: tables())
    with running_grafana(13) as grafana:
        monkeypatch.setenv("LIENCAP_GRAFANA_URL", grafana.url)
        for line in lines:
            monkeypatch.setattr("sys.argv", ["dashboards", *line.split()])
            with pytest.raises(SystemExit) as ended:
                commands.main()
            assert ended.value.code in ({0, 1, None} if line.startswith("diff") else {0, None}), (
                line,
                capsys.readouterr(),
            )
