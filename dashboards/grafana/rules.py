"""What every dashboard must keep, as sentences about what is wrong; checked on each build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from dashboards.grafana.drawing import WIDTH
from dashboards.grafana.model import Dashboard, Drawn, Place

MAX_UID = 40
MACROS = frozenset({"fromTime", "toTime", "timeFilter", "timeInterval", "conditionalAll"})
"""Macros that the plug-in expands; Grafana itself fills `__data`, `__from` and `__to` in links."""
_VARIABLE = re.compile(r"\$\{(\w+)(?::singlequote)?\}")
_MACRO = re.compile(r"\$__(\w+)")


def faults_of(dashboard: Dashboard) -> list[str]:
    """Return what is wrong with a dashboard, one sentence each."""
    found = [*_whole(dashboard), *_grid(dashboard), *_variables(dashboard)]
    found += [
        f"{dashboard.uid}: {panel.title}: {fault}" for panel in dashboard.panels for fault in _panel(panel)
    ]
    return found


def _whole(dashboard: Dashboard) -> Iterator[str]:
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", dashboard.uid) or len(dashboard.uid) > MAX_UID:
        yield f"{dashboard.uid}: an uid has up to {MAX_UID} letters, digits, - and _"
    ids = [panel.id for panel in dashboard.panels]
    if len(set(ids)) < len(ids) or 0 in ids:
        yield f"{dashboard.uid}: two panels have one id: {sorted(ids)}"
    if not dashboard.panels:
        yield f"{dashboard.uid}: it has no panel"


def _grid(dashboard: Dashboard) -> Iterator[str]:
    for panel in dashboard.panels:
        place = panel.grid_pos
        if place.x < 0 or place.y < 0 or place.w < 1 or place.h < 1 or place.x + place.w > WIDTH:
            yield f"{dashboard.uid}: {panel.title} lies outside the grid: {place}"
    for one, other in combinations(dashboard.panels, 2):
        if _meet(one.grid_pos, other.grid_pos):
            yield f"{dashboard.uid}: {one.title} lies over {other.title}"


def _meet(one: Place, other: Place) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    return not beside and one.y < other.y + other.h and other.y < one.y + one.h


def _variables(dashboard: Dashboard) -> Iterator[str]:
    declared: list[str] = []
    for variable in dashboard.templating["list"]:
        for name in _VARIABLE.findall(variable.query):
            if name not in declared:
                yield f"{dashboard.uid}: the choices of {variable.name} need {name}, which stands behind them"
        declared.append(variable.name)
    if len(set(declared)) < len(declared):
        yield f"{dashboard.uid}: two variables have one name"
    for panel in dashboard.panels:
        asked = [name for target in panel.targets for name in _VARIABLE.findall(target.raw_sql)]
        asked += [name for link in panel.links for name in _VARIABLE.findall(link.url)]
        asked += _VARIABLE.findall(str(panel.options.get("content") or ""))
        if unknown := sorted(set(asked) - set(declared)):
            yield f"{dashboard.uid}: {panel.title} asks for {', '.join(unknown)}, which no variable declares"


def _panel(panel: Drawn) -> Iterator[str]:
    vi, _, rest = panel.description.partition("\n\n")
    if not vi.strip() or not rest.strip() or rest == vi:
        yield "its description is not in both languages"
    if panel.type == "text":
        yield from _words(panel)
        return
    if not panel.targets:
        yield "it has no query"
    if not {"mappings", "thresholds", "noValue"} <= panel.field_config.defaults.keys():
        yield "it does not say how a missing figure is shown, or has no thresholds"
    if not all("unit" in str(override) for override in panel.field_config.overrides):
        yield "a column has no unit"
    for target in panel.targets:
        yield from _text(target.raw_sql)
        if (target.format == 0) != (panel.type == "timeseries"):
            yield "series over time have format 0, and nothing else has"
        elif target.format == 0:
            yield from _series(target.raw_sql)


def _words(panel: Drawn) -> Iterator[str]:
    if panel.targets or panel.datasource is not None:
        yield "a panel of words asks nothing"
    if not str(panel.options.get("content") or "").strip():
        yield "it has no words"


def _text(sql: str) -> Iterator[str]:
    if unknown := sorted(set(_MACRO.findall(sql)) - MACROS):
        yield f"nobody expands {', '.join(unknown)}"
    left = _MACRO.sub("", _VARIABLE.sub("", sql))
    if "$" in left or "[[" in left:
        yield "its SQL holds what Grafana would take for a variable"


def _series(sql: str) -> Iterator[str]:
    if not re.search(r"SELECT\s+\S[^\n]* AS time,", sql):
        yield "a series begins with its time"
    if not sql.rstrip().endswith("ORDER BY time"):
        yield "a series is in the order of its time"
