"""The sentences that say where a province goes with what is beyond itself, made from the row of competence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.bodies import Body, place_en, place_vi
from reporting.clock_policies import ClockPolicy
from reporting.explanations import Told, listed, spelled_out


@dataclass(frozen=True, slots=True)
class Petition:
    """Everything that the sentences speak of.

    Attributes:
        road: the row, as it is told to a commune; its `ministry` is whom the province petitions.
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
    """Say it in Vietnamese, as an office would."""
    road, committee = told.road, told.committee.name_vi
    name = f"“{road.name[0]}”"
    if road.lane == "outside":
        return f"{name} không gửi qua hệ thống này; cấp tỉnh xử lý theo đúng kênh quy định của ngành."
    prepared = next((body for body in (road.lead, *road.helping) if _stands_for(body, told)), told.office)
    sentences = []
    if road.ministry is None:
        sentences.append(
            f"{name} chưa có sẵn bộ, cơ quan trung ương trong bảng phân định thẩm quyền: {told.office.name_vi} xác định "
            f"bộ có thẩm quyền theo từng việc, {committee} kiến nghị bằng văn bản sau khi lãnh đạo {committee} duyệt."
        )
    else:
        others = listed([body.name_vi for body in told.others], " và ")
        sentences.append(
            f"Khi {name} vượt thẩm quyền cấp tỉnh, {committee} kiến nghị {road.ministry.name_vi} bằng văn bản sau khi "
            f"lãnh đạo {committee} duyệt{f'; cơ quan trung ương cùng tham gia: {others}' if others else ''}."
        )
    if told.promising:
        names = listed([body.name_vi for body in told.promising], " và ")
        sentences.append(f"Doanh nghiệp cam kết thời hạn, không có thẩm quyền quyết định: {names}.")
    if prepared.id != told.office.id:
        sentences.append(f"{prepared.name_vi} chuẩn bị nội dung kiến nghị.")
    answering = road.ministry.name_vi if road.ministry else "Bộ, cơ quan trung ương"
    sentences.append(
        f"{answering} trả lời {committee}; {told.office.name_vi} chuyển câu trả lời về {place_vi(road.unit)}."
    )
    days = f"{told.days.days} ngày{' làm việc' if told.days.days_kind == 'working' else ''}"
    if told.days.deadline_source == "default":
        sentences.append(
            f"Mốc nhắc trả lời lần đầu: {days} kể từ khi gửi; đây là mốc nhắc việc, không phải thời hạn do pháp luật "
            "quy định."
        )
    else:
        sentences.append(f"Thời hạn trả lời lần đầu: {days} kể từ khi gửi.")
    if road.basis:
        sentences.append(f"Căn cứ: {spelled_out(road.basis)}.")
    sentences.append(f"Theo bảng phân định thẩm quyền phiên bản {road.table_version}.")
    return " ".join(sentences)


def in_english(told: Petition) -> str:
    """Say it in English; laws keep their Vietnamese names."""
    road, committee = told.road, told.committee.name_en
    name = f"“{road.name[1]}”"
    if road.lane == "outside":
        return f"{name} does not go through this system; the province handles it by the channel laid down for it."
    prepared = next((body for body in (road.lead, *road.helping) if _stands_for(body, told)), told.office)
    sentences = []
    if road.ministry is None:
        sentences.append(
            f"The table of competence names no ministry for {name}: the {told.office.name_en} finds the competent one "
            f"case by case, and the {committee} petitions it in an official document that its leadership approves."
        )
    else:
        others = listed([body.name_en for body in told.others], " and ")
        sentences.append(
            f"Where {name} is beyond the province, the {committee} petitions: {road.ministry.name_en}, in an official "
            f"document that its leadership approves{f'; taking part: {others}' if others else ''}."
        )
    if told.promising:
        names = listed([body.name_en for body in told.promising], " and ")
        sentences.append(f"Enterprises, which promise a date and do not decide: {names}.")
    if prepared.id != told.office.id:
        sentences.append(f"The {prepared.name_en} prepares the petition.")
    sentences.append(
        f"The answer goes to the {committee}; the {told.office.name_en} relays it to {place_en(road.unit)}."
    )
    days = f"{told.days.days} {told.days.days_kind} day{'' if told.days.days == 1 else 's'}"
    if told.days.deadline_source == "default":
        sentences.append(
            f"First answer, reminder mark: {days} after sending; a reminder, not a deadline set by law."
        )
    else:
        sentences.append(f"Deadline of the first answer: {days} after sending.")
    if road.basis:
        sentences.append(f"Basis: {road.basis}.")
    sentences.append(f"By version {road.table_version} of the table of competence.")
    return " ".join(sentences)


def _stands_for(body: Body, told: Petition) -> bool:
    """Tell whether a body of the province may prepare what the committee signs: neither enterprise nor the committee."""
    return (
        body.unit_code == told.committee.unit_code
        and not body.promises_only
        and body.id not in {told.committee.id, told.office.id}
    )
