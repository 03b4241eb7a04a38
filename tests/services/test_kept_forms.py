"""A form that a device kept: refused by a document with the page's sentence, and never taken for another person."""

from __future__ import annotations

import uuid

import pytest

from services.web.shell.error_schemas import MEDIA_TYPE
from services.web.shell.identity import WRITTEN_BY
from tests.services.world import CHAIR, CLERK, DEPARTMENT, OFFICER, World

pytestmark = pytest.mark.warehouse

KEPT = {"accept": MEDIA_TYPE}
LESSON = {"held_on": "2026-01-05", "village": "Bản Vịn", "people_count": "3"}


def test_a_kept_form_is_refused_by_a_document_with_the_words_of_its_page(world: World) -> None:
    client = world.as_(*OFFICER)
    refused = client.post("/hoc-vu-so", data={**LESSON, "held_on": "2099-01-01"}, headers=KEPT)
    assert refused.headers["content-type"] == MEDIA_TYPE
    said = refused.json()
    assert (said["status"], said["type"]) == (422, "urn:liencap:problem:bad-input")
    assert (said["field"], said["detail"]) == ("held_on", "Không nhập ngày trong tương lai.")
    assert "letter-taken" not in refused.headers


@pytest.mark.parametrize("letter", ["7d1f0c52-8a3e-4b57-9c11-2f6f0f3f9a10", "not a key", ""])
def test_the_server_names_the_letter_that_it_took_and_leads_a_browser_alone_to_a_page(
    world: World, letter: str
) -> None:
    client = world.as_(*OFFICER)
    lesson = {**LESSON, "village": f"Bản {uuid.uuid4()}"}
    page = client.post("/hoc-vu-so", data=lesson, follow_redirects=False)
    assert (page.status_code, "letter-taken" in page.headers) == (303, False)
    headers = {**KEPT, "letter": letter}
    taken = client.post("/hoc-vu-so", data=lesson, headers=headers, follow_redirects=False)
    if len(letter) == 36:
        assert (taken.status_code, taken.headers["letter-taken"], taken.content) == (204, letter, b"")
        assert "location" not in taken.headers
    else:
        assert (taken.status_code, "letter-taken" in taken.headers) == (303, False)


def test_an_act_on_what_changed_is_a_conflict_with_who_was_first(world: World) -> None:
    issue_id = world.report()
    seen = world.issue(issue_id)["version"]
    world.act(CHAIR, "approve", issue_id)
    form = {"key": str(uuid.uuid4()), "expected_version": str(seen), "reason": "Gửi nhầm."}
    refused = world.as_(*OFFICER).post(f"/xa/kho-khan/{issue_id}/withdraw", data=form, headers=KEPT)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:liencap:problem:conflict")
    assert refused.json()["detail"]


def test_an_answer_of_a_department_to_what_changed_is_a_conflict_too(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"number": "15/TTr-UBND", "date": "2026-11-20"})
    world.act(DEPARTMENT, "accept", issue_id)
    seen = world.issue(issue_id)["escalations"][-1]
    form = {"key": str(uuid.uuid4()), "expected_version": str(seen["version"]), "escalation_id": seen["id"]}
    world.act(DEPARTMENT, "answer", issue_id, kind="guidance", text="Đang khảo sát.")
    said = {**form, "kind": "guidance", "text": "Dùng trạm của xã bên."}
    refused = world.as_(*DEPARTMENT).post(f"/tinh/de-xuat/{seen['id']}/answer", data=said, headers=KEPT)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:liencap:problem:conflict")
    assert refused.json()["detail"]


@pytest.mark.parametrize("path", ["/hoc-vu-so", "/api/v1/communes/15607/issues"])
def test_what_another_person_wrote_on_a_shared_computer_is_not_taken(world: World, path: str) -> None:
    client = world.as_(*OFFICER)
    for accept in (MEDIA_TYPE, "application/json"):
        headers = {"accept": accept, WRITTEN_BY: "somebody%20else"}
        assert client.post(path, data=LESSON, headers=headers).status_code == 401
    assert client.get("/api/v1/lessons").json()["items"] == []


@pytest.mark.parametrize(
    ("writer", "status"),
    [
        ("{};15607;commune_officer", 204),
        ("{};15607", 204),  # a letter of the first releases names no role
        ("{};15622;commune_officer", 401),
        ("{};15622", 401),
        ("{};15607;commune_chair", 401),
        ("{}", 401),
        ("{}%3B15607", 401),
        ("{};15607;commune_officer;", 401),
        ("", 401),
    ],
)
def test_a_writer_is_a_subject_at_a_unit_in_a_role(world: World, writer: str, status: int) -> None:
    lesson = {**LESSON, "village": f"Bản {uuid.uuid4()}"}
    client = world.as_(*OFFICER)
    subject = client.get("/phien").json()["subject"]
    headers = {**KEPT, "letter": str(uuid.uuid4()), WRITTEN_BY: writer.format(subject)}
    assert client.post("/hoc-vu-so", data=lesson, headers=headers).status_code == status


def test_the_shells_hold_no_person_and_no_village(world: World) -> None:
    client = world.as_(*OFFICER)
    for path in ("/khung/hoc-vu-so", "/khung/thon-lom"):
        shown = client.get(path).text
        assert "data-subject" not in shown
        assert "data-shell" in shown
