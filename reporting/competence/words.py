"""Word the conditions and the deadlines of a row of competence, in Vietnamese and English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from reporting.competence.conditions import CHOICES, SEVERITIES, Conditions, Range

_SEVERITY = {
    "medium": ("trung bình", "medium"),
    "high": ("cao", "high"),
    "urgent": ("nghiêm trọng", "critical"),
}
_MEASURE = {
    "amount_dong": ("kinh phí cần có", "đồng", "the money needed", "đồng"),
    "people_affected": ("số người bị ảnh hưởng", "người", "the number of people affected", "people"),
    "cases_blocked": ("số hồ sơ bị vướng", "hồ sơ", "the number of cases blocked", "cases"),
}
_WORD = {
    "village": ("thôn, bản, tổ dân phố", "a village"),
    "service_centre": ("Trung tâm Phục vụ hành chính công", "the service centre"),
    "office": ("trụ sở cơ quan", "an office building"),
    "school": ("trường, điểm trường", "a school"),
    "health_station": ("trạm y tế", "the health station"),
    "road_bridge": ("đường, cầu", "a road or bridge"),
    "land": ("khu đất, khu rừng", "land or forest"),
    "whole_unit": ("toàn địa bàn", "the whole area"),
    "none": ("chưa xử lý", "nothing was tried yet"),
    "own_means": ("đã tự xử lý bằng nguồn lực tại chỗ", "own means were used"),
    "guidance_asked": ("đã hỏi hướng dẫn của cơ quan chuyên môn", "the professional department was asked"),
    "support_called": ("đã báo bộ phận hỗ trợ kỹ thuật", "technical support was called"),
    "enterprise_met": ("đã làm việc với doanh nghiệp", "the enterprise was met"),
    "mediated": ("đã hòa giải", "mediation was tried"),
}


def conditions_in_words(conditions: Conditions) -> tuple[str, str]:
    """Return the conditions as the end of a sentence, in Vietnamese and English; empty where there are none."""
    vietnamese, english = [], []
    if conditions.severity_from != SEVERITIES[0]:
        vi, en = _SEVERITY[conditions.severity_from]
        top = conditions.severity_from == SEVERITIES[-1]
        vietnamese.append(f"mức độ là “{vi}”" if top else f"mức độ từ “{vi}” trở lên")
        english.append(f"it is {en}" if top else f"it is {en} or worse")
    for name, found in conditions.ranges:
        what_vi, unit_vi, what_en, unit_en = _MEASURE[name]
        vietnamese.append(f"{what_vi} {_bounds_vi(found)} {unit_vi}")
        english.append(f"{what_en} is {_bounds_en(found)} {unit_en}")
    for name, taken in conditions.words:
        keys = [key for key in CHOICES[name] if key in taken]
        place = name == "place_type"
        vietnamese.append(
            ("vướng mắc ở " if place else "") + _either((_WORD[key][0] for key in keys), "hoặc")
        )
        english.append(("it is felt at " if place else "") + _either((_WORD[key][1] for key in keys), "or"))
    return " và ".join(vietnamese), " and ".join(english)


def _bounds_vi(found: Range) -> str:
    high = None if found.high is None else f"dưới {_grouped(found.high, '.')}"
    low = f"từ {_grouped(found.low, '.')}" if found.low or high is None else None
    return " đến ".join(filter(None, (low, high))) if low and high else (low or high or "")


def _bounds_en(found: Range) -> str:
    high = None if found.high is None else f"below {_grouped(found.high, ',')}"
    low = f"at least {_grouped(found.low, ',')}" if found.low or high is None else None
    return " and ".join(filter(None, (low, high)))


def _grouped(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


def _either(words: Iterable[str], last: str) -> str:
    return f" {last} ".join(words)


def days_vi(days: int, kind: str) -> str:
    """Return a number of days in Vietnamese."""
    return f"{days} ngày{' làm việc' if kind == 'working' else ''}"


def days_en(days: int, kind: str) -> str:
    """Return a number of days in English."""
    return f"{days} {kind} day{'' if days == 1 else 's'}"


def reminder_vi(days: str, whom: str = "") -> str:
    """Return the reminder mark of an answer in Vietnamese; the words state that no law sets it."""
    return f"Hệ thống nhắc{f' {whom}' if whom else ''} sau {days}, không phải thời hạn luật định."


def reminder_en(days: str, whom: str = "") -> str:
    """Return the reminder mark of an answer in English."""
    return f"The system reminds{f' the {whom}' if whom else ''} after {days}; no law sets this."


def day_vi(day: dt.date) -> str:
    """Return a day as Vietnamese documents write it: no zero before the months 3 to 9."""
    return f"{day:%d}/{day.month if day.month > 2 else f'{day:%m}'}/{day.year}"  # noqa: PLR2004 -- January, February
