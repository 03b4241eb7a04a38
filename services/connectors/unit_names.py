"""Find a commune by its code or by its name within one province; what could mean two units is asked, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable

from reporting.dated.units import Succession, Unit, UnitTable
from services.connectors.errors import BrokenRow
from services.connectors.mapping import UNIT, Scalar
from services.connectors.unit_words import UnitWords, read_unit_words, words_of
from services.language.vietnamese import folded

_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)", re.ASCII)
_SHORT_CODE = re.compile(r"\d{1,5}", re.ASCII)
_MOST_CACHED = 50_000

_Key = tuple[str | None, str, bool]
"""A kind or None, a name, and whether the name has its marks."""


class UnitNames:
    """The communes of one province by code and by name, with the units from which they were made."""

    def __init__(
        self, units: UnitTable, province_code: str, on: dt.date, given: dict[str, Scalar] | None = None
    ) -> None:
        """Index the communes that are valid on a day.

        Args:
            units: the table of units.
            province_code: two digits.
            on: the day.
            given: folded texts of the mapping (`values.unit`) and their codes.

        Raises:
            UnknownUnit: no such province.
        """
        self._units = units
        self._province_code = province_code
        self._given = {text: str(code) for text, code in (given or {}).items()}
        self._today: dict[_Key, set[str]] = defaultdict(set)
        self._former: dict[_Key, list[Succession]] = defaultdict(list)
        communes = units.communes_of(province_code, on)
        self._communes = {unit.code: unit for unit in communes}
        self.codes = frozenset(self._communes)
        merged_on = dt.date.min
        for unit in communes:
            for key in _keys(unit.name, unit.kind):
                self._today[key].add(unit.code)
            for former in units.predecessors(unit.code):
                merged_on = max(merged_on, former.effective_on)
                for key in _keys(former.old_name, former.old_kind):
                    if former not in self._former[key]:
                        self._former[key].append(former)
        self._merged_on = merged_on
        self._found: dict[tuple[str, bool], str | BrokenRow] = {}

    def code_of(self, text: str, on: dt.date | None = None) -> str:
        """Return the code of the commune that a cell names.

        Args:
            text: a code, a name, or both, with or without the words of an office before it.
            on: the day of the row; from the merger on, a name means the unit of today.

        Raises:
            BrokenRow: no commune of this province has that code or name, or it could mean several.
        """
        is_recent = on is not None and on >= self._merged_on
        key = (text, is_recent)
        if key not in self._found:
            if len(self._found) >= _MOST_CACHED:
                self._found.clear()
            try:
                self._found[key] = self._find(text, is_recent=is_recent)
            except BrokenRow as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, BrokenRow):
            raise BrokenRow(found.message, field=found.field)
        return found

    def _find(self, text: str, *, is_recent: bool) -> str:
        plain = folded(text)
        if plain in self._given:
            return self._given[plain]
        codes = set(_CODE.findall(text))
        if _SHORT_CODE.fullmatch(text.strip()):
            codes = {text.strip().zfill(5)}  # a spreadsheet drops leading zeros
        if len(codes) > 1:
            raise BrokenRow(f"the cell holds the codes {' and '.join(sorted(codes))}", field=UNIT)
        words = read_unit_words(_CODE.sub(" ", text))
        if codes:
            return self._by_code(codes.pop(), words)
        return self._by_name(words, is_recent=is_recent)

    def _by_code(self, code: str, words: UnitWords) -> str:
        if code not in self.codes:
            went_to = self._units.successors(code)
            if went_to:
                raise BrokenRow(
                    f"{code} was {_former_name(went_to[0])} and {self._went(went_to)}; write the code of "
                    "today, or add it to values.unit of the mapping",
                    field=UNIT,
                )
            raise BrokenRow(f"{code} is no commune of province {self._province_code}", field=UNIT)
        named = self._of_today(words)
        if named and code not in named:
            raise BrokenRow(
                f"the code is that of {self._named(code)}, and the name that of {self._all(named)}",
                field=UNIT,
            )
        return code

    def _by_name(self, words: UnitWords, *, is_recent: bool) -> str:
        found, former = self._of_today(words), self._of_before(words)
        if not found:
            raise BrokenRow(self._unknown(words, former), field=UNIT)
        if len(found) > 1:
            raise BrokenRow(
                f"the name fits {self._all(found)}; add it to values.unit of the mapping", field=UNIT
            )
        elsewhere = [one for one in former if one.new_code not in found]
        if elsewhere and not is_recent:
            raise BrokenRow(
                f"the name is that of {self._all(found)} today, and was that of a unit that "
                f"{self._went(former)}; write the code, give the row a day from {self._merged_on:%d/%m/%Y} on, or add "
                "the name to values.unit of the mapping",
                field=UNIT,
            )
        return next(iter(found))

    def _of_today(self, words: UnitWords) -> set[str]:
        return next((found for key in _wanted(words) if (found := self._today.get(key))), set())

    def _of_before(self, words: UnitWords) -> list[Succession]:
        return next((found for key in _wanted(words) if (found := self._former.get(key))), [])

    def _unknown(self, words: UnitWords, former: list[Succession]) -> str:
        """Return the sentence for a name that no unit of today has: its successors, else what is like it."""
        if former:
            return (
                f"the name is that of {_former_name(former[0])}, which {self._went(former)}; write the unit of today, "
                "or add the name to values.unit of the mapping"
            )
        none = f"no commune of province {self._province_code} has this name"
        like = next((found for key in _plain(words) if (found := self._today.get(key))), set())
        if like:
            return (
                f"{none} with these marks; like it is {self._all(like)}: add it to values.unit if it is meant"
            )
        return none

    def _went(self, former: Iterable[Succession]) -> str:
        """Return in words what became of a former unit."""
        parts = sorted(former, key=lambda one: not one.main)
        how = "was split among" if len({one.new_code for one in parts}) > 1 else "went to"
        where = ", ".join(dict.fromkeys(self._named(one.new_code) for one in parts))
        return f"{how} {where} on {parts[0].effective_on:%d/%m/%Y}"

    def _named(self, code: str) -> str:
        unit: Unit = self._communes.get(code) or self._units.get(code)
        return f"{code} {unit.full_name}"

    def _all(self, codes: Iterable[str]) -> str:
        return " and ".join(self._named(code) for code in sorted(codes))


def _keys(name: str, kind: str) -> set[_Key]:
    """Return each way in which a text can name a unit: with its marks or without any, with its kind or alone."""
    words = words_of(name)
    return {
        (of, text, marked)
        for of in (kind, None)
        for text, marked in ((words.marked, True), (words.plain, False))
    }


def _wanted(words: UnitWords) -> tuple[_Key, ...]:
    """Return what to look for: a name with marks is compared with its marks alone, a text without any without."""
    marked = tuple((kind, name, True) for kind, name in words.marked_keys)
    if words.name_has_marks:
        return marked
    return (*marked, *_plain(words)) if words.has_marks else _plain(words)


def _plain(words: UnitWords) -> tuple[_Key, ...]:
    return tuple((kind, name, False) for kind, name in words.plain_keys)


def _former_name(one: Succession) -> str:
    kinds = {"xa": "Xã", "phuong": "Phường", "thi_tran": "Thị trấn", "huyen": "Huyện"}
    return f"{kinds.get(one.old_kind, one.old_kind)} {one.old_name}"
