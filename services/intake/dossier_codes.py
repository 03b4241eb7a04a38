"""Read a dossier code: ways of writing that mean one code become one, and a damaged code is refused; pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_CODE = 100
MOST_DIGITS = 15
"""Digits that a number keeps in a spreadsheet; those after them become zeros."""

_DASHES = dict.fromkeys(
    map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"), "-"
)
_PLAIN = re.compile(r"[\w.\-/]+", re.ASCII)
_APOSTROPHES = "'\u2018\u2019\u02bc`"
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
_BLANKS = re.compile(r"\s+")
_AROUND_MARKS = re.compile(r" ?([-./_]) ?")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+E[+-]?|E\+)\d{1,3}", re.IGNORECASE | re.ASCII)
_ROUNDED = re.compile(rf"\d{{{MOST_DIGITS}}}0+", re.ASCII)


def folded_code(text: str) -> str:
    """Return a code as it is kept: one kind of dash, no blanks around marks, no apostrophe of a spreadsheet before it.

    Capitals stay as they are written; a case's key does not depend on them (`case_key`).

    >>> folded_code("'H56.15607 – 261117 – 0001")
    'H56.15607-261117-0001'
    """
    if _PLAIN.fullmatch(text):  # as most codes are
        return text
    plain = unicodedata.normalize("NFC", text).strip()
    quoted = _QUOTED_FORMULA.fullmatch(plain)
    plain = (quoted[1] if quoted else plain).lstrip(_APOSTROPHES).translate(_DASHES)
    return _AROUND_MARKS.sub(r"\1", _BLANKS.sub(" ", plain).strip())


def same_code(text: str) -> str:
    """Return what is equal for all ways of writing one code."""
    return folded_code(text).upper()


def damage_of(code: str) -> str | None:
    """Return why a folded code cannot be the one that its office gave, None where nothing speaks against it."""
    if len(code) > LONGEST_CODE or not code.isprintable():
        return f"is no dossier code: up to {LONGEST_CODE} visible signs"
    if _SCIENTIFIC.fullmatch(code):
        return "is a number in scientific notation: a spreadsheet cut the code off; export it as text"
    if _ROUNDED.fullmatch(code):
        return (
            f"is a number whose digits after the first {MOST_DIGITS} are zeros: a spreadsheet cut them off; "
            "export the code as text"
        )
    if code.isascii():
        return None
    foreign = next((letter for letter in code if _is_foreign(letter)), None)
    if foreign is not None:
        return f"holds a sign of another script ({unicodedata.name(foreign, 'unnamed').lower()}); type it in Latin letters"
    return None


def damage_of_number(value: float) -> str | None:
    """Return why a code that came as a number, not as a text, cannot be the one that its office gave."""
    if value != int(value):
        return "is a number with a fraction, not a code; export the code as text"
    if abs(value) >= 10**MOST_DIGITS:
        return f"is a number of over {MOST_DIGITS} digits, which spreadsheets cut off; send the code as text"
    return None


def _is_foreign(letter: str) -> bool:
    if letter.isascii():
        return False
    kind = unicodedata.category(letter)
    return kind[0] in "LN" and not unicodedata.name(letter, "").startswith("LATIN ")
