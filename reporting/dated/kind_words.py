"""Dated words for kinds of difficulty: a short name, what a letter is about, what people call them when they search.

Words find and name a kind; no verdict depends on them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reporting.dated.csv_rows import Row, Validity, check_apart, rows

UNCLEAR = "unclear"
"""The kind for whatever fits no other: the provincial office sorts it. A search that finds nothing offers it."""
_TABLE = "kind_words.csv"
_COLUMNS = (
    *("kind", "short_vi", "short_en", "topic_vi", "former_vi", "words_vi", "words_en"),
    *("confidence", "source", "valid_from", "valid_to"),
)


@dataclass(frozen=True, slots=True)
class WordsOfKind:
    """The words of one kind between two days; `short` and `searched` in Vietnamese and English.

    Attributes:
        topic: what a letter is about, to be read after "về"; None where nobody writes a letter about it.
        former: Vietnamese names that the kind had before, by which lists of offices still call it.
    """

    kind: str
    short: tuple[str, str]
    topic: str | None
    former: tuple[str, ...]
    searched: tuple[tuple[str, ...], tuple[str, ...]]
    confidence: str
    source: str
    validity: Validity


class KindWords:
    """The words of all kinds; built by `parse_kind_words`."""

    def __init__(self, found: Sequence[WordsOfKind], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def on(self, day: dt.date) -> Mapping[str, WordsOfKind]:
        """Return the words that hold on a local day, by kind; a kind without a row has none."""
        return {one.kind: one for one in self._found if one.validity.holds_on(day)}


def names_of(table: KindWords, day: dt.date) -> dict[str, str]:
    """Return the kind of each short or former Vietnamese name; a name of several kinds is none."""
    named = [(name, kind) for kind, one in table.on(day).items() for name in (one.short[0], *one.former)]
    counts = Counter(name for name, _ in named)
    return {name: kind for name, kind in named if counts[name] == 1}


def topics_of(table: KindWords, day: dt.date) -> dict[str, str]:
    """Return what letters of a day are about, by kind, for kinds that have such words."""
    return {kind: words.topic for kind, words in table.on(day).items() if words.topic is not None}


def parse_kind_words(kind_words_csv: str, kinds: Collection[str]) -> KindWords:
    """Read the table.

    Args:
        kind_words_csv: the file.
        kinds: the kinds of difficulty of the table of competence.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_words(row, kinds), row) for row in rows(_TABLE, kind_words_csv, _COLUMNS)]
    check_apart((one.kind, one.validity, row) for one, row in found)
    digest = hashlib.sha256(kind_words_csv.encode()).hexdigest()
    return KindWords([one for one, _ in found], f"words-{digest[:8]}")


def _words(row: Row, kinds: Collection[str]) -> WordsOfKind:
    return WordsOfKind(
        kind=row.choice("kind", kinds),
        short=(row.text("short_vi"), row.text("short_en")),
        topic=row.optional("topic_vi"),
        former=row.words("former_vi", "|"),
        searched=(row.words("words_vi"), row.words("words_en")),
        confidence=row.confidence(),
        source=row.text("source"),
        validity=row.validity(),
    )
