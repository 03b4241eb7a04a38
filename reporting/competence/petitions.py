"""Sentences, from the row of competence, on where a province goes with a matter beyond its powers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.competence.explanations import Told, grounds_en, grounds_vi, listed, sure_en, sure_vi
from reporting.competence.words import days_en, days_vi, reminder_en, reminder_vi
from reporting.dated.bodies import Body, place_en, place_vi, unit_word
from reporting.dated.clock_policies import ClockPolicy

GOVERNMENT = "government"
"""The kind of body to which a ministry itself reports: the Government and its Prime Minister."""


@dataclass(frozen=True, slots=True)
class Petition:
    """The facts of the sentences.

    Attributes:
        road: the row, as explained to a commune; its `ministry` is the body that the province petitions.
        office: the provincial office, which relays the answer.
        committee: the provincial people's committee, which alone petitions.
        others: central bodies that take part.
        promising: central enterprises: they promise and do not decide.
        days: until the first answer of a ministry.
    """

    road: Told
    office: Body
    committee: Body
    others: Sequence[Body]
    promising: Sequence[Body]
    days: ClockPolicy


def in_vietnamese(told: Petition) -> str:
    """Return the sentences in Vietnamese, in the style of an office."""
    road, committee, word = told.road, told.committee.name_vi, unit_word(told.road.province)
    name = f"“{road.name[0]}”"
    if road.lane == "outside":
        return f"{name} không gửi qua hệ thống này; cấp tỉnh xử lý theo quy định của ngành."
    approved = f"bằng văn bản sau khi lãnh đạo UBND {word} duyệt"
    sentences = []
    if road.ministry is None:
        sentences.append(
            f"Bảng phân định thẩm quyền chưa nêu bộ, cơ quan trung ương cho vướng mắc {name}. {told.office.name_vi} "
            f"xác định cơ quan có thẩm quyền theo từng việc, {committee} kiến nghị {approved}."
        )
    else:
        others = listed([body.name_vi for body in told.others if body.kind != GOVERNMENT], " và ")
        sentences.append(
            f"Khi vướng mắc {name} vượt thẩm quyền cấp tỉnh, {committee} kiến nghị {road.ministry.name_vi} {approved}"
            f"{f'; cơ quan trung ương cùng tham gia: {others}' if others else ''}."
        )
        if road.lane == "phone_first":
            sentences.append(
                f"Việc khẩn cấp được báo ngay trực ban {road.ministry.name_vi}, văn bản gửi sau."
            )
    above = listed([body.name_vi for body in told.others if body.kind == GOVERNMENT], " và ")
    if above:
        sentences.append(f"Việc vượt thẩm quyền của bộ thì báo cáo {above}.")
    if told.promising:
        names = listed([body.name_vi for body in told.promising], " và ")
        sentences.append(f"Doanh nghiệp khắc phục, cam kết thời gian: {names}.")
    if (prepared := _prepares(told)) is not None:
        sentences.append(f"{prepared.name_vi} chuẩn bị nội dung kiến nghị.")
    answering = road.ministry.name_vi if road.ministry else "Cơ quan được kiến nghị"
    sentences.append(
        f"{answering} trả lời UBND {word}; Văn phòng UBND {word} chuyển văn bản trả lời đến UBND {place_vi(road.unit)}."
    )
    days = days_vi(told.days.days, told.days.days_kind)
    if told.days.deadline_source == "default":
        sentences.append(reminder_vi(days))
    else:
        sentences.append(f"Thời hạn trả lời: {days} kể từ khi gửi.")
    return " ".join([*sentences, *sure_vi(road), *grounds_vi(road)])


def in_english(told: Petition) -> str:
    """Return the sentences in English; laws keep their Vietnamese names."""
    road, committee = told.road, told.committee.name_en
    name = f"“{road.name[1]}”"
    if road.lane == "outside":
        return (
            f"{name} does not go through this system; the province handles it under the rules of its sector."
        )
    sentences = []
    if road.ministry is None:
        sentences.append(
            f"The table of competence names no ministry for {name}. The {told.office.name_en} finds the competent one "
            f"case by case, and the {committee} petitions it in an official document that its leadership approves."
        )
    else:
        others = listed([body.name_en for body in told.others if body.kind != GOVERNMENT], " and ")
        sentences.append(
            f"Where {name} is beyond the province, the {committee} petitions the {road.ministry.name_en} in an official "
            f"document that its leadership approves{f'; taking part: {others}' if others else ''}."
        )
        if road.lane == "phone_first":
            sentences.append("In an emergency its duty officer is told at once; the document follows.")
    above = listed([body.name_en for body in told.others if body.kind == GOVERNMENT], " and ")
    if above:
        sentences.append(f"What is beyond the ministry is reported to {above}.")
    if told.promising:
        names = listed([body.name_en for body in told.promising], " and ")
        sentences.append(f"Enterprises that put it right and promise a date: {names}.")
    if (prepared := _prepares(told)) is not None:
        sentences.append(f"The petition is prepared by: {prepared.name_en}.")
    sentences.append(
        f"The answer goes to the provincial people’s committee; its office passes the document on to {place_en(road.unit)}."
    )
    days = days_en(told.days.days, told.days.days_kind)
    if told.days.deadline_source == "default":
        sentences.append(reminder_en(days))
    else:
        sentences.append(f"Deadline of the answer: {days} after sending.")
    return " ".join([*sentences, *sure_en(road), *grounds_en(road)])


def _prepares(told: Petition) -> Body | None:
    """Return the body that prepares the petition: one of the province, neither enterprise nor committee."""
    around = {told.committee.id, told.office.id}
    candidates = (told.road.lead, *told.road.helping)
    return next(
        (
            body
            for body in candidates
            if body.unit_code == told.committee.unit_code and not body.promises_only and body.id not in around
        ),
        None,
    ) or next(
        (body for body in told.road.deciding_beside if body.id not in around and body.kind == "department"),
        None,
    )
