"""Vietnamese sorting and searching: a dictionary's collation, letters without their marks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = "0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# Huyền, hỏi, ngã, sắc, nặng: the order of the tones in a dictionary; the plain vowel comes before them.
_TONES = "\u0300\u0309\u0303\u0301\u0323"
_NOT_LETTER = re.compile(r"[^0-9a-z]+")


def collation_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a sort key: letters first (ă and â after a, đ after d, a space before all), tones second."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        marks = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in marks if mark in _TONES), None)
        bare = char if tone is None else unicodedata.normalize("NFC", marks.replace(tone, ""))
        letters.append(_LETTERS.find(bare) + 1)
        tones.append(0 if tone is None else _TONES.index(tone) + 1)
    return tuple(letters), tuple(tones)


def collation_text(text: str) -> str:
    """Return `collation_key` as a text that sorts in the same way, for an address."""
    letters, tones = collation_key(text)
    return f"{''.join(chr(0x30 + one) for one in letters)} {''.join(chr(0x30 + one) for one in tones)}"


def unaccented(text: str) -> str:
    """Strip every mark, so that typing without accents finds the word: Điểm lõm sóng → diem lom song."""
    return _without_marks(text.casefold())


def case_folded(text: str) -> str:
    """Return a text in small letters with its marks, each run of blanks as one space.

    >>> case_folded("BẢN  Vịn ")
    'bản vịn'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return the text in lower case without tone marks, `đ` as `d`, anything else than letters as one space.

    >>> folded("Ngày  tiếp nhận (giờ)")
    'ngay tiep nhan gio'
    """
    return _NOT_LETTER.sub(" ", _without_marks(text).lower()).strip()


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
