from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting import privacy
from reporting.errors import PersonalData
from reporting.privacy import case_key, check, lint, suppressed

NAMES_A_PERSON = [
    ("số căn cước 038202012345", "id_number"),
    ("căn cước 038 202 012 345", "id_number"),
    ("038.202.012.345 bị sai ngày sinh", "id_number"),
    ("CMND cũ 171234567", "id_number"),
    ("sđt 0912345678", "phone"),
    ("gọi 0912 345 678", "phone"),
    ("gọi 0912.345.678.", "phone"),
    ("+84 912 345 678", "phone"),
    ("(+84)912345678", "phone"),
    ("84912345678", "phone"),
    ("máy bàn 0237 3852 147", "phone"),
    ("thư lo.van.bun@gmail.com", "email"),
    ("Ông Lò Văn Bun chưa có sóng", "name"),
    ("Nhà ông Lò Văn Bun ở bản Vịn", "name"),
    ("bà Vi Thị Ọt không biết chữ", "name"),
    ("Đã gặp. Bà Ọt nói chưa nhận", "name"),
    ("ông/bà Nguyễn Văn A", "name"),
    ("anh/chị: Lê Thị B", "name"),
    ("cháu Lương Bảo An chưa có số định danh", "name"),
    ("hai ông bà Lò Văn X", "name"),
    ("ông Đoàn Văn Lực", "name"),
    ("ÔNG LÒ VĂN BUN", "name"),
    ("bà H'Hen Niê", "name"),
    ("hồ sơ 000.17.22.H56-210531-0001 bị treo", "dossier_code"),
    ("G09.20-20260609-0092637 kẹt ở bước 2", "dossier_code"),
    ("h56.20-260609-0092637", "dossier_code"),
    ("STK 1023456789 ngân hàng", "account"),
    ("số tài khoản: 3512205123456", "account"),
    ("tài khoản 12345678", "account"),
    ("số thẻ 9704 3612 3456 7890", "account"),
]

NAMES_NOBODY = [
    "120 người ở Bản Vịn không gọi được",
    "từ 01/07/2025 đến 14/10/2025, lần cuối 15.10.2025",
    "332 hồ sơ từ 2025-07-01 đến 2025-10-14",
    "Nghị định 131/2025/NĐ-CP, 132/2025/NĐ-CP và 118/2025/NĐ-CP",
    "QĐ 766/QĐ-TTg 23/06/2022; công văn số 1234/UBND-VP ngày 02/8/2025",
    "toạ độ bản 20.0141234, 105.0171234",
    "20.014 105.017",
    "ông bà già không đi được",
    "Ông bà nội ngoại đều ở xa",
    "Bà con Bản Vịn phải lên đồi bắt sóng",
    "BÀ CON NHÂN DÂN THÔN VỊN ĐỀ NGHỊ",
    "kinh phí 12.500.000.000 đồng, mỗi hộ 1.200.000đ",
    "12 345 678 hộ",
    "năm 2023 2024 2025 và giai đoạn 2021-2025",
    "mã thủ tục 1.001193.000.00.00.H56 và 1.004873",
    "Bà Rịa - Vũng Tàu đã làm rồi",
    "đường Bà Triệu ngập, xã Anh Sơn cũng vậy",
    "cán bộ phải học tiếng Anh",
    "đã báo ông Chủ tịch UBND xã và chị Trưởng thôn",
    "chị em Phụ nữ thôn hỗ trợ, anh em Công an xã giúp",
    "máy chủ 192.168.100.200 không trả lời",
    "tổng đài 1900 1008 và 18001091",
    "Km 12+300, từ 7h30-11h30",
    "các thôn 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 và thôn 1 2 3 4 5 6 7 8 9 10",
    "cháu bé mới sinh chưa có số định danh",
    "tần số 1800 2100 2600",
    "Tổ công nghệ số cộng đồng hướng dẫn tại nhà văn hóa",
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("text", "kind"), NAMES_A_PERSON)
def test_what_names_a_person_is_found(text: str, kind: str, form: str) -> None:
    assert kind in {trace.kind for trace in lint(unicodedata.normalize(form, text))}  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", NAMES_NOBODY)
def test_what_names_nobody_passes(text: str, form: str) -> None:
    normal = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert lint(normal) == ()
    check(normal, "place")


def test_the_refusal_says_where_and_does_not_repeat_it() -> None:
    with pytest.raises(PersonalData) as refused:
        check("gọi 0912345678 nhé", "tried")
    assert refused.value.field == "tried"
    assert "a telephone number at characters 5 to 14" in refused.value.message
    assert "0912345678" not in refused.value.message


SEPARATORS = st.sampled_from(["", " ", ".", "-"])
FAMILY = st.sampled_from(["Lò", "Vi", "Nguyễn", "Đinh", "Ngân"])
GIVEN = st.sampled_from(["Ọt", "Bun", "Ứng", "Thị Yến", "Văn Páo"])


@settings(max_examples=200, deadline=None)
@given(
    operator=st.sampled_from("35789"),
    rest=st.text("0123456789", min_size=8, max_size=8),
    first=SEPARATORS,
    second=SEPARATORS,
    prefix=st.sampled_from(["0", "+84", "84", "+84 "]),
    around=st.sampled_from(["{}", "gọi {} nhé", "({})", "120 người; {}", "ngày 01/07/2025: {}"]),
)
def test_a_mobile_number_is_found_however_it_is_grouped(
    operator: str, rest: str, first: str, second: str, prefix: str, around: str
) -> None:
    number = f"{prefix}{operator}{rest[:2]}{first}{rest[2:5]}{second}{rest[5:]}"
    assert "phone" in {trace.kind for trace in lint(around.format(number))}


@settings(max_examples=100, deadline=None)
@given(
    title=st.sampled_from(["ông", "Ông", "bà", "Anh", "chị", "cháu", "Cụ"]),
    family=FAMILY,
    given_name=GIVEN,
    around=st.sampled_from(["{} chưa có sóng", "Đã gặp {}.", "hộ {}, thôn 3", "- {}"]),
)
def test_a_title_with_a_full_name_is_found_in_both_normal_forms(
    title: str, family: str, given_name: str, around: str
) -> None:
    text = around.format(f"{title} {family} {given_name}")
    for form in ("NFC", "NFD"):
        [trace] = lint(unicodedata.normalize(form, text))
        found = unicodedata.normalize("NFC", text)[trace.start : trace.end]
        assert found == unicodedata.normalize("NFC", f"{title} {family} {given_name}")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_and_its_traces_lie_inside(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert all(0 <= trace.start < trace.end <= len(normal) for trace in lint(text))


@pytest.mark.parametrize("piece", ["1 ", "0912.", "1.234.567.", "ông ", "a@", "2025-", "1/", "H56-"])
def test_a_telephone_number_behind_a_long_run_of_one_piece_is_found(piece: str) -> None:
    run = piece * (2_000 // len(piece))
    found = [(trace.kind, trace.start) for trace in lint(f"{run}\nGọi 0912 345 678")]
    assert found[-1] == ("phone", len(run) + len("\nGọi "))


@given(text=st.text(st.characters(exclude_categories=["Nd", "Cs"])))
def test_a_text_without_a_digit_holds_no_number_of_any_kind(text: str) -> None:
    """The search passes such a text by, for speed."""
    patterns = (privacy._DOSSIER, privacy._DIGITS, *privacy._HARMLESS)
    assert not any(pattern.search(text) for pattern in patterns)


def test_the_key_of_a_case_depends_on_province_and_code_only() -> None:
    key = case_key(b"k" * 32, "H56.20-260609-0001")
    assert key == case_key(b"k" * 32, " h56.20-260609-0001 ")
    assert len(key) == 64
    assert key != case_key(b"l" * 32, "H56.20-260609-0001")
    assert key != case_key(b"k" * 32, "H56.20-260609-0002")


def test_only_small_counts_are_suppressed() -> None:
    assert [suppressed(count) for count in (0, 1, 4, 5)] == [False, True, True, False]
    assert suppressed(9, minimum=10)
