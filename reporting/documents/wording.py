"""The sentences of documents, in the language of Vietnamese administration. Documents exist in Vietnamese only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

ERASED = "(nội dung đã được xóa theo yêu cầu)"
OPEN_CAUSE = "[nguyên nhân]"
"""Where the officer is asked for a judgement nothing is written for them: the place is left open, in brackets."""
OPEN_REQUEST = "[chưa ghi đề nghị]"
OPEN_RULE = "[số, ký hiệu, ngày của văn bản quy định chế độ báo cáo]"
OPEN_PLACES = (OPEN_CAUSE, OPEN_REQUEST)
"""Every place that a line of an annex may leave open; no letter is drawn while one is."""

_MARCH, _TEN = 3, 10

_ANSWER = {
    "solved": "Đã giải quyết",
    "guidance": "Đã hướng dẫn",
    "passed_on": "Đã chuyển cơ quan khác",
    "not_competent": "Cơ quan được đề nghị trả lời không thuộc thẩm quyền",
    "waiting_resources": "Chờ bố trí nguồn lực",
    "refused": "Không chấp thuận",
}
_ROAD = {
    "proposed": "Chờ lãnh đạo duyệt đề xuất.",
    "in_correction": "Lãnh đạo yêu cầu sửa đề xuất.",
    "awaiting_document": "Đề xuất đã được duyệt, chờ ban hành văn bản.",
    "sent": "Đã gửi, chưa có trả lời.",
    "acknowledged": "Cơ quan có thẩm quyền đã nhận, chưa có trả lời.",
    "accepted": "Cơ quan có thẩm quyền đang xử lý.",
    "returned": "Được chuyển trả, chờ phân công cơ quan chủ trì.",
    "withdrawn": "Đề xuất đã được rút.",
}
_DOCUMENT = {
    "report": "Báo cáo",
    "proposal": "Tờ trình",
    "official_letter": "Công văn",
    "decision": "Quyết định",
    "plan": "Kế hoạch",
    "notice": "Thông báo",
    "other": "Văn bản",
}


def day(value: dt.date) -> str:
    """Return a day as written in documents: 05/11/2026, 09/3/2026; of the months only 1 and 2 take a zero."""
    month = f"{value.month:02}" if value.month < _MARCH else str(value.month)
    return f"{value.day:02}/{month}/{value.year}"


def number(value: int) -> str:
    """Return a count as written in documents: 1.234."""
    return f"{value:,}".replace(",", ".")


def counted(value: int) -> str:
    """Return how many contents there are, as written in documents: 03, 28, 1.234."""
    return f"{value:02}" if 0 < value < _TEN else number(value)


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers with their runs drawn together: 2–4, 7, 9–10."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def in_full(name: str) -> str:
    """Return the name of a body without abbreviations, as a document addresses it."""
    return name.replace("UBND", "Ủy ban nhân dân").replace("HĐND", "Hội đồng nhân dân")


def document(kind: str, written_number: str, issued_on: dt.date) -> str:
    """Return the name of a document: Tờ trình số 15/TTr-UBND ngày 20/11/2026."""
    return f"{_DOCUMENT[kind]} số {written_number} ngày {day(issued_on)}"


def sentence(text: str) -> str:
    """Return a text as a sentence, with a capital at the beginning and a mark at the end."""
    text = " ".join(text.split())
    if not text:
        return ""
    ended = text if text.endswith((".", "!", "?", "…", ")")) else f"{text}."
    return ended[0].upper() + ended[1:]


def joined_sentences(texts: Iterable[str | None]) -> str:
    """Join texts, each as a sentence."""
    return " ".join(sentence(text) for text in texts if text)


def scale(people: int | None, cases: int | None, *, is_open: bool = True) -> str | None:
    """Return the numbers of people and dossiers concerned; None where neither is given. Ten people and more are an estimate."""
    found = []
    if people:
        found.append(f"{'khoảng ' if people >= _TEN else ''}{number(people)} người bị ảnh hưởng")
    if cases:
        found.append(f"{number(cases)} hồ sơ {'chưa giải quyết được' if is_open else 'bị vướng'}")
    return ", ".join(found) or None


def content(what: str, place: str | None, size: str | None, said: str | None = None) -> str:
    """Return what the difficulty is: its kind and place, what was written about it, its size."""
    where = f" (địa điểm: {place.rstrip(' .')})" if place else ""
    if said:
        return joined_sentences([f"{what}{where}.", said, size])
    return sentence(f"{what}{where}{f'; {size}' if size else ''}").rstrip(".") + "."


def cause(trigger: str | None, said: str | None) -> str:
    """Return the cause that the log knows: the commune proposed for want of means, and why; else the open place."""
    return joined_sentences(["Chưa bố trí đủ nguồn lực", said]) if trigger == "means" else OPEN_CAUSE


def asked(body: str, on: dt.date, written: str | None, *, sender: str | None = None) -> str:
    """Return the sentence that a body was asked; `sender` is the asking body, None for the commune."""
    with_document = f" tại {written}" if written else ""
    who = f"{sender} đã kiến nghị" if sender else "Đã đề nghị"
    return f"{who} {body} ngày {day(on)}{with_document}."


def assigned(committee: str, office: str, body: str, on: dt.date) -> str:
    """Return the sentence that a body leads: the committee assigns it, its office makes that known."""
    return f"{committee} giao {body} chủ trì (thông báo của {office} ngày {day(on)})."


def without_answer(road: str | None) -> str:
    """Return where an issue without an answer lies."""
    return _ROAD.get(road or "", "Chưa đề xuất cấp có thẩm quyền.")


def answered(kind: str, on: dt.date, written: str | None, expected_on: dt.date | None) -> str:
    """Return what was answered, when and by which document."""
    with_document = f" tại {written}" if written else f" ngày {day(on)}"
    until = f", dự kiến ngày {day(expected_on)}" if expected_on else ""
    return f"{_ANSWER[kind]}{with_document}{until}."


def decided(state: str, word: str) -> str | None:
    """Return the commune's decision about an answer, which stands last; None where there is none."""
    return {
        "confirmed": f"UBND {word} đã xác nhận kết quả.",
        "closed": "Đã kết thúc theo dõi.",
        "solution_claimed": f"Chờ UBND {word} xác nhận.",
        "disputed": f"UBND {word} đề nghị xem xét lại.",
    }.get(state)


def ended(reason: str | None, word: str) -> str:
    """Return why an issue ended without an answer."""
    return f"{word.capitalize()} đã tự giải quyết." if reason == "resolved_by_commune" else "Đã kết thúc."
