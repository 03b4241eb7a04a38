"""From a named query to what Grafana's ClickHouse plug-in sends: its parameters become variables and the time range.

The parameters of a query are bound once, at its head, under names of their own; the text of the query stays as it is
reviewed. `{units}` and `{provinces}` are the communes that the reader chose, as far as the warehouse shows them to the
data source's user; `{from}` and `{to}` are the local days of the panel's time range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from dashboards.lines import Above
from dashboards.panel import Panel
from dashboards.vocabulary import Filter
from reporting.cases.metrics import METRICS
from reporting.filings.figures import FILED

NamedSql = Callable[[str], str]
"""The text of a named query."""
Bindings = tuple[tuple[str, str], ...]
"""Names at the head of a query, each with its expression."""

ZONE = "Asia/Ho_Chi_Minh"
UNIT_VARIABLE, PROVINCE_VARIABLE, PRODUCT_VARIABLE = "commune", "province", "product"
EVERYTHING = "all"
"""What is chosen of kinds, fields or channels where nothing is left out."""
NOW = "now64(6, 'UTC')"
"""When a panel is asked what stands now: the range of its time says nothing about that."""
OUTAGE_KINDS = (
    "['lgsp_outage', 'mobile_dead_spot', 'no_fixed_internet', 'one_stop_system_error', 'power_unstable']"
)
"""Kinds of which a fault excuses reports, by dependencies.csv: the warehouse holds no dated table, and a test compares the two."""

_PARAMETER = re.compile(r"\{(\w+):[^{}]+\}")
_REMARK = re.compile(r"('(?:[^'\\]|\\.)*')|--[^\n]*")
_UNITS = (
    "(SELECT arraySort(groupArray((code, toString(province_code)))) FROM vocabularies FINAL"
    f" WHERE vocabulary = 'unit' AND level = 'commune' AND code IN (${{{UNIT_VARIABLE}:singlequote}}))"
)


def _one_or_all(variable: str) -> str:
    return f"if(${{{variable}:singlequote}} = '{EVERYTHING}', '', ${{{variable}:singlequote}})"


# Small counts of a sensitive field would have to be kept back from some readers: nobody chooses such a field here, and
# one that is written into the address matches nothing.
_FIELD = (
    f"if(${{field:singlequote}} = '{EVERYTHING}', '', (SELECT if(count() = 0, '?', any(code)) FROM vocabularies FINAL"
    " WHERE vocabulary = 'field' AND level = '' AND code = ${field:singlequote}))"
)
_BOUND: Mapping[str, Bindings] = {
    "units": (("asked", _UNITS), ("asked_units", "asked.1")),
    "provinces": (("asked", _UNITS), ("asked_provinces", "asked.2")),
    "from": (("asked_from", f"toDate($__fromTime, '{ZONE}')"),),
    "to": (("asked_to", f"toDate($__toTime, '{ZONE}')"),),
    "at": (("asked_at", NOW),),
    "kind": (("asked_kind", _one_or_all("kind")),),
    "field": (("asked_field", _FIELD),),
    "channel": (("asked_channel", _one_or_all("channel")),),
    "outage_kinds": (("asked_outage_kinds", OUTAGE_KINDS),),
}

_EVERY_UNIT = (
    "(SELECT arraySort(groupArray((code, toString(province_code)))) FROM vocabularies FINAL"
    " WHERE vocabulary = 'unit' AND level = 'commune')"
)
_WATCHED: Mapping[str, Bindings] = {
    "units": (("asked", _EVERY_UNIT), ("asked_units", "asked.1")),
    "provinces": (("asked", _EVERY_UNIT), ("asked_provinces", "asked.2")),
    "from": (("asked_from", f"toDate({NOW}, '{ZONE}') - 29"),),
    "to": (("asked_to", f"toDate({NOW}, '{ZONE}')"),),
    "at": (("asked_at", NOW),),
    "kind": (("asked_kind", "''"),),
    "outage_kinds": (("asked_outage_kinds", OUTAGE_KINDS),),
}


class CannotAskError(ValueError):
    """A query has a parameter for which a dashboard of Grafana has nothing."""


def unbound(text: str) -> list[str]:
    """Return the parameters of a query for which a dashboard has no variable."""
    return sorted({found[1] for found in _PARAMETER.finditer(text)} - set(_BOUND))


def rows_of(panel: Panel, sql_of: NamedSql) -> str:
    """Return the SQL of a panel's lines: keys with their names, then its columns, in the order of its page."""
    return _drawn(panel, _lines(panel, sql_of))


def _drawn(panel: Panel, lines: str) -> str:
    reported = panel.reported_sql or "true"
    shown = [*_keys(panel), *(_cell(panel, name, reported) for name in (one.name for one in panel.columns))]
    order = [f"{panel.orders} DESC NULLS LAST"] if panel.orders else []
    return _bound(
        f"SELECT\n    {_listed(shown)}\n"
        f"FROM (SELECT *, rowNumberInAllBlocks() AS line_number FROM (\n{lines}\n)) AS one\n"
        f"{_names(panel)}ORDER BY {', '.join([*order, 'one.line_number'])}"
    )


def closed_of(panel: Panel) -> str:
    """Return the SQL of a panel's figures in the closed period before its time range, each commune's as it was filed.

    That period ends the day before the range and is as long, as months and quarters are; where one of the chosen
    communes has not closed it, there is no line. A choice of field or channel empties it.

    Raises:
        KeyError: the rows of the panel are no sums of filed figures.
    """
    keys = CLOSED_KEYS[panel.query]
    figures = [f"sum(row.{number}) AS {number}" for number in FILED]
    others = [
        f"CAST(NULL AS Nullable(Int64)) AS {metric.key}" for metric in METRICS if metric.key not in FILED
    ]
    shown = [*(f"toString(row.{key}) AS {key}" for key in keys), f"{_UNIT_COUNT} AS unit_count"]
    conditions = [
        f"(SELECT uniqExact(unit_code) FROM (\n{_CLOSED}\n)) = {_UNIT_COUNT}",
        *(f"{_ASKED[name]} = ''" for name in panel.narrowed),
        *(f"row.{key} != ''" for key in keys),
    ]
    grouped = f"\nGROUP BY {', '.join(keys)}\nORDER BY {', '.join(keys)}" if keys else "\nHAVING count() > 0"
    return _drawn(
        panel,
        f"SELECT {', '.join([*shown, *figures, *others])}\nFROM (\n{_CLOSED}\n) AS row\n"
        f"WHERE {' AND '.join(conditions)}{grouped}",
    )


def days_of(panel: Panel, sql_of: NamedSql) -> str:
    """Return the SQL of a panel's figures day by day, the time first and in order."""
    figures = [f"{one.sql.replace('{reported}', 'true')} AS {one.name}" for one in panel.columns]
    shown = [f"toDateTime(one.day, '{ZONE}') AS time", *figures]
    of_all = " AND ".join(f"{_ASKED[name]} = ''" for name in panel.narrowed)
    where = f"\nWHERE {of_all}" if of_all else ""
    return _bound(
        f"SELECT\n    {_listed(shown)}\nFROM (\n{text_of(panel.series, sql_of)}\n) AS one{where}\nORDER BY time"
    )


def standing_of(panel: Panel, sql_of: NamedSql) -> str:
    """Return the SQL of up to when the data of a panel has landed, and from how many communes of how many."""
    query, column = panel.coverage
    return _bound(
        "SELECT if(mark.is_known, mark.as_of, NULL) AS as_of, cover.reported AS reported,"
        " length(asked_units) AS whole\n"
        f"FROM (\n{text_of(panel.watermark, sql_of)}\n) AS mark\n"
        f"CROSS JOIN (SELECT sum({column}) AS reported FROM (\n{text_of(query, sql_of)}\n)) AS cover",
        also=("units",),
    )


def watched_of(query: str, value: str, sql_of: NamedSql) -> str:
    """Return the SQL of one number over all communes, now and in the last 30 days: an alert knows no reader's choice.

    Args:
        query: the named query.
        value: an expression over the rows `one` of it.
        sql_of: the text of a named query.
    """
    return _bound(f"SELECT {value} AS value FROM (\n{text_of(query, sql_of)}\n) AS one", _WATCHED)


def options_of(vocabulary: str, level: str = "", within: str = "") -> str:
    """Return the SQL of a variable's choices: the code first, then its name."""
    conditions = [f"vocabulary = '{vocabulary}'"]
    if level:
        conditions.append(f"level = '{level}'")
    if within:
        conditions.append(f"province_code IN (${{{within}:singlequote}})")
    return f"SELECT code, name_vi FROM vocabularies FINAL WHERE {' AND '.join(conditions)} ORDER BY name_vi, code"


CLOSED_KEYS: Mapping[str, tuple[str, ...]] = {"units_total": (), "unit_rollups_by_channel": ("channel",)}
"""The queries whose rows are sums of filed figures, and the columns that make a row of each."""
_UNIT_COUNT = "length(arrayDistinct({units:Array(String)}))"
_CLOSED = """SELECT *
FROM closed_figures FINAL
WHERE unit_code IN {units:Array(String)} AND last_on = {from:Date} - 1
    AND abs((last_on - first_on) - ({to:Date} - {from:Date})) <= 3"""
"""The closed lines of the period before; periods of one kind differ in length by three days at most, kinds by far more."""
_ASKED: Mapping[Filter, str] = {"field": "{field:String}", "channel": "{channel:String}"}
"""Filters that another query answers, as a named query would ask for them."""


def _lines(panel: Panel, sql_of: NamedSql) -> str:
    """Return the query of a panel; where others answer once a filter is chosen, all of them, of which one has rows.

    Of two filters that exclude each other the first counts, as on the page.
    """
    if not panel.narrowed:
        return text_of(panel.query, sql_of)
    of_all = " AND ".join(f"{_ASKED[name]} = ''" for name in panel.narrowed)
    parts = [(panel.query, of_all)]
    earlier = ""
    for name, (query, column) in panel.narrowed.items():
        parts.append((query, f"{earlier}{_ASKED[name]} != '' AND {column} = {_ASKED[name]}"))
        earlier += f"{_ASKED[name]} = '' AND "
    shown = ", ".join(dict.fromkeys(_needed(panel)))
    return "\nUNION ALL\n".join(
        f"SELECT {shown} FROM (\n{text_of(query, sql_of)}\n) WHERE {condition}" for query, condition in parts
    )


def _needed(panel: Panel) -> Iterator[str]:
    """Yield the columns of its query that a panel rests on."""
    if panel.names != "whole":
        yield panel.key
    yield from (name for column in panel.columns for name in column.needs)
    if isinstance(panel.is_reported, Above):
        yield from panel.is_reported.keys


def narrowing_of(vocabulary: str, everything: str) -> str:
    """Return the SQL of the choices of one or of all, which stands first."""
    return (
        f"SELECT code, name_vi FROM (SELECT '{EVERYTHING}' AS code, {_literal(everything)} AS name_vi, 0 AS place"
        f" UNION ALL SELECT code, name_vi, 1 FROM vocabularies FINAL WHERE vocabulary = '{vocabulary}' AND level = '')"
        " ORDER BY place, name_vi, code"
    )


def _keys(panel: Panel) -> list[str]:
    if panel.names == "whole":
        return []
    name = _said(panel) if panel.names == "said" else _named("named", panel.key, "name")
    keys = [f"toString(one.{panel.key}) AS {panel.key}", name]
    if panel.across:
        keys += [f"toString(one.{panel.across}) AS {panel.across}"]
        keys += [_named("across", panel.across, f"{panel.across}_name")]
    return keys


def _said(panel: Panel) -> str:
    codes = ", ".join(_literal(code) for code in panel.rows)
    words = ", ".join(_literal(one.vi) for one in panel.rows.values())
    return f"transform(toString(one.{panel.key}), [{codes}], [{words}], toString(one.{panel.key})) AS name"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _named(table: str, key: str, name: str) -> str:
    return f"if({table}.name_vi = '', toString(one.{key}), {table}.name_vi) AS {name}"


def _names(panel: Panel) -> str:
    joins = [] if panel.names in {"whole", "said"} else [("named", panel.names, panel.key)]
    joins += [("across", "unit", panel.across)] if panel.across else []
    return "".join(
        "LEFT ANY JOIN (SELECT code, name_vi FROM vocabularies FINAL"
        f" WHERE vocabulary = '{vocabulary}') AS {table} ON {table}.code = toString(one.{key})\n"
        for table, vocabulary, key in joins
    )


def _cell(panel: Panel, name: str, reported: str) -> str:
    """Write one column: NULL, or a sign among words, where a row has no figures."""
    column = panel.column(name)
    figure = column.sql.replace("{reported}", f"({reported})")
    if not panel.reported_sql:
        return f"{figure} AS {name}"
    missing = "'…'" if column.measure == "word" else "NULL"
    return f"if({reported}, {figure}, {missing}) AS {name}"


def text_of(query: str, sql_of: NamedSql) -> str:
    """Return a named query without its remarks: they are for those who read the file."""
    lines = _REMARK.sub(lambda found: found[1] or "", sql_of(query)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _listed(expressions: list[str]) -> str:
    return ",\n    ".join(expressions)


def _bound(sql: str, known: Mapping[str, Bindings] = _BOUND, also: tuple[str, ...] = ()) -> str:
    """Bind the parameters of a query at its head."""
    asked = [*also, *(found[1] for found in _PARAMETER.finditer(sql))]
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise CannotAskError(f"a query asks for {', '.join(unknown)}, for which a dashboard has no variable")
    heads = dict(pair for name in known if name in asked for pair in known[name])
    if not heads:
        return sql
    bound = ",\n    ".join(f"{text} AS {name}" for name, text in heads.items())
    return f"WITH\n    {bound}\n{_PARAMETER.sub(lambda found: f'asked_{found[1]}', sql)}"
