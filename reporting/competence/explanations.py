"""Sentences that explain who is competent and why, in Vietnamese and English, made from the row itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.competence.words import days_en, days_vi, reminder_en, reminder_vi
from reporting.dated.bodies import Body, place_en, place_vi, unit_word
from reporting.dated.units import Unit

_SPELLED = {
    "NĐ": "Nghị định",
    "QĐ": "Quyết định",
    "TT": "Thông tư",
    "NQ": "Nghị quyết",
    "NSNN": "Ngân sách nhà nước",
    "VBQPPL": "văn bản quy phạm pháp luật",
    "BHYT": "Bảo hiểm y tế",
    "CĐS": "chuyển đổi số",
    "Đ.": "Điều ",
}
_ABBREVIATION = re.compile(r"\b(NĐ|QĐ|TT|NQ|NSNN|VBQPPL|BHYT|CĐS)(?= |\)|;|$)|\bĐ\.(?=\d)")


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of an explanation.

    Attributes:
        lead: the body that decides; a body of the commune for a matter that the commune may decide itself.
        others: the bodies that take part; for a matter that the commune decides, the first one guides.
        deciding: the bodies of the province that decide; the lead may be one of them.
        ministry: the body that the province would petition.
        response_days: days to the first answer.
        note: a further sentence of the row, in Vietnamese and English.
        approved_by: the document that approved the row.
        when: the conditions under which the row holds, in Vietnamese and English; empty where there are none.
    """

    name: tuple[str, str]
    unit: Unit
    province: Unit
    lane: str
    beyond_commune: bool
    lead: Body
    others: Sequence[Body]
    deciding: Sequence[Body]
    ministry: Body | None
    basis: str | None
    response_days: int
    days_kind: str
    deadline_source: str
    confidence: str
    note: tuple[str, str]
    when: tuple[str, str]
    approved_by: str | None
    table_version: str

    @property
    def helping(self) -> list[Body]:
        """Return the bodies that take part, neither deciding nor only promising."""
        return [body for body in self.others if not body.promises_only and body not in self.deciding]

    @property
    def deciding_beside(self) -> list[Body]:
        """Return the bodies that decide in place of the lead."""
        return [body for body in self.others if body in self.deciding]

    @property
    def promising(self) -> list[Body]:
        """Return the enterprises that take part: they promise and do not decide."""
        return [body for body in self.others if body.promises_only]


def in_vietnamese(told: Told) -> str:
    """Return the explanation in Vietnamese, in the style of an office."""
    sentences = [*_road_vi(told)]
    if told.when[0]:
        sentences.append(f"Phân định này áp dụng khi {told.when[0]}.")
    sentences.append(_deadline_vi(told))
    return " ".join(sentence for sentence in (*sentences, *grounds_vi(told)) if sentence)


def in_english(told: Told) -> str:
    """Return the explanation in English; laws keep their Vietnamese names."""
    sentences = [*_road_en(told)]
    if told.when[1]:
        sentences.append(f"This holds where {told.when[1]}.")
    sentences.append(_deadline_en(told))
    return " ".join(sentence for sentence in (*sentences, *grounds_en(told)) if sentence)


def grounds_vi(told: Told) -> list[str]:
    """Return the grounds: basis, approval or what was not seen, the note of the row, the version of the table."""
    sentences = [f"Căn cứ: {spelled_out(told.basis)}."] if told.basis else []
    if told.approved_by:
        sentences.append(f"Phân định này được phê duyệt tại: {told.approved_by}.")
    elif told.basis:
        # A row that nobody approved is second-hand, however sure its sources seem.
        sentences.append("Căn cứ chưa đối chiếu văn bản gốc; đối chiếu trước khi viện dẫn.")
        if told.confidence == "low":
            sentences.append("Số hiệu hoặc hiệu lực của văn bản chưa chắc chắn.")
    return [
        *sentences,
        *filter(None, [told.note[0]]),
        f"Theo bảng phân định thẩm quyền phiên bản {told.table_version}.",
    ]


def grounds_en(told: Told) -> list[str]:
    """Return the grounds in English; laws keep their Vietnamese names."""
    sentences = [f"Basis: {told.basis}."] if told.basis else []
    if told.approved_by:
        sentences.append(f"Approved by: {told.approved_by}.")
    elif told.basis:
        sentences.append("The text of the law was not seen; check it before citing it.")
        if told.confidence == "low":
            sentences.append("The number of the text, or whether it is in force, is uncertain.")
    return [
        *sentences,
        *filter(None, [told.note[1]]),
        f"By version {told.table_version} of the table of competence.",
    ]


def spelled_out(basis: str) -> str:
    """Write the abbreviations of legal texts in full, so that the sentence can be read aloud."""
    return _ABBREVIATION.sub(lambda found: _SPELLED[found[0]], basis)


def listed(names: Sequence[str], last: str) -> str:
    """Join names for use in a sentence.

    Names that hold commas themselves are kept apart by semicolons, names that hold the last word by commas alone.
    """
    if any("," in name for name in names):
        return "; ".join(names)
    if any(last in name for name in names):
        return ", ".join(names)
    return last.join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def row_missing(name: str, unit: Unit, office: Body, on: dt.date, table_version: str) -> tuple[str, str]:
    """Return the explanation where the table has no row, in Vietnamese and English."""
    return (
        (
            f"Bảng phân định thẩm quyền chưa có dòng nào cho loại việc “{name}” vào ngày {on:%d/%m/%Y}. "
            f"Hệ thống không suy đoán: việc của {place_vi(unit)} được chuyển {office.name_vi} để phân công cơ quan "
            f"chủ trì và bổ sung bảng. Theo bảng phân định thẩm quyền phiên bản {table_version}."
        ),
        (
            f"The table of competence has no row for “{name}” on {on.isoformat()}. Nothing is guessed: the issue of "
            f"{place_en(unit)} goes to the {office.name_en}, which names the lead body and completes the table. "
            f"By version {table_version} of the table of competence."
        ),
    )


def unit_missing(unit_code: str, province_code: str, table_version: str) -> tuple[str, str]:
    """Return the explanation where the table of units lacks the unit, in Vietnamese and English."""
    return (
        (
            f"Danh mục đơn vị hành chính không có mã {unit_code} thuộc tỉnh, thành phố mã {province_code}. Hệ thống "
            "không suy đoán: việc này được chuyển Văn phòng UBND cấp tỉnh để phân công cơ quan chủ trì và cập nhật "
            f"danh mục. Theo bảng phân định thẩm quyền phiên bản {table_version}."
        ),
        (
            f"The table of units has no {unit_code} in the province {province_code}. Nothing is guessed: the issue "
            "goes to the provincial office, which names the lead body and completes the table. "
            f"By version {table_version} of the table of competence."
        ),
    )


def row_expired(
    name: tuple[str, str], unit: Unit, office: Body, expired_on: dt.date, table_version: str
) -> tuple[str, str]:
    """Return the explanation where the row has expired, in Vietnamese and English."""
    return (
        (
            f"Dòng phân định thẩm quyền của “{name[0]}” hết hiệu lực từ ngày {expired_on:%d/%m/%Y} và chưa có dòng "
            f"thay thế. Hệ thống không suy đoán: việc của {place_vi(unit)} được chuyển {office.name_vi} để phân công "
            f"cơ quan chủ trì và cập nhật bảng. Theo bảng phân định thẩm quyền phiên bản {table_version}."
        ),
        (
            f"The row for “{name[1]}” has expired on {expired_on.isoformat()} and none has taken its place. Nothing is "
            f"guessed: the issue of {place_en(unit)} goes to the {office.name_en}, which names the lead body and "
            f"updates the table. By version {table_version} of the table of competence."
        ),
    )


def body_missing(
    name: tuple[str, str], unit: Unit, office: Body, body_id: str, table_version: str
) -> tuple[str, str]:
    """Return the explanation where the table of bodies lacks the row's body, in Vietnamese and English."""
    return (
        (
            f"Dòng phân định thẩm quyền của “{name[0]}” nêu cơ quan “{body_id}” không có trong danh mục cơ quan vào "
            f"ngày này. Việc của {place_vi(unit)} được chuyển {office.name_vi} để phân công cơ quan chủ trì và cập "
            f"nhật danh mục. Theo bảng phân định thẩm quyền phiên bản {table_version}."
        ),
        (
            f"The row for “{name[1]}” names the body “{body_id}”, which the list of bodies does not have on that day. "
            f"The issue of {place_en(unit)} goes to the {office.name_en}, which names the lead body and updates the "
            f"list. By version {table_version} of the table of competence."
        ),
    )


def _road_vi(told: Told) -> list[str]:
    name, place, kind = f"“{told.name[0]}”", place_vi(told.unit), unit_word(told.unit)
    lead, others = told.lead.name_vi, _others_vi(told)
    if told.lane == "outside":
        return [f"{name} không gửi qua hệ thống này; không nhập nội dung vụ việc vào đây."]
    if told.lane == "phone_first":
        return [
            f"{name} là việc khẩn cấp: gọi điện trực ban ngay{_duty(told, 'vi')}, ghi nhận trên hệ thống sau.",
            f"Cơ quan chủ trì xử lý: {lead}{others}.",
        ]
    if told.lane == "support":
        return [
            (
                f"{name} thuộc nhóm hỗ trợ kỹ thuật: chuyển thẳng đến đơn vị hỗ trợ, không cần lãnh đạo duyệt, "
                "không cần văn bản."
            ),
            f"Đơn vị hỗ trợ: {lead}{_lead_promises_vi(told)}{others}.",
        ]
    if not told.beyond_commune:
        guide, rest = (
            told.others[0].name_vi,
            [body.name_vi for body in told.helping if body != told.others[0]],
        )
        above = listed([body.name_vi for body in told.deciding_beside], " và ")
        return [
            f"{name} được giải quyết ở cấp xã; cơ quan chủ trì: {lead}.",
            (
                f"Khi cần hướng dẫn, công chức {kind} hỏi trực tiếp {guide}, không cần văn bản"
                f"{_beside(listed(rest, ' và '), '; cơ quan cùng hướng dẫn: ')}."
                f"{_beside(above, ' Khi vượt thẩm quyền cấp xã, cơ quan có thẩm quyền quyết định: ')}{'.' if above else ''}"
            ),
        ]
    if told.lane == "guidance":
        return [
            f"{name} do cấp tỉnh hướng dẫn, xử lý; công chức {kind} trao đổi trực tiếp, không cần văn bản.",
            f"Cơ quan chủ trì: {lead}{others}.",
        ]
    petition = told.ministry and (
        f"Trường hợp vượt thẩm quyền cấp tỉnh, UBND {place_vi(told.province)} kiến nghị {told.ministry.name_vi}."
    )
    return [
        f"{name} vượt thẩm quyền hoặc khả năng giải quyết của {place}.",
        f"Cơ quan chủ trì: {lead}{others}.",
        f"UBND {place} đề xuất bằng văn bản sau khi Chủ tịch UBND {kind} duyệt.",
        petition or "",
    ]


def _road_en(told: Told) -> list[str]:
    name, place = f"“{told.name[1]}”", place_en(told.unit)
    lead, others = told.lead.name_en, _others_en(told)
    if told.lane == "outside":
        return [f"{name} does not go through this system; do not write down what it is about."]
    if told.lane == "phone_first":
        return [
            f"{name} is an emergency: call the duty officer at once{_duty(told, 'en')}, record it here afterwards.",
            f"Lead body: {lead}{others}.",
        ]
    if told.lane == "support":
        return [
            (
                f"{name} is a matter of technical support: it goes straight to the body that supports it, without "
                "an approval and without a document."
            ),
            f"Supporting body: {lead}{_lead_promises_en(told)}{others}.",
        ]
    if not told.beyond_commune:
        guide, rest = (
            told.others[0].name_en,
            [body.name_en for body in told.helping if body != told.others[0]],
        )
        above = listed([body.name_en for body in told.deciding_beside], " and ")
        return [
            f"{name} is solved at the level of the commune; lead body: {lead}.",
            (
                f"Where guidance is needed, the officer of {place} asks directly, without a document: {guide}"
                f"{_beside(listed(rest, ' and '), '; also guiding: ')}."
                f"{_beside(above, ' Where it is beyond the commune, this decides: ')}{'.' if above else ''}"
            ),
        ]
    if told.lane == "guidance":
        return [
            f"{name} is handled by the province; the officer of {place} asks directly, without a document.",
            f"Lead body: {lead}{others}.",
        ]
    petition = told.ministry and (
        f"Where it is beyond the province, the People’s Committee of {place_en(told.province)} petitions: "
        f"{told.ministry.name_en}."
    )
    return [
        f"{name} is beyond the authority or the means of {place}.",
        f"Lead body: {lead}{others}.",
        f"The People’s Committee of {place} proposes it in an official document, approved by its chair.",
        petition or "",
    ]


def _deadline_vi(told: Told) -> str:
    if told.lane == "outside":
        return ""
    days = days_vi(told.response_days, told.days_kind)
    if told.deadline_source == "default":
        return reminder_vi(days)
    what = "Thời hạn trả lời lần đầu" if told.beyond_commune else "Thời hạn giải quyết ở cấp xã"
    return f"{what}: {days}{'' if told.days_kind == 'working' else ' (ngày lịch)'}, do {_SOURCE_VI[told.deadline_source]} quy định."


def _deadline_en(told: Told) -> str:
    if told.lane == "outside":
        return ""
    days = days_en(told.response_days, told.days_kind)
    if told.deadline_source == "default":
        return reminder_en(days)
    what = "Deadline of the first answer" if told.beyond_commune else "Deadline at the commune"
    return f"{what}: {days}, set by {_SOURCE_EN[told.deadline_source]}."


_SOURCE_VI = {"law": "pháp luật", "regulation": "quy chế", "document": "văn bản giao việc"}
_SOURCE_EN = {"law": "law", "regulation": "regulation", "document": "the document that assigned it"}


def _others_vi(told: Told) -> str:
    deciding, helping, promising = (
        listed([body.name_vi for body in group], " và ")
        for group in (told.deciding_beside, told.helping, told.promising)
    )
    return (
        f"{_beside(deciding, '; cơ quan có thẩm quyền quyết định: ')}{_beside(helping, '; cơ quan phối hợp: ')}"
        f"{_beside(promising, '; doanh nghiệp cam kết thời hạn, không có thẩm quyền quyết định: ')}"
    )


def _others_en(told: Told) -> str:
    deciding, helping, promising = (
        listed([body.name_en for body in group], " and ")
        for group in (told.deciding_beside, told.helping, told.promising)
    )
    return (
        f"{_beside(deciding, '; deciding: ')}{_beside(helping, '; with: ')}"
        f"{_beside(promising, '; enterprises, which promise a date and do not decide: ')}"
    )


def _lead_promises_vi(told: Told) -> str:
    return (
        " (doanh nghiệp cam kết thời hạn, không có thẩm quyền quyết định)" if told.lead.promises_only else ""
    )


def _lead_promises_en(told: Told) -> str:
    return " (an enterprise, which promises a date and does not decide)" if told.lead.promises_only else ""


def _beside(names: str, words: str) -> str:
    return f"{words}{names}" if names else ""


def _duty(told: Told, language: str) -> str:
    for body in (told.lead, *told.others):
        if body.duty_phone:
            words = (
                f"số {body.duty_phone}, {body.name_vi}"
                if language == "vi"
                else f"{body.duty_phone}, {body.name_en}"
            )
            return f" ({words})"
    return ""
