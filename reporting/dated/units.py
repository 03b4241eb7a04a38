"""Administrative units over time: nation, provinces, communes, and successors of units before 2025-07-01."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from reporting.dated.csv_rows import Row, check_apart, rows
from reporting.errors import UnknownUnit

KINDS_OF = {
    "nation": frozenset({"quoc_gia"}),
    "province": frozenset({"tinh", "thanh_pho"}),
    "commune": frozenset({"xa", "phuong", "dac_khu"}),
}
"""The kinds of unit of each level (Law on the Organisation of Local Government 2025; seen second-hand)."""

SUCCESSION_KINDS = frozenset({"kept", "renamed", "merged", "split"})

_CODE_OF = {"nation": re.compile("vn"), "province": re.compile(r"\d{2}"), "commune": re.compile(r"\d{5}")}
_OLD_CODE = re.compile(r"\d{2}|\d{3}|\d{5}")  # three digits: an island district that had no communes
_UNIT_COLUMNS = (
    *("code", "name", "full_name", "kind", "level", "parent_code", "lat", "lon", "point_checked", "area_km2"),
    *("valid_from", "valid_to", "source", "confidence", "note"),
)
_SUCCESSION_COLUMNS = (
    *("old_code", "old_name", "old_kind", "old_province_code", "new_code", "kind", "main"),
    *("effective_on", "source", "confidence"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit as it was between two days; a changed kind or name is another row under the same code.

    Attributes:
        code: `vn`, a province (2 digits) or a commune (5 digits).
        name: short name without the kind, NFC.
        kind: quoc_gia, tinh, thanh_pho, xa, phuong or dac_khu.
        level: nation, province or commune.
        lat: degrees north of a point inside; None where unknown.
        lon: degrees east of the same point.
        point_checked: the point was found inside the unit's known extent.
        area_km2: None where unknown.
        valid_from: first day.
        valid_to: first day on which this row no longer holds; None while it does.
        confidence: of the row: high, medium or low.
    """

    code: str
    name: str
    full_name: str
    kind: str
    level: str
    parent_code: str | None
    lat: float | None
    lon: float | None
    point_checked: bool
    area_km2: float | None
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    confidence: str
    note: str | None

    def holds_on(self, day: dt.date) -> bool:
        """Return whether this row holds on that local day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Succession(NamedTuple):
    """Territory of an old unit that went to a new one.

    Attributes:
        old_code: code before `effective_on`; most old codes live on as the code of another, larger unit.
        kind: kept (nothing changed), renamed (new name or kind), merged (with others), split (only a part went here).
        main: of a split unit, the part that stands for the whole where nothing more is known; otherwise true.
    """

    old_code: str
    old_name: str
    old_kind: str
    old_province_code: str
    new_code: str
    kind: str
    main: bool
    effective_on: dt.date
    source: str
    confidence: str


class UnitTable:
    """All units and successions; built by `parse_units`."""

    def __init__(self, units: Iterable[Unit], successions: Iterable[Succession], version: str) -> None:
        self.version = version
        self._dated: dict[str, tuple[Unit, ...]] = {}
        for unit in sorted(units, key=lambda unit: (unit.code, unit.valid_from)):
            self._dated[unit.code] = (*self._dated.get(unit.code, ()), unit)
        self._latest = {code: dated[-1] for code, dated in self._dated.items()}
        children: dict[str, list[str]] = defaultdict(list)
        for code, unit in self._latest.items():
            children[unit.parent_code or ""].append(code)
        self._children = {code: tuple(sorted(codes)) for code, codes in children.items()}
        self._successors: dict[str, list[Succession]] = {}
        self._predecessors: dict[str, list[Succession]] = {}
        for succession in successions:
            self._successors.setdefault(succession.old_code, []).append(succession)
            self._predecessors.setdefault(succession.new_code, []).append(succession)

    def get(self, code: str, on: dt.date | None = None) -> Unit:
        """Return the unit of a code, as it was on a local day or as it is by its latest row.

        Raises:
            UnknownUnit: no such code, or no row of it holds on that day.
        """
        if on is None:
            if (latest := self._latest.get(code)) is not None:
                return latest
            raise UnknownUnit(
                f"no unit has the code {code!r}; communes have 5 digits, provinces 2, the nation vn"
            )
        for unit in self._dated.get(code, ()):
            if unit.holds_on(on):
                return unit
        raise UnknownUnit(f"no unit has the code {code!r} on {on.isoformat()}")

    def knows(self, code: str) -> bool:
        """Return whether a unit has or had this code."""
        return code in self._latest

    def codes_within(self, ancestor_code: str) -> tuple[str, ...]:
        """Return the codes of a unit and of all units that lie or lay in it."""
        below = self._children.get(ancestor_code, ())
        return (ancestor_code, *(code for child in below for code in self.codes_within(child)))

    def province_of(self, code: str) -> str:
        """Return the code of the province that a commune lies in; a province lies in itself.

        Raises:
            UnknownUnit: no such code, or the nation, which lies in no province.
        """
        unit = self.get(code)
        if unit.level == "province":
            return code
        if unit.parent_code is None:
            raise UnknownUnit(f"{code!r} lies in no province")
        return unit.parent_code

    def communes_of(self, province_code: str, on: dt.date | None = None) -> tuple[Unit, ...]:
        """Return the communes of a province by code.

        Raises:
            UnknownUnit: no province has this code.
        """
        if self.get(province_code).level != "province":
            raise UnknownUnit(f"{province_code!r} is no province")
        return self._units_below(province_code, on)

    def provinces(self, on: dt.date | None = None) -> tuple[Unit, ...]:
        """Return the provinces and centrally run cities by code."""
        return self._units_below("vn", on)

    def successors(self, old_code: str) -> tuple[Succession, ...]:
        """Return the successors of a unit before 2025-07-01, the main one first; none for an unknown code."""
        return tuple(sorted(self._successors.get(old_code, ()), key=lambda found: not found.main))

    def predecessors(self, code: str) -> tuple[Succession, ...]:
        """Return the predecessors of a unit; empty where none is known."""
        return tuple(self._predecessors.get(code, ()))

    def is_within(self, code: str, ancestor_code: str) -> bool:
        """Return whether a unit is another unit or lies in it.

        Raises:
            UnknownUnit: one of the codes is unknown.
        """
        self.get(ancestor_code)
        step: str | None = code
        while step is not None and step != ancestor_code:
            step = self.get(step).parent_code
        return step is not None

    def _units_below(self, code: str, on: dt.date | None) -> tuple[Unit, ...]:
        below = self._children.get(code, ())
        if on is None:
            return tuple(self._latest[child] for child in below if self._latest[child].valid_to is None)
        return tuple(unit for child in below for unit in self._dated[child] if unit.holds_on(on))


def parse_units(units_csv: str, succession_csv: str) -> UnitTable:
    """Read both tables and check them against each other.

    Raises:
        TableError: names file, line and column.
    """
    dated = [(_unit(row), row) for row in rows("units.csv", units_csv, _UNIT_COLUMNS)]
    levels = {unit.code: unit.level for unit, _ in dated}
    parents: dict[str, str | None] = {}
    above = {"nation": None, "province": "nation", "commune": "province"}
    for unit, row in dated:
        if levels.get(unit.parent_code or "") != above[unit.level]:
            row.refuse("parent_code", f"{unit.parent_code!r} is no unit of the level above {unit.level}")
        if parents.setdefault(unit.code, unit.parent_code) != unit.parent_code:
            row.refuse("parent_code", f"{unit.code} lies in two units; a moved unit needs a new code")
    check_apart((unit.code, row.validity(), row) for unit, row in dated)
    found = []
    for row in rows("succession.csv", succession_csv, _SUCCESSION_COLUMNS):
        succession = _succession(row)
        if levels.get(succession.new_code) != ("province" if len(succession.old_code) == 2 else "commune"):  # noqa: PLR2004 -- the length of a province code
            row.refuse("new_code", f"{succession.new_code!r} is no unit of the old unit's level")
        found.append((succession, row))
    _check_mains(found)
    digest = hashlib.sha256(f"{units_csv}\0{succession_csv}".encode()).hexdigest()
    return UnitTable(
        (unit for unit, _ in dated), (succession for succession, _ in found), f"units-{digest[:8]}"
    )


def _unit(row: Row) -> Unit:
    level = row.choice("level", KINDS_OF)
    code = row.text("code")
    if not _CODE_OF[level].fullmatch(code):
        row.refuse("code", f"{code!r} is no code of the level {level}")
    cells = row.cells
    if bool(cells["lat"]) != bool(cells["lon"]):
        row.refuse("lat" if cells["lon"] else "lon", "a point needs both lat and lon")
    has_point = bool(cells["lat"])
    validity = row.validity()
    return Unit(
        code=code,
        name=row.text("name"),
        full_name=row.text("full_name"),
        kind=row.choice("kind", KINDS_OF[level]),
        level=level,
        parent_code=row.optional("parent_code"),
        lat=row.number("lat", -90, 90) if has_point else None,
        lon=row.number("lon", -180, 180) if has_point else None,
        point_checked=row.flag("point_checked"),
        area_km2=row.number("area_km2", 0, 1_000_000) if cells["area_km2"] else None,
        valid_from=validity.valid_from,
        valid_to=validity.valid_to,
        source=row.text("source"),
        confidence=row.confidence(),
        note=row.optional("note"),
    )


def _succession(row: Row) -> Succession:
    old_code = row.cells["old_code"]
    if not _OLD_CODE.fullmatch(old_code):
        row.refuse("old_code", f"{old_code!r} is no code of 2, 3 or 5 digits")
    return Succession(
        old_code=old_code,
        old_name=row.text("old_name"),
        old_kind=row.text("old_kind"),
        old_province_code=row.text("old_province_code"),
        new_code=row.text("new_code"),
        kind=row.choice("kind", SUCCESSION_KINDS),
        main=row.flag("main"),
        effective_on=row.day("effective_on"),
        source=row.text("source"),
        confidence=row.confidence(),
    )


def _check_mains(found: Iterable[tuple[Succession, Row]]) -> None:
    mains: dict[str, int] = defaultdict(int)
    last: dict[str, Row] = {}
    for succession, row in found:
        mains[succession.old_code] += succession.main
        last[succession.old_code] = row
    for old_code, row in last.items():
        if mains[old_code] != 1:
            row.refuse("main", f"{old_code} needs exactly one main successor and has {mains[old_code]}")
