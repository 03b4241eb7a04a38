"""Who may decide what, from when to when: the dated table, and the verdict on one issue on its day."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast, get_args

from events.fields import DeadlineSource, Lane, Severity
from events.issues import CompetenceVerdict, Finding
from reporting import explanations
from reporting.bodies import Body, BodyTable
from reporting.clock_policies import ClockPolicies, ClockPolicy, SilencePolicy, parse_clock_policies
from reporting.csv_rows import Row, Validity, check_apart, rows
from reporting.errors import UnknownUnit
from reporting.units import Unit

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
OFFICE_KEY = "vp_ubnd"
"""The provincial office, which names the lead of whatever has none."""

_COLUMNS = (
    *("key", "severity_from", "name_vi", "name_en", "category", "group", "lane", "beyond_commune"),
    *("commune_bodies", "province_bodies", "ministry_bodies", "basis", "response_days", "days_kind"),
    *("deadline_source", "confidence", "note_vi", "note_en", "source", "valid_from", "valid_to"),
)
_GROUP_COLUMNS = ("key", "position", "name_vi", "name_en")


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
class CompetenceRow:
    """One row: a kind, from one severity on, between two days. Of the bodies of a level the first leads."""

    id: str
    kind: Kind
    severity_from: Severity
    beyond_commune: bool
    commune_bodies: tuple[str, ...]
    province_bodies: tuple[str, ...]
    ministry_bodies: tuple[str, ...]
    basis: str | None
    response_days: int
    days_kind: str
    deadline_source: DeadlineSource
    confidence: str
    note: tuple[str, str]
    source: str
    validity: Validity


class CompetenceTable:
    """The rows of competence and the policies of clocks; built by `parse_competence`."""

    def __init__(
        self,
        found: Iterable[CompetenceRow],
        groups: Iterable[KindGroup],
        policies: ClockPolicies,
        bodies: BodyTable,
        version: str,
    ) -> None:
        self.version = version
        self.bodies = bodies
        self._policies = policies
        self._groups = tuple(sorted(groups, key=lambda group: group.position))
        self._rows: dict[str, list[CompetenceRow]] = defaultdict(list)
        for row in sorted(found, key=lambda row: row.validity.valid_from):
            self._rows[row.kind.key].append(row)

    def kinds(self, on: dt.date) -> tuple[Kind, ...]:
        """Return the kinds known by that day, grouped as they are shown; one whose row expired can still be reported."""
        positions = {group.key: group.position for group in self._groups}
        known = (self._latest(key, on) for key in self._rows)
        kinds = [row.kind for row in known if row is not None]
        return tuple(sorted(kinds, key=lambda kind: positions[kind.group_key]))

    def groups(self) -> tuple[KindGroup, ...]:
        """Return the groups of kinds in their order."""
        return self._groups

    def rows(self) -> tuple[CompetenceRow, ...]:
        """Return every row of the table."""
        return tuple(row for dated in self._rows.values() for row in dated)

    def policy(self, clock: str, lane: str, level: str, on: dt.date) -> ClockPolicy:
        """Return how long a holder has; see `ClockPolicies.find`."""
        return self._policies.find(clock, lane, level, on)

    def silence(self, on: dt.date) -> SilencePolicy:
        """Return after how many working hours a source counts as silent."""
        return self._policies.silence(on)

    def assess(self, kind: str, severity: Severity, unit: Unit, on: dt.date) -> CompetenceVerdict:
        """Decide who is competent for an issue of a commune on a local day.

        A row that is missing or expired is a finding that goes to the provincial office, never a guess.

        Args:
            kind: key of a kind; an unknown one is a finding too.
            severity: rows may hold from a severity on.
            unit: the commune.
            on: local day of the event.

        Raises:
            UnknownUnit: the unit lies in no province.
        """
        row = self._row_of(kind, severity, on)
        if row is not None:
            return self._verdict(row, unit, on)
        office = self._office(unit, on)
        latest = self._latest(kind, on)
        if latest is None or latest.validity.valid_to is None:
            told = explanations.row_missing(self._name_of(kind), unit, office, on, self.version)
            return self._finding("row_missing", office.id, told, None)
        names = (latest.kind.name_vi, latest.kind.name_en)
        told = explanations.row_expired(names, unit, office, latest.validity.valid_to, self.version)
        return self._finding("row_expired", office.id, told, latest)

    def assess_at(
        self, kind: str, severity: Severity, unit_code: str, province_code: str, on: dt.date
    ) -> CompetenceVerdict:
        """Decide as `assess` does, for a unit named by its code; one that no table has is a finding as well."""
        units = self.bodies.units
        for day in (on, None):
            try:
                unit = units.get(unit_code, day)
                if units.province_of(unit_code) == province_code:
                    return self.assess(kind, severity, unit, on)
            except UnknownUnit:
                continue
        told = explanations.unit_missing(unit_code, province_code, self.version)
        return self._finding("row_missing", f"{province_code}.{OFFICE_KEY}", told, None)

    def _verdict(self, row: CompetenceRow, unit: Unit, on: dt.date) -> CompetenceVerdict:
        province = self.bodies.units.get(self.bodies.units.province_of(unit.code), on)
        upper = [_placed(key, unit, province) for key in row.province_bodies]
        own = [_placed(key, unit, province) for key in row.commune_bodies]
        lead_id, *other_ids = upper if row.beyond_commune else [own[0], *upper, *own[1:]]
        ministry_id = row.ministry_bodies[0] if row.ministry_bodies else None
        for body_id in filter(None, (lead_id, *other_ids, ministry_id)):
            if not self.bodies.knows(body_id, on):
                office, names = self._office(unit, on), (row.kind.name_vi, row.kind.name_en)
                told = explanations.body_missing(names, unit, office, body_id, self.version)
                return self._finding("body_missing", office.id, told, row)
        facts = self._told(row, unit, province, on)
        return CompetenceVerdict.model_validate(
            {
                "lane": row.kind.lane,
                "level": "province" if row.beyond_commune else "commune",
                "beyond_commune": row.beyond_commune,
                "lead_body": lead_id,
                "other_bodies": tuple(other_ids),
                "ministry_body": ministry_id,
                "row_id": row.id,
                "table_version": self.version,
                "basis": row.basis,
                "confidence": row.confidence,
                "response_days": row.response_days,
                "days_kind": row.days_kind,
                "deadline_source": row.deadline_source,
                "explanation_vi": explanations.in_vietnamese(facts),
                "explanation_en": explanations.in_english(facts),
            }
        )

    def _told(self, row: CompetenceRow, unit: Unit, province: Unit, on: dt.date) -> explanations.Told:
        upper = [self.bodies.get(_placed(key, unit, province), on) for key in row.province_bodies]
        own = self.bodies.get(_placed(row.commune_bodies[0], unit, province), on)
        return explanations.Told(
            name=(row.kind.name_vi, row.kind.name_en),
            unit=unit,
            province=province,
            lane=row.kind.lane,
            beyond_commune=row.beyond_commune,
            lead=upper[0] if row.beyond_commune else own,
            others=upper[1:] if row.beyond_commune else upper,
            ministry=self.bodies.get(row.ministry_bodies[0], on) if row.ministry_bodies else None,
            basis=row.basis,
            response_days=row.response_days,
            days_kind=row.days_kind,
            deadline_source=row.deadline_source,
            confidence=row.confidence,
            note=row.note,
            table_version=self.version,
        )

    def _finding(
        self, finding: Finding, office_id: str, told: tuple[str, str], row: CompetenceRow | None
    ) -> CompetenceVerdict:
        return CompetenceVerdict(
            finding=finding,
            lane="guidance",
            level="province",
            beyond_commune=True,
            lead_body=office_id,
            row_id=row.id if row else None,
            table_version=self.version,
            explanation_vi=told[0],
            explanation_en=told[1],
        )

    def _office(self, unit: Unit, on: dt.date) -> Body:
        """Return the provincial office; it takes findings on any day, also before its row begins."""
        key = f"{self.bodies.units.province_of(unit.code)}.{OFFICE_KEY}"
        return self.bodies.get(key, on if self.bodies.knows(key, on) else None)

    def _row_of(self, kind: str, severity: Severity, on: dt.date) -> CompetenceRow | None:
        reached = SEVERITIES[: SEVERITIES.index(severity) + 1]
        valid = [
            row
            for row in self._rows.get(kind, ())
            if row.validity.holds_on(on) and row.severity_from in reached
        ]
        return max(valid, key=lambda row: SEVERITIES.index(row.severity_from), default=None)

    def _latest(self, kind: str, on: dt.date) -> CompetenceRow | None:
        begun = [row for row in self._rows.get(kind, ()) if row.validity.valid_from <= on]
        plain = [row for row in begun if row.severity_from == SEVERITIES[0]]
        chosen = plain or begun
        return chosen[-1] if chosen else None

    def _name_of(self, kind: str) -> str:
        dated = self._rows.get(kind)
        return dated[-1].kind.name_vi if dated else kind


def parse_competence(
    competence_csv: str, clock_policies_csv: str, kind_groups_csv: str, bodies: BodyTable
) -> CompetenceTable:
    """Read the rows, the policies of clocks and the groups, and check them against the bodies.

    Raises:
        TableFault: names file, line and column.
    """
    groups = [
        KindGroup(row.text("key"), row.whole("position"), row.text("name_vi"), row.text("name_en"))
        for row in rows("kind_groups.csv", kind_groups_csv, _GROUP_COLUMNS)
    ]
    group_keys = {group.key for group in groups}
    found = [(_row(row, group_keys), row) for row in rows("competence.csv", competence_csv, _COLUMNS)]
    check_apart(((row.kind.key, row.severity_from), row.validity, line) for row, line in found)
    for row, line in found:
        _check_bodies(row, line, bodies)
    digest = hashlib.sha256(f"{competence_csv}\0{clock_policies_csv}\0{kind_groups_csv}".encode()).hexdigest()
    latest = max((row.validity.valid_from for row, _ in found), default=dt.date.min)
    return CompetenceTable(
        (row for row, _ in found),
        groups,
        parse_clock_policies(clock_policies_csv),
        bodies,
        f"{latest.isoformat()}-{digest[:8]}",
    )


def _placed(key: str, unit: Unit, province: Unit) -> str:
    return key.format(commune=unit.code, province=province.code)


def _row(row: Row, group_keys: set[str]) -> CompetenceRow:
    key, severity = row.text("key"), cast("Severity", row.choice("severity_from", SEVERITIES))
    validity = row.validity()
    suffix = "" if severity == SEVERITIES[0] else f".{severity}"
    lane = cast("Lane", row.choice("lane", get_args(Lane)))
    beyond, province_bodies = row.flag("beyond_commune"), row.words("province_bodies")
    if not province_bodies:
        row.fault("province_bodies", "is empty: somebody at the province leads or guides")
    if not row.words("commune_bodies"):
        row.fault("commune_bodies", "is empty: somebody at the commune has it before the province does")
    return CompetenceRow(
        id=f"{key}{suffix}@{validity.valid_from.isoformat()}",
        kind=Kind(key, row.text("name_vi"), row.text("name_en"), row.choice("group", group_keys), lane),
        severity_from=severity,
        beyond_commune=beyond,
        commune_bodies=row.words("commune_bodies"),
        province_bodies=province_bodies,
        ministry_bodies=row.words("ministry_bodies"),
        basis=row.optional("basis"),
        response_days=row.whole("response_days", 0, 400),
        days_kind=row.choice("days_kind", ("working", "calendar")),
        deadline_source=cast("DeadlineSource", row.choice("deadline_source", get_args(DeadlineSource))),
        confidence=row.choice("confidence", ("high", "med", "low")),
        note=(row.cells["note_vi"], row.cells["note_en"]),
        source=row.text("source"),
        validity=validity,
    )


def _check_bodies(row: CompetenceRow, line: Row, bodies: BodyTable) -> None:
    """Refuse a body that is not known in some province, or at the wrong level."""
    provinces = bodies.units.provinces()
    for column, keys, prefix in (
        ("commune_bodies", row.commune_bodies, "{commune}."),
        ("province_bodies", row.province_bodies, "{province}."),
        ("ministry_bodies", row.ministry_bodies, ""),
    ):
        for key in keys:
            if not key.startswith(prefix) or (not prefix and "." in key):
                line.fault(column, f"{key!r} does not start with {prefix or 'the name of a central body'}")
            for province in provinces:
                commune = bodies.units.communes_of(province.code)[0]
                if not bodies.knows(_placed(key, commune, province)):
                    line.fault(column, f"bodies.csv does not know {_placed(key, commune, province)!r}")
