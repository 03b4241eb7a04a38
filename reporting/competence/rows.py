"""The rows of the table of competence, read from its file and checked against the bodies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from events.fields import DeadlineSource, Lane
from reporting.competence.conditions import CONDITION_COLUMNS, Conditions, read_conditions
from reporting.dated.bodies import BodyTable
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.units import Unit

Part = Literal["decide", "coordinate", "propose", "promise"]
"""The part of a body in a matter: an enterprise promises, and never decides."""

COLUMNS = (
    *("key", "variant", *CONDITION_COLUMNS),
    *("name_vi", "name_en", "category", "group", "lane", "beyond_commune"),
    *("commune_bodies", "province_bodies", "ministry_bodies", "basis", "response_days", "days_kind"),
    *(
        "deadline_source",
        "confidence",
        "note_vi",
        "note_en",
        "source",
        "approved_by",
        "valid_from",
        "valid_to",
    ),
)
COMMITTEE = "{commune}.ubnd"
_GROUP_COLUMNS = ("key", "position", "name_vi", "name_en")
_LEVELS = (
    ("commune_bodies", "{commune}."),
    ("province_bodies", "{province}."),
    ("ministry_bodies", ""),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of difficulty that a commune can report."""

    key: str
    name_vi: str
    name_en: str
    group_key: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class KindGroup:
    """One of the few groups under which the kinds are shown."""

    key: str
    position: int
    name_vi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A body of a row, by its pattern, and its part in the matter; `written`: the row states the part."""

    key: str
    part: Part
    written: bool = False

    def placed(self, unit: Unit, province: Unit) -> str:
        """Return the id of the body for one commune and its province."""
        return self.key.format(commune=unit.code, province=province.code)


@dataclass(frozen=True, slots=True)
class CompetenceRow:
    """One row: a kind, under conditions, between two days. Of the bodies of a level the first leads.

    `version` is a digest of the cells, so that two contents of one row differ. `approved_by` names the
    document that approved the row; None before there is one.
    """

    id: str
    version: str
    line: int
    kind: Kind
    conditions: Conditions
    beyond_commune: bool
    commune: tuple[Seat, ...]
    province: tuple[Seat, ...]
    ministry: tuple[Seat, ...]
    basis: str | None
    response_days: int
    days_kind: str
    deadline_source: DeadlineSource
    confidence: str
    note: tuple[str, str]
    source: str
    approved_by: str | None
    validity: Validity
    cells: dict[str, str] = field(repr=False)

    @property
    def lead_and_others(self) -> tuple[Seat, ...]:
        """Return the lead, then the others; where the commune decides, the province's guides come second."""
        if self.beyond_commune:
            return self.province
        return (self.commune[0], *self.province, *self.commune[1:])

    @property
    def outcome(self) -> tuple[object, ...]:
        """Return where the row sends an issue; two rows with the same outcome have the same effect."""
        return (self.kind.lane, self.beyond_commune, self.lead_and_others, self.ministry, self.response_days)


def first_that_decides(seats: tuple[Seat, ...]) -> Seat | None:
    """Return the first body that may decide."""
    return next((seat for seat in seats if seat.part == "decide"), None)


def read_groups(kind_groups_csv: str) -> tuple[KindGroup, ...]:
    """Read the groups of kinds.

    Raises:
        TableError: names file, line and column.
    """
    return tuple(
        KindGroup(row.text("key"), row.whole("position"), row.text("name_vi"), row.text("name_en"))
        for row in rows("kind_groups.csv", kind_groups_csv, _GROUP_COLUMNS)
    )


def read_competence_rows(
    competence_csv: str, groups: tuple[KindGroup, ...], bodies: BodyTable
) -> tuple[CompetenceRow, ...]:
    """Read every row and check its bodies in every province.

    Raises:
        TableError: names file, line and column.
    """
    group_keys = {group.key for group in groups}
    found = [(_row(row, group_keys, bodies), row) for row in rows("competence.csv", competence_csv, COLUMNS)]
    check_apart(((row.kind.key, line.cells["variant"]), row.validity, line) for row, line in found)
    return tuple(row for row, _ in found)


def _row(row: Row, group_keys: set[str], bodies: BodyTable) -> CompetenceRow:
    key, validity, beyond = row.text("key"), row.validity(), row.flag("beyond_commune")
    lane = cast("Lane", row.choice("lane", get_args(Lane)))
    variant = row.optional("variant")
    conditions = read_conditions(row)
    if conditions != Conditions() and variant is None:
        row.refuse("variant", "is empty: a row with conditions has a name of its own")
    commune, province, ministry = (_seats(row, column, prefix, bodies) for column, prefix in _LEVELS)
    if not beyond:
        province = tuple(seat if seat.written else Seat(seat.key, "coordinate") for seat in province)
    if not province:
        row.refuse("province_bodies", "is empty: somebody at the province leads or guides")
    if beyond and first_that_decides(province) is None:
        row.refuse("province_bodies", "names enterprises only: they promise, somebody else decides")
    if not commune:
        row.refuse("commune_bodies", "is empty: somebody at the commune has it before the province does")
    return CompetenceRow(
        id=f"{key}{f'.{variant}' if variant else ''}@{validity.valid_from.isoformat()}",
        version=hashlib.sha256("\0".join(row.cells[column] for column in COLUMNS).encode()).hexdigest()[:8],
        line=row.line,
        kind=Kind(key, row.text("name_vi"), row.text("name_en"), row.choice("group", group_keys), lane),
        conditions=conditions,
        beyond_commune=beyond,
        commune=_beyond(commune, lane) if beyond else commune,
        province=province,
        ministry=ministry,
        basis=row.optional("basis"),
        response_days=row.whole("response_days", 0, 400),
        days_kind=row.choice("days_kind", ("working", "calendar")),
        deadline_source=cast("DeadlineSource", row.choice("deadline_source", get_args(DeadlineSource))),
        confidence=row.choice("confidence", ("high", "med", "low")),
        note=(row.cells["note_vi"], row.cells["note_en"]),
        source=row.text("source"),
        approved_by=row.optional("approved_by"),
        validity=validity,
        cells=row.cells,
    )


def _beyond(seats: tuple[Seat, ...], lane: Lane) -> tuple[Seat, ...]:
    """Return the commune's bodies for a matter beyond the commune: its committee proposes, the others help.

    Only the lane of proposals has a document, and only the people's committee writes to the province.
    """
    others = tuple(
        Seat(seat.key, "coordinate") for seat in seats if seat.key != COMMITTEE or lane != "proposal"
    )
    return (Seat(COMMITTEE, "propose"), *others) if lane == "proposal" else others


def _seats(row: Row, column: str, prefix: str, bodies: BodyTable) -> tuple[Seat, ...]:
    """Read the bodies of one level: the first that is no enterprise decides, unless one is written `key:decide`."""
    found: list[Seat] = []
    decided = any(word.endswith(":decide") for word in row.words(column))
    for word in row.words(column):
        key, _, written = word.partition(":")
        if not key.startswith(prefix) or (not prefix and "." in key):
            row.refuse(column, f"{key!r} does not start with {prefix or 'the name of a central body'}")
        promises = _promises_only(row, column, key, bodies)
        if written and written not in get_args(Part):
            row.refuse(column, f"{written!r} is none of {', '.join(get_args(Part))}")
        if promises and written not in {"", "promise"}:
            row.refuse(column, f"{key!r} is an enterprise: it promises and may not {written}")
        default: Part = "coordinate" if decided else "decide"
        decided = decided or not (promises or written)
        part = "promise" if promises else cast("Part", written or default)
        found.append(Seat(key, part, written=bool(written)))
    return tuple(found)


def _promises_only(row: Row, column: str, key: str, bodies: BodyTable) -> bool:
    """Raise an error for a body unknown in some province; return whether the body is an enterprise."""
    promises = False
    for body_id, body in bodies.in_every_province(key).items():
        if body is None:
            row.refuse(column, f"bodies.csv does not know {body_id!r}")
        promises = promises or body.promises_only
    return promises
