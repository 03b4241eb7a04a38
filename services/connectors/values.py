"""Convert the texts of a table into days, instants, numbers and truth values; pure."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.connectors.cells import NumberCell
from services.intake.national_rows import hour_of_half

FIRST_YEAR = 1990
LAST_YEAR = 2099

# Days since 1899-12-30, as in spreadsheets; the bounds are the years that events may have.
_SERIAL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- a wall clock; the zone is added later
_SERIAL = re.compile(r"[3-7]\d{4}(?:\.\d{1,12})?")

_TOKENS = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<short>\d{2})",
    "mm": r"(?P<month>\d{1,2})",
    "m": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{1,2})",
    "d": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "h": r"(?P<hour>\d{1,2})",
    "ss": r"(?P<second>\d{1,2})",
}
HALF_OF_DAY = re.compile(r"\s*\b(AM|PM|SA|CH|A\.M\.|P\.M\.)$", re.IGNORECASE)
_HALF_OF_FORM = re.compile(r"\s*(?:AM/PM|SA/CH)$", re.IGNORECASE)
_TOKEN = re.compile(r"y+|m+|d+|h+|s+", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}.*)?")


@lru_cache(maxsize=64)
def pattern_of(form: str) -> re.Pattern[str]:
    """Compile a date form such as `dd/mm/yyyy hh:mm`; `mm` after the hour means minutes.

    `AM/PM` or `SA/CH` at the end of a form is allowed and not needed: texts may end so in every form with an hour.

    Raises:
        ValueError: a letter group that is no part of a date, or no year, month and day.
    """
    form = _HALF_OF_FORM.sub("", form)
    parts: list[str] = []
    rest = 0
    fixed = _TOKEN.search(form) is not None and "/" not in form and "-" not in form and "." not in form
    for found in _TOKEN.finditer(form):
        part = found.group().lower()
        parts.append(_literal(form[rest : found.start()], form))
        rest = found.end()
        if part == "mm" and any("hour" in earlier for earlier in parts):
            parts.append(r"(?P<minute>\d{1,2})")
        elif part in _TOKENS:
            parts.append(_TOKENS[part])
        else:
            raise ValueError(f"“{part}” in the date form “{form}” is not yyyy, yy, mm, dd, hh or ss")
    parts.append(_literal(form[rest:], form))
    text = "".join(parts).replace("{1,2}", "{2}") if fixed else "".join(parts)
    try:
        pattern = re.compile(text, re.ASCII)
    except re.error as error:
        raise ValueError(f"the date form “{form}” names a part twice") from error
    names = set(pattern.groupindex)
    if not {"month", "day"} <= names or not names & {"year", "short"}:
        raise ValueError(f"the date form “{form}” needs day, month and year")
    return pattern


def _literal(text: str, form: str) -> str:
    if re.search(r"\w", text):
        raise ValueError(f"“{text.strip()}” in the date form “{form}” is not yyyy, yy, mm, dd, hh or ss")
    return re.sub(r"(?:\\ )+", r"\\s+", re.escape(text))


@lru_cache(maxsize=65536)
def moment(
    text: str, forms: tuple[str, ...], zone: str, *, excel_serial: bool = True
) -> dt.datetime | dt.date | None:
    """Read a day or an instant: ISO 8601 always, then each form, then a spreadsheet's serial day.

    Returns:
        an aware datetime where the text has a time of day, a date where it has none, None where it is
        neither.
    """
    if _ISO.fullmatch(text):
        return _bounded(_iso(text), zone)
    half = HALF_OF_DAY.search(text)
    clock = text[: half.start()] if half else text
    for form in forms:
        found = pattern_of(form).fullmatch(clock)
        if found:
            parts = {name: int(digits) for name, digits in found.groupdict().items()}
            if half is not None:
                hour = hour_of_half(parts.get("hour", 0), half[1])
                if hour is None:
                    return None
                parts["hour"] = hour
            return _bounded(_assembled(parts), zone)
    if excel_serial and _SERIAL.fullmatch(text):
        return _bounded(_of_serial(float(text)), zone)
    return None


def _iso(text: str) -> dt.datetime | dt.date | None:
    try:
        return (
            dt.date.fromisoformat(text) if len(text) == len("2026-01-02") else dt.datetime.fromisoformat(text)
        )
    except ValueError:
        return None


def _assembled(parts: dict[str, int]) -> dt.datetime | dt.date | None:
    year = parts["year"] if "year" in parts else 2000 + parts["short"]
    try:
        if "hour" in parts:
            return dt.datetime(  # noqa: DTZ001 -- the zone of the mapping is added by the caller
                year,
                parts["month"],
                parts["day"],
                parts["hour"],
                parts.get("minute", 0),
                parts.get("second", 0),
            )
        return dt.date(year, parts["month"], parts["day"])
    except ValueError:
        return None


def _of_serial(days: float) -> dt.datetime | dt.date:
    instant = _SERIAL_EPOCH + dt.timedelta(seconds=round(days * 86400))
    return instant.date() if days.is_integer() else instant


def _bounded(found: dt.datetime | dt.date | None, zone: str) -> dt.datetime | dt.date | None:
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    if isinstance(found, dt.datetime) and found.tzinfo is None:
        return found.replace(tzinfo=ZoneInfo(zone))
    return found


_TOO_LARGE = 10**12


def whole_number(text: str) -> int | None:
    """Read a whole number, whose thousands may be separated by points, commas or spaces as in offices.

    A number of a workbook has no separators: its point begins a fraction, and a fraction is no whole number.
    """
    if isinstance(text, NumberCell):
        return int(text.value) if text.value.is_integer() and 0 <= text.value < _TOO_LARGE else None
    bare = text.replace("\N{NO-BREAK SPACE}", " ")
    if re.fullmatch(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", bare, re.ASCII):
        bare = re.sub(r"[., ]", "", bare)
    return int(bare) if re.fullmatch(r"\d{1,12}", bare, re.ASCII) else None


TRUE_WORDS = frozenset({"1", "true", "x", "co", "yes", "dung", "qua han"})
FALSE_WORDS = frozenset({"0", "false", "khong", "no", "sai", "dung han", "trong han", "chua qua han"})


def truth(folded_text: str) -> bool | None:
    """Read yes or no from a folded text (see `folding`); None where it is neither."""
    return True if folded_text in TRUE_WORDS else False if folded_text in FALSE_WORDS else None
