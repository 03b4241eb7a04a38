"""How the columns of a panel look in Grafana: units, signs in place of figures, words, what is late, where it leads."""

from __future__ import annotations

from dashboards.columns import NOTHING
from dashboards.grafana.asking import PRODUCT_VARIABLE
from dashboards.grafana.model import FieldConfig, Json
from dashboards.panel import Column, Panel
from dashboards.vocabulary import Measure, Sign

NOT_REPORTED = "…"
UNITS: dict[Measure, str] = {
    "count": "none",
    "share": "percentunit",
    "days": "d",
    "minutes": "m",
    "day": "dateTimeAsLocal",
    "moment": "dateTimeAsLocal",
    "word": "string",
}
_PLAIN: Json = {"mode": "absolute", "steps": [{"color": "text", "value": None}]}
_LATE: Json = {
    "mode": "absolute",
    "steps": [{"color": "text", "value": None}, {"color": "red", "value": 1}],
}


def fields_of(panel: Panel) -> FieldConfig:
    """Return how the fields of a panel are shown; a figure that is missing has its sign, and is no nought."""
    defaults: dict[str, Json] = {
        "noValue": NOT_REPORTED,
        "mappings": [_signs("not_reported")],
        "thresholds": _PLAIN,
    }
    keys = [] if panel.names == "whole" else [*_keys(panel)]
    return FieldConfig(defaults, (*keys, *(_column(panel, column) for column in panel.columns)))


def standing_fields() -> FieldConfig:
    """Return how data time and coverage are shown."""
    return FieldConfig(
        {"noValue": NOT_REPORTED, "mappings": [], "thresholds": _PLAIN},
        (
            by_name("as_of", displayName="Số liệu đến / data up to", unit=UNITS["moment"]),
            by_name("reported", displayName="Xã có số liệu / communes reporting", unit="none"),
            by_name("whole", displayName="Trên tổng số xã / of communes", unit="none"),
        ),
    )


def by_name(name: str, **properties: Json) -> Json:
    """Return an override of the field of a name."""
    dotted = {key.replace("__", "."): value for key, value in properties.items()}
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in dotted.items()],
    }


def _keys(panel: Panel) -> list[Json]:
    links: list[Json] = [
        {
            "title": f"{panel.title.vi} → {one.reader}",
            "url": f"${{{PRODUCT_VARIABLE}}}"
            + one.path.format(key=_field(panel.key), unit=_field(panel.key)),
            "targetBlank": True,
        }
        for one in panel.drill
        if "{" in one.path
    ]
    found: list[Json] = [
        by_name(panel.key, displayName="Mã", unit="string"),
        by_name("name", displayName="Tên", unit="string"),
    ]
    if links:
        found[1] = by_name("name", displayName="Tên", unit="string", links=links[:1])
    if panel.across:
        found += [
            by_name(panel.across, displayName="Mã (ngang)", unit="string"),
            by_name(f"{panel.across}_name", displayName="Tên (ngang)", unit="string"),
        ]
    return found


def _field(name: str) -> str:
    return f"${{__data.fields.{name}}}"


def _column(panel: Panel, column: Column) -> Json:
    properties: dict[str, Json] = {
        "displayName": column.title.vi,
        "unit": UNITS[column.measure],
        "mappings": [_signs(_of_null(column)), *_words(column)],
    }
    if column.measure == "share":
        properties["decimals"] = 1
    if column.is_late:
        properties["thresholds"] = _LATE
        properties["custom__cellOptions"] = {"type": "color-text"}
    if panel.names != "whole" and column.name == (panel.orders or panel.columns[0].name):
        properties["custom__cellOptions"] = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
        properties["min"] = 0
    return by_name(column.name, **properties)


def _of_null(column: Column) -> Sign:
    """Return what NULL means in a column: an instant has no other sign for what cannot be computed."""
    return column.missing if column.measure in {"moment", "day"} else "not_reported"


def _signs(sign: Sign) -> Json:
    text = NOTHING if sign == "not_applicable" else NOT_REPORTED
    return {"type": "special", "options": {"match": "null", "result": {"text": text, "index": 0}}}


def _words(column: Column) -> list[Json]:
    """Return the words of codes, and the sign of what cannot be computed."""
    found: list[Json] = []
    if column.measure not in {"count", "word", "moment", "day"}:
        found.append(
            {"type": "special", "options": {"match": "nan", "result": {"text": NOTHING, "index": 1}}}
        )
    if column.words:
        named: dict[str, Json] = {
            code: {"text": words.vi, "index": index}
            for index, (code, words) in enumerate(column.words.items())
        }
        found.append({"type": "value", "options": named})
    return found
