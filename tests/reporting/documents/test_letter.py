"""One letter for several issues: one body, its basis with how sure it is, the annex of its lines."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from reporting.documents.annex import Names
from reporting.documents.letter import addressee_of, bases_of, draft_letter
from reporting.documents.official import OfficialDocument
from reporting.errors import NoOneLetter
from reporting.issues.state import IssueState
from tests.reporting.documents.annexes import COMMUNE, CONTENT, NOW, REQUEST, names, rows_of, with_texts
from tests.reporting.stories import Story


def dead_spots(count: int = 3) -> tuple[IssueState, ...]:
    return tuple(with_texts(Story(name=f"dead spot {number}")) for number in range(count))


def judged(state: IssueState, **changes: Any) -> IssueState:
    assert state.verdict is not None
    return replace(state, verdict=state.verdict.model_copy(update=changes))


def replace_topics(known: Names) -> Names:
    return Names(known.units, known.bodies, known.kinds)


def letter(states: tuple[IssueState, ...]) -> OfficialDocument:
    addressee = addressee_of(states, to_ministry=False)
    rows = rows_of(states)
    return draft_letter(COMMUNE, states, rows, names(), addressee=addressee, as_of=NOW, with_units=False)


def test_similar_issues_make_one_letter_to_the_competent_body() -> None:
    made = letter(dead_spots())
    assert made.addressees == ("Sở Khoa học và Công nghệ tỉnh Thanh Hóa",)
    assert made.subject == "V/v đề nghị giải quyết khó khăn, vướng mắc về phủ sóng thông tin di động"
    assert made.name is None
    assert made.annex is not None
    assert [row[0] for row in made.annex.table.rows] == ["1", "2", "3"]
    [reported] = [part.text for part in made.body if part.text.startswith("Qua theo dõi")]
    assert "trên địa bàn xã Bát Mọt có 03 nội dung khó khăn, vướng mắc về phủ sóng" in reported
    assert reported.endswith(
        "vượt thẩm quyền hoặc khả năng giải quyết của Ủy ban nhân dân (UBND) xã (chi tiết tại Phụ lục kèm theo)."
    )
    assert made.body[-1].text.startswith("UBND xã Bát Mọt kính đề nghị Sở Khoa học và Công nghệ")


def test_a_letter_names_its_addressee_in_full() -> None:
    states = tuple(judged(state, lead_body="38.ubnd") for state in dead_spots(1))
    rows = rows_of(states)
    made = draft_letter(COMMUNE, states, rows, names(), addressee="38.ubnd", as_of=NOW, with_units=False)
    assert made.addressees == ("Ủy ban nhân dân tỉnh Thanh Hóa",)


def test_a_letter_says_up_to_three_topics_and_of_more_that_there_are_several() -> None:
    def subject(*kinds: str) -> str:
        states = tuple(with_texts(Story(kind, name=kind)) for kind in kinds)
        made = draft_letter(
            COMMUNE, states, rows_of(states), names(), addressee="38.ubnd", as_of=NOW, with_units=False
        )
        return made.subject.partition("vướng mắc về ")[2]

    assert subject("no_grid_power") == "cấp điện lưới quốc gia"
    assert sorted(subject("no_grid_power", "regular_budget").split(" và ")) == [
        "cấp điện lưới quốc gia",
        "kinh phí chi thường xuyên",
    ]
    assert (
        subject("no_grid_power", "regular_budget", "teacher_shortage", "office_premises") == "một số lĩnh vực"
    )


def test_a_basis_that_nobody_saw_is_told_to_the_drafter_and_not_in_what_is_signed() -> None:
    sure, doubtful = dead_spots(2)
    doubtful = judged(doubtful, basis="QĐ 15/2026/QĐ-UBND", confidence="low")
    sure = judged(sure, basis="Luật Viễn thông 24/2023/QH15", confidence="high")
    made = letter((sure, doubtful))
    lines = [part.text for part in made.body if part.style == "basis"]
    assert lines == [
        "Căn cứ Luật Viễn thông số 24/2023/QH15;",
        "Căn cứ Quyết định số 15/2026/QĐ-UBND;",
    ]
    assert [part.style for part in made.body[:2]] == ["basis", "basis"]
    assert made.note.endswith(
        " Căn cứ chưa đối chiếu văn bản gốc: đối chiếu trước khi trình ký."
        " Số hiệu, hiệu lực chưa chắc chắn: Quyết định số 15/2026/QĐ-UBND."
    )
    approved = tuple(judged(state, approved_by="QĐ 9/QĐ-UBND") for state in (sure, doubtful))
    assert "đối chiếu" not in letter(approved).note
    assert [basis.confidence for basis in bases_of((sure, doubtful))] == ["high", "low"]


def test_a_letter_about_one_difficulty_says_what_it_is_and_what_is_asked() -> None:
    body = [part.text for part in letter(dead_spots(1)).body]
    assert f"Kiến nghị, đề xuất: {REQUEST}." in body
    assert any(text.startswith("Nội dung khó khăn, vướng mắc: ") and CONTENT in text for text in body)
    made = letter(dead_spots(2))
    assert not [part for part in made.body if REQUEST in part.text]
    assert made.annex is not None
    assert all(f"{REQUEST}." in row and any(CONTENT in cell for cell in row) for row in made.annex.table.rows)


def test_without_a_basis_the_letter_names_none() -> None:
    made = letter(tuple(judged(state, basis=None) for state in dead_spots(2)))
    assert not [part for part in made.body if part.style == "basis"]


def test_issues_of_two_bodies_are_no_one_letter() -> None:
    states = (*dead_spots(1), with_texts(Story("no_grid_power")))
    with pytest.raises(NoOneLetter, match=r"38\.so_cong_thuong, 38\.so_khcn"):
        addressee_of(states, to_ministry=False)


def test_a_province_asks_the_ministry_of_the_verdicts() -> None:
    assert addressee_of(dead_spots(), to_ministry=True) == "bo_khcn"


@pytest.mark.parametrize("count", [0, 101])
def test_a_letter_has_at_least_one_issue_and_at_most_a_hundred(count: int) -> None:
    with pytest.raises(NoOneLetter):
        addressee_of(dead_spots(1) * count, to_ministry=False)


def test_an_abbreviation_keeps_its_capitals_inside_a_sentence() -> None:
    state = with_texts(Story("land_db_not_connected"))
    made = letter((state,))
    assert "về kết nối, khai thác cơ sở dữ liệu đất đai" in made.subject


@pytest.mark.parametrize("kind", ["land_db_not_connected", "cyber_incident", "no such kind"])
def test_a_kind_without_a_topic_is_said_by_its_name_inside_the_sentence(kind: str) -> None:
    bare = replace_topics(names())
    name = bare.kind(kind)
    assert bare.topic(kind) == (name if name[:2].isupper() else name[0].lower() + name[1:])
