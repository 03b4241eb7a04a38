"""Precedents where they are needed: on the form before it is sent, beside an issue that is reviewed, over the API."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import uuid

import pytest

from services.web.issues.precedent_views import precedents
from tests.services.test_pages import browser
from tests.services.world import CHAIR, CLERK, DEPARTMENT, OFFICER, REVIEWER, VAN_XUAN, World

pytestmark = pytest.mark.warehouse

PRECEDENTS = "/api/v1/precedents"
WORDS = "Khởi động lại bộ phát và đổi sang kênh dự phòng"
LETTER = {"number": "210/SKHCN-VT", "date": "2026-11-20"}


def confirmed(world: World) -> str:
    """Let a dead spot of Bát Mọt be solved and confirmed; return the issue."""
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"number": "15/TTr-UBND", "date": "2026-11-20"})
    world.act(DEPARTMENT, "accept", issue_id)
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", text=WORDS, document=LETTER)
    world.settle()
    assert world.as_(*OFFICER).get(PRECEDENTS).json()["items"] == []
    world.act_on_issue(OFFICER, "confirm", issue_id)
    world.settle()
    return issue_id


@pytest.mark.slow
def test_a_confirmed_answer_is_cited_within_its_province(world: World) -> None:
    issue_id = confirmed(world)
    [one] = world.as_("commune_officer", VAN_XUAN).get(PRECEDENTS).json()["items"]
    assert (one["kind"], one["text"], one["stale"], one["confirmed_count"]) == (
        "mobile_dead_spot",
        WORDS,
        None,
        1,
    )
    assert "Công văn số 210/SKHCN-VT" in one["source_line"]
    assert issue_id not in json.dumps(one)
    assert world.as_("commune_officer", "00004").get(PRECEDENTS).json()["items"] == []
    assert world.as_(*REVIEWER).get(PRECEDENTS, params={"kind": "no_grid_power"}).json()["items"] == []


@pytest.mark.slow
def test_the_form_shows_it_before_anything_is_sent_and_brings_it_for_the_device(world: World) -> None:
    confirmed(world)
    with browser(world, "commune_officer-15607") as officer:
        page = officer.get("/xa/kho-khan/moi").text
        assert WORDS in page
        kept = re.search(r'data-precedents="([^"]*)"', page)
        assert kept is not None
        [item] = json.loads(html.unescape(kept[1]))
        assert (item["kind"], item["text"]) == ("mobile_dead_spot", WORDS)
        assert WORDS not in officer.get("/khung/kho-khan-moi").text


@pytest.mark.slow
def test_whoever_reviews_a_like_issue_sees_it_until_there_is_an_answer(world: World) -> None:
    confirmed(world)
    other = world.report()
    world.act(CHAIR, "approve", other)
    world.act(CLERK, "send", other, document={"number": "16/TTr-UBND", "date": "2026-11-20"})
    at = f"/tinh/de-xuat/{world.issue(other)['escalations'][0]['id']}"
    with browser(world, "department_officer-38") as department:
        assert WORDS in department.get(at).text
        world.act(DEPARTMENT, "accept", other)
        world.act(DEPARTMENT, "answer", other, kind="guidance", text="Xem hướng dẫn kèm theo")
        world.settle()
        assert WORDS not in department.get(at).text


@pytest.mark.slow
def test_a_stale_one_says_why_and_does_not_vanish(world: World) -> None:
    confirmed(world)
    row_id = precedents(world.parts, "38", "vi")[0].row_id
    row = next(one for one in world.parts.tables.competence.rows() if one.id == row_id)
    assert row.validity.valid_to is not None
    world.clock.ahead = dt.datetime.combine(row.validity.valid_to, dt.time(12), dt.UTC) - world.clock()
    [one] = precedents(world.parts, "38", "vi")
    assert (one.text, one.stale) == (WORDS, "row_expired")
    assert "hết hiệu lực" in (one.stale_label or "")


@pytest.mark.slow
def test_an_erased_answer_says_so_and_its_document_is_still_cited(world: World) -> None:
    issue_id = confirmed(world)
    state = world.parts.issue_table.get(uuid.UUID(issue_id))
    assert state is not None
    assert state.root is not None
    assert state.root.answer is not None
    assert state.root.answer.text is not None
    text_id = state.root.answer.text.id
    erased = world.as_("administrator", "38").post(
        f"/api/v1/texts/{text_id}/erase", json={"reason": "theo yêu cầu của người dân"}
    )
    assert erased.is_success, erased.text
    [one] = world.as_(*OFFICER).get(PRECEDENTS).json()["items"]
    assert (one["text"], one["erased"]) == (None, True)
    assert "210/SKHCN-VT" in one["source_line"]
