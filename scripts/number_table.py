"""Write docs/numbers.md anew from the definitions of the code: run it after a change of a metric, a panel, a query or a form.

With `--check` it writes nothing, prints how the page differs and which names are used twice, and exits with 1.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dashboards.panel import Panel
from reporting.cases.metrics import METRICS
from reporting.forms.rules import FormDefinition
from scripts import named_numbers as numbers
from scripts.named_numbers import Named
from scripts.wrap_docs import wrapped
from services.language.labels import load_labels

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "numbers.md"
API = ROOT / "docs" / "openapi.json"
_REFERENCE = re.compile(r"#/components/schemas/(\w+)")
HEAD = """# Numbers

Written by `python scripts/number_table.py` from the definitions of the code; do not edit it by hand.

Every number that a page, a board, an export, the API or a filed form shows stands here with its names, its formula, its
source, its version and its unit. One name, in either language, has one formula: a name that is used for another number
fails the build. Two formulas are the same where they are made of the same columns and count the same thing.

- A word in backticks in a formula is a metric, a mark of a case (`reporting/cases/marks.py`) or a column of the query.
- A query is a file of `reporting/queries/`; the eight characters behind its name are the digest of its text. Where it
  changes, so does this page: decide then whether the `version` of the panel has to be raised.
- What a cell shows in place of a number (`–`, `…`, `∗`), data time and coverage: [dashboards.md](dashboards.md).
- The window is that of the page; days are days in Viet Nam. "Never added up": there is no sum of all rows.
"""


def page() -> str:
    """Return the page as the code has it now."""
    parts = [HEAD, _metrics(), _roles(), *map(_form, numbers.of_forms()), _boards(), _files(), _api()]
    return wrapped("\n".join(parts))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', '/') or '–' for cell in line)} |\n" for line in lines)


def _named(found: Iterable[Named]) -> str:
    return _table(
        ("key", "Vietnamese", "English", "formula", "unit"),
        ((f"`{one.key}`", one.vi, one.en, one.formula, one.unit) for one in found),
    )


def _metrics() -> str:
    version = hashlib.sha256(repr(METRICS).encode()).hexdigest()[:8]
    return f"""## Metrics of cases

Source: `reporting/cases/metrics.py` over the marks of cases by day; version `metrics-{version}`. Pages, boards, exports,
the API and the figures that a commune files have them under these names. A flow adds up over days, a stock does not.
What comes due on the next day is no figure of a period and is not filed.

{_named(numbers.of_metrics())}"""


def _roles() -> str:
    labels = load_labels()
    parts = [
        "## The five numbers of a role\n\nSource: `services/web/figures/five_numbers.py`, as things stand now.\n"
    ]
    for role, found in numbers.of_roles().items():
        key = f"role.{role.removeprefix('of_')}"
        name = labels.text(key, "en") if labels.has(key) else role.removeprefix("of_").capitalize()
        parts.append(f"### {name} (`{role}`)\n\n{_named(found)}")
    return "\n".join(parts)


def _form(form: FormDefinition) -> str:
    labels = load_labels()
    names = {column.number: column for column in form.columns}
    rows = (
        (
            str(column.number),
            f"`{column.key}`",
            " > ".join(column.heads),
            labels.text(f"form.place.{column.key}", "en"),
            " + ".join(f"column {number}" for number in column.sums) or "cases that the rule puts there",
            column.confidence,
        )
        for _, column in sorted(names.items())
    )
    rules = (
        (
            f"`{one.aspect}`",
            *(
                labels.text(f"form.rule.{one.aspect}.{rules.says(one.aspect)}", "en")
                for rules in (form.in_use, form.honest)
            ),
        )
        for one in form.in_use.rows
    )
    return f"""## Form {form.key}

{form.layout["number"].value}: {form.layout["title"].value}. Source: `reporting/data/form_columns.csv` and `form_rules.csv`,
version `{form.version}`; which case stands where: `reporting/forms/placing.py`. Unit: cases. Columns of a sum hold what
the rule puts apart too.

{_table(("column", "key", "head", "English", "formula", "confidence"), rows)}
{_table(("what the rules decide", "rule in use", "honest rule"), rules)}"""


def _boards() -> str:
    return "## Boards\n\n" + "\n".join(
        _panel(panel) for panel in sorted(numbers.of_panels(), key=lambda one: one.name)
    )


def _panel(panel: Panel) -> str:
    query = panel.query or panel.reading or panel.computed or ""
    sources = dict.fromkeys((query, *(name for name, _ in panel.narrowed.values()), panel.series))
    named = ", ".join(f"`{name}` {numbers.digest(name)}".strip() for name in sources if name)
    folded = f", folded by `{panel.folds.__module__}`" if panel.folds is not None else ""
    about = numbers.query_in_words(query)
    means = f"\nThe query: {about}\n" if about else ""
    return f"""### {panel.title.en} · {panel.title.vi} (`{panel.name}`, version {panel.version})

{panel.description.en} Source: {named}{folded}.
{means}
{_named(numbers.of_panel(panel))}"""


def _files() -> str:
    return f"## Files of lists\n\nHeads of counts in `services/language/labels/files.*.toml`.\n\n{_named(numbers.of_files())}"


def _api() -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for model, schema in _answers(json.loads(API.read_text(encoding="utf-8"))):
        for name, meaning in _fields(schema):
            rows.setdefault((name, meaning), []).append(model)
    table = _table(
        ("field", "meaning", "models"),
        ((f"`{name}`", meaning, ", ".join(models)) for (name, meaning), models in sorted(rows.items())),
    )
    return f"## The JSON API\n\nSource: `docs/openapi.json`; a meaning in quotes is that of the whole model.\n\n{table}"


def _answers(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the models that answers are made of, by name; what is sent in holds no number of the product."""
    schemas = document["components"]["schemas"]
    answers = [
        operation["responses"] for methods in document["paths"].values() for operation in methods.values()
    ]
    found: set[str] = set()
    waiting = _REFERENCE.findall(json.dumps(answers))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _REFERENCE.findall(json.dumps(schemas[name]))
    return [(name, schemas[name]) for name in sorted(found)]


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that holds a number, with what it means."""
    about = " ".join(str(schema.get("description", "")).split())
    columns = {column.key: form.key for form in numbers.of_forms() for column in form.columns}
    is_of_a_form = "received_all" in schema.get("properties", {})
    for name, field in schema.get("properties", {}).items():
        types = {field.get("type"), *(one.get("type") for one in field.get("anyOf", ()))}
        if not types & {"integer", "number"}:
            continue
        said = re.search(rf"\b{name}: ([^:]+?)(?= \w+: |$)", about.partition("Attributes:")[2])
        if is_of_a_form and name in columns:
            yield name, f"the column of form {columns[name]}"
        elif any(name == one.key for one in METRICS) and not is_of_a_form:
            yield name, "the metric"
        else:
            yield (
                name,
                str(field.get("description") or (said[1] if said else f'"{about.partition(". ")[0]}"')),
            )


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    named_twice = numbers.twins(numbers.everything())
    differs = difflib.unified_diff(
        there.splitlines(), wanted.splitlines(), "docs/numbers.md", "the code", lineterm=""
    )
    print("\n".join([*differs, *named_twice]))
    return int(there != wanted or bool(named_twice))


if __name__ == "__main__":
    sys.exit(main())
