from __future__ import annotations

import pytest

from reporting.dated.periods import period_words
from reporting.documents.report import periodic_report
from tests.reporting.documents.annexes import (
    COMMUNE,
    NOW,
    OCTOBER,
    PROVINCE,
    names,
    one_of_each_sort,
    report,
    rows_of,
)
from tests.reporting.stories import tables


def test_the_numbers_of_the_report_close() -> None:
    text = " ".join(part.text for part in report().body)
    assert "Tổng số: 04 nội dung; trong đó phát sinh trong kỳ: 04, kỳ trước chuyển sang: 0." in text
    assert "Đã có trả lời: 02; chưa có trả lời: 02. Đã giải quyết xong, xã xác nhận: 01." in text


def test_the_period_is_said_with_its_days() -> None:
    opening = report().body[0].text
    assert "tháng 10 năm 2025 (số liệu từ ngày 15/9/2025 đến ngày 14/10/2025)" in opening
    assert opening.startswith(
        "Thực hiện [số, ký hiệu, ngày của văn bản quy định chế độ báo cáo], Ủy ban nhân dân (UBND)"
    )


def test_a_report_ends_as_one_speaks_to_the_committee_above() -> None:
    assert report().body[-1].text == (
        "Trên đây là tổng hợp khó khăn, vướng mắc, kiến nghị tháng 10 năm 2025; UBND xã Bát Mọt kính báo cáo "
        "Ủy ban nhân dân tỉnh Thanh Hóa xem xét, chỉ đạo./."
    )


def test_what_waits_is_asked_of_its_body_by_number() -> None:
    asked = [part.text for part in report().body if part.text.startswith("- ")]
    assert len(asked) == 2
    assert asked[0].endswith(";")
    assert asked[-1].endswith(".")
    assert any("Sở Khoa học và Công nghệ tỉnh Thanh Hóa: 01 nội dung" in line for line in asked)


def test_a_period_without_anything_says_so() -> None:
    made = periodic_report(COMMUNE, PROVINCE, OCTOBER, (), names(), NOW)
    assert "không phát sinh khó khăn, vướng mắc" in made.body[1].text
    assert made.annex is not None
    assert made.annex.table.rows == ()


def test_the_report_of_a_province_names_the_unit_of_each_line_and_leaves_the_addressee_open() -> None:
    made = periodic_report(PROVINCE, None, OCTOBER, rows_of(one_of_each_sort()), names(), NOW)
    assert made.annex is not None
    assert made.annex.table.header[:2] == ("TT", "Đơn vị")
    assert {row[1] for row in made.annex.table.rows} == {"Xã Bát Mọt"}
    assert sum(made.annex.table.widths) == pytest.approx(1.0)
    assert set(made.addressees[0]) == {"…"}
    assert made.issuer == ("ỦY BAN NHÂN DÂN", "TỈNH THANH HÓA")


def test_number_and_day_stay_open_and_it_is_a_draft() -> None:
    made = report()
    assert made.symbol == "Số:        /BC-UBND"
    assert made.place_and_day == "Bát Mọt, ngày ..... tháng ..... năm 2025"
    assert made.draft == "DỰ THẢO"
    assert made.recipients == ("- Như trên;", "- Các cơ quan nêu tại Phụ lục;", "- Lưu: VT.")
    assert made.signature == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2027-01", "tháng 1 năm 2027"),
        ("2026-q4", "quý IV năm 2026"),
        ("2026-h2", "6 tháng cuối năm 2026"),
        ("2026-m9", "9 tháng năm 2026"),
        ("2026", "năm 2026"),
    ],
)
def test_a_period_is_named_as_offices_name_it(key: str, words: str) -> None:
    assert period_words(tables().periods.named(key)) == words
