"""All kinds at both levels, in both languages: routed, explained, and fit to be read aloud."""

from __future__ import annotations

import re

import pytest

from reporting.competence.explanations import listed
from reporting.competence.table import Kind
from reporting.dated.bodies import territory_of
from tests.reporting.competence_tables import AUTUMN, facts
from tests.reporting.stories import tables

TABLE = tables().competence
UNITS = tables().units
KINDS = TABLE.kinds(AUTUMN)
PLACES = ("15607", "00004", "31078")
"""A commune of Thanh Hóa, a ward of Hà Nội, a special zone of An Giang."""
DEBRIS = re.compile(r"[{}]|  |(?<!\.)\.\.(?!\.)|; \.|: \.|: ;|,,|None|\( | \)| ,| ;| :|\.;|;\.")
UNSPELLED = re.compile(r"\b(NĐ|QĐ|TT|NQ|VBQPPL|NSNN|TTHC|CSDL|BTXH|PVHCC|DTTS|THCS|MTQG|NTM|BHYT) ")


def explanations_of(kind: Kind, unit: str) -> dict[str, str]:
    commune, considered = UNITS.get(unit), facts(kind.key)
    verdict, petition = TABLE.assess(considered, commune), TABLE.petition(considered, commune)
    return {
        "province vi": verdict.explanation_vi,
        "province en": verdict.explanation_en,
        "ministry vi": petition[0],
        "ministry en": petition[1],
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@pytest.mark.parametrize("unit", PLACES)
def test_a_kind_is_explained_on_both_legs_in_both_languages(kind: Kind, unit: str) -> None:
    for leg, sentence in explanations_of(kind, unit).items():
        assert sentence.endswith("."), leg
        assert not DEBRIS.search(sentence), (leg, sentence)
        assert (kind.name_vi if leg.endswith("vi") else kind.name_en) in sentence
        if leg.endswith("vi"):
            assert not UNSPELLED.search(sentence), sentence


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_no_name_of_a_kind_has_a_stroke_or_an_abbreviation_to_stumble_over(kind: Kind) -> None:
    assert "/" not in kind.name_vi + kind.name_en
    assert not UNSPELLED.search(f"{kind.name_vi} ")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_a_province_goes_to_one_ministry_or_says_who_finds_it_and_never_to_an_enterprise(kind: Kind) -> None:
    verdict = TABLE.assess(facts(kind.key), UNITS.get("15607"))
    sentence = explanations_of(kind, "15607")["ministry vi"]
    if kind.lane == "outside":
        assert "không gửi qua hệ thống này" in sentence
    elif verdict.ministry_body is None:
        assert "Văn phòng UBND tỉnh Thanh Hóa xác định cơ quan có thẩm quyền" in sentence
    else:
        body = TABLE.bodies.get(verdict.ministry_body)
        assert not body.promises_only
        assert territory_of(body.id) == "vn"
        assert f"UBND tỉnh Thanh Hóa kiến nghị {body.name_vi} bằng văn bản" in sentence
        assert "Văn phòng UBND tỉnh chuyển văn bản trả lời đến UBND xã Bát Mọt." in sentence


def test_the_petition_for_unstable_power_reads_as_an_office_would_write_it() -> None:
    kind = next(kind for kind in KINDS if kind.key == "power_unstable")
    assert explanations_of(kind, "15607")["ministry vi"] == (
        "Khi vướng mắc “Điện chập chờn, mất điện kéo dài” vượt thẩm quyền cấp tỉnh, UBND tỉnh Thanh Hóa kiến nghị Bộ "
        "Công Thương bằng văn bản sau khi lãnh đạo UBND tỉnh duyệt. Doanh nghiệp khắc phục, cam kết thời gian: Tập đoàn "
        "Điện lực Việt Nam (EVN). Sở Công Thương tỉnh Thanh Hóa chuẩn bị nội dung kiến nghị. Bộ Công Thương trả lời UBND "
        "tỉnh; Văn phòng UBND tỉnh chuyển văn bản trả lời đến UBND xã Bát Mọt. Hệ thống nhắc sau 20 ngày làm việc, không "
        "phải thời hạn luật định. Căn cứ chưa đối chiếu văn bản gốc. Căn cứ: Luật Điện lực số 61/2024/QH15. Bảng phân "
        "định thẩm quyền ngày 01/7/2026."
    )


def syllables(spoken: str) -> int:
    """Count what a reader says: UBND and HĐND in full, numbers figure by figure."""
    words = re.findall(r"[^\W_]+", spoken)
    return sum(4 if word in {"UBND", "HĐND"} else len(word) if word.isdigit() else 1 for word in words)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_a_verdict_is_read_aloud_within_twenty_seconds_in_every_province(kind: Kind) -> None:
    """Four syllables a second: eighty."""
    for province in UNITS.provinces(AUTUMN):
        commune = UNITS.communes_of(province.code, AUTUMN)[0]
        spoken = TABLE.assess(facts(kind.key), commune).explanation_vi.split("\n")[0]
        assert syllables(spoken) <= 80, spoken


def test_a_department_that_only_prepares_is_told_apart_from_who_decides() -> None:
    sentence = TABLE.assess(facts("regular_budget"), UNITS.get("15607")).explanation_vi
    assert (
        "Chủ trì: Sở Tài chính tỉnh Thanh Hóa. Cơ quan có thẩm quyền quyết định: UBND tỉnh Thanh Hóa và HĐND tỉnh Thanh "
        "Hóa." in sentence
    )


def test_what_is_beyond_a_ministry_is_reported_to_the_prime_minister() -> None:
    kind = next(kind for kind in KINDS if kind.key == "landslide_relocation")
    sentences = explanations_of(kind, "15607")
    assert "Việc vượt thẩm quyền của bộ thì báo cáo Thủ tướng Chính phủ." in sentences["ministry vi"]
    assert "1 ngày làm việc" in sentences["ministry vi"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["Sở Y tế"], "Sở Y tế"),
        (["Sở Y tế", "Sở Nội vụ"], "Sở Y tế và Sở Nội vụ"),
        (["Sở Khoa học và Công nghệ", "Sở Y tế"], "Sở Khoa học và Công nghệ, Sở Y tế"),
        (["Sở Văn hóa, Thể thao và Du lịch", "Sở Y tế"], "Sở Văn hóa, Thể thao và Du lịch; Sở Y tế"),
    ],
)
def test_names_that_hold_the_joining_word_are_kept_apart(names: list[str], sentence: str) -> None:
    assert listed(names, " và ") == sentence
