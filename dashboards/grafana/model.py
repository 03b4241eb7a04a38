"""A dashboard of Grafana as plain values, in the classic form that every version from 11 to 13 takes from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Literal

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

SOURCE_TYPE = "grafana-clickhouse-datasource"
SOURCE_UID = "liencap"
PLUGIN_VERSION = "4.20.0"
SCHEMA_VERSION = 41
"""That of Grafana 12.0; a later Grafana migrates on load."""


@dataclass(frozen=True, slots=True)
class Source:
    """The data source of a query; its uid is the same in every organisation."""

    type: str = SOURCE_TYPE
    uid: str = SOURCE_UID


@dataclass(frozen=True, slots=True)
class Target:
    """One query; `format` is 0 for series over time, which begin with the time, and 1 for a table."""

    raw_sql: str
    format: Literal[0, 1] = 1
    ref_id: str = "A"
    editor_type: str = "sql"
    plugin_version: str = PLUGIN_VERSION
    datasource: Source = field(default_factory=Source)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel lies on the grid of 24 columns."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Link:
    """An address that opens in a page of its own."""

    title: str
    url: str
    target_blank: bool = True


@dataclass(frozen=True, slots=True)
class FieldConfig:
    """How fields are shown: for all of them, and by name."""

    defaults: Mapping[str, Json]
    overrides: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One panel of a dashboard."""

    id: int
    type: Literal["stat", "table", "timeseries", "text"]
    title: str
    description: str
    grid_pos: Place
    targets: tuple[Target, ...]
    field_config: FieldConfig
    options: Mapping[str, Json]
    transformations: tuple[Json, ...] = ()
    links: tuple[Link, ...] = ()
    datasource: Source | None = field(default_factory=Source)


@dataclass(frozen=True, slots=True)
class Variable:
    """One choice of a dashboard; a query's choices come from the warehouse, a constant's reader does not see it."""

    name: str
    label: str
    type: Literal["query", "constant"]
    query: str
    definition: str = ""
    datasource: Source | None = None
    refresh: int = 1
    include_all: bool = False
    multi: bool = False
    hide: int = 0
    skip_url_sync: bool = False
    current: Mapping[str, Json] = field(default_factory=dict)
    options: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A whole dashboard; it has no number and no version of its own, because both are the installation's."""

    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    templating: Mapping[str, tuple[Variable, ...]]
    panels: tuple[Drawn, ...]
    time: Mapping[str, str]
    links: tuple[Json, ...] = ()
    timezone: str = "Asia/Ho_Chi_Minh"
    week_start: str = "monday"
    refresh: str = "5m"
    editable: bool = True
    graph_tooltip: int = 0
    schema_version: int = SCHEMA_VERSION
    annotations: Mapping[str, Json] = field(default_factory=lambda: {"list": []})


def as_json(value: object) -> Json:
    """Return a value of this module as JSON has it: names in camel case, nothing for what is not there."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {_camel(name): as_json(found) for name, found in named if found is not None}
    if isinstance(value, Mapping):
        return {str(name): as_json(found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{value!r} has no form in JSON")


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)
