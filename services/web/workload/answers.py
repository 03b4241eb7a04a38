"""Put a workload into words: names, reasons, definition, checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reporting.dated.bodies import unit_named
from reporting.dated.periods import Period
from reporting.dated.staff import EVERY_FIELD
from reporting.dated.vice_chairs import Example
from reporting.dated.workload_weights import OTHERWISE, Weight
from reporting.workload.loads import LIKES, Load, like_of, sum_of_loads
from reporting.workload.shortages import shortage_of
from reporting.workload.work import Flow, Work, sum_of
from services.language.formats import Formats
from services.language.labels import Lang
from services.web.shell.parts import ViewParts
from services.web.workload.reading import Workload, WorkloadReader
from services.web.workload.schemas import (
    Basis,
    CheckKey,
    Definition,
    FieldWork,
    Flows,
    LeftOut,
    LikeGroup,
    Loaded,
    UnitLoad,
    ViceChairExample,
    ViceChairTotal,
    WeekLoad,
    WorkloadAnswer,
    WorkloadCheck,
)

VERSION = 2
"""Raised when the meaning of a number changes."""
_FORMULA = ("work", "load", "backlog", "median", "standing", "lend", "peak", "people", "left_out")


@dataclass(frozen=True, slots=True)
class WorkloadWords:
    """Words a workload in one language."""

    parts: ViewParts
    lang: Lang

    def answer(self, found: Workload, period: Period | None, *, with_fields: bool) -> WorkloadAnswer:
        """Return the whole answer.

        Args:
            with_fields: the reader may read the cases, of which a field may be a sensitive one.
        """
        work, people, officer_days = sum_of_loads(found.shown)
        return WorkloadAnswer(
            unit_code=found.unit.code,
            unit_name=unit_named(found.unit, self.lang),
            period=period.key if period is not None else None,
            first_on=found.window.first_on,
            last_on=found.window.last_on,
            as_of=found.as_of,
            working_days=found.all_loads.working_days,
            definition=self._definition(found),
            unit_count=len(found.shown) + len(found.missing),
            total=_loaded(work, people, officer_days, found.limits.officer_day),
            items=[self._unit(found, load) for load in found.shown],
            left_out=[
                LeftOut(
                    unit_code=code,
                    unit_name=self._name(code),
                    reason=reason,
                    words=self._text(f"missing.{reason}"),
                )
                for code, reason in found.missing.items()
            ],
            groups=list(self._groups(found)),
            fields=self._fields(found) if with_fields else None,
            weeks=[
                WeekLoad(
                    first_on=week.first_on,
                    last_on=week.last_on,
                    case_count=week.case_count,
                    minutes=week.minutes,
                    officer_days=week.officer_days,
                    minutes_per_day=_decimal(week.per_day),
                    is_peak=week.is_peak,
                )
                for week in found.weeks
            ],
            vice_chairs=self._vice_chairs(found),
            checks=list(self._checks(found, work)),
        )

    def _unit(self, found: Workload, load: Load) -> UnitLoad:
        staff = self.parts.tables.staff
        officer_day = found.limits.officer_day
        return UnitLoad(
            **_loaded(load.work, load.people, load.officer_days, officer_day).model_dump(),
            unit_code=load.unit_code,
            unit_name=self._name(load.unit_code),
            like=load.like,
            median=_decimal(load.peers_load),
            standing=load.standing,
            standing_words=self._text(f"standing.{load.standing}"),
            lends=load.lends,
            lacks=load.lacks,
            shortage=shortage_of(load, found.limits),
            vice_chairs=staff.people_on(load.unit_code, "vice_chair", found.window.last_on),
        )

    def _groups(self, found: Workload) -> Iterator[LikeGroup]:
        own = like_of(found.unit, found.limits.large_area) if found.unit.level == "commune" else None
        for like in LIKES:
            alike = [one for one in found.all_loads.loads if one.like == like]
            count = sum(not found.all_loads.is_of_one(one) for one in alike)
            if alike and own in {None, like}:
                yield LikeGroup(
                    like=like,
                    words=self._text(f"like.{like}", area=found.limits.large_area),
                    unit_count=count,
                    median=_decimal(found.all_loads.medians.get(like)),
                )

    def _fields(self, found: Workload) -> list[FieldWork]:
        names = self.parts.tables.procedures.fields(self.lang)
        return [
            FieldWork(
                field_code=field,
                field_name=names.get(field, field),
                cases=_flows(work.cases),
                minutes=_flows(work.minutes),
                people=found.people_of.get(field, 0),
            )
            for field, work in found.fields.items()
        ]

    def _vice_chairs(self, found: Workload) -> ViceChairTotal:
        chairs, tables = found.vice_chairs, self.parts.tables.vice_chairs
        frame = tables.frame_on(found.window.last_on)
        return ViceChairTotal(
            commune_count=chairs.commune_count,
            average=None if frame is None else float(frame.average),
            total=chairs.total,
            known=chairs.known,
            not_known_count=len(chairs.not_known),
            room=chairs.room,
            decided=chairs.decided,
            words=self._text(f"decided.{chairs.decided}"),
            own=found.own_vice_chairs,
            source=None if frame is None else frame.source,
            confidence=None if frame is None else frame.confidence,
            examples=[self._example(one) for one in tables.examples],
        )

    def _example(self, one: Example) -> ViceChairExample:
        value = "" if one.value is None else Formats(self.lang).number(one.value)
        return ViceChairExample(
            province_code=one.province_code,
            province_name=self._name(one.province_code),
            criterion=one.criterion,
            value=one.value,
            words=self._text(f"criterion.{one.criterion}", value=value),
            document=one.document,
            decided_on=one.decided_on,
            source=one.source,
            confidence=one.confidence,
        )

    def _definition(self, found: Workload) -> Definition:
        return Definition(
            name=self._text("title"),
            version=VERSION,
            tables=WorkloadReader(self.parts).version,
            formula=[self._text(f"formula.{one}") for one in _FORMULA],
            basis=[
                *(
                    Basis(
                        key=one.key,
                        words=self._text(f"convention.{one.key}", value=one.value),
                        source=one.source,
                        confidence=one.confidence,
                    )
                    for one in found.conventions
                ),
                *(self._weight(one) for one in found.weights.rows),
                *self._staff(found),
            ],
        )

    def _weight(self, one: Weight) -> Basis:
        procedures = {
            row.code: row.name_en if self.lang == "en" else row.name_vi
            for row in self.parts.tables.procedures.all(one.validity.valid_from)
        }
        fields = self.parts.tables.procedures.fields(self.lang)
        name = self._text("other_fields") if one.field_code == OTHERWISE else fields[one.field_code]
        if one.procedure_code:
            name = procedures.get(one.procedure_code, one.procedure_code)
        return Basis(
            key=f"weight.{one.field_code}.{one.procedure_code}",
            words=self._text("weight", name=name, minutes=one.minutes),
            source=one.source,
            confidence=one.confidence,
        )

    def _staff(self, found: Workload) -> Iterator[Basis]:
        """Yield the sources of the numbers of staff, each once."""
        rows = [
            row
            for load in found.shown
            for row in self.parts.tables.staff.rows_on(load.unit_code, "centre", found.window.last_on)
        ]
        for source, confidence in dict.fromkeys((row.source, row.confidence) for row in rows):
            count = len(
                {row.unit_code for row in rows if (row.source, row.confidence) == (source, confidence)}
            )
            yield Basis(
                key="staff",
                words=self._text("staff_source", count=count),
                source=source,
                confidence=confidence,
            )

    def _checks(self, found: Workload, work: Work) -> Iterator[WorkloadCheck]:
        def check(key: CheckKey, left: int, right: int) -> WorkloadCheck:
            return WorkloadCheck(
                key=key, words=self._text(f"check.{key}"), left=left, right=right, holds=left == right
            )

        cases, minutes, counted = work.cases, work.minutes, found.figures
        yield check("cases", cases.to_handle, cases.resolved + cases.open)
        yield check("minutes", minutes.to_handle, minutes.resolved + minutes.open)
        yield check("fields", sum_of(found.fields.values()).minutes.to_handle, minutes.to_handle)
        yield check("weeks", sum(week.minutes for week in found.weeks), minutes.received)
        by_load = sum((one.per_day * one.officer_days for one in found.shown), Fraction())
        yield check("load", int(by_load), minutes.to_handle)
        yield check("figures", sum(cases), sum(counted))

    def _name(self, code: str) -> str:
        return unit_named(self.parts.tables.units.get(code), self.lang)

    def _text(self, key: str, **values: object) -> str:
        return self.parts.labels.text(f"workload.{key}", self.lang, **values)


def people_of_all_fields(found: Workload) -> int:
    """Return how many people handle cases of every field."""
    return found.people_of.get(EVERY_FIELD, 0)


def over(items: Sequence[UnitLoad]) -> list[UnitLoad]:
    """Return the communes with far more work per person than like ones."""
    return [one for one in items if one.standing == "over"]


def lending(items: Sequence[UnitLoad]) -> list[UnitLoad]:
    """Return the communes that could lend somebody, those with most first."""
    return sorted((one for one in items if one.lends), key=lambda one: (-one.lends, one.unit_code))


def _loaded(work: Work, people: int, officer_days: int, officer_day: int) -> Loaded:
    capacity = people * officer_day
    return Loaded(
        cases=_flows(work.cases),
        minutes=_flows(work.minutes),
        people=people,
        officer_days=officer_days,
        minutes_per_day=work.minutes.to_handle / officer_days if officer_days else None,
        backlog_days=work.minutes.open / capacity if capacity else None,
    )


def _flows(flow: Flow) -> Flows:
    return Flows(to_handle=flow.to_handle, **flow._asdict())


def _decimal(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
