"""The words by which kinds are found in the form: apart from the page, so that a device loads them once."""

from __future__ import annotations

import datetime as dt
import hashlib

import orjson

from reporting.competence.table import Kind
from reporting.dated.kind_words import WordsOfKind
from services.dated_tables import DatedTables

PATH = "/khung/tu-tim"


def kind_words(tables: DatedTables, day: dt.date) -> bytes:
    """Return the search text of each kind as it holds on a day, as JSON; it names no person."""
    words = tables.kind_words.on(day)
    kinds = tables.competence.kinds(day)
    return orjson.dumps({kind.key: _found_by(kind, words.get(kind.key)) for kind in kinds})


def kind_words_url(tables: DatedTables, day: dt.date) -> str:
    """Return the address of the words of a day, which changes with them."""
    return f"{PATH}?v={hashlib.sha256(kind_words(tables, day)).hexdigest()[:12]}"


def _found_by(kind: Kind, words: WordsOfKind | None) -> str:
    """Return the search text of a kind: its names and what people call it, each phrase apart by a semicolon."""
    called = [*words.short, *words.searched[0], *words.searched[1]] if words is not None else []
    return ";".join((kind.name_vi, kind.name_en, *called))
