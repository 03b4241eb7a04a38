"""The annex: its issues, also at the edges of a period, and the proposed contents of its cells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reporting.dated.calendar import LOCAL
from reporting.documents.annex import (
    annex_rows,
    belongs,
    competent_body_of,
    count,
    reached_province,
    texts_of,
)
from reporting.documents.wording import ERASED
from reporting.issues.state import IssueState
from tests.reporting.documents.annexes import (
    ANSWER,
    CONTENT,
    OCTOBER,
    PLACE,
    REQUEST,
    SAID,
    TRIED,
    names,
    one_of_each_sort,
    rows_of,
    texts_for,
    with_texts,
)
from tests.reporting.stories import LEADER, OFFICER, REVIEWER, TEXT, Story


def at(day: str, time: str = "10:00") -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(time), LOCAL)


def reported(when: dt.datetime, **more: Any) -> IssueState:
    return replace(Story().state, reported_at=when, **more)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (at("2025-10-14", "23:59"), True),
        (at("2025-10-15", "00:00"), False),
        (at("2025-09-15", "00:00"), True),
        (at("2025-09-14", "23:59"), True),  # open since the period before: carried over
    ],
)
def test_what_was_reported_by_the_14th_and_is_open_stands_in_the_annex(
    when: dt.datetime, expected: bool
) -> None:
    assert belongs(reported(when), OCTOBER) is expected


@pytest.mark.parametrize(
    ("ended", "expected"), [(at("2025-09-14", "23:59"), False), (at("2025-09-15", "00:00"), True)]
)
def test_what_ended_stands_in_the_annex_of_the_period_in_which_it_ended(
    ended: dt.datetime, expected: bool
) -> None:
    state = reported(at("2025-08-20"), state="closed", ended_at=ended, closed_reason="resolved_by_commune")
    assert belongs(state, OCTOBER) is expected


def test_what_was_withdrawn_or_is_not_for_this_system_does_not_stand_in_it() -> None:
    shown = {row.kind for row in rows_of(one_of_each_sort())}
    assert "third_vice_chair" not in shown
    assert len(rows_of(one_of_each_sort())) == 4


def test_a_small_count_of_issues_is_told_as_it_is() -> None:
    counts = count(rows_of(one_of_each_sort()))
    assert (counts.whole, counts.new, counts.carried_over) == (4, 4, 0)
    assert (counts.answered, counts.unanswered, counts.settled) == (2, 2, 1)


def test_the_cells_say_what_the_log_holds() -> None:
    rows = {
        row.cells["result"].text.split(" ", 2)[0] + row.kind: row.cells for row in rows_of(one_of_each_sort())
    }
    promised = next(cells for cells in rows.values() if cells["result"].text.startswith("Chờ bố trí"))
    assert promised["content"].text == (
        f"Thôn, bản không có hoặc yếu sóng di động (địa điểm: {PLACE}). {CONTENT}. "
        "Khoảng 1.200 người bị ảnh hưởng, 3 hồ sơ chưa giải quyết được."
    )
    assert promised["cause"].text == "[nguyên nhân]"
    assert promised["done"].text.startswith(
        f"{TRIED}. Đã đề nghị Sở Khoa học và Công nghệ tỉnh Thanh Hóa ngày 13/10/2025"
    )
    assert "tại Công văn số 12/CV-UBND ngày 14/10/2025." in promised["done"].text
    assert promised["proposal"].text == f"{REQUEST}."
    assert promised["competent"].text == "Sở Khoa học và Công nghệ tỉnh Thanh Hóa"
    assert promised["result"].text == (
        f"Chờ bố trí nguồn lực tại Công văn số 45/SKHCN-BCVT ngày 14/10/2025, dự kiến ngày 01/12/2025. {ANSWER}."
    )


def test_a_lead_that_the_office_named_is_no_request_of_the_commune() -> None:
    story = Story(name="assigned").on_its_way()
    story.give_back()
    story.arbitrate("38.so_cong_thuong", question=TEXT)
    (row,) = rows_of((with_texts(story),))
    assert row.cells["done"].text.endswith(
        "UBND tỉnh Thanh Hóa giao Sở Công Thương tỉnh Thanh Hóa chủ trì "
        "(thông báo của Văn phòng UBND tỉnh Thanh Hóa ngày 13/10/2025)."
    )
    assert row.cells["proposal"].text == f"{REQUEST}."


def test_nothing_is_asked_and_no_cause_is_stated_in_the_name_of_a_commune_that_said_neither() -> None:
    for state in one_of_each_sort():
        old = replace(state, report=state.report.model_copy(update={"content": None, "request": None}))
        for row in rows_of((old,)):
            assert row.cells["proposal"].text == "[chưa ghi đề nghị]"
            assert row.cells["cause"].text == "[nguyên nhân]"
            assert row.cells["proposal"].rests_on == ()


def test_why_the_means_of_a_commune_do_not_suffice_is_the_cause_and_its_request_stays_the_request() -> None:
    story = Story(name="means")
    assert story.take_back().accepted
    assert story.propose("means", "38.so_khcn", OFFICER, question=TEXT).accepted
    (row,) = rows_of((with_texts(story),))
    assert row.cells["cause"].text == f"Chưa bố trí đủ nguồn lực. {ANSWER}."
    assert row.cells["cause"].rests_on == (TEXT.id,)
    assert row.cells["proposal"].text == f"{REQUEST}."
    (old,) = rows_of((with_texts(story, without=("content", "request")),))
    assert old.cells["cause"].text == "Chưa bố trí đủ nguồn lực."
    assert old.cells["proposal"].text == f"{ANSWER}."


@given(erased=st.sets(st.sampled_from(sorted(SAID))), lacking=st.sets(st.sampled_from(sorted(SAID))))
def test_a_cell_shows_no_text_that_was_erased_and_rests_on_each_that_it_shows(
    erased: set[str], lacking: set[str]
) -> None:
    state = with_texts(Story(), without=tuple(lacking))
    refs = {what: getattr(state.report, what) for what in SAID if what not in lacking}
    texts = texts_for(state) | {refs[what].id: None for what in erased - lacking}
    (row,) = annex_rows([state], OCTOBER, names(), texts)
    cell_of = {"place": "content", "content": "content", "request": "proposal", "tried": "done"}
    for what, ref in refs.items():
        cell = row.cells[cell_of[what]]  # type: ignore[index]
        assert ref.id in cell.rests_on
        assert (SAID[what] in cell.text) == (what not in erased)
        assert cell.erased or what not in erased


def test_every_content_ends_as_a_sentence() -> None:
    (row,) = rows_of((with_texts(Story(name="place only").on_its_way(), without=("content",)),))
    assert row.cells["content"].text == f"Thôn, bản không có hoặc yếu sóng di động (địa điểm: {PLACE})."


def test_what_the_commune_disputes_is_asked_again_and_what_ended_is_not() -> None:
    disputed = Story(name="disputed").taken_on()
    disputed.answer()
    disputed.dispute()
    ended = Story(name="ended").on_its_way()
    ended.close("resolved_by_commune")
    by_state = {state.id: state for state in map(with_texts, (disputed, ended))}
    waiting = {row.issue_id: row.is_waiting for row in rows_of(tuple(by_state.values()))}
    assert waiting == {disputed.state.id: True, ended.state.id: False}


def test_the_result_says_what_the_commune_made_of_the_answer() -> None:
    (confirmed,) = [row for row in rows_of(one_of_each_sort()) if row.is_settled]
    assert (
        confirmed.cells["result"].text
        == f"Đã giải quyết ngày 13/10/2025. {ANSWER}. UBND xã đã xác nhận kết quả."
    )
    assert confirmed.cells["proposal"].text == f"{REQUEST}."


def test_what_the_province_asked_of_a_ministry_is_not_said_of_the_commune() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(REVIEWER, story.petition)
    (row,) = rows_of((story.state,))
    assert (
        "UBND tỉnh Thanh Hóa đã kiến nghị Bộ Khoa học và Công nghệ ngày 13/10/2025" in row.cells["done"].text
    )
    assert row.cells["competent"].text == "Sở Khoa học và Công nghệ tỉnh Thanh Hóa; Bộ Khoa học và Công nghệ"


def test_without_an_answer_the_result_says_where_it_lies() -> None:
    found = {row.cells["result"].text for row in rows_of(one_of_each_sort()) if not row.is_answered}
    assert found == {"Chờ lãnh đạo duyệt đề xuất.", "Đã gửi, chưa có trả lời."}


def test_the_answer_to_a_common_problem_is_the_result_of_its_members() -> None:
    story = Story().on_its_way()
    story.join()
    story.problem_answered("solved", 1)
    (row,) = rows_of((story.state,))
    assert row.is_answered
    assert row.cells["result"].text.startswith("Đã giải quyết")
    assert "Chờ UBND xã xác nhận." in row.cells["result"].text


def test_an_erased_text_is_said_to_be_erased() -> None:
    state = with_texts(Story())
    assert state.report.place is not None
    texts = texts_for(state) | {state.report.place.id: None}
    (row,) = annex_rows([state], OCTOBER, names(), texts)
    assert row.cells["content"].erased
    assert ERASED in row.cells["content"].text
    assert state.report.place.id in row.cells["content"].rests_on
    assert not row.cells["done"].erased


def test_a_cell_names_the_texts_that_it_rests_on() -> None:
    state = with_texts(Story())
    (row,) = rows_of((state,))
    assert {ref for cell in row.cells.values() for ref in cell.rests_on} <= {
        ref.id for ref in texts_of(state)
    }
    assert row.cells["done"].rests_on == (state.report.tried.id if state.report.tried else None,)


def test_a_province_counts_what_reached_it() -> None:
    assert not reached_province(Story().state)
    assert reached_province(Story(name="other").on_its_way().state)


def test_the_competent_body_is_the_one_asked_last() -> None:
    story = Story().on_its_way()
    story.give_back()
    story.arbitrate("38.so_cong_thuong")
    assert competent_body_of(story.state) == "38.so_cong_thuong"


def test_rows_come_by_body_and_then_by_day_whatever_the_order_of_reading() -> None:
    states = one_of_each_sort()
    ids = [row.issue_id for row in rows_of(states)]
    assert [row.issue_id for row in rows_of(tuple(reversed(states)))] == ids
