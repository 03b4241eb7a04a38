"""The dated table of competence, and the verdict on one issue on its day."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from events.issues import CompetenceVerdict, ConsideredFacts, Finding, IssueReport
from reporting.competence import explanations, petitions
from reporting.competence.conditions import SEVERITIES, Conditions
from reporting.competence.rows import (
    CompetenceRow,
    Kind,
    KindGroup,
    Seat,
    first_that_decides,
    read_competence_rows,
    read_groups,
)
from reporting.competence.words import conditions_in_words
from reporting.dated.bodies import Body, BodyTable
from reporting.dated.clock_policies import ClockPolicies, ClockPolicy, SilencePolicy, parse_clock_policies
from reporting.dated.kind_words import KindWords
from reporting.dated.units import Unit
from reporting.errors import UnknownUnit

__all__ = [
    "SEVERITIES",
    "CompetenceRow",
    "CompetenceTable",
    "Kind",
    "KindGroup",
    "facts_of",
    "parse_competence",
]

OFFICE_KEY = "vp_ubnd"
"""The provincial office, which names the lead of every issue that has none."""
_DAYS_KEPT = 32


def facts_of(report: IssueReport, on: dt.date) -> ConsideredFacts:
    """Return the facts of a report that competence may depend on, on the local day of the event."""
    return ConsideredFacts(
        kind=report.kind,
        severity=report.severity,
        assessed_on=on,
        amount_dong=report.amount_dong,
        people_affected=report.people_affected,
        cases_blocked=report.cases_blocked,
        place_type=report.place_type,
        tried_step=report.tried_step,
    )


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
        self._words: KindWords | None = None
        self.bodies = bodies
        self._policies = policies
        self._groups = tuple(sorted(groups, key=lambda group: group.position))
        self._rows: dict[str, list[CompetenceRow]] = defaultdict(list)
        for row in sorted(found, key=lambda row: row.line):
            self._rows[row.kind.key].append(row)
        for dated in self._rows.values():
            # The more particular row is asked first; the line decides between equals, which `check` reports.
            dated.sort(key=lambda row: row.conditions.precedence)
        # Nearly every caller asks for today; `with_words` copies the table, and its rows stay the same.
        self._kinds_by_day = lru_cache(_DAYS_KEPT)(self._find_kinds)

    def with_words(self, words: KindWords) -> CompetenceTable:
        """Return the same table, whose sentences use the short names of kinds."""
        worded = copy.copy(self)
        worded._words = words  # noqa: SLF001 -- a copy of this very class
        return worded

    def kinds(self, on: dt.date) -> tuple[Kind, ...]:
        """Return the kinds known by that day, in the order of their groups, with those whose row expired."""
        return self._kinds_by_day(on)

    def kind(self, key: str, on: dt.date) -> Kind | None:
        """Return one of these kinds by its key; None where that day knows no such kind."""
        row = self._latest(key, on)
        return row.kind if row is not None else None

    def name_of(self, kind: str, lang: Literal["vi", "en"] = "vi") -> str:
        """Return the name of a kind, on whatever day it was known; the key of a kind that the table lacks."""
        dated = self._rows.get(kind)
        if not dated:
            return kind
        return dated[-1].kind.name_en if lang == "en" else dated[-1].kind.name_vi

    def groups(self) -> tuple[KindGroup, ...]:
        """Return the groups of kinds in their order."""
        return self._groups

    def rows(self) -> tuple[CompetenceRow, ...]:
        """Return every row of the table."""
        return tuple(row for dated in self._rows.values() for row in dated)

    def policy(self, clock: str, lane: str, level: str, on: dt.date) -> ClockPolicy:
        """Return the policy of a clock, with the days that a holder has; see `ClockPolicies.find`."""
        return self._policies.find(clock, lane, level, on)

    @property
    def office_day(self) -> dt.timedelta:
        """Return the length of an office day."""
        return self._policies.office_day

    def silence(self, on: dt.date) -> SilencePolicy:
        """Return the policy that states after how many working hours a source counts as silent."""
        return self._policies.silence(on)

    def assess(self, facts: ConsideredFacts, unit: Unit) -> CompetenceVerdict:
        """Decide who is competent for an issue of a commune, by the rows of the day that its facts name.

        A missing or expired row is a finding that goes to the provincial office, never a guess.

        Args:
            facts: the facts that rows may depend on; an unknown kind is a finding too.
            unit: the commune.

        Raises:
            UnknownUnit: the unit lies in no province.
        """
        on = facts.assessed_on
        row = self.row_for(facts)
        if row is not None:
            return self._verdict(row, facts, unit)
        office = self._office(unit, on)
        latest = self._latest(facts.kind, on)
        if latest is None or latest.validity.valid_to is None or self.rows_on(facts.kind, on):
            told = explanations.row_missing(self.name_of(facts.kind), unit, office, on, self.version)
            return self._finding("row_missing", office.id, told, None, facts)
        names = (latest.kind.name_vi, latest.kind.name_en)
        told = explanations.row_expired(names, unit, office, latest.validity.valid_to, self.version)
        return self._finding("row_expired", office.id, told, latest, facts)

    def assess_at(self, facts: ConsideredFacts, unit_code: str, province_code: str) -> CompetenceVerdict:
        """Decide as `assess` does, for a unit given by its code; a code that no table has is a finding."""
        units = self.bodies.units
        for day in (facts.assessed_on, None):
            try:
                unit = units.get(unit_code, day)
                if units.province_of(unit_code) == province_code:
                    return self.assess(facts, unit)
            except UnknownUnit:
                continue
        told = explanations.unit_missing(unit_code, province_code, self.version)
        return self._finding("row_missing", f"{province_code}.{OFFICE_KEY}", told, None, facts)

    def row_for(self, facts: ConsideredFacts) -> CompetenceRow | None:
        """Return the first row of the day whose conditions these facts meet."""
        valid = self.rows_on(facts.kind, facts.assessed_on)
        return next((row for row in valid if row.conditions.hold(facts)), None)

    def rows_on(self, kind: str, on: dt.date) -> tuple[CompetenceRow, ...]:
        """Return the rows of a kind that hold on a local day, in the order in which they are asked."""
        return tuple(row for row in self._rows.get(kind, ()) if row.validity.holds_on(on))

    def petition(self, facts: ConsideredFacts, unit: Unit) -> tuple[str, str]:
        """Return where the province goes with an issue beyond its powers, in Vietnamese and English.

        Raises:
            UnknownUnit: the unit lies in no province.
        """
        row, verdict = self.row_for(facts), self.assess(facts, unit)
        if row is None or verdict.finding is not None:
            return verdict.explanation_vi, verdict.explanation_en
        on = facts.assessed_on
        province = self._province_of(unit, on)
        central = [
            (self.bodies.get(seat.key, on), seat.part)
            for seat in row.ministry
            if self.bodies.knows(seat.key, on)
        ]
        told = petitions.Petition(
            road=self._told(row, unit, province, on),
            office=self._office(unit, on),
            committee=self.bodies.get(f"{province.code}.ubnd", on),
            others=[body for body, part in central if part == "coordinate"],
            promising=[body for body, part in central if part == "promise"],
            days=self.policy("first_answer", row.kind.lane, "ministry", on),
        )
        return petitions.in_vietnamese(told), petitions.in_english(told)

    def _find_kinds(self, on: dt.date) -> tuple[Kind, ...]:
        positions = {group.key: group.position for group in self._groups}
        known = (self._latest(key, on) for key in self._rows)
        kinds = [row.kind for row in known if row is not None]
        return tuple(sorted(kinds, key=lambda kind: positions[kind.group_key]))

    def _province_of(self, unit: Unit, on: dt.date) -> Unit:
        return self.bodies.units.get(self.bodies.units.province_of(unit.code), on)

    def _verdict(self, row: CompetenceRow, considered: ConsideredFacts, unit: Unit) -> CompetenceVerdict:
        on = considered.assessed_on
        province = self._province_of(unit, on)
        lead, *others = row.lead_and_others
        decider = first_that_decides(row.province) if row.beyond_commune else None
        petitioned = first_that_decides(row.ministry)
        for seat in filter(None, (lead, *others, petitioned)):
            body_id = seat.placed(unit, province)
            if not self.bodies.knows(body_id, on):
                office, names = self._office(unit, on), (row.kind.name_vi, row.kind.name_en)
                told = explanations.body_missing(names, unit, office, body_id, self.version)
                return self._finding("body_missing", office.id, told, row, considered)
        facts = self._told(row, unit, province, on)
        return CompetenceVerdict.model_validate(
            {
                "lane": row.kind.lane,
                "level": "province" if row.beyond_commune else "commune",
                "beyond_commune": row.beyond_commune,
                "lead_body": lead.placed(unit, province),
                "other_bodies": tuple(seat.placed(unit, province) for seat in others),
                "deciding_body": decider.placed(unit, province) if decider and decider != lead else None,
                "ministry_body": petitioned.placed(unit, province) if petitioned else None,
                "row_id": row.id,
                "row_version": row.version,
                "approved_by": row.approved_by,
                "facts": considered,
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
        def bodies(seats: Iterable[Seat]) -> list[Body]:
            return [self.bodies.get(seat.placed(unit, province), on) for seat in seats]

        upper, petitioned = bodies(row.province), first_that_decides(row.ministry)
        return explanations.Told(
            name=(row.kind.name_vi, row.kind.name_en),
            topic=self._topic(row.kind, on),
            unit=unit,
            province=province,
            lane=row.kind.lane,
            beyond_commune=row.beyond_commune,
            lead=upper[0] if row.beyond_commune else bodies(row.commune[:1])[0],
            others=upper[1:] if row.beyond_commune else upper,
            deciding=[body for body, seat in zip(upper, row.province, strict=True) if seat.part == "decide"],
            ministry=bodies([petitioned])[0] if petitioned else None,
            basis=row.basis,
            response_days=row.response_days,
            days_kind=row.days_kind,
            deadline_source=row.deadline_source,
            confidence=row.confidence,
            note=row.note,
            when=conditions_in_words(row.conditions),
            approved_by=row.approved_by,
            table_version=self.version,
        )

    def _topic(self, kind: Kind, on: dt.date) -> tuple[str, str]:
        """Return the short names of a kind on a day; where there is none the names themselves serve."""
        words = self._words.on(on).get(kind.key) if self._words is not None else None
        return words.short if words is not None else (kind.name_vi, kind.name_en)

    def _finding(
        self,
        finding: Finding,
        office_id: str,
        told: tuple[str, str],
        row: CompetenceRow | None,
        facts: ConsideredFacts,
    ) -> CompetenceVerdict:
        return CompetenceVerdict(
            finding=finding,
            lane="guidance",
            level="province",
            beyond_commune=True,
            lead_body=office_id,
            row_id=row.id if row else None,
            row_version=row.version if row else None,
            facts=facts,
            table_version=self.version,
            explanation_vi=told[0],
            explanation_en=told[1],
        )

    def _office(self, unit: Unit, on: dt.date) -> Body:
        """Return the provincial office; it takes findings on any day, also before its row begins."""
        key = f"{self.bodies.units.province_of(unit.code)}.{OFFICE_KEY}"
        return self.bodies.get(key, on if self.bodies.knows(key, on) else None)

    def _latest(self, kind: str, on: dt.date) -> CompetenceRow | None:
        begun = [row for row in self._rows.get(kind, ()) if row.validity.valid_from <= on]
        plain = [row for row in begun if row.conditions == Conditions()]
        return max(plain or begun, key=lambda row: row.validity.valid_from, default=None)


def parse_competence(
    competence_csv: str, clock_policies_csv: str, kind_groups_csv: str, bodies: BodyTable
) -> CompetenceTable:
    """Read the rows, the policies of clocks and the groups, and check them against the bodies.

    Raises:
        TableError: names file, line and column.
    """
    groups = read_groups(kind_groups_csv)
    found = read_competence_rows(competence_csv, groups, bodies)
    digest = hashlib.sha256(f"{competence_csv}\0{clock_policies_csv}\0{kind_groups_csv}".encode()).hexdigest()
    latest = max((row.validity.valid_from for row in found), default=dt.date.min)
    return CompetenceTable(
        found,
        groups,
        parse_clock_policies(clock_policies_csv),
        bodies,
        f"{latest.isoformat()}-{digest[:8]}",
    )
