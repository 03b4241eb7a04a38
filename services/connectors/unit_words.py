"""Read the unit in a cell: the words of an office, the kind, the name; with marks and without."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.language.vietnamese import unaccented

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = frozenset("aeiouy")
_WORD = re.compile(r"[^\W_]+")
# What follows is the province, which is known: “…, tỉnh Thanh Hóa”.
_PROVINCE = re.compile(r"[,;(–-]\s*(?:t(?:ỉ|i)nh|th(?:à|a)nh ph(?:ố|o))\s.*$", re.IGNORECASE)

_OFFICES = tuple(
    tuple(words.split())
    for words in (
        "uy ban nhan dan",
        "ubnd",
        "hdnd va ubnd",
        "hdnd ubnd",
        "trung tam phuc vu hanh chinh cong",
        "trung tam hanh chinh cong",
        "trung tam pvhcc",
        "tt phuc vu hanh chinh cong",
        "tt pvhcc",
        "tt hcc",
        "ttpvhcc",
        "tthcc",
        "bo phan tiep nhan ho so va tra ket qua",
        "bo phan tiep nhan va tra ket qua",
        "bo phan tiep nhan tra ket qua",
        "bo phan tn va tkq",
        "bo phan tn tkq",
        "bo phan mot cua",
        "bp tiep nhan va tra ket qua",
        "bp tn va tkq",
        "bp tn tkq",
        "bp mot cua",
        "mot cua",
    )
)
_KINDS = (
    (("xa",), "xa"),
    (("x",), "xa"),
    (("phuong",), "phuong"),
    (("p",), "phuong"),
    (("dac", "khu"), "dac_khu"),
    (("dk",), "dac_khu"),
    (("thi", "tran"), "thi_tran"),
    (("tt",), "thi_tran"),
)

_Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both writings, its words joined: with its marks, each tone behind its vowels, and without any."""

    marked: str
    plain: str


@dataclass(frozen=True, slots=True)
class UnitWords:
    """The readings of a cell, the likeliest first; a key is a kind, or None where there is none, and a name."""

    marked_keys: tuple[_Key, ...]
    plain_keys: tuple[_Key, ...]
    name_has_marks: bool
    has_marks: bool
    """Whether any word of the cell has marks, so that a name without any has none."""


def words_of(name: str) -> Words:
    """Return a name without blanks, so that `Ea Ly` and `Ealy` are one, and `Hòa` and `Hoà`."""
    pairs = _pairs(name)
    return Words(_joined(marked for marked, _ in pairs), "".join(plain for _, plain in pairs))


def read_unit_words(text: str) -> UnitWords:
    """Read a cell such as `UBND X. Bát Mọt`, from which a code has been taken out."""
    every = _pairs(_PROVINCE.sub("", text))
    rest = _without_office(every)
    readings: list[tuple[str | None, list[tuple[str, str]]]] = []
    for words, kind in _KINDS:
        if len(rest) > len(words) and tuple(plain for _, plain in rest[: len(words)]) == words:
            readings.append((kind, rest[len(words) :]))
            break
    readings.append((None, rest))  # Xa Dung is a name, and no kind with one
    return UnitWords(
        tuple((kind, _joined(marked for marked, _ in pairs)) for kind, pairs in readings),
        tuple((kind, "".join(plain for _, plain in pairs)) for kind, pairs in readings),
        any(marked != plain for marked, plain in readings[0][1]),
        any(marked != plain for marked, plain in every),
    )


def _without_office(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    plain = tuple(word for _, word in pairs)
    for words in _OFFICES:
        if len(plain) > len(words) and plain[: len(words)] == words:
            return _without_office(pairs[len(words) :])
    return pairs


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return each word with its marks and without."""
    return [(word, unaccented(word)) for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]


def _joined(words: Iterable[str]) -> str:
    """Return words without blanks, each tone behind the vowels of its syllable, wherever it was written."""
    found: list[str] = []
    waiting = ""
    for letter in unicodedata.normalize("NFD", "".join(words)):
        if letter in _TONES:
            waiting += letter
        elif waiting and letter not in _VOWELS and not unicodedata.combining(letter):
            found.append(waiting + letter)
            waiting = ""
        else:
            found.append(letter)
    return "".join(found) + waiting
