"""The kinds of column: a count, a share with its interval, a change, days, an instant, a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

from dashboards.drills import Drill
from dashboards.intervals import wilson, wilson_in_sql
from dashboards.lines import KNOWN, Cell, Row
from dashboards.panel import Column
from dashboards.vocabulary import Measure, Names, Sign, Text
from reporting.cases.metrics import METRICS

Better = Literal["more", "less", ""]
_LABELS = {one.key: Text(one.label_vi, one.label_en) for one in METRICS}

ON_TIME = ("resolved_early", "resolved_on_time")
FINISHED = (*ON_TIME, "resolved_late")
"""What was resolved and had a due day: the whole of every share of time."""
NOTHING = "–"
"""In SQL, the word where there is nothing to compute; among numbers it is `nan`. Where nothing was reported it is NULL."""
DIFFERS = {
    "above": Text("cao hơn chung", "above the whole"),
    "below": Text("thấp hơn chung", "below the whole"),
    "same": Text("không khác rõ", "no clear difference"),
}


def metric(key: str, *, better: Better = "", is_late: bool = False, drill: tuple[Drill, ...] = ()) -> Column:
    """Return the column of a metric of reporting/cases/metrics.py, under its own name."""
    return count(key, _LABELS[key], better=better, is_late=is_late, drill=drill)


def count(
    name: str,
    title: Text,
    *,
    better: Better = "",
    is_late: bool = False,
    drill: tuple[Drill, ...] = (),
) -> Column:
    """Return a column that shows a count of the query as it is."""

    def of(row: Row, _whole: Row) -> Cell:
        return Cell(sign="suppressed") if row[name] is None else Cell(number(row, (name,)))

    return Column(
        name,
        title,
        "count",
        (name,),
        of,
        sql=f"one.{name}",
        formula=f"`{name}`",
        better=better,
        is_late=is_late,
        drill=drill,
    )


def stated(name: str, title: Text) -> Column:
    """Return a column of a count that a report may leave out: what nobody stated is no nought."""

    def of(row: Row, _whole: Row) -> Cell:
        return Cell(sign="not_reported") if row[name] is None else Cell(number(row, (name,)))

    formula = f"`{name}`, where it was stated"
    return Column(name, title, "count", (name,), of, formula=formula, adds_known=True)


def share(
    name: str,
    title: Text,
    part: tuple[str, ...],
    whole: tuple[str, ...],
    *,
    better: Better = "",
    with_interval: bool = False,
) -> Column:
    """Return a column of a part over a whole; without a whole there is nothing to compare."""

    def of(row: Row, _all: Row) -> Cell:
        if _is_kept_back(row, (*part, *whole)):
            return Cell(sign="suppressed")
        whole_count = number(row, whole)
        return Cell(number(row, part) / whole_count) if whole_count else Cell(sign="not_applicable")

    ends = (f"{name}_low", f"{name}_high") if with_interval else None
    sql = f"if({_sum(whole)} = 0, nan, ({_sum(part)}) / ({_sum(whole)}))"
    formula = _part_of(part, whole)
    needs = (*part, *whole)
    return Column(name, title, "share", needs, of, sql=sql, formula=formula, better=better, interval=ends)


def rate(name: str, title: Text, measure: Measure, part: str, whole: str, *, better: Better = "") -> Column:
    """Return a column of a count for each of another, of whose sums that of the whole is made; days have no sum."""

    def of(row: Row, _all: Row) -> Cell:
        if _is_kept_back(row, (part, whole)):
            return Cell(sign="suppressed")
        below = number(row, (whole,))
        return Cell(round(number(row, (part,)) / below, 1)) if below else Cell(sign="not_applicable")

    formula = _part_of((part,), (whole,))
    adds = measure != "days"
    return Column(name, title, measure, (part, whole), of, formula=formula, has_sum=adds, better=better)


def interval_end(
    name: str, title: Text, part: tuple[str, ...], whole: tuple[str, ...], end: Literal["low", "high"]
) -> Column:
    """Return a column that holds one end of a share's interval."""

    def of(row: Row, _all: Row) -> Cell:
        if _is_kept_back(row, (*part, *whole)):
            return Cell(sign="suppressed")
        whole_count = number(row, whole)
        if not whole_count:
            return Cell(sign="not_applicable")
        return Cell(wilson(number(row, part), whole_count)[0 if end == "low" else 1])

    sql = f"if({_sum(whole)} = 0, nan, {wilson_in_sql(_sum(part), _sum(whole), end)})"
    side = "lower" if end == "low" else "upper"
    formula = f"{side} end of the 95 % interval (Wilson) of {_part_of(part, whole)}"
    return Column(f"{name}_{end}", title, "share", (*part, *whole), of, sql=sql, formula=formula)


def against_whole(name: str, title: Text, part: tuple[str, ...], whole: tuple[str, ...]) -> Column:
    """Return a column of words: whether the interval of a share leaves out the share of all rows together.

    Rows of which a count is kept back are in neither.
    """

    def of(row: Row, everything: Row) -> Cell:
        if _is_kept_back(row, (*part, *whole)):
            return Cell(sign="suppressed")
        own, common = number(row, whole), number(everything, [f"{KNOWN}{key}" for key in whole])
        if not own or not common:
            return Cell(sign="not_applicable")
        low, high = wilson(number(row, part), own)
        level = number(everything, [f"{KNOWN}{key}" for key in part]) / common
        return Cell("above" if low > level else "below" if high < level else "same")

    common, of_common = (f"(sumIf({_sum(keys)}, {{reported}}) OVER ())" for keys in (whole, part))
    low, high = (wilson_in_sql(_sum(part), _sum(whole), end) for end in ("low", "high"))
    level = f"{of_common} / {common}"
    sql = (
        f"multiIf({_sum(whole)} = 0 OR {common} = 0, '{NOTHING}',"
        f" {low} > {level}, 'above', {high} < {level}, 'below', 'same')"
    )
    formula = f"whether the 95 % interval of {_part_of(part, whole)} leaves out that of all rows together"
    needs = (*part, *whole)
    return Column(name, title, "word", needs, of, sql=sql, formula=formula, has_sum=False, words=DIFFERS)


def on_time() -> tuple[Column, Column, Column, Column]:
    """Return the columns of the share on time: itself, the ends of its interval, and how it stands to the whole."""
    words = Text("Tỷ lệ đúng hạn", "On time")
    return (
        share("on_time_share", words, ON_TIME, FINISHED, better="more", with_interval=True),
        interval_end(
            "on_time_share", Text("Đúng hạn, khoảng từ", "On time, interval from"), ON_TIME, FINISHED, "low"
        ),
        interval_end(
            "on_time_share", Text("Đúng hạn, khoảng đến", "On time, interval to"), ON_TIME, FINISHED, "high"
        ),
        against_whole("on_time_differs", Text("So với chung", "Against the whole"), ON_TIME, FINISHED),
    )


def shown(
    name: str,
    title: Text,
    measure: Measure,
    *,
    is_late: bool = False,
    words: Mapping[str, Text] | None = None,
    rests_on: tuple[str, ...] = (),
    missing: Sign = "not_applicable",
    names: Names | None = None,
) -> Column:
    """Return a column of days, of an instant, of words or of codes, as the query has it.

    Args:
        missing: what it means that nothing is there.
        rests_on: counts that it follows from: where one of them is kept back, so is it.
        names: the vocabulary of a column of codes.
    """

    def of(row: Row, _whole: Row) -> Cell:
        if _is_kept_back(row, rests_on):
            return Cell(sign="suppressed")
        value = row[name]
        if value is None or value == "":
            return Cell(sign=missing)
        if isinstance(value, dt.datetime):
            return Cell(value if value.tzinfo else value.replace(tzinfo=dt.UTC))
        return Cell(value if isinstance(value, str | float | dt.date) else number(row, (name,)))

    needs = (name, *rests_on)
    sql = _shown_in_sql(name, measure, missing)
    words = words or {}
    return Column(
        name,
        title,
        measure,
        needs,
        of,
        sql=sql,
        formula=f"`{name}`",
        missing=missing,
        has_sum=False,
        is_late=is_late,
        words=words,
        names=names,
    )


def _shown_in_sql(name: str, measure: Measure, missing: Sign) -> str:
    if measure == "word":
        return f"ifNull(nullIf(toString(one.{name}), ''), '{NOTHING}')"
    if measure in {"moment", "day"} or missing == "not_reported":
        return f"one.{name}"
    return f"ifNull(toFloat64(one.{name}), nan)"


def of_all(name: str, title: Text, part: str) -> Column:
    """Return a column of a count's share of the sum of all rows."""

    def of(row: Row, everything: Row) -> Cell:
        if _is_kept_back(row, (part,)) or _is_kept_back(everything, (part,)):
            return Cell(sign="suppressed")
        whole = number(everything, (part,))
        return Cell(number(row, (part,)) / whole) if whole else Cell(sign="not_applicable")

    everything = f"(sumIf(one.{part}, {{reported}}) OVER ())"
    sql = f"if({everything} = 0, nan, one.{part} / {everything})"
    formula = f"`{part}` / the sum of `{part}` over all rows"
    return Column(name, title, "share", (part,), of, sql=sql, formula=formula)


def _part_of(part: Iterable[str], whole: Iterable[str]) -> str:
    """Return the formula of a share in words."""
    sums = (" + ".join(f"`{key}`" for key in keys) for keys in (part, whole))
    return " / ".join(f"({one})" if "+" in one else one for one in sums)


def _is_kept_back(row: Row, keys: Iterable[str]) -> bool:
    return any(row[key] is None for key in keys)


def _sum(keys: Iterable[str]) -> str:
    return " + ".join(f"one.{key}" for key in keys)


def number(row: Row, keys: Iterable[str]) -> int:
    """Return the sum of some counts of a row."""
    found = 0
    for key in keys:
        value = row[key]
        if not isinstance(value, int):
            raise TypeError(f"{key} holds {value!r}, which is no count")
        found += value
    return found
