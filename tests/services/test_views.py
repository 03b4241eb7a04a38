from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reporting.issues.clock import IssueClock
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.web.issues.report_words import LONGEST_LINE, headline_of
from services.web.issues.views import Viewer
from tests.services.world import BA_DINH, BAT_MOT, OFFICER, World

pytestmark = pytest.mark.warehouse

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def issue(shared_world: World) -> IssueState:
    found = shared_world.parts.issue_table.get(uuid.UUID(shared_world.report()))
    assert found is not None
    return found


def clock(world: World, *, began: float, due: float, **more: Any) -> IssueClock:
    """Make a clock that began and falls due so many hours from now."""
    now = world.clock()
    facts = {
        "id": uuid.uuid4(),
        "clock": "first_answer",
        "holder_body": "38.so_khcn",
        "started_at": now + began * HOUR,
        "due_at": now + due * HOUR,
        "warn_at": now + (began + 0.8 * (due - began)) * HOUR,
        "days": 3,
        "days_kind": "working",
        "deadline_source": "law",
        "calendar_version": "test",
        "part": "first_answer",
    }
    known = set(IssueClock.__struct_fields__)
    return IssueClock(**{name: value for name, value in {**facts, **more}.items() if name in known})


WORD = st.text("abcđêôưởệ ,.–\n", max_size=150)


@given(place=st.none() | WORD, content=st.none() | WORD)
def test_a_headline_is_one_line_and_cut_between_words(place: str | None, content: str | None) -> None:
    shown = headline_of(place, content)
    whole = " – ".join(" ".join(words.split()) for words in (place, content) if words and words.split())
    if not whole:
        assert shown is None
        return
    assert shown is not None
    assert len(shown) <= LONGEST_LINE
    assert "\n" not in shown
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip()))


def test_lines_of_a_list_show_first_words_and_nothing_of_what_was_erased(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", content="Cả bản mất sóng. " * 20, request="Lắp trạm\ntại bản")
    old = world.report(place=None, kind="staff_shortage", content="Thiếu người", request="Bổ sung biên chế")

    def lines() -> dict[str, Any]:
        found = world.as_(*OFFICER).get("/api/v1/issues").json()["items"]
        return {one["id"]: (one["headline"], one["asked_for"]) for one in found}

    headline, asked = lines()[issue_id]
    assert headline.startswith("Bản Vịn – Cả bản mất sóng.")
    assert len(headline) <= LONGEST_LINE
    assert asked == "Lắp trạm tại bản"
    assert lines()[old] == ("Thiếu người", "Bổ sung biên chế")
    report = world.parts.issue_table.get(uuid.UUID(issue_id)).report  # type: ignore[union-attr]
    for ref in (report.content, report.request):
        assert ref is not None
        world.parts.texts.erase(ref.id, Actor("auditor", "38"), "theo yêu cầu của xã")
    assert lines()[issue_id] == ("Bản Vịn", None)
    shown = world.issue(issue_id)
    assert (shown["content"]["erased"], shown["request"]["erased"], shown["place"]["text"]) == (
        True,
        True,
        "Bản Vịn",
    )


@pytest.mark.parametrize(
    ("state", "source", "began", "due", "label"),
    [
        ("running", "law", -1, 240, "Đang tính thời hạn"),
        ("running", "law", -9, 1, "Sắp đến hạn"),
        ("breached", "law", -9, -1, "Quá hạn"),
        ("breached", "regulation", -9, -1, "Quá hạn"),
        ("breached", "document", -9, -1, "Quá hạn"),
        ("breached", "default", -9, -1, "Quá mốc nhắc"),
        ("met", "default", -9, -1, "Trước mốc nhắc"),
        ("stopped", "law", -9, -1, "Đã dừng"),
    ],
)
def test_a_deadline_is_called_by_what_stands_behind_it(
    shared_world: World, issue: IssueState, state: str, source: str, began: float, due: float, label: str
) -> None:
    shown = Viewer(shared_world.parts).clock(
        issue, clock(shared_world, began=began, due=due, state=state, deadline_source=source)
    )
    assert shown.state_label == label


def test_the_deadline_of_a_line_is_the_earliest_that_is_open(shared_world: World, issue: IssueState) -> None:
    late, near, met = (
        clock(shared_world, began=-9, due=90),
        clock(shared_world, began=-9, due=5),
        clock(shared_world, began=-9, due=1, state="met", stopped_at=shared_world.clock()),
    )
    shown = Viewer(shared_world.parts).summary(replace(issue, clocks=(late, near, met)))
    assert shown.due is not None
    assert shown.due.id == near.id
    assert Viewer(shared_world.parts).summary(replace(issue, clocks=(met,))).due is None


def test_the_units_own_kind_is_said(shared_world: World, issue: IssueState) -> None:
    ward = replace(issue, unit_code=BA_DINH, province_code="01", state="solution_claimed")
    assert Viewer(shared_world.parts).summary(ward).state_label == "Chờ phường xác nhận"
    assert (
        Viewer(shared_world.parts).summary(replace(ward, unit_code=BAT_MOT)).state_label == "Chờ xã xác nhận"
    )


def test_a_body_that_the_table_forgot_is_shown_by_its_key(shared_world: World) -> None:
    viewer = Viewer(shared_world.parts)
    assert viewer.body_name("38.so_cu") == "38.so_cu"
    assert viewer.body_name(None) is None
    assert viewer.body_name("38.so_khcn") == "Sở Khoa học và Công nghệ tỉnh Thanh Hóa"


def test_what_may_be_done_depends_on_who_looks(shared_world: World, issue: IssueState) -> None:
    chair = Actor("commune_chair", BAT_MOT, f"{BAT_MOT}.ubnd")
    one = issue.escalations[0]
    assert "approve" in Viewer(shared_world.parts, "vi", chair).escalation(issue, one).allowed
    assert Viewer(shared_world.parts).escalation(issue, one).allowed == []


def test_a_text_that_no_store_has_is_not_said_to_be_erased(shared_world: World) -> None:
    asked = shared_world.parts.issue_table.get(uuid.UUID(shared_world.report(place="Bản Chiềng")))
    assert asked is not None
    assert asked.report.place is not None
    lost = asked.report.model_copy(
        update={"place": asked.report.place.model_copy(update={"id": uuid.uuid4()})}
    )
    shown = Viewer(shared_world.parts).issue(replace(asked, report=lost)).place
    assert shown is not None
    assert (shown.text, shown.erased) == (None, False)


def test_help_that_is_asked_for_without_a_document_is_not_said_to_be_beyond_the_communes_powers(
    shared_world: World,
) -> None:
    found = shared_world.parts.issue_table.get(uuid.UUID(shared_world.report(kind="digital_illiteracy")))
    assert found is not None
    assert found.root is not None
    viewer = Viewer(shared_world.parts)
    assert found.lane == "guidance"
    assert viewer.escalation(found, found.root).trigger_label == "Hướng dẫn nghiệp vụ"
    formal = replace(found.root, formal=True)
    assert viewer.escalation(found, formal).trigger_label == "Vượt thẩm quyền hoặc khả năng của xã"
