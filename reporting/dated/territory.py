"""Whose cases, reports and notices one store keeps, where several stores stand on one log: those of some provinces."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.dated.bodies import NATION, territory_of
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit


@dataclass(frozen=True, slots=True)
class Territory:
    """The provinces of a store, and `vn` where it keeps what concerns the ministries.

    Attributes:
        units: tells the province of a unit, also of one that was abolished.
        codes: codes of provinces, and `vn`; None stands for everything.
    """

    units: UnitTable
    codes: frozenset[str] | None = None

    @property
    def word(self) -> str:
        """Write it as a setting does; empty stands for everything."""
        return ",".join(sorted(self.codes or ()))

    @property
    def in_words(self) -> str:
        """Say in English what the store keeps."""
        return "every province" if self.codes is None else self.word.replace(",", ", ")

    def keeps(self, unit_code: str) -> bool:
        """Tell whether the store keeps what belongs to a unit: a commune, a province, or the nation."""
        return self.codes is None or self._whose(unit_code) in self.codes

    def keeps_of_body(self, body_id: str) -> bool:
        """Tell whether the store keeps what is for a body: `38.so_khcn` is its province's, `bo_khcn` the nation's."""
        return self.keeps(territory_of(body_id))

    def covers(self, other: Territory) -> bool:
        """Tell whether everything that another keeps is kept here too."""
        if self.codes is None:
            return True
        return other.codes is not None and other.codes <= self.codes

    def _whose(self, unit_code: str) -> str | None:
        """Return the province of a unit; of one before 2025-07-01 the province of what became of it."""
        if unit_code == NATION:
            return NATION
        try:
            return self.units.province_of(unit_code)
        except UnknownUnit:
            heirs = self.units.successors(unit_code)
            return self.units.province_of(heirs[0].new_code) if heirs else None


def parse_territory(written: str, units: UnitTable) -> Territory:
    """Read codes of provinces with commas between them, and `vn`; nothing written stands for everything.

    Raises:
        UnknownUnit: one of them is neither a province nor `vn`; says which.
    """
    if not written.strip():
        return Territory(units)
    return Territory(units, frozenset(_checked(word.strip(), units) for word in written.split(",")))


def _checked(word: str, units: UnitTable) -> str:
    if word == NATION:
        return word
    try:
        unit = units.get(word)
    except UnknownUnit:
        raise UnknownUnit(f"{word!r} is no province") from None
    if unit.level != "province":
        raise UnknownUnit(f"{word} is a {unit.level}, in province {units.province_of(word)}")
    return word
