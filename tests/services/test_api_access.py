"""Every route × every role × its own unit, a sibling and another province: who gets in, and who does not."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from services.access.actors import Actor
from services.access.keys import Keys
from services.access.tokens import create_token, read_token
from services.acting.act_ids import act_id
from services.connectors.case_importer import CaseImporter
from services.connectors.target import ImportTarget
from tests.services.connectors.tables import PLAIN, mapping_file
from tests.services.world import (
    BA_DINH,
    BAT_MOT,
    CHAIR,
    CLERK,
    LEADER,
    REVIEWER,
    SAID,
    SECRET,
    VAN_XUAN,
    World,
)

pytestmark = pytest.mark.warehouse

Who = tuple[str, str, str | None]

COMMUNE = ("commune_officer", "commune_chair", "commune_clerk")
PROVINCE = ("province_reviewer", "province_leader")
DEPARTMENT = ("department_officer", "department_leader")
MINISTRY = ("ministry_viewer", "ministry_officer")
WATCHING = ("auditor", "administrator")


def at(roles: tuple[str, ...], unit_code: str, body: str | None = None) -> set[Who]:
    return {(role, unit_code, body) for role in roles}


EVERYBODY: set[Who] = (
    at(COMMUNE, BAT_MOT)
    | at(COMMUNE, VAN_XUAN)
    | at(COMMUNE, BA_DINH)
    | at(PROVINCE, "38")
    | at(PROVINCE, "01")
    | at(DEPARTMENT, "38", "38.so_khcn")
    | at(DEPARTMENT, "38", "38.so_y_te")
    | at(DEPARTMENT, "01", "01.so_khcn")
    | at(MINISTRY, "vn", "bo_khcn")
    | at(MINISTRY, "vn", "bo_y_te")
    | at(WATCHING, "38")
    | at(WATCHING, "01")
    | at(WATCHING, "vn")
)
OWN = at(COMMUNE, BAT_MOT)
OWN_DECIDING = at(("commune_officer", "commune_chair"), BAT_MOT)
UPPER = at(PROVINCE, "38")
REVIEWERS = at(("province_reviewer",), "38")
LEAD = at(DEPARTMENT, "38", "38.so_khcn")
DEPARTMENTS = LEAD | at(DEPARTMENT, "38", "38.so_y_te")
ASKED_MINISTRY = at(MINISTRY, "vn", "bo_khcn")
MINISTRIES = ASKED_MINISTRY | at(MINISTRY, "vn", "bo_y_te")
WATCHERS = at(WATCHING, "38") | at(WATCHING, "vn")
ASKED_DECIDING = at(("ministry_officer",), "vn", "bo_khcn")
COMMUNE_PEOPLE = at(COMMUNE, BAT_MOT) | at(COMMUNE, VAN_XUAN) | at(COMMUNE, BA_DINH)
OPERATORS = at(("administrator",), "38") | at(("administrator",), "vn")

API = "/api/v1"
COMMUNES, ISSUES, ESCALATIONS, PROBLEMS, UNITS = (
    f"{API}/communes",
    f"{API}/issues",
    f"{API}/escalations",
    f"{API}/problems",
    f"{API}/units",
)
PROMISES = f"{API}/promises"
LESSONS = f"{API}/lessons"
LESSON = {
    "id": "7b1f0c52-3a0e-4f43-9a61-0f5d5a6f1c01",
    "held_on": "2026-11-14",
    "village": "Bản Vịn",
    "people_count": 32,
}
ANNOUNCED = {
    "client_id": "018f7a10-0000-4000-8000-000000000002",
    "purpose": "report",
    "size": 7,
    "sha256": "0" * 64,
    "on_behalf_of": f"{BAT_MOT}.ubnd",
}
VILLAGE = {"department": "38.so_khcn", "unit_code": BAT_MOT, "village": "Bản Vịn", "gap": "no_signal"}
STALE: dict[str, Any] = {"expected_version": 0, "on_behalf_of": f"{BAT_MOT}.ubnd", "reason": "thử"}
STEP: dict[str, Any] = {
    "expected_version": 0,
    "reason": "thử",
    "kind": "solved",
    "lead_body": "bo_khcn",
    "document": {"number": "1/CV-UBND", "date": "2026-11-20"},
}
OPENING = {"kind": "mobile_dead_spot", "title": "Nhiều xã mất sóng di động", "lead_body": "38.so_khcn"}
ON_THE_PROBLEM: dict[str, Any] = {
    "expected_version": 0,
    "title": "Mất sóng sau bão",
    "reason": "thử",
    "kind": "solved",
}
PROBLEM_KEY = uuid.UUID("018f7a10-0000-4000-8000-000000000001")
PROBLEM_ID = uuid.uuid5(
    act_id(Actor("province_reviewer", "38", "38.vp_ubnd"), "problem", PROBLEM_KEY), "problem"
)
FILINGS = f"{API}/filings"
SUMS = f"{API}/sums/{{province_code}}"
FILING = f"{FILINGS}/{{unit_code}}/{{period}}"
CONFIRMED = {"confirmed_id": str(PROBLEM_KEY)}
JOINING = {"expected_version": 0, "reason": "thử", "problem": str(PROBLEM_ID)}
FOR_THE_LEAD = {**STEP, "on_behalf_of": "38.so_khcn"}
ARBITRATION = {**STEP, "lead_body": "38.so_y_te"}


@dataclass(frozen=True)
class Route:
    """One address with its template in the interface, and who passes; a refusal of what was sent is still a pass."""

    method: str
    template: str
    passes: set[Who] | None
    path: str = ""
    body: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)


def act(template: str, name: str, body: dict[str, Any], passes: set[Who]) -> Route:
    return Route("POST", template.replace("{act}", name), passes, body=body)


ON_ISSUE, ON_ESCALATION = f"{ISSUES}/{{issue_id}}/{{act}}", f"{ESCALATIONS}/{{escalation_id}}/{{act}}"
ON_PROBLEM = f"{PROBLEMS}/{{problem_id}}/{{act}}"
PROBLEM_READERS = UPPER | DEPARTMENTS | WATCHERS
SEEN = OWN | UPPER | LEAD | ASKED_MINISTRY | WATCHERS
LISTED = OWN | UPPER | DEPARTMENTS | MINISTRIES | WATCHERS

ROUTES: list[Route] = [
    Route("GET", "/healthz", None),
    Route("GET", "/readyz", None),
    Route("GET", "/metrics", None),
    Route("POST", f"{API}/sign-in", None, body={}),
    Route("POST", f"{API}/sign-out", None),
    Route("GET", f"{API}/session", EVERYBODY),
    Route("GET", f"{API}/tokens", OPERATORS | at(("administrator",), "01")),
    Route("POST", f"{API}/tokens/{{token_id}}/revoke", OPERATORS | at(("administrator",), "01")),
    Route("GET", f"{API}/kinds", EVERYBODY),
    Route("GET", UNITS, EVERYBODY, query={"province": "38"}),
    Route("GET", f"{API}/bodies", EVERYBODY, query={"unit": "38"}),
    Route("POST", f"{COMMUNES}/{{unit_code}}/cases/sync", OWN_DECIDING | OPERATORS, body={"rows": []}),
    Route("GET", f"{COMMUNES}/{{unit_code}}/cases", OWN | UPPER | WATCHERS),
    Route(
        "POST", f"{COMMUNES}/{{unit_code}}/cases/{{dossier_code}}/status", OWN_DECIDING | OPERATORS, body={}
    ),
    Route("GET", f"{COMMUNES}/{{unit_code}}/late-cases", OWN | UPPER | WATCHERS),
    Route(
        "POST",
        f"{COMMUNES}/{{unit_code}}/late-cases/causes",
        OWN_DECIDING | OPERATORS,
        body={"cause": "other_body", "case_keys": ["0" * 64]},
    ),
    Route("POST", f"{COMMUNES}/{{unit_code}}/issues", OWN | REVIEWERS, body={}),
    Route("GET", ISSUES, LISTED, query={"unit": BAT_MOT}),
    Route("GET", f"{ISSUES}/{{issue_id}}", SEEN),
    act(ON_ISSUE, "amend", STALE | {"people_affected": 5}, OWN),
    act(ON_ISSUE, "confirm", STALE, OWN_DECIDING | REVIEWERS),
    act(ON_ISSUE, "dispute", STALE, OWN_DECIDING | REVIEWERS),
    act(ON_ISSUE, "withdraw", STALE, OWN_DECIDING),
    act(ON_ISSUE, "close", STALE, OWN_DECIDING),
    act(ON_ISSUE, "propose", STALE, OWN_DECIDING),
    act(ON_ISSUE, "join", JOINING, UPPER | LEAD),
    act(ON_ISSUE, "unjoin", JOINING, UPPER | LEAD | ASKED_DECIDING),
    Route("GET", PROBLEMS, EVERYBODY - COMMUNE_PEOPLE),
    Route("GET", f"{API}/precedents", {who for who in EVERYBODY if who[1] != "vn"}),
    Route("POST", PROBLEMS, UPPER | LEAD, body=OPENING),
    Route("GET", f"{PROBLEMS}/{{problem_id}}", PROBLEM_READERS),
    Route("GET", f"{PROBLEMS}/{{problem_id}}/suggestions", PROBLEM_READERS),
    act(ON_PROBLEM, "rename", ON_THE_PROBLEM, UPPER | LEAD),
    act(ON_PROBLEM, "answer", ON_THE_PROBLEM, UPPER | LEAD),
    act(ON_PROBLEM, "withdraw", ON_THE_PROBLEM, UPPER | LEAD),
    act(ON_PROBLEM, "close", ON_THE_PROBLEM, UPPER | LEAD),
    Route("GET", ESCALATIONS, LISTED, query={"unit": BAT_MOT}),
    Route("GET", f"{ESCALATIONS}/{{escalation_id}}", SEEN),
    act(ON_ESCALATION, "approve", STEP, at(("commune_chair",), BAT_MOT)),
    act(ON_ESCALATION, "ask_correction", STEP, at(("commune_chair",), BAT_MOT)),
    act(ON_ESCALATION, "correct", STEP, at(("commune_officer", "commune_clerk"), BAT_MOT)),
    act(ON_ESCALATION, "send", STEP, OWN),
    act(ON_ESCALATION, "acknowledge", FOR_THE_LEAD, UPPER | LEAD),
    act(ON_ESCALATION, "accept", FOR_THE_LEAD, UPPER | LEAD),
    act(ON_ESCALATION, "return", FOR_THE_LEAD, UPPER | LEAD),
    act(ON_ESCALATION, "answer", FOR_THE_LEAD, UPPER | LEAD),
    act(ON_ESCALATION, "escalate", STEP, UPPER | LEAD),
    act(ON_ESCALATION, "arbitrate", ARBITRATION, UPPER),
    act(ON_ESCALATION, "remind", STEP, UPPER),
    act(ON_ESCALATION, "withdraw", STEP, OWN_DECIDING),
    act(ON_ESCALATION, "pause", {**STEP, "pause_reason": "force_majeure"}, UPPER),
    act(ON_ESCALATION, "resume", STEP, UPPER | LEAD),
    act(ON_ESCALATION, "confirm_fault", STEP, UPPER | LEAD),
    act(ON_ESCALATION, "clear_fault", STEP, UPPER | LEAD),
    Route("GET", PROMISES, EVERYBODY - MINISTRIES),
    Route("GET", f"{PROMISES}/{{spot_id}}", OWN | UPPER | LEAD | WATCHERS),
    Route("POST", PROMISES, UPPER | LEAD, body=VILLAGE),
    Route(
        "POST",
        f"{PROMISES}/{{spot_id}}/days",
        UPPER | LEAD,
        body={"promiser": "38.viettel", "promised_on": "2027-01-31"},
    ),
    Route(
        "POST",
        f"{PROMISES}/{{spot_id}}/measurements",
        OWN | LEAD,
        body={"measured_on": "2026-01-31", "works": False},
    ),
    Route("GET", LESSONS, COMMUNE_PEOPLE | UPPER | at(PROVINCE, "01") | WATCHERS | at(WATCHING, "01")),
    Route("POST", LESSONS, COMMUNE_PEOPLE, body=LESSON),
    Route(
        "POST",
        f"{LESSONS}/{{lesson_id}}/strike",
        OWN,
        body={"event_id": LESSON["id"], "reason_code": "not_held"},
    ),
    Route("GET", f"{API}/periods", EVERYBODY),
    Route("GET", FILINGS, UPPER | WATCHERS, query={"period": "2026-10", "province": "38"}),
    Route("GET", FILING, OWN | UPPER | WATCHERS),
    Route("GET", f"{FILING}/restatements", OWN | UPPER | WATCHERS),
    Route("POST", f"{FILING}/confirmation", at(("commune_chair",), BAT_MOT), body={"digest": "0" * 64}),
    Route("POST", f"{FILING}/acceptance", UPPER, body=CONFIRMED),
    Route("POST", f"{FILING}/closure", at(("province_leader",), "38"), body=CONFIRMED),
    Route(
        "POST",
        f"{FILING}/reopening-request",
        at(("commune_chair",), BAT_MOT) | UPPER,
        body={"reason_code": "late_data"},
    ),
    Route(
        "POST",
        f"{FILING}/reopening-withdrawal",
        at(("commune_chair",), BAT_MOT) | UPPER,
        body={"asked_id": str(PROBLEM_KEY)},
    ),
    Route(
        "POST",
        f"{FILING}/reopening",
        at(("province_leader",), "38"),
        body={"asked_id": str(PROBLEM_KEY)},
    ),
    Route("GET", f"{SUMS}/{{period}}", UPPER | WATCHERS),
    Route("POST", f"{SUMS}/{{period}}/confirmation", UPPER, body={"digest": "0" * 64}),
    Route(
        "POST",
        f"{SUMS}/{{period}}/closure",
        at(("province_leader",), "38"),
        body={"summed_id": str(PROBLEM_KEY)},
    ),
    Route("GET", f"{UNITS}/{{code}}/rollups", LISTED),
    Route("GET", f"{UNITS}/{{code}}/silence", LISTED),
    Route("GET", f"{UNITS}/{{code}}/newborns", LISTED),
    Route("GET", f"{UNITS}/{{code}}/overview", LISTED),
    Route("GET", f"{UNITS}/{{code}}/rollups", LISTED - OWN, f"{UNITS}/38/rollups"),
    Route("GET", f"{UNITS}/{{code}}/forms/ii-06a", OWN | UPPER | WATCHERS),
    Route("GET", f"{UNITS}/{{code}}/forms/ii-06a/cases", OWN | UPPER | WATCHERS, query={"line": "none"}),
    Route("GET", f"{UNITS}/{{code}}/workload", OWN | UPPER | DEPARTMENTS | MINISTRIES | WATCHERS),
    Route("GET", f"{UNITS}/{{code}}/overview", LISTED - OWN, f"{UNITS}/38/overview"),
    Route("POST", f"{ISSUES}/{{issue_id}}/attachments", OWN | REVIEWERS, body=ANNOUNCED),
    Route("PATCH", f"{ISSUES}/{{issue_id}}/attachments/{{client_id}}", SEEN, query={"offset": "0"}),
    Route("GET", f"{ISSUES}/{{issue_id}}/attachments", SEEN),
    Route("GET", f"{API}/attachments/{{attachment_id}}", SEEN),
    Route(
        "POST",
        f"{API}/attachments/{{attachment_id}}/erase",
        WATCHERS,
        body={"reason": "theo yêu cầu của người dân"},
    ),
    Route("POST", f"{API}/texts/{{text_id}}/erase", WATCHERS, body={"reason": "theo yêu cầu của người dân"}),
]


def story(world: World) -> dict[str, str]:
    """Let an issue of Bát Mọt go to the department and on to the ministry; return what the addresses name."""
    issue_id = world.report(place="Bản Vịn")
    letter = {"number": "15/TTr-UBND", "date": "2026-11-20"}
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=letter)
    world.act(REVIEWER, "accept", issue_id, on_behalf_of="38.so_khcn")
    world.act(REVIEWER, "escalate", issue_id)
    world.act(LEADER, "approve", issue_id)
    world.act(REVIEWER, "send", issue_id, document=letter)
    key = {"Idempotency-Key": str(PROBLEM_KEY)}
    opened = world.as_(*REVIEWER).post(PROBLEMS, json=OPENING, headers=key)
    assert opened.status_code == 201, opened.text
    seen = world.issue(issue_id)
    listed = world.as_("department_officer", "38", "38.so_khcn").post(PROMISES, json=VILLAGE)
    lesson = world.as_("commune_officer", BAT_MOT).post(LESSONS, json=LESSON)
    world.settle()
    return {
        "run_id": rejected_import(world),
        "token_id": noted_token(world),
        "lesson_id": lesson.json()["lesson_id"],
        "spot_id": listed.json()["spot_id"],
        "issue_id": issue_id,
        "escalation_id": seen["escalations"][0]["id"],
        "unit_code": BAT_MOT,
        "period": "2026-10",
        "province_code": "38",
        "code": BAT_MOT,
        "problem_id": opened.json()["id"],
        "dossier_code": "H56.1-20261101-0001",
        "text_id": seen["place"]["id"],
        "client_id": ANNOUNCED["client_id"],
        "attachment_id": send_photo(world, issue_id),
    }


def noted_token(world: World) -> str:
    """Note a token of Bát Mọt's officer, as the command line does; return its number."""
    token = create_token(SECRET, Actor("commune_officer", BAT_MOT), dt.timedelta(days=1), world.clock())
    signed = read_token(Keys(SECRET), token, world.clock())
    world.parts.tokens.add(signed, purpose="a test", key=SECRET)
    return signed.token_id


def send_photo(world: World, issue_id: str) -> str:
    """Attach a photo to an issue of Bát Mọt; return the id of the attachment."""
    client, key, photo = world.as_("commune_officer", BAT_MOT), str(uuid.uuid4()), written_photo()
    said = {
        "client_id": key,
        "purpose": "report",
        "size": len(photo),
        "sha256": hashlib.sha256(photo).hexdigest(),
    }
    path = f"{ISSUES}/{issue_id}/attachments"
    assert client.post(path, json=said).status_code == 200
    sent = client.patch(f"{path}/{key}", params={"offset": 0}, content=photo)
    return str(sent.json()["attachment"]["id"])


def written_photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(written, "JPEG")
    return written.getvalue()


def rejected_import(world: World) -> str:
    """Import a file of the province in which no row of Bát Mọt can be taken; return the number of the import."""
    parts = world.parts
    importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "danh-sach.csv"
        path.write_text(f"Xã,Mã hồ sơ,Ngày tiếp nhận\n{BAT_MOT},HS-1,không rõ\n", encoding="utf-8")
        mapping = mapping_file(Path(folder), PLAIN.replace("[columns]", '[columns]\nunit = "Xã"'))
        target = ImportTarget(province_code="38")
        return str(importer.run(path, mapping, target, accept=["rejected", "one_unit"]).run_id)


def send(client: TestClient, route: Route, names: dict[str, str]) -> int:
    path = (route.path or route.template).format(**names)
    return client.request(route.method, path, json=route.body, params=route.query).status_code


@pytest.fixture(scope="module")
def names(shared_world: World) -> dict[str, str]:
    return story(shared_world)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path or route.template}")
@pytest.mark.slow
def test_who_gets_in_is_as_the_table_says(shared_world: World, names: dict[str, str], route: Route) -> None:
    allowed = EVERYBODY if route.passes is None else route.passes
    statuses = {who: send(shared_world.as_(*who), route, names) for who in sorted(EVERYBODY, key=str)}
    assert {who for who, status in statuses.items() if status not in {401, 403}} == allowed
    assert max(statuses.values()) < 500
    anonymous = send(shared_world.client, route, names)
    assert (anonymous == 401) is (route.passes is not None)
    paths: dict[str, dict[str, Any]] = shared_world.app.openapi()["paths"]
    documented = paths[route.template][route.method.lower()]["responses"]
    assert {str(status) for status in (*statuses.values(), anonymous)} <= documented.keys()


def test_the_table_names_every_route(shared_world: World) -> None:
    paths: dict[str, dict[str, Any]] = shared_world.app.openapi()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == {(route.method, route.template) for route in ROUTES}


@pytest.mark.parametrize("unit_code", ["99999", "77", "1560", "xx", "15607;DROP", "%00"])
def test_an_unknown_unit_is_not_found_and_breaks_nothing(shared_world: World, unit_code: str) -> None:
    client = shared_world.as_("administrator", "vn")
    for path in (f"{UNITS}/{unit_code}/rollups", f"{UNITS}/{unit_code}/overview"):
        assert client.get(path).status_code == 404
    assert client.get(f"{COMMUNES}/{unit_code}/cases").status_code == 404
    assert client.get(ISSUES, params={"unit": unit_code}).status_code in {404, 422}


def test_what_somebody_else_may_not_see_is_not_in_its_lists(
    shared_world: World, names: dict[str, str]
) -> None:
    def ids(who: Who) -> set[str]:
        return {line["id"] for line in shared_world.as_(*who).get(ISSUES).json()["items"]}

    issue_id = names["issue_id"]
    for who in sorted(EVERYBODY, key=str):
        assert (issue_id in ids(who)) is (who in SEEN), who


def test_a_department_may_not_ask_for_the_queue_of_another(
    shared_world: World, names: dict[str, str]
) -> None:
    assert names
    client = shared_world.as_("department_officer", "38", "38.so_y_te")
    assert client.get(ESCALATIONS, params={"body": "38.so_khcn"}).status_code == 403
    assert client.get(ESCALATIONS, params={"body": "38.so_y_te"}).json() == {"items": [], "next": None}
    mine = shared_world.as_("department_officer", "38", "38.so_khcn").get(ESCALATIONS).json()["items"]
    assert names["escalation_id"] in {one["id"] for one in mine}


def test_a_ministry_sees_what_was_sent_to_it_and_whose_it_is(
    shared_world: World, names: dict[str, str]
) -> None:
    asked = shared_world.as_("ministry_officer", "vn", "bo_khcn").get(ESCALATIONS, params={"state": "sent"})
    [one] = [line for line in asked.json()["items"] if line["issue_id"] == names["issue_id"]]
    assert (one["lead_body"], one["from_body"], one["level"]) == ("bo_khcn", "38.ubnd", "ministry")
    assert one["issue"]["unit_name"] == "Xã Bát Mọt"


def test_a_report_of_another_province_or_sibling_is_refused_and_not_recorded(shared_world: World) -> None:
    body = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
    }
    for unit_code in (VAN_XUAN, BA_DINH):
        answer = shared_world.as_("commune_officer", BAT_MOT).post(
            f"{COMMUNES}/{unit_code}/issues", json=body
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:liencap:problem:forbidden")
    shared_world.settle()
    assert shared_world.as_("administrator", "vn").get(f"{ISSUES}/{body['id']}").status_code == 404


PAGES: dict[str, set[Who]] = {
    "/hoc-vu-so": COMMUNE_PEOPLE | UPPER | at(PROVINCE, "01") | WATCHERS | at(WATCHING, "01"),
    "/xa": at(COMMUNE, BAT_MOT) | at(COMMUNE, VAN_XUAN) | at(COMMUNE, BA_DINH),
    "/tinh": {who for who in EVERYBODY if len(who[1]) == 2 and who[1] != "vn"},
    "/tw": {who for who in EVERYBODY if who[1] == "vn"},
    "/tw/kien-nghi": {who for who in EVERYBODY if who[1] == "vn"},
    "/xa/kho-khan/{issue_id}": OWN,
    "/viec/xem/{issue_id}": OWN,
    "/viec/xem/{escalation_id}": UPPER | LEAD | ASKED_MINISTRY | at(WATCHING, "38") | at(WATCHING, "vn"),
    "/tinh/de-xuat/{escalation_id}": UPPER | LEAD | at(WATCHING, "38"),
    "/tw/de-xuat/{escalation_id}": ASKED_MINISTRY | at(WATCHING, "vn"),
    "/tinh/giam-sat": at(WATCHING, "38") | at(WATCHING, "01"),
    "/tinh/van-de-chung": {who for who in EVERYBODY if len(who[1]) == 2 and who[1] != "vn"},
    "/tw/van-de-chung": {who for who in EVERYBODY if who[1] == "vn"},
    "/tinh/van-de-chung/{problem_id}": UPPER | DEPARTMENTS | at(WATCHING, "38"),
    "/tw/van-de-chung/{problem_id}": at(WATCHING, "vn"),
    "/tinh/van-de-chung.csv": {who for who in EVERYBODY if len(who[1]) == 2 and who[1] != "vn"},
    "/tw/van-de-chung.xlsx": {who for who in EVERYBODY if who[1] == "vn"},
    "/xa/ho-so.csv": at(COMMUNE, BAT_MOT) | at(COMMUNE, VAN_XUAN) | at(COMMUNE, BA_DINH),
    "/chia-se": EVERYBODY,
    "/phien": EVERYBODY,
    "/phien/danh-sach": EVERYBODY,
    "/thu-tuan": EVERYBODY,
    "/nhap-lieu": COMMUNE_PEOPLE | UPPER | at(PROVINCE, "01") | WATCHERS | at(WATCHING, "01"),
    "/nhap-lieu/moi": COMMUNE_PEOPLE | UPPER | at(PROVINCE, "01") | at(WATCHING, "38") | at(WATCHING, "01"),
    "/nhap-lieu/{run_id}/loi.csv": OWN | UPPER | WATCHERS,
    "/ky-bao-cao": COMMUNE_PEOPLE | UPPER | at(PROVINCE, "01") | at(WATCHING, "38") | at(WATCHING, "01"),
    "/ky-bao-cao/{code}?ky=2026-10": OWN | UPPER | WATCHERS,
    "/bieu/ii-06a?don_vi={code}": OWN | UPPER | WATCHERS,
    "/bieu/ii-06a?don_vi=38": UPPER | WATCHERS,
    "/khoi-luong?don_vi={code}": OWN | UPPER | DEPARTMENTS | MINISTRIES | WATCHERS,
    "/khoi-luong?don_vi=38": UPPER | DEPARTMENTS | MINISTRIES | WATCHERS,
    "/bang": EVERYBODY,
    "/bang/duong-di": EVERYBODY,
    "/bang/lom-song": EVERYBODY,
    "/bang/to-xa?unit={code}": OWN | UPPER | DEPARTMENTS | MINISTRIES | WATCHERS,
    "/bang/tinh?unit=38": UPPER | DEPARTMENTS | MINISTRIES | WATCHERS,
    "/bang/ca-nuoc?unit=vn": MINISTRIES | at(WATCHING, "vn"),
    "/bang/duong-ong?unit=38": at(WATCHING, "38") | at(WATCHING, "vn"),
    "/bang/so/thu-chet.json?unit=38": at(WATCHING, "38") | at(WATCHING, "vn"),
    "/bang/so/tai.json?unit={code}": OWN | UPPER | DEPARTMENTS | MINISTRIES | WATCHERS,
    "/bang/thoi-gian/ho-so?unit={code}": OWN | UPPER | WATCHERS,
}


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=pytest.mark.slow if path.startswith("/bang/") else ()) for path in PAGES],
)
def test_pages_let_in_whom_the_interface_does(shared_world: World, names: dict[str, str], path: str) -> None:
    passing = {
        who
        for who in EVERYBODY
        if shared_world.as_(*who).get(path.format(**names), follow_redirects=False).status_code < 400
    }
    assert passing == PAGES[path]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (("department_officer", "38", "38.so_y_te"), "/tinh"),
        (("ministry_officer", "vn", "bo_y_te"), "/tw"),
        (("ministry_officer", "vn", "bo_y_te"), "/tw/kien-nghi"),
        (("commune_officer", VAN_XUAN, None), "/xa/kho-khan"),
        (("province_reviewer", "01", None), "/tinh"),
    ],
    ids=str,
)
def test_pages_list_nothing_that_the_reader_may_not_open(
    shared_world: World, names: dict[str, str], who: Who, path: str
) -> None:
    page = shared_world.as_(*who).get(path)
    assert page.status_code == 200
    assert names["issue_id"] not in page.text
    assert names["escalation_id"] not in page.text
