"""Figures of a unit as the named queries give them, with names beside codes: for the API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from reporting.cases.metrics import METRICS, Metric
from reporting.dated.units import Unit
from reporting.privacy import suppressed
from services.language.labels import Lang
from services.parts import Parts
from services.web.figures.windows import Window

By = Literal["day", "field", "channel"]
_OVERVIEW_DAYS = 30


def communes_in(parts: Parts, unit_code: str) -> tuple[str, ...]:
    """Return the codes of the communes whose numbers make up those of a unit.

    Raises:
        UnknownUnit: no such unit.
    """
    units = parts.tables.units
    unit = units.get(unit_code)
    if unit.level == "commune":
        return (unit.code,)
    provinces = units.provinces() if unit.level == "nation" else (unit,)
    return tuple(commune.code for province in provinces for commune in units.communes_of(province.code))


def rollups(
    parts: Parts, unit_code: str, window: Window, by: By, lang: Lang = "vi", *, suppress: bool = False
) -> dict[str, Any]:
    """Return the numbers of a window by day, field or channel, and their total.

    Flows add up over the lines; stocks (`open`, `overdue`, `paused`) stand at the end of each line.

    Args:
        suppress: leave small counts of sensitive fields out (None), for readers who may not see the cases behind.

    Raises:
        UnknownUnit: no such unit.
        NotReady: the engine cannot be reached.
    """
    asked = _asked(communes_in(parts, unit_code), window)
    lines = parts.warehouse.query(f"unit_rollups_by_{by}", **asked)
    if by == "field":
        names = parts.tables.procedures.fields(lang)
        lines = [{"field_name": names.get(line["field_code"], line["field_code"]), **line} for line in lines]
        if suppress:
            lines = [_without_small_counts(parts, line) for line in lines]
    elif by == "channel":
        lines = [{"channel_label": _channel(parts, line["channel"], lang), **line} for line in lines]
    return {
        "unit_code": unit_code,
        "unit_name": parts.tables.units.get(unit_code).full_name,
        "from": window.first_on,
        "to": window.last_on,
        "by": by,
        "total": _total(parts, asked),
        "items": lines,
    }


def overview(parts: Parts, unit_code: str, on: dt.date, lang: Lang = "vi") -> dict[str, Any]:
    """Return how a unit stands on a day: that day, the 30 days up to it, the units below it, its difficulties.

    Raises:
        UnknownUnit: no such unit.
        NotReady: the engine cannot be reached.
    """
    unit = parts.tables.units.get(unit_code)
    communes = communes_in(parts, unit_code)
    window = Window(on - dt.timedelta(days=_OVERVIEW_DAYS - 1), on)
    asked = _asked(communes, window)
    shown: dict[str, Any] = {
        "unit_code": unit.code,
        "unit_name": unit.full_name,
        "level": unit.level,
        "on": on,
        "from": window.first_on,
        "day": _total(parts, _asked(communes, Window(on, on))),
        "window": _total(parts, asked),
        "kinds": _kinds(parts, asked, lang),
        "metrics": [_metric(metric, lang) for metric in METRICS],
        "coverage": _coverage(parts, communes),
    }
    if unit.level == "province":
        shown["units"] = _by_commune(parts, unit, asked)
    elif unit.level == "nation":
        shown["provinces"] = _by_province(parts, communes, asked)
    return shown


def _asked(communes: tuple[str, ...], window: Window) -> dict[str, Any]:
    return {"units": list(communes), "from": window.first_on, "to": window.last_on}


def _total(parts: Parts, asked: dict[str, Any]) -> dict[str, Any]:
    return parts.warehouse.query("units_total", **asked)[0]


def _kinds(parts: Parts, asked: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    lines = parts.warehouse.query("issues_by_kind", **asked)
    for line in lines:
        line["kind_label"] = parts.tables.competence.name_of(line["kind"], lang)
    return lines


def _by_commune(parts: Parts, province: Unit, asked: dict[str, Any]) -> list[dict[str, Any]]:
    units = {unit.code: unit for unit in parts.tables.units.communes_of(province.code)}
    difficulties = {line["unit_code"]: line for line in parts.warehouse.query("issues_by_unit", **asked)}
    return [
        line
        | {"unit_name": units[line["unit_code"]].full_name}
        | _difficulties(difficulties.get(line["unit_code"]))
        for line in parts.warehouse.query("province_overview", **asked)
    ]


def _by_province(parts: Parts, communes: tuple[str, ...], asked: dict[str, Any]) -> list[dict[str, Any]]:
    units = parts.tables.units
    provinces = [units.province_of(code) for code in communes]
    counts = {code: provinces.count(code) for code in set(provinces)}
    difficulties = {
        line["province_code"]: line for line in parts.warehouse.query("issues_by_province", **asked)
    }
    return [
        line
        | {
            "unit_name": units.get(line["province_code"]).full_name,
            "commune_count": counts[line["province_code"]],
        }
        | _difficulties(difficulties.get(line["province_code"]))
        for line in parts.warehouse.query("ministry_by_province", **asked, provinces=provinces)
    ]


def _difficulties(line: dict[str, Any] | None) -> dict[str, Any]:
    found = line or {"issue_count": 0, "open_count": 0, "breached_count": 0}
    return {
        "issue_count": found["issue_count"],
        "open_issue_count": found["open_count"],
        "breached_issue_count": found["breached_count"],
    }


def _coverage(parts: Parts, communes: tuple[str, ...]) -> dict[str, Any]:
    """Say on how many feeds the numbers rest; silent ones by name for whoever may see the communes."""
    feeds = parts.warehouse.query("sources", units=list(communes), at=parts.clock())
    silent = [feed["unit_code"] for feed in feeds if feed["silent"]]
    return {
        "unit_count": len(communes),
        "source_count": len(feeds),
        "silent_count": len(silent),
        "silent_units": silent,
        "last_seen_at": max((feed["last_seen_at"] for feed in feeds), default=None),
    }


def _metric(metric: Metric, lang: Lang) -> dict[str, str]:
    label = metric.label_en if lang == "en" else metric.label_vi
    return {"key": metric.key, "kind": metric.kind, "label": label}


def _without_small_counts(parts: Parts, line: dict[str, Any]) -> dict[str, Any]:
    if not parts.tables.procedures.is_sensitive(line["field_code"]):
        return line
    kept = {
        name: None if isinstance(value, int) and suppressed(value) else value for name, value in line.items()
    }
    return kept | {"suppressed": kept != line}


def _channel(parts: Parts, channel: str, lang: Lang) -> str:
    key = f"case.channel.{channel}"
    return parts.labels.text(key, lang) if parts.labels.has(key) else channel
