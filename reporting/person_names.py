"""Find "ông/bà/anh/chị … + name" in a Vietnamese text without a list of people."""

from __future__ import annotations

import re
from collections.abc import Iterator


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Forms of address that stand before a name.
TITLES = frozenset({"ông", "bà", "anh", "chị", "cháu", "em", "cô", "chú", "bác", "cụ", "thím", "dì", "cậu"})
# Words that make "Bà", "Anh" … after them part of a place name, or of the English language or country.
_BEFORE_A_PLACE = _words(
    "đường phố cầu chợ núi đền chùa miếu thôn bản xã phường làng ấp hồ suối sông đèo khu trường trạm huyện tỉnh "
    "đảo hang đồi dốc ngã tiếng nước vương"
)
_PLACES = frozenset(
    {("bà", "rịa"), ("bà", "nà"), ("bà", "triệu"), ("anh", "sơn"), ("bác", "ái"), ("bà", "đen")}
)
# Words after a form of address that begin an office, not a name.
_OFFICES = _words(
    "chủ phó bí trưởng giám công cán ubnd hđnd hội đoàn ban tổ phụ thường thủ tổng đại tỉnh xã huyện mầm tiểu thiếu"
)
# A family name distinguishes a name in capitals from a shouted sentence.
_FAMILY_NAMES = _words(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý lò vi hà lương cầm quách đinh trương "
    "mai cao tô thao giàng sùng vàng hạng mùa lầu thào lục nông triệu ma ngân lộc lữ kha cụt moong xeo hơ trịnh "
    "đào đoàn tạ chu tống lâm thái kim thạch sơn danh y h'"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_BETWEEN_TITLES = re.compile(r"\s*[/,()]?\s*\(?\s*|\s+(?:và|với|hoặc)\s+")
_GAP = re.compile(r"[)\s]*[:.]?\s+")
_ENDS_A_SENTENCE = ".!?:;…\n•"


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each form of address with the capitalised name after it; `text` is in NFC."""
    if TITLES.isdisjoint(map(str.casefold, _WORD.findall(text))):
        return  # as nearly every text
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        if words[at][0].casefold() not in TITLES:
            at += 1
            continue
        first = at
        while at + 1 < len(words) and _continues_titles(text, words[at], words[at + 1]):
            at += 1
        name = _name_after(text, words, at)
        if name and _is_a_person(text, words, first, at, name):
            yield words[first].start(), name[-1].end()
            at += len(name)
        at += 1


def _continues_titles(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    between = text[one.end() : other.start()]
    return other[0].casefold() in TITLES and _BETWEEN_TITLES.fullmatch(between) is not None


def _name_after(text: str, words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
    """Return the capitalised words that follow, separated by nothing but spaces."""
    name: list[re.Match[str]] = []
    last = words[at]
    for word in words[at + 1 : at + 7]:
        gap = text[last.end() : word.start()]
        allowed = _GAP.fullmatch(gap) if not name else gap.strip(" \t") == "" and gap
        if not allowed or not word[0][0].isupper():
            break
        name.append(word)
        last = word
    return name


def _is_a_person(
    text: str, words: list[re.Match[str]], first: int, at: int, name: list[re.Match[str]]
) -> bool:
    title, head = words[at][0], name[0][0].casefold()
    before = words[first - 1][0].casefold() if first else ""
    if title.isupper() and len(title) > 1:
        # Everything is in capitals: only a family name distinguishes "ÔNG LÒ VĂN BUN" from "BÀ CON NHÂN DÂN".
        return head in _FAMILY_NAMES and len(name) > 1
    # "ông Đoàn Văn A" is a person all the same.
    if head in _OFFICES and (len(name) == 1 or name[0][0].isupper()):
        return False
    if title[0].islower():
        return before not in {"tiếng", "nước", "vương", "đường", "phố", "cầu", "chợ", "đền"}
    if before in _BEFORE_A_PLACE or (title.casefold(), head) in _PLACES:
        return False
    return len(name) > 1 or _opens_a_sentence(text, words[first].start())


def _opens_a_sentence(text: str, start: int) -> bool:
    head = text[:start].rstrip(" \t\"'“(-–")
    return not head or head[-1] in _ENDS_A_SENTENCE
