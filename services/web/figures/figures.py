"""Figures of a unit from the named queries, with names beside codes, for the API and for pages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Literal, TypedDict, TypeVar, get_args

from reporting.cases.metrics import METRICS, Metric
from reporting.dated.units import Unit
from reporting.privacy import small_counts
from reporting.silence import SilenceKind
from services.language.labels import Lang
from services.web.figures.schemas import (
    ChannelLine,
    ChannelRollups,
    ChannelRow,
    CommuneFigures,
    CommuneOverview,
    Coverage,
    DayLine,
    DayRollups,
    FieldChannelLine,
    FieldChannelRollups,
    FieldChannelRow,
    FieldLine,
    FieldRollups,
    FieldRow,
    IssuesOfProvince,
    IssuesOfUnit,
    KindFigures,
    KindRow,
    MetricView,
    NationOverview,
    Overview,
    ProvinceFigures,
    ProvinceOverview,
    ProvinceRow,
    Rollups,
    Total,
    UnitRow,
)
from services.web.figures.silence import silence_now
from services.web.figures.sums import summed, sums_asked
from services.web.figures.windows import Window
from services.web.shell.parts import ViewParts

By = Literal["day", "field", "channel", "field_channel"]
AField = TypeVar("AField", bound=FieldLine)
ARow = TypeVar("ARow")
_OVERVIEW_DAYS = 30

Asked = TypedDict("Asked", {"units": list[str], "from": dt.date, "to": dt.date})
"""The parameters that the named queries of figures share."""


def communes_in(parts: ViewParts, unit_code: str) -> tuple[str, ...]:
    """Return the codes of the communes over which the figures of a unit are summed.

    The nation's leave out the province that a demo fills just now: it comes when it stands in full.
    """
    units = parts.tables.units
    unit = units.get(unit_code)
    if unit.level == "commune":
        return (unit.code,)
    filling = parts.filling() if unit.level == "nation" else None
    hidden = frozenset[str]() if filling is None else filling.hidden
    provinces = units.provinces() if unit.level == "nation" else (unit,)
    return tuple(
        commune.code
        for province in provinces
        if province.code not in hidden
        for commune in units.communes_of(province.code)
    )


def rollups(
    parts: ViewParts, unit_code: str, window: Window, by: By, lang: Lang = "vi", *, suppress: bool = False
) -> Rollups:
    """Return the figures of a window by day, field, channel, or field and channel, and their total.

    Flows add up over the lines; stocks (`open`, `overdue`, `paused`) are counted at the end of each line.

    Args:
        suppress: return None for small counts of sensitive fields, for readers who may not read the cases.

    Raises:
        UnknownUnit: no such unit.
        NotReady: the engine cannot be reached.
    """
    asked = asked_of(communes_in(parts, unit_code), window)
    head = _Head(
        unit_code=unit_code,
        unit_name=parts.tables.units.get(unit_code).full_name,
        first_on=window.first_on,
        last_on=window.last_on,
        total=_total(parts, asked),
    )
    if by == "field":
        return FieldRollups(**head, items=_by_field(parts, asked, lang, suppress=suppress))
    if by == "channel":
        return ChannelRollups(**head, items=_by_channel(parts, asked, lang))
    if by == "field_channel":
        return FieldChannelRollups(**head, items=_by_field_and_channel(parts, asked, lang, suppress=suppress))
    return DayRollups(**head, items=parts.warehouse.query_of(DayLine, "unit_rollups_by_day", **asked))


def overview(parts: ViewParts, unit_code: str, on: dt.date, lang: Lang = "vi") -> Overview:
    """Return the overview of a unit on a day: that day, the 30 days up to it, the units below it, its difficulties.

    Raises:
        UnknownUnit: no such unit.
        NotReady: the engine cannot be reached.
    """
    unit = parts.tables.units.get(unit_code)
    communes = communes_in(parts, unit_code)
    window = Window(on - dt.timedelta(days=_OVERVIEW_DAYS - 1), on)
    asked = asked_of(communes, window)
    shown = CommuneOverview(
        unit_code=unit.code,
        unit_name=unit.full_name,
        on=on,
        first_on=window.first_on,
        day=_total(parts, asked_of(communes, Window(on, on))),
        window=_total(parts, asked),
        kinds=_kinds(parts, asked, lang),
        metrics=[_metric(metric, lang) for metric in METRICS],
        coverage=_coverage(parts, communes),
    )
    members = {name: value for name, value in vars(shown).items() if name != "level"}
    if unit.level == "province":
        return ProvinceOverview(**members, units=_by_commune(parts, unit, asked))
    if unit.level == "nation":
        return NationOverview(**members, provinces=_by_province(parts, communes, asked))
    return shown


def asked_of(communes: tuple[str, ...], window: Window) -> Asked:
    """Return the parameters of a query over some communes and a window."""
    return {"units": list(communes), "from": window.first_on, "to": window.last_on}


class _Head(TypedDict):
    unit_code: str
    unit_name: str
    first_on: dt.date
    last_on: dt.date
    total: Total


def _total(parts: ViewParts, asked: Asked) -> Total:
    return parts.warehouse.query_of(Total, "units_total", **asked)[0]


def _read(parts: ViewParts, row: Callable[..., ARow], query: str, asked: Asked) -> list[ARow]:
    """Ask a query, by sums of provinces where there are some."""
    units, table = asked["units"], parts.tables.units
    name = summed(query, units, table)
    if name is None:
        return parts.warehouse.query_of(row, query, **asked)
    sums = sums_asked(parts.warehouse, units, table.province_of, asked["from"], asked["to"])
    return parts.warehouse.query_of(row, name, **{**asked, **sums})


def _by_field(parts: ViewParts, asked: Asked, lang: Lang, *, suppress: bool) -> list[FieldLine]:
    names = parts.tables.procedures.fields(lang)
    lines = [
        FieldLine(field_name=names.get(row.field_code, row.field_code), **vars(row))
        for row in _read(parts, FieldRow, "unit_rollups_by_field", asked)
    ]
    return [_without_small_counts(parts, line) for line in lines] if suppress else lines


def _by_channel(parts: ViewParts, asked: Asked, lang: Lang) -> list[ChannelLine]:
    return [
        ChannelLine(channel_label=_channel(parts, row.channel, lang), **vars(row))
        for row in _read(parts, ChannelRow, "unit_rollups_by_channel", asked)
    ]


def _by_field_and_channel(
    parts: ViewParts, asked: Asked, lang: Lang, *, suppress: bool
) -> list[FieldChannelLine]:
    names = parts.tables.procedures.fields(lang)
    lines = [
        FieldChannelLine(
            field_name=names.get(row.field_code, row.field_code),
            channel_label=_channel(parts, row.channel, lang),
            **vars(row),
        )
        for row in _read(parts, FieldChannelRow, "unit_rollups_by_field_and_channel", asked)
    ]
    return [_without_small_counts(parts, line) for line in lines] if suppress else lines


def _kinds(parts: ViewParts, asked: Asked, lang: Lang) -> list[KindFigures]:
    name_of = parts.tables.competence.name_of
    return [
        KindFigures(**vars(row), kind_label=name_of(row.kind, lang))
        for row in parts.warehouse.query_of(KindRow, "issues_by_kind", **asked)
    ]


def _by_commune(parts: ViewParts, province: Unit, asked: Asked) -> list[CommuneFigures]:
    units = {unit.code: unit for unit in parts.tables.units.communes_of(province.code)}
    issues = {row.unit_code: row for row in parts.warehouse.query_of(IssuesOfUnit, "issues_by_unit", **asked)}
    return [
        CommuneFigures(
            **vars(row),
            unit_name=units[row.unit_code].full_name,
            **_difficulties(issues.get(row.unit_code)),
        )
        for row in parts.warehouse.query_of(UnitRow, "province_overview", **asked)
    ]


def _by_province(parts: ViewParts, communes: tuple[str, ...], asked: Asked) -> list[ProvinceFigures]:
    units = parts.tables.units
    provinces = [units.province_of(code) for code in communes]
    counts = {code: provinces.count(code) for code in set(provinces)}
    issues = {
        row.province_code: row
        for row in parts.warehouse.query_of(IssuesOfProvince, "issues_by_province", **asked)
    }
    return [
        ProvinceFigures(
            **vars(row),
            unit_name=units.get(row.province_code).full_name,
            commune_count=counts[row.province_code],
            **_difficulties(issues.get(row.province_code)),
        )
        for row in parts.warehouse.query_of(ProvinceRow, "ministry_by_province", **asked, provinces=provinces)
    ]


class _Difficulties(TypedDict):
    issue_count: int
    open_issue_count: int
    breached_issue_count: int


def _difficulties(row: IssuesOfUnit | IssuesOfProvince | None) -> _Difficulties:
    if row is None:
        return {"issue_count": 0, "open_issue_count": 0, "breached_issue_count": 0}
    return {
        "issue_count": row.issue_count,
        "open_issue_count": row.open_count,
        "breached_issue_count": row.breached_count,
    }


def _coverage(parts: ViewParts, communes: tuple[str, ...]) -> Coverage:
    """Return how many feeds the figures rest on; silent feeds by name for readers who may see the communes."""
    found = silence_now(parts.warehouse, parts.tables, communes, parts.clock())
    silent = [one.unit_code for one in found if one.kind == "source_broken"]
    kinds = Counter(one.kind for one in found)
    heard = [one.last_seen_at for one in found if one.last_seen_at is not None]
    return Coverage(
        unit_count=len(communes),
        source_count=len(heard),
        silent_count=len(silent),
        silent_units=silent,
        silence={kind: kinds[kind] for kind in get_args(SilenceKind)},
        last_seen_at=max(heard, default=None),
    )


def _metric(metric: Metric, lang: Lang) -> MetricView:
    label = metric.label_en if lang == "en" else metric.label_vi
    return MetricView(key=metric.key, kind=metric.kind, label=label)


def _without_small_counts(parts: ViewParts, line: AField) -> AField:
    if not parts.tables.procedures.is_sensitive(line.field_code):
        return line
    small = small_counts(vars(line))
    return line.model_copy(update={**small, "suppressed": bool(small)})


def _channel(parts: ViewParts, channel: str, lang: Lang) -> str:
    key = f"case.channel.{channel}"
    return parts.labels.text(key, lang) if parts.labels.has(key) else channel
