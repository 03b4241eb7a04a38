"""Rows of the named queries on figures, and the JSON answers made of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from reporting.cases.metrics import Kind as MetricKind
from reporting.silence import SilenceBasis, SilenceKind
from services.web.shell.schemas import Answer

Number = TypeVar("Number")


class Counts(Answer, Generic[Number]):
    """The metrics of reporting/cases/metrics.py over a window: flows add up, stocks are counted at its end."""

    submitted: Number
    received: Number
    refused: Number
    resolved: Number
    resolved_early: Number
    resolved_on_time: Number
    resolved_late: Number
    resolved_undated: Number
    withdrawn: Number
    stopped: Number
    returned: Number
    became_overdue: Number
    carried_over: Number
    open: Number
    overdue: Number
    paused: Number
    due_today: Number

    def number(self, key: str) -> Number:
        """Return the metric of a key."""
        found: Number = getattr(self, key)
        return found


class UnitRow(Counts[int]):
    """Row of `province_overview`: one commune."""

    unit_code: str


class ProvinceRow(Counts[int]):
    """Row of `ministry_by_province`: one province."""

    province_code: str
    reporting_unit_count: int


class FieldRow(Counts[int]):
    """Row of `unit_rollups_by_field`: one field."""

    field_code: str


class ChannelRow(Counts[int]):
    """Row of `unit_rollups_by_channel`: one channel."""

    channel: str


class FieldChannelRow(FieldRow):
    """Row of `unit_rollups_by_field_and_channel`: one field by one channel."""

    channel: str


class KindRow(Answer):
    """Row of `issues_by_kind`: one kind of difficulty."""

    kind: str
    issue_count: int
    open_count: int
    breached_count: int
    unit_count: int
    province_count: int
    oldest_open_at: dt.datetime | None


class IssuesOfUnit(Answer):
    """Row of `issues_by_unit`: one commune, the columns that are shown."""

    unit_code: str
    issue_count: int
    open_count: int
    breached_count: int


class IssuesOfProvince(Answer):
    """Row of `issues_by_province`: one province, the columns that are shown."""

    province_code: str
    issue_count: int
    open_count: int
    breached_count: int


class Total(Counts[int]):
    """Sum over some communes."""

    unit_count: int


class DayLine(Counts[int]):
    """One day of a window."""

    day: dt.date


class FieldLine(Counts[int | None]):
    """One field; small sensitive counts are null for readers who may not read the cases."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    field_name: str
    field_code: str
    suppressed: Annotated[
        bool | None,
        Field(
            exclude_if=lambda value: value is None,
            description="Only of a sensitive field: whether a count was left out.",
        ),
    ] = None


class ChannelLine(Counts[int]):
    """One channel."""

    channel_label: str
    channel: str


class FieldChannelLine(FieldLine):
    """One field by one channel; small sensitive counts are null as in those of the field."""

    channel_label: str
    channel: str


class _Rollups(Answer):
    unit_code: str
    unit_name: str
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    total: Total


class DayRollups(_Rollups):
    """The figures of a window, day by day."""

    by: Literal["day"] = "day"
    items: list[DayLine]


class FieldRollups(_Rollups):
    """The figures of a window, field by field."""

    by: Literal["field"] = "field"
    items: list[FieldLine]


class ChannelRollups(_Rollups):
    """The figures of a window, channel by channel."""

    by: Literal["channel"] = "channel"
    items: list[ChannelLine]


class FieldChannelRollups(_Rollups):
    """The figures of a window, field by field and in each channel by channel."""

    by: Literal["field_channel"] = "field_channel"
    items: list[FieldChannelLine]


Rollups = DayRollups | FieldRollups | ChannelRollups | FieldChannelRollups


class _Difficulties(Answer):
    issue_count: int
    open_issue_count: int
    breached_issue_count: int


class CommuneFigures(Counts[int], _Difficulties):
    """One commune of a province: its cases and its difficulties."""

    unit_code: str
    unit_name: str


class ProvinceFigures(Counts[int], _Difficulties):
    """One province of the nation: its cases, its difficulties, and how many of its communes send figures."""

    province_code: str
    reporting_unit_count: int
    unit_name: str
    commune_count: int


class KindFigures(KindRow):
    """The difficulties of one kind."""

    kind_label: str


class MetricView(Answer):
    """One metric: key and name."""

    key: str
    kind: MetricKind
    label: str


class Coverage(Answer):
    """How many feeds the figures rest on."""

    unit_count: int
    source_count: int
    silent_count: int
    silent_units: list[str]
    silence: dict[SilenceKind, int]
    last_seen_at: dt.datetime | None


class _Overview(Answer):
    unit_code: str
    unit_name: str
    on: dt.date
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    day: Total
    window: Total
    kinds: list[KindFigures]
    metrics: list[MetricView]
    coverage: Coverage


class CommuneOverview(_Overview):
    """Overview of a commune on a day."""

    level: Literal["commune"] = "commune"


class ProvinceOverview(_Overview):
    """Overview of a province on a day, with each of its communes."""

    level: Literal["province"] = "province"
    units: list[CommuneFigures]


class NationOverview(_Overview):
    """Overview of the nation on a day, with each of its provinces."""

    level: Literal["nation"] = "nation"
    provinces: list[ProvinceFigures]


Overview = CommuneOverview | ProvinceOverview | NationOverview


class SilentDayView(Answer):
    """A commune's day: its kind, the fact that decided it, and what to do."""

    unit_code: str
    day: dt.date
    kind: SilenceKind
    basis: SilenceBasis
    kind_label: str
    basis_label: str
    todo: str


class SilenceOfDays(Answer):
    """Every commune and day of a window, each of exactly one kind."""

    unit_code: str
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    kinds: dict[SilenceKind, int]
    items: list[SilentDayView]


class NewbornCounts(Answer):
    """Births of a window by the step that each has reached: issued + waiting + unknown = all.

    A count that is None is kept back from this reader.
    """

    birth_count: int | None
    sent_count: int | None
    issued_count: int | None
    within_count: int | None
    if_verified_count: int | None
    late_count: int | None
    waiting_count: int | None
    waiting_late_count: int | None
    unknown_count: int | None


class NewbornsOfUnit(NewbornCounts):
    """The births of one commune."""

    unit_code: str
    median_days: float | None


class NewbornsWaiting(Answer):
    """Births that wait, by the body whose step they await; empty where the source names none."""

    body: str
    waiting_count: int | None
    waiting_late_count: int | None
    longest_days: float | None


class NewbornLimitView(Answer):
    """A dated limit, with its source."""

    procedure: str
    within_days: int
    verified_days: int
    status_hours: int
    source: str
    confidence: str


class Newborns(Answer):
    """The newborns of a unit and a window, the limits that hold, and who waits at whom."""

    unit_code: str
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    limits: list[NewbornLimitView]
    units: list[NewbornsOfUnit]
    waiting: list[NewbornsWaiting]
