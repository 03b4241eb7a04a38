"""JSON answers of the workload per person."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from reporting.dated.vice_chairs import Criterion
from reporting.workload.loads import Like, Missing, Standing
from reporting.workload.shortages import Shortage
from reporting.workload.vice_chairs import Decided
from services.web.shell.schemas import Answer

CheckKey = Literal["cases", "minutes", "fields", "weeks", "load", "figures"]


class Flows(Answer):
    """Cases, or the minutes that they are taken for: carried over + received = resolved + open."""

    carried_over: int
    received: int
    to_handle: int
    resolved: int
    open: int


class Loaded(Answer):
    """Work against people: `minutes_per_day` × `officer_days` is what was to be handled, in minutes."""

    cases: Flows
    minutes: Flows
    people: int
    officer_days: int
    minutes_per_day: float | None
    backlog_days: float | None


class UnitLoad(Loaded):
    """The load of a commune beside the median of like communes, if the group is large enough to have one."""

    unit_code: str
    unit_name: str
    like: Like
    median: float | None
    standing: Standing
    standing_words: str
    lends: int
    lacks: int
    shortage: Shortage | None
    vice_chairs: int | None


class LeftOut(Answer):
    """A commune that is in no load, no sum and no median."""

    unit_code: str
    unit_name: str
    reason: Missing
    words: str


class LikeGroup(Answer):
    """Communes that are compared with one another; `unit_count` are those in the median, where more than one works."""

    like: Like
    words: str
    unit_count: int
    median: float | None


class FieldWork(Answer):
    """The work of a field; `people` are those who handle that field alone."""

    field_code: str
    field_name: str
    cases: Flows
    minutes: Flows
    people: int


class WeekLoad(Answer):
    """A week, as far as it lies in the window, and the cases received in it."""

    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    case_count: int
    minutes: int
    officer_days: int
    minutes_per_day: float | None
    is_peak: bool


class ViceChairExample(Answer):
    """A criterion that a published decision of another place used; no rule of one's own."""

    province_code: str
    province_name: str
    criterion: Criterion
    value: float | None
    words: str
    document: str
    decided_on: dt.date
    source: str
    confidence: str


class ViceChairTotal(Answer):
    """The number of vice-chairs of the province's communes against what it may have."""

    commune_count: int
    average: float | None
    total: int | None
    known: int
    not_known_count: int
    room: int | None
    decided: Decided
    words: str
    own: int | None
    source: str | None
    confidence: str | None
    examples: list[ViceChairExample]


class Basis(Answer):
    """A dated row behind the numbers, in words, with its source and confidence."""

    key: str
    words: str
    source: str
    confidence: str


class WorkloadCheck(Answer):
    """Two ways to one number."""

    key: CheckKey
    words: str
    left: int
    right: int
    holds: bool


class Definition(Answer):
    """The meaning of the numbers: formula, version, and the rows of dated tables behind them."""

    name: str
    version: int
    tables: str
    formula: list[str]
    basis: list[Basis]


class WorkloadAnswer(Answer):
    """The workload per person of a commune or a province over a window, and what it rests on."""

    unit_code: str
    unit_name: str
    period: str | None
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    as_of: dt.datetime | None
    working_days: int
    definition: Definition
    unit_count: int
    total: Loaded
    items: list[UnitLoad]
    left_out: list[LeftOut]
    groups: list[LikeGroup]
    fields: list[FieldWork] | None
    weeks: list[WeekLoad]
    vice_chairs: ViceChairTotal
    checks: list[WorkloadCheck]
