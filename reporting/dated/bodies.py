"""Bodies that can hold issues: committees, departments, police, enterprises, ministries; most by pattern."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from events.fields import Level
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.units import KINDS_OF, Unit, UnitTable
from reporting.errors import UnknownBody, UnknownUnit

NATION = "vn"

_COLUMNS = (
    *("id", "name_vi", "name_en", "kind", "unit_kinds", "duty_phone"),
    *("confidence", "source", "valid_from", "valid_to"),
)
_PATTERN = re.compile(r"\{(commune|province)\}\.([a-z0-9_]+)")
_EXACT = re.compile(r"(\d{5}|\d{2})\.[a-z0-9_]+|[a-z][a-z0-9_]*")
_OWNED = re.compile(r"(\d{5}|\d{2})\.(.+)")
_UNIT_WORD = {
    "xa": ("xã", "commune"),
    "phuong": ("phường", "ward"),
    "dac_khu": ("đặc khu", "special zone"),
    "tinh": ("tỉnh", "province"),
    "thanh_pho": ("thành phố", "city"),
    "quoc_gia": ("nước", "nation"),
}
_LEVEL_OF: dict[str, Level] = {"commune": "commune", "province": "province", "nation": "ministry"}


@dataclass(frozen=True, slots=True)
class Body:
    """One body on a day; `unit_code` is `vn` for ministries and other central bodies.

    The short names leave the unit's own name out, for a reader who knows where he is: Sở Y tế tỉnh.
    """

    id: str
    name_vi: str
    name_en: str
    short_vi: str
    short_en: str
    kind: str
    unit_code: str
    duty_phone: str | None
    confidence: str
    source: str
    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def promises_only(self) -> bool:
        """Return whether the body is an enterprise: it promises a day, and decides nothing."""
        return self.kind == "enterprise"


@dataclass(frozen=True, slots=True)
class _Template:
    """One row of the table: an exact body, or the pattern of one body in every unit of a level."""

    key: str
    level: str
    name_vi: str
    name_en: str
    kind: str
    unit_kinds: frozenset[str]
    duty_phone: str | None
    confidence: str
    source: str
    validity: Validity

    def of(self, body_id: str, unit: Unit) -> Body:
        words = {"place": place_vi(unit), "name": unit.name, "place_en": place_en(unit)}
        name_vi, name_en = self.name_vi.format(**words), self.name_en.format(**words)
        return Body(
            id=body_id,
            name_vi=name_vi,
            name_en=name_en,
            short_vi=name_vi.replace(place_vi(unit), unit_word(unit)),
            short_en=name_en.replace(place_en(unit), f"the {unit_word_en(unit)}"),
            kind=self.kind,
            unit_code=unit.code,
            duty_phone=self.duty_phone,
            confidence=self.confidence,
            source=self.source,
            valid_from=self.validity.valid_from,
            valid_to=self.validity.valid_to,
        )


def territory_of(body_id: str) -> str:
    """Return the unit that a body's id belongs to: `15607.ubnd` → `15607`, `38.so_khcn` → `38`, `bo_khcn` → `vn`."""
    owned = _OWNED.fullmatch(body_id)
    return owned[1] if owned else NATION


def unit_word(unit: Unit) -> str:
    """Return the Vietnamese word for the kind of a unit, as used inside a sentence."""
    return _UNIT_WORD[unit.kind][0]


def unit_word_en(unit: Unit) -> str:
    """Return the English word for the kind of a unit."""
    return _UNIT_WORD[unit.kind][1]


def place_vi(unit: Unit) -> str:
    """Return the name of a unit inside a Vietnamese sentence: xã Bát Mọt, tỉnh Thanh Hóa."""
    word = unit_word(unit)
    # Decree 30/2020/NĐ-CP, App. II: this name keeps its capital in running text.
    return f"{word.capitalize() if unit.name == 'Hồ Chí Minh' else word} {unit.name}"


def place_en(unit: Unit) -> str:
    """Return the name of a unit inside an English sentence: Bát Mọt commune, Thanh Hóa province."""
    return f"{unit.name} {_UNIT_WORD[unit.kind][1]}"


def unit_named(unit: Unit, lang: Literal["vi", "en"]) -> str:
    """Return the name of a unit by itself: Xã Bát Mọt, Bát Mọt commune."""
    return place_en(unit) if lang == "en" else unit.full_name


class BodyTable:
    """All bodies; those of a pattern are made on request. Built by `parse_bodies`."""

    def __init__(self, templates: list[_Template], units: UnitTable, version: str) -> None:
        self.version = version
        self.units = units
        self._sampled: dict[str, dict[str, Body | None]] = {}
        self._exact: dict[str, list[_Template]] = defaultdict(list)
        self._patterns: dict[tuple[str, str], list[_Template]] = defaultdict(list)
        for template in sorted(templates, key=lambda row: row.validity.valid_from, reverse=True):
            if template.level:
                self._patterns[template.level, template.key].append(template)
            else:
                self._exact[template.key].append(template)

    @cached_property
    def samples(self) -> tuple[tuple[Unit, Unit], ...]:
        """Return one commune of every province, with its province, for trying the patterns."""
        return tuple(
            (self.units.communes_of(province.code)[0], province) for province in self.units.provinces()
        )

    def in_every_province(self, pattern: str) -> Mapping[str, Body | None]:
        """Return the bodies of a pattern in the samples by their ids; None where the table knows none.

        Many rows name one pattern, and a body of each province costs more than the rest of a row.
        """
        if pattern not in self._sampled:
            ids = (pattern.format(commune=one.code, province=above.code) for one, above in self.samples)
            self._sampled[pattern] = {body_id: self._latest(body_id) for body_id in ids}
        return self._sampled[pattern]

    def _latest(self, body_id: str) -> Body | None:
        try:
            return self.get(body_id)
        except UnknownBody:
            return None

    def get(self, body_id: str, on: dt.date | None = None) -> Body:
        """Return a body as named on a local day, or by its latest row.

        Raises:
            UnknownBody: no row names it on that day, or its unit does not exist.
        """
        unit = self._unit(body_id, on)
        for template in self._rows_of(body_id, unit):
            if on is None or template.validity.holds_on(on):
                return template.of(body_id, unit)
        when = f" on {on.isoformat()}" if on else ""
        raise UnknownBody(f"no body has the key {body_id!r}{when}; see bodies.csv")

    def knows(self, body_id: str, on: dt.date | None = None) -> bool:
        """Return whether the table names this body."""
        try:
            self.get(body_id, on)
        except UnknownBody:
            return False
        return True

    def changing_days(self) -> frozenset[dt.date]:
        """Return the days on which a row of the table begins or ends."""
        templates = [row for dated in (*self._exact.values(), *self._patterns.values()) for row in dated]
        edges = {row.validity.valid_from for row in templates} | {row.validity.valid_to for row in templates}
        return frozenset(edge for edge in edges if edge is not None)

    def of_unit(self, unit_code: str, on: dt.date | None = None) -> tuple[Body, ...]:
        """Return the bodies of one unit, by key; for `vn` the ministries and other central bodies.

        Raises:
            UnknownUnit: no such unit.
        """
        unit = self.units.get(unit_code, on)
        prefix = "" if unit_code == NATION else f"{unit_code}."
        found = {key for key in self._exact if territory_of(key) == unit_code}
        found |= {f"{prefix}{key}" for level, key in self._patterns if level == unit.level}
        return tuple(self.get(key, on) for key in sorted(found) if self.knows(key, on))

    def unit_of(self, body_id: str) -> str:
        """Return the code of the unit that a body belongs to.

        Raises:
            UnknownBody: the table does not name it.
        """
        return self.get(body_id).unit_code

    def level_of(self, body_id: str) -> Level:
        """Return the level at which a body stands; everything central counts as `ministry`.

        Raises:
            UnknownBody: the table does not name it.
        """
        return _LEVEL_OF[self.units.get(self.unit_of(body_id)).level]

    def _unit(self, body_id: str, on: dt.date | None) -> Unit:
        try:
            return self.units.get(territory_of(body_id), on)
        except UnknownUnit as missing:
            raise UnknownBody(f"no body has the key {body_id!r}: {missing.message}") from missing

    def _rows_of(self, body_id: str, unit: Unit) -> Iterator[_Template]:
        yield from self._exact.get(body_id, ())
        if owned := _OWNED.fullmatch(body_id):
            for template in self._patterns.get((unit.level, owned[2]), ()):
                if not template.unit_kinds or unit.kind in template.unit_kinds:
                    yield template


def parse_bodies(bodies_csv: str, units: UnitTable) -> BodyTable:
    """Read the table; `{commune}.x` and `{province}.x` stand for one body in every unit of that level.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_template(row), row) for row in rows("bodies.csv", bodies_csv, _COLUMNS)]
    check_apart(
        ((row.level, row.key, kind), row.validity, line)
        for row, line in found
        for kind in (row.unit_kinds or _kinds_of(row.level))
    )
    for template, line in found:
        try:
            units.get(NATION if template.level else territory_of(template.key))
        except UnknownUnit as missing:
            line.refuse("id", missing.message)
    digest = hashlib.sha256(bodies_csv.encode()).hexdigest()
    return BodyTable([template for template, _ in found], units, f"bodies-{digest[:8]}")


def _kinds_of(level: str) -> frozenset[str]:
    return KINDS_OF[level] if level else frozenset({""})


def _template(row: Row) -> _Template:
    written = row.text("id")
    pattern = _PATTERN.fullmatch(written)
    if not pattern and not _EXACT.fullmatch(written):
        row.refuse(
            "id", f"{written!r} is neither a key (bo_khcn, 38.so_khcn) nor a pattern ({{province}}.so_khcn)"
        )
    unit_kinds = frozenset(row.words("unit_kinds"))
    level = pattern[1] if pattern else ""
    if not unit_kinds <= _kinds_of(level):
        row.refuse("unit_kinds", f"{', '.join(sorted(unit_kinds))}: not kinds of this level")
    for column in ("name_vi", "name_en"):
        try:
            row.text(column).format(place="", name="", place_en="")
        except (KeyError, ValueError, IndexError):
            row.refuse(column, "may hold {place}, {name} and {place_en}, nothing else in braces")
    return _Template(
        key=pattern[2] if pattern else written,
        level=level,
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        kind=row.text("kind"),
        unit_kinds=unit_kinds,
        duty_phone=row.optional("duty_phone"),
        confidence=row.choice("confidence", ("high", "med", "low")),
        source=row.text("source"),
        validity=row.validity(),
    )
