"""Write the names of codes into the warehouse, for boards that are drawn by another program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, get_args

from events.fields import Channel
from reporting.copied_tables import VOCABULARIES
from reporting.dated.bodies import Body, unit_named
from reporting.dated.units import Unit
from services.dated_tables import DatedTables
from services.language.labels import Labels
from services.warehouse.arrow import table_of
from services.warehouse.client import Warehouse

LEVELS = ("commune", "province", "ministry")
SENSITIVE = "sensitive"
_NATION, _COMMITTEE = "vn", "ubnd"
_KEPT = """
SELECT vocabulary, code, level, province_code, name_vi, name_en, version
FROM vocabularies FINAL
"""


class Name(NamedTuple):
    """The name of a code; `province_code` is empty where it belongs to no province."""

    vocabulary: str
    code: str
    level: str
    province_code: str
    name_vi: str
    name_en: str


def names_of(tables: DatedTables, labels: Labels) -> Iterator[Name]:
    """Yield the names of all units, bodies, kinds of difficulty, fields, channels and levels, as they are by their latest rows."""
    units = tables.units
    for unit in (units.get(_NATION), *units.provinces()):
        province = "" if unit.level == "nation" else unit.code
        below = units.communes_of(unit.code) if province else ()
        for one in (unit, *below):
            yield Name("unit", one.code, one.level, province, unit_named(one, "vi"), unit_named(one, "en"))
            for body in _bodies(tables, one):
                yield Name("body", body.id, one.level, province, body.name_vi, body.name_en)
    for kind in sorted({row.kind.key for row in tables.competence.rows()}):
        vi, en = tables.competence.name_of(kind, "vi"), tables.competence.name_of(kind, "en")
        yield Name("kind", kind, "", "", vi, en)
    fields = tables.procedures.fields("en")
    for field, vi in sorted(tables.procedures.fields("vi").items()):
        # By the level of a sensitive field boards elsewhere know to offer no figures of it alone.
        level = SENSITIVE if tables.procedures.is_sensitive(field) else ""
        yield Name("field", field, level, "", vi, fields[field])
    for channel in get_args(Channel):
        vi, en = labels.text(f"case.channel.{channel}"), labels.text(f"case.channel.{channel}", "en")
        yield Name("channel", channel, "", "", vi, en)
    for level in LEVELS:
        vi, en = labels.text(f"level.{level}"), labels.text(f"level.{level}", "en")
        yield Name("level", level, "", "", vi, en)


def _bodies(tables: DatedTables, unit: Unit) -> tuple[Body, ...]:
    """Return the bodies of a unit that figures name: of a commune its committee, which alone has a next step."""
    if unit.level != "commune":
        return tables.bodies.of_unit(unit.code)
    committee = f"{unit.code}.{_COMMITTEE}"
    return (tables.bodies.get(committee),) if tables.bodies.knows(committee) else ()


def write_vocabularies(warehouse: Warehouse, tables: DatedTables, labels: Labels) -> int:
    """Write the names that differ from those in the warehouse, and return how many rows that took.

    Raises:
        NotReady: the engine cannot be reached.
    """
    kept: dict[tuple[str, str], Name] = {}
    version = 0
    for row in warehouse.rows(_KEPT):
        version = max(version, int(row.pop("version")))
        name = Name(**row)
        kept[name.vocabulary, name.code] = name
    wanted = {(name.vocabulary, name.code): name for name in names_of(tables, labels)}
    rows = [(*name, version + 1, 0) for key, name in wanted.items() if kept.get(key) != name]
    rows += [(*name, version + 1, 1) for key, name in kept.items() if key not in wanted]
    if rows:
        columns = zip((name for name, _ in VOCABULARIES.columns), zip(*rows, strict=True), strict=True)
        warehouse.insert(VOCABULARIES.name, table_of(VOCABULARIES, dict(columns)))
    return len(rows)
