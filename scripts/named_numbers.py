"""Gather every number that has a name on a page, a board, an export or a form, from the definitions of the code.

A name stands for one formula: `twins` finds names, in either language, that stand for two.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboards.catalogue import all_boards
from dashboards.panel import Column, Panel
from dashboards.vocabulary import Measure
from reporting.cases.metrics import METRICS, Metric
from reporting.forms.rules import FORMS, FormDefinition, parse_forms
from services.language.labels import load_labels
from services.warehouse.named_queries import named_query, query_names
from services.web.figures.five_numbers import FORMULAS

ROOT = Path(__file__).resolve().parent.parent
FIVE_NUMBERS = ROOT / "services" / "web" / "figures" / "five_numbers.py"
DATA = ROOT / "reporting" / "data"
UNITS: dict[Measure, str] = {
    "share": "share",
    "days": "days",
    "minutes": "min",
    "milliseconds": "ms",
    "megabytes": "MB",
}
NO_NUMBERS: frozenset[Measure] = frozenset({"day", "moment", "word"})
_METRIC_OF = {one.key: one for one in METRICS}
_MEASURED = frozenset({"days", "minutes", "time", "MB"})
"""Units of panels whose counts are of something else."""
_COMMENT = re.compile(r"--[^\n]*")
_NAMED = re.compile(r"`([a-z_]+)`")


@dataclass(frozen=True, slots=True)
class Named:
    """One number under its names.

    Attributes:
        where: the place of the definition, which a message of `twins` names.
        key: its name in the code.
        formula: in words.
        means: what the formula comes down to, the same for numbers that are one.
        unit: what is counted or measured, and which way is better.
    """

    where: str
    key: str
    vi: str
    en: str
    formula: str
    means: str
    unit: str


def of_metrics() -> list[Named]:
    """Return the metrics of cases."""
    return [
        Named(
            "reporting/cases/metrics.py",
            one.key,
            one.label_vi,
            one.label_en,
            metric_in_words(one),
            one.key,
            "cases",
        )
        for one in METRICS
    ]


def metric_in_words(one: Metric) -> str:
    """Return the formula of a metric."""
    if one.kind == "flow":
        return f"cases marked `{one.mark}` on a day of the window"
    if one.kind == "ahead":
        return f"cases marked `{one.mark}` on the day after the last"
    end = "the day before the first" if one.eve else "the last day"
    return f"cases marked `{one.mark}` less those marked `{one.minus}`, up to the end of {end}"


def of_panel(panel: Panel) -> list[Named]:
    """Return the columns of a panel that hold numbers."""
    where = f"panel {panel.name}"
    return [
        Named(
            where, one.name, one.title.vi, one.title.en, _formula(one), _means(panel, one), _unit(panel, one)
        )
        for one in panel.columns
        if one.measure not in NO_NUMBERS
    ]


def of_panels() -> list[Panel]:
    """Return every panel of every board, once."""
    return list({panel.name: panel for board in all_boards() for panel in board.panels}.values())


def of_roles() -> dict[str, list[Named]]:
    """Return the five numbers of each role: function → its numbers, read from where they are put together."""
    labels = load_labels()
    found: dict[str, list[Named]] = {}
    for role in ast.parse(FIVE_NUMBERS.read_text(encoding="utf-8")).body:
        if not isinstance(role, ast.FunctionDef) or not role.name.startswith("of_"):
            continue
        for key, formula, means, unit in _cards(role):
            words = (labels.text(f"number.{key}", "vi"), labels.text(f"number.{key}", "en"))
            found.setdefault(role.name, []).append(Named(role.name, key, *words, formula, means, unit))
    return found


def of_forms() -> list[FormDefinition]:
    """Return the prescribed forms as they are drawn from now on."""
    rules, columns = (
        (DATA / name).read_text(encoding="utf-8") for name in ("form_rules.csv", "form_columns.csv")
    )
    table = parse_forms(rules, columns)
    return [table.on(form, dt.date.max) for form in FORMS]


def of_files() -> list[Named]:
    """Return the counts in the files of lists, from the heads of their columns."""
    words = load_labels().catalogues
    found = [(key, key.rpartition(".")[2]) for key in words["vi"] if key.startswith("list_file.")]
    return [
        Named(
            "list_file",
            leaf,
            words["vi"][key],
            words["en"][key],
            f"`{leaf}` of the row, as the API has it",
            f"{leaf} of difficulties",
            "days" if leaf.endswith("_days") else "count",
        )
        for key, leaf in found
        if leaf.endswith(("_count", "_days", "_share"))
    ]


def everything() -> list[Named]:
    """Return all that is compared: one name of one of them must not stand for another."""
    return [
        *of_metrics(),
        *(one for panel in of_panels() for one in of_panel(panel)),
        *(one for numbers in of_roles().values() for one in numbers),
        *of_files(),
    ]


def twins(numbers: Iterable[Named]) -> list[str]:
    """Return the names that stand for more than one formula, each with the places of both."""
    known: dict[tuple[str, str], Named] = {}
    found: dict[str, None] = {}
    for one in numbers:
        for lang, words in (("vi", one.vi), ("en", one.en)):
            first = known.setdefault((lang, words.casefold()), one)
            if first.means != one.means:
                found[
                    f"{words!r} ({lang}) is {first.key} of {first.where} ({first.means}) and {one.key} of {one.where}"
                    f" ({one.means}): give one of them a name of its own, or both one definition"
                ] = None
    return list(found)


def digest(query: str) -> str:
    """Return the version of a query's text, without its comments; empty where it is no named query."""
    if query not in query_names():
        return ""
    return version_of(named_query(query))


def version_of(sql: str) -> str:
    """Return the digest of a text of SQL; comments and line breaks make no other one."""
    text = " ".join(_COMMENT.sub("", sql).split())
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def query_in_words(query: str) -> str:
    """Return the comment at the head of a query; empty where it is no named query."""
    if query not in query_names():
        return ""
    lines = []
    for line in named_query(query).splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def _formula(column: Column) -> str:
    """Return the formula of a column; where its kind states none, what it is computed from."""
    return column.formula or f"`{column.name}` from {', '.join(f'`{key}`' for key in column.needs)}"


def _means(panel: Panel, column: Column) -> str:
    """Return the formula of a column: a metric under its key, any other column of a query with what the panel counts."""
    counted = panel.unit.en
    return _NAMED.sub(
        lambda found: found[1] if found[1] in _METRIC_OF else f"{found[1]} of {counted}", _formula(column)
    )


def _unit(panel: Panel, column: Column) -> str:
    counted = "count" if panel.unit.en in _MEASURED or panel.unit.en.startswith("%") else panel.unit.en
    measured = UNITS.get(column.measure, counted)
    better = {"more": "more is better", "less": "less is better"}.get(column.better)
    return ", ".join(filter(None, (measured, better, "" if column.has_sum else "never added up")))


def _cards(role: ast.FunctionDef) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, formula, meaning and unit of each number that a function of a role returns."""
    own = {each.name for each in role.body if isinstance(each, ast.FunctionDef)}
    for call in (node for node in ast.walk(role) if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Name) or call.func.id not in {"Number", *own}:
            continue
        key = call.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield _card(key.value, call)
        elif isinstance(key, ast.Name) and key.id.isupper():
            yield _card(key.id.lower(), call)


def _card(key: str, call: ast.Call) -> tuple[str, str, str, str]:
    value = call.args[1] if len(call.args) > 1 else None
    given = {each.arg: each.value for each in call.keywords}
    href = call.args[3] if len(call.args) > 3 else None  # noqa: PLR2004 -- the fourth field of `Number`
    leads = f"; leads to `{ast.literal_eval(href)}`" if isinstance(href, ast.Constant) and href.value else ""
    unit = "share" if "is_share" in given else "count"
    last = ast.unparse(value).rpartition(".")[2] if value is not None else ""
    if last in _METRIC_OF:
        return key, f"the metric `{last}` as it stands now{leads}", last, "cases"
    view = re.fullmatch(r"desk\.count\('(\w+)'\)", ast.unparse(value) if value is not None else "")
    if view is not None:
        return (
            key,
            f"the rows of the list under its view `{view[1]}`{leads}",
            f"{view[1]}_count of difficulties",
            "difficulties",
        )
    formula = FORMULAS.get(key) or f"`{ast.unparse(call)}`"
    return key, f"{formula}{leads}", f"{key} of a role", unit
