"""Sentences that explain who is competent and why, in Vietnamese and English, made from the row itself.

The first paragraph is for reading aloud, within twenty seconds: who, what to do and when, how sure. What else the row
knows stands in a second one: who takes part, where it goes beyond the province, the legal texts, the day of the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.competence.citations import spelled_out
from reporting.competence.words import day_vi, days_en, days_vi, reminder_en, reminder_vi
from reporting.dated.bodies import Body, place_en, place_vi, unit_word, unit_word_en
from reporting.dated.units import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of an explanation.

    Attributes:
        topic: the short name of the kind, in Vietnamese and English.
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
    topic: tuple[str, str]
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
    """Return the explanation in Vietnamese: a paragraph to read aloud, a line break, one with the particulars."""
    spoken = [*_road_vi(told), *sure_vi(told)]
    return f"{' '.join(filter(None, spoken))}\n{' '.join([*_particulars_vi(told), *grounds_vi(told)])}"


def in_english(told: Told) -> str:
    """Return the explanation in English as in Vietnamese; laws keep their Vietnamese names."""
    spoken = [*_road_en(told), *sure_en(told)]
    return f"{' '.join(filter(None, spoken))}\n{' '.join([*_particulars_en(told), *grounds_en(told)])}"


def grounds_vi(told: Told) -> list[str]:
    """Return the grounds: the legal texts, what the row adds, the day of the table."""
    sentences = [f"Căn cứ: {spelled_out(told.basis)}."] if told.basis else []
    noted = [told.note[0]] if told.note[0] and not _note_is_spoken(told) else []
    return [*sentences, *noted, dated_vi(told.table_version)]


def grounds_en(told: Told) -> list[str]:
    """Return the grounds in English; laws keep their Vietnamese names."""
    sentences = [f"Basis: {told.basis}."] if told.basis else []
    noted = [told.note[1]] if told.note[1] and not _note_is_spoken(told) else []
    return [*sentences, *noted, dated_en(told.table_version)]


def dated_vi(table_version: str) -> str:
    """Return from which day the table is; its fingerprint is for the log, not for people."""
    return f"Bảng phân định thẩm quyền ngày {day_vi(_day_of(table_version))}."


def dated_en(table_version: str) -> str:
    """Return from which day the table is, in English."""
    return f"Table of competence of {_day_of(table_version).isoformat()}."


def _day_of(table_version: str) -> dt.date:
    return dt.date.fromisoformat(table_version[:10])


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
            f"Bảng phân định thẩm quyền chưa có dòng nào cho loại “{name}” vào ngày {day_vi(on)}. {_handed_vi(unit, office)} "
            f"và bổ sung bảng. {dated_vi(table_version)}"
        ),
        (
            f"The table of competence has no row for “{name}” on {on.isoformat()}. {_handed_en(unit, office)} and "
            f"completes the table. {dated_en(table_version)}"
        ),
    )


def unit_missing(unit_code: str, province_code: str, table_version: str) -> tuple[str, str]:
    """Return the explanation where the table of units lacks the unit, in Vietnamese and English."""
    return (
        (
            f"Danh mục đơn vị hành chính không có mã {unit_code} thuộc tỉnh, thành phố mã {province_code}. Hệ thống "
            "không tự xác định cơ quan giải quyết. Vướng mắc này được chuyển Văn phòng UBND cấp tỉnh để tham mưu giao cơ "
            f"quan chủ trì và cập nhật danh mục. {dated_vi(table_version)}"
        ),
        (
            f"The table of units has no {unit_code} in the province {province_code}. The system names no body by itself: "
            "the difficulty goes to the provincial office, which has the lead body assigned and completes the table. "
            f"{dated_en(table_version)}"
        ),
    )


def row_expired(
    name: tuple[str, str], unit: Unit, office: Body, expired_on: dt.date, table_version: str
) -> tuple[str, str]:
    """Return the explanation where the row has expired, in Vietnamese and English."""
    return (
        (
            f"Dòng phân định thẩm quyền của “{name[0]}” hết hiệu lực từ ngày {day_vi(expired_on)}, chưa có dòng "
            f"thay thế. {_handed_vi(unit, office)} và cập nhật bảng. {dated_vi(table_version)}"
        ),
        (
            f"The row for “{name[1]}” expired on {expired_on.isoformat()} and none has taken its place. "
            f"{_handed_en(unit, office)} and updates the table. {dated_en(table_version)}"
        ),
    )


def body_missing(
    name: tuple[str, str], unit: Unit, office: Body, body_id: str, table_version: str
) -> tuple[str, str]:
    """Return the explanation where the table of bodies lacks the row's body, in Vietnamese and English."""
    return (
        (
            f"Dòng phân định thẩm quyền của “{name[0]}” nêu cơ quan “{body_id}” không có trong danh mục cơ quan vào "
            f"ngày này. {_handed_vi(unit, office)} và cập nhật danh mục. {dated_vi(table_version)}"
        ),
        (
            f"The row for “{name[1]}” names the body “{body_id}”, which the list of bodies does not have on that day. "
            f"{_handed_en(unit, office)} and updates the list. {dated_en(table_version)}"
        ),
    )


def _handed_vi(unit: Unit, office: Body) -> str:
    return (
        f"Hệ thống không tự xác định cơ quan giải quyết. Vướng mắc của {place_vi(unit)} được chuyển {office.name_vi} để "
        "tham mưu giao cơ quan chủ trì"
    )


def _handed_en(unit: Unit, office: Body) -> str:
    return (
        f"The system names no body by itself: the difficulty of {place_en(unit)} goes to the {office.name_en}, which has "
        "the lead body assigned"
    )


def _note_is_spoken(told: Told) -> bool:
    """Return whether the note of the row says what to do now: in an emergency, or outside the system."""
    return told.lane in {"outside", "phone_first"}


def _road_vi(told: Told) -> list[str]:
    topic, kind, lead = told.topic[0], unit_word(told.unit), told.lead.short_vi
    if told.lane == "outside":
        return [f"{topic}: không gửi qua hệ thống này, không nhập nội dung vào đây.", told.note[0]]
    if told.lane == "phone_first":
        return [
            f"{topic}: gọi điện ngay {_duty_vi(told)}.",
            f"{kind.capitalize()} ứng phó ngay theo thẩm quyền, không chờ trả lời trên hệ thống.",
            f"{lead} chủ trì; gọi xong mới ghi vào đây.",
            told.note[0],
        ]
    if told.lane == "support":
        return [
            f"{topic}: báo thẳng {lead}; không cần lãnh đạo duyệt, không cần văn bản.",
            _deadline_vi(told),
        ]
    if not told.beyond_commune:
        guide = told.others[0].short_vi
        return [
            f"{topic}: {lead} giải quyết; cần hướng dẫn thì hỏi thẳng {guide}, không cần văn bản.",
            _deadline_vi(told, guide),
        ]
    if told.lane == "guidance":
        sorts = told.lead.kind == "province_office"
        return [
            f"{topic}: hỏi thẳng {lead}, không cần văn bản."
            if not sorts
            else f"{topic}: {lead} đọc nội dung, xác định loại việc và trình lãnh đạo giao cơ quan chủ trì.",
            _deadline_vi(told),
        ]
    deciding = listed([body.short_vi for body in told.deciding_beside], " và ")
    return [
        (
            f"{topic}: {lead} chủ trì{f'; {deciding} quyết định' if deciding else ''}"
            f"{'; doanh nghiệp khắc phục, cam kết ngày xong' if told.promising else ''}."
        ),
        f"UBND {kind} gửi văn bản đề xuất sau khi Chủ tịch UBND {kind} duyệt.",
        _deadline_vi(told),
    ]


def _road_en(told: Told) -> list[str]:
    topic, lead = told.topic[1], told.lead.short_en
    if told.lane == "outside":
        return [f"{topic}: not sent through this system; do not write down what it is about.", told.note[1]]
    if told.lane == "phone_first":
        return [
            f"{topic}: call {_duty_en(told)} at once.",
            f"The {unit_word_en(told.unit)} acts at once within its powers and does not wait for an answer here.",
            f"The {lead} leads; record it here after the call.",
            told.note[1],
        ]
    if told.lane == "support":
        return [f"{topic}: tell the {lead} directly; no approval, no document needed.", _deadline_en(told)]
    if not told.beyond_commune:
        guide = told.others[0].short_en
        return [
            f"{topic}: the {lead} solves it; for guidance ask the {guide} directly, no document needed.",
            _deadline_en(told, guide),
        ]
    if told.lane == "guidance":
        sorts = told.lead.kind == "province_office"
        return [
            f"{topic}: ask the {lead} directly, no document needed."
            if not sorts
            else f"{topic}: the {lead} reads it, finds its kind and has the lead body assigned.",
            _deadline_en(told),
        ]
    deciding = listed([f"the {body.short_en}" for body in told.deciding_beside], " and ")
    decide = "decides" if len(told.deciding_beside) == 1 else "decide"
    return [
        (
            f"{topic}: the {lead} leads{f'; {deciding} {decide}' if deciding else ''}"
            f"{'; enterprises put it right and promise a date' if told.promising else ''}."
        ),
        "The people’s committee proposes it in an official document once its chair has approved.",
        _deadline_en(told),
    ]


def sure_vi(told: Told) -> list[str]:
    """Return how sure it is: approved, or second-hand however sure its sources seem."""
    if told.approved_by:
        return [f"Phân định này được phê duyệt tại: {told.approved_by}."]
    if not told.basis:
        return []
    doubtful = ["Số hiệu hoặc hiệu lực chưa chắc chắn."] if told.confidence == "low" else []
    return ["Căn cứ chưa đối chiếu văn bản gốc.", *doubtful]


def sure_en(told: Told) -> list[str]:
    """Return in English how sure it is."""
    if told.approved_by:
        return [f"Approved by: {told.approved_by}."]
    if not told.basis:
        return []
    doubtful = (
        ["The number of the text, or whether it is in force, is uncertain."]
        if told.confidence == "low"
        else []
    )
    return ["The text of the law was not seen; check it before citing it.", *doubtful]


def _particulars_vi(told: Told) -> list[str]:
    """Return who is who, by full name, and where it goes beyond the province."""
    deciding, helping, promising = (
        listed([body.name_vi for body in group], " và ")
        for group in (told.deciding_beside, told.helping, told.promising)
    )
    watching = "Cơ quan quản lý nhà nước" if told.lead.promises_only else "Cơ quan có thẩm quyền quyết định"
    above = deciding if told.beyond_commune else ""
    return [
        f"Loại: {told.name[0]}.",
        f"{'Doanh nghiệp khắc phục, cam kết thời gian' if told.lead.promises_only else 'Chủ trì'}: {told.lead.name_vi}.",
        *([f"{watching}: {above}."] if above else []),
        *([f"Khi vượt thẩm quyền cấp xã: {deciding} quyết định."] if deciding and not above else []),
        *([f"{'Phối hợp' if told.beyond_commune else 'Hướng dẫn'}: {helping}."] if helping else []),
        *([f"Doanh nghiệp khắc phục, cam kết thời gian: {promising}."] if promising else []),
        *(
            [
                f"Khi vượt thẩm quyền cấp tỉnh: UBND {place_vi(told.province)} kiến nghị {told.ministry.name_vi}."
            ]
            if told.ministry and told.lane == "proposal"
            else []
        ),
        *([f"Phân định này áp dụng khi {told.when[0]}."] if told.when[0] else []),
    ]


def _particulars_en(told: Told) -> list[str]:
    deciding, helping, promising = (
        listed([body.name_en for body in group], " and ")
        for group in (told.deciding_beside, told.helping, told.promising)
    )
    watching = "State management" if told.lead.promises_only else "Deciding"
    above = deciding if told.beyond_commune else ""
    return [
        f"Kind: {told.name[1]}.",
        f"{'Enterprise that puts it right and promises a date' if told.lead.promises_only else 'Lead'}: {told.lead.name_en}.",
        *([f"{watching}: {above}."] if above else []),
        *([f"Beyond the commune, deciding: {deciding}."] if deciding and not above else []),
        *(
            [f"{'In coordination with' if told.beyond_commune else 'Guidance'}: {helping}."]
            if helping
            else []
        ),
        *([f"Enterprises that put it right and promise a date: {promising}."] if promising else []),
        *(
            [
                (
                    f"Beyond the province: the People’s Committee of {place_en(told.province)} petitions the "
                    f"{told.ministry.name_en}."
                )
            ]
            if told.ministry and told.lane == "proposal"
            else []
        ),
        *([f"This holds where {told.when[1]}."] if told.when[1] else []),
    ]


def _deadline_vi(told: Told, whom: str = "") -> str:
    days = days_vi(told.response_days, told.days_kind)
    if told.deadline_source == "default":
        return reminder_vi(days, whom)
    every = "" if told.days_kind == "working" else " (tính cả ngày nghỉ)"
    return f"Thời hạn: {days}{every}, do {_SOURCE_VI[told.deadline_source]} quy định."


def _deadline_en(told: Told, whom: str = "") -> str:
    days = days_en(told.response_days, told.days_kind)
    if told.deadline_source == "default":
        return reminder_en(days, whom)
    return f"Deadline: {days}, set by {_SOURCE_EN[told.deadline_source]}."


_SOURCE_VI = {"law": "pháp luật", "regulation": "quy chế", "document": "văn bản giao việc"}
_SOURCE_EN = {"law": "law", "regulation": "regulation", "document": "the document that assigned it"}


def _duty_vi(told: Told) -> str:
    """Return whom to call: the emergency number, or the duty officer of the police, whose 113 is for the street."""
    body = next((body for body in (told.lead, *told.others) if body.duty_phone), told.lead)
    if body.duty_phone is None or body.kind == "police":
        return f"trực ban {body.short_vi}"
    return f"số {body.duty_phone} và trực ban UBND {unit_word(told.province)}"


def _duty_en(told: Told) -> str:
    body = next((body for body in (told.lead, *told.others) if body.duty_phone), told.lead)
    if body.duty_phone is None or body.kind == "police":
        return f"the duty officer of the {body.short_en}"
    return f"{body.duty_phone} and the duty officer of the People’s Committee of the {unit_word_en(told.province)}"
