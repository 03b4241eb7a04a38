"""Keep people out of the figures: the key of a case, the search for personal data in a text, small counts."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reporting.errors import PersonalData
from reporting.person_names import find_names

TraceKind = Literal["id_number", "phone", "email", "account", "dossier_code", "name"]

_SAID = {
    "id_number": "an identity number",
    "phone": "a telephone number",
    "email": "an e-mail address",
    "account": "an account number",
    "dossier_code": "a dossier code",
    "name": "a person's name",
}

_DIGIT = re.compile(r"\d")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# vietnam.md 3.3; letters in either case, because people copy it by hand.
_DOSSIER = re.compile(
    r"(?<![\w.])(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.[0-9A-Z]+)*)-(?:\d{6}|\d{8})-\d{4,7}(?!\w)",
    re.IGNORECASE,
)
# Long numbers that identify nobody. They are blanked before the search, so that traces beside them are found.
_HARMLESS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w.])\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2})?(?:\.[A-Z]\d{2})?(?:\.\d{2})?(?![\w.]*\d)",  # procedure code
        r"(?<!\d)\d{1,6}/(?:\d{4}/)?[A-ZĐƯ][\wĐ]*(?:-[\wĐ&]+)*",  # number of a document: 131/2025/NĐ-CP
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19|20)\d{2}(?!\d)",  # 01/07/2025
        r"(?<!\d)(?:19|20)\d{2}[/.-](?:0[1-9]|1[0-2])[/.-](?:0[1-9]|[12]\d|3[01])(?!\d)",  # 2025-07-01
        r"(?<!\d)(?:0?[1-9]|1[0-2])/(?:19|20)\d{2}(?!\d)",  # 07/2025
        r"(?<![\d.])(?:19|20)\d{2}(?:\s?[-–]\s?(?:19|20)\d{2}|\s(?=(?:19|20)\d{2}(?!\d)))+(?:(?:19|20)\d{2})?(?!\d)",  # years
        r"(?<![\d.])(?:[89]|1\d|2[0-4])[.,]\d{2,8}°?\s?[NB]?\s*[,;\s]\s*1[01]\d[.,]\d{2,8}(?!\d)",  # latitude, longitude
        r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|(?:1\d\d|[1-9]?\d))\.){3}(?:25[0-5]|2[0-4]\d|(?:1\d\d|[1-9]?\d))(?![\d.]*\d)",  # address of a machine
        r"(?<!\d)1[89]00(?:[\s.-]?\d){4,6}(?!\d)",  # service numbers
        r"(?<![\d.,])\d{1,3}(?:[.,\s]\d{3})+(?:,\d+)?\s*(?:đồng|đ|vnđ|vnd|nghìn|triệu|tỷ|tỉ|người|hộ|khẩu|hồ sơ|lượt|m2|m²|m3|ha|kg|tấn|km|kwh|kw|%)(?!\w)",
        r"(?<!\d)\d{1,2}[h:]\d{2}(?!\d)",  # time of day
    )
)
_DIGITS = re.compile(r"(?<![\w])\+?\(?\d(?:[ .\-–()]{0,2}\d){5,24}(?!\w)")
_ACCOUNT_WORD = re.compile(r"(?:stk|số\s+tk|tài\s+khoản|số\s+thẻ)\W{0,4}(?:\w+\W{1,3}){0,3}$", re.IGNORECASE)
_MOBILE = re.compile(r"^(?:0|84|0084)[35789]\d{8}$")
_LANDLINE = re.compile(r"^(?:0|84|0084)2\d{8,9}$")
_SHORTEST_ACCOUNT = 10
_ID_LENGTHS = frozenset({9, 12})


@dataclass(frozen=True, slots=True, order=True)
class Trace:
    """A place in a text's NFC form that seems to name a person: characters from `start` to before `end`."""

    start: int
    end: int
    kind: TraceKind


def case_key(province_key: bytes, dossier_code: str) -> str:
    """Return the key under which a case travels: HMAC-SHA256 of its dossier code, in hex (vietnam.md 8)."""
    code = unicodedata.normalize("NFC", dossier_code.strip()).upper()
    return hmac.digest(province_key, code.encode(), hashlib.sha256).hex()


def lint(text: str) -> tuple[Trace, ...]:
    """Return the traces of likely personal data, in order of appearance.

    A search by shape: it misses a bare name, and may stop an innocent number. It never reads a list of people.
    """
    text = unicodedata.normalize("NFC", text)
    traces: list[Trace] = []
    rest = text
    if "@" in rest:
        traces.extend(Trace(found.start(), found.end(), "email") for found in _EMAIL.finditer(rest))
        rest = _EMAIL.sub(_blank, rest)
    if _DIGIT.search(rest):  # every other pattern needs one
        traces.extend(_traces_of_numbers(rest))
    traces.extend(Trace(start, end, "name") for start, end in find_names(text))
    return tuple(sorted(traces))


def _traces_of_numbers(rest: str) -> Iterator[Trace]:
    for found in _DOSSIER.finditer(rest):
        yield Trace(found.start(), found.end(), "dossier_code")
    rest = _DOSSIER.sub(_blank, rest)
    for pattern in _HARMLESS:
        rest = pattern.sub(_blank, rest)
    for found in _DIGITS.finditer(rest):
        kind = _kind_of_number(found[0], rest[: found.start()])
        if kind is not None:
            yield Trace(found.start(), found.end(), kind)


def check(text: str, field: str) -> None:
    """Raise an error if anything in a text looks like personal data.

    Raises:
        PersonalData: names the field, the kinds of data and their places; never repeats the data.
    """
    traces = lint(text)
    if traces:
        found = "; ".join(f"{_SAID[t.kind]} at characters {t.start + 1} to {t.end}" for t in traces[:5])
        raise PersonalData(f"{field} holds what looks like {found}: take it out and send again", field=field)


def suppressed(count: int, minimum: int = 5) -> bool:
    """Return whether a count is so small that it could point at a person (vietnam.md 8, rule 4)."""
    return 0 < count < minimum


def small_counts(values: Mapping[str, object]) -> dict[str, None]:
    """Return the names under which such a count stands, each with the nothing that takes its place."""
    return {name: None for name, value in values.items() if isinstance(value, int) and suppressed(value)}


def _blank(found: re.Match[str]) -> str:
    # A letter, not a space: the numbers on both sides must not grow together.
    return "x" * len(found[0])


def _kind_of_number(shown: str, before: str) -> TraceKind | None:
    digits = "".join(sign for sign in shown if sign.isdigit())
    if _MOBILE.match(digits) or _LANDLINE.match(digits):
        return "phone"
    if _ACCOUNT_WORD.search(before):
        return "account"
    if _is_counting(shown):
        return None
    if len(digits) in _ID_LENGTHS:
        return "id_number"
    return "account" if len(digits) >= _SHORTEST_ACCOUNT else None


def _is_counting(shown: str) -> bool:
    """Return whether the groups count up, such as "1 2 3 4 5 6 7 8 9", and are no single number."""
    numbers = [int(group) for group in re.findall(r"\d+", shown)]
    return len(numbers) > 2 and all(b == a + 1 for a, b in itertools.pairwise(numbers))  # noqa: PLR2004 -- two numbers are no list
