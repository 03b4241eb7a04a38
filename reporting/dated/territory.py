"""The provinces whose cases, reports and notices one store keeps, where several stores read one log."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.dated.bodies import NATION, territory_of
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit


@dataclass(frozen=True, slots=True)
class Territory:
    """The provinces of a store, and `vn` where the store keeps the matters of the ministries.

    Attributes:
        units: gives the province of a unit, also of an abolished unit.
        codes: codes of provinces, and `vn`; None stands for everything.
    """

    units: UnitTable
    codes: frozenset[str] | None = None

    @property
    def word(self) -> str:
        """Return the codes as written in a setting; empty stands for everything."""
        return ",".join(sorted(self.codes or ()))

    @property
    def in_words(self) -> str:
        """Return in English which provinces the store keeps."""
        return "every province" if self.codes is None else self.word.replace(",", ", ")

    def keeps(self, unit_code: str) -> bool:
        """Return whether the store keeps the matters of a unit: a commune, a province, or the nation."""
        return self.codes is None or self._whose(unit_code) in self.codes

    def keeps_of_body(self, body_id: str) -> bool:
        """Return whether the store keeps the matters of a body, by the body's unit: `38.so_khcn` → `38`."""
        return self.keeps(territory_of(body_id))

    def covers(self, other: Territory) -> bool:
        """Return whether this store keeps everything that another keeps."""
        if self.codes is None:
            return True
        return other.codes is not None and other.codes <= self.codes

    def _whose(self, unit_code: str) -> str | None:
        """Return the province of a unit; for a unit before 2025-07-01, the province of its main successor."""
        if unit_code == NATION:
            return NATION
        try:
            return self.units.province_of(unit_code)
        except UnknownUnit:
            heirs = self.units.successors(unit_code)
            return self.units.province_of(heirs[0].new_code) if heirs else None


def parse_territory(written: str, units: UnitTable) -> Territory:
    """Read codes of provinces separated by commas, and `vn`; an empty text stands for everything.

    Raises:
        UnknownUnit: one of them is neither a province nor `vn`; names it.
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
