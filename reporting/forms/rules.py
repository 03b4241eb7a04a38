"""Dated rules and columns of forms: what counts where, by which source, and how sure that is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error
from reporting.errors import UnknownForm

FormKey = str
FORMS: tuple[FormKey, ...] = ("II.06a",)
RuleSetKey = Literal["in_use", "honest"]
Aspect = Literal["undated_resolved", "undated_pending", "withdrawn", "stopped", "waiting", "late"]
LayoutAspect = Literal["number", "title", "receiver", "signers"]
_OPTIONAL: frozenset[str] = frozenset({"signers"})
"""A form that nobody is known to sign has no block for it."""

IN_USE: RuleSetKey = "in_use"
HONEST: RuleSetKey = "honest"

ANSWERS: Mapping[Aspect, tuple[str, ...]] = {
    "undated_resolved": ("on_time", "apart"),
    "undated_pending": ("within", "apart"),
    "withdrawn": ("on_time", "apart"),
    "stopped": ("pending_by_todays_status", "apart_on_its_day"),
    "waiting": ("within_by_todays_status", "apart_on_its_days"),
    "late": ("by_due_day", "by_running_clock"),
}
"""What a rule may say of each aspect. `apart` counts in the sum of a column and in none of its parts."""

_TABLE, _COLUMNS_TABLE = "form_rules.csv", "form_columns.csv"
_FIELDS = ("form", "rule_set", "aspect", "value", "source", "confidence", "valid_from", "valid_to")
_COLUMN_FIELDS = ("form", "number", "key", "head", "sums", "source", "confidence", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Said:
    """One row: what it says, of whom it is known, and how surely."""

    form: FormKey
    rule_set: str
    aspect: str
    value: str
    source: str
    confidence: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All that one way of counting says, on one day."""

    key: RuleSetKey
    rows: tuple[Said, ...]

    def says(self, aspect: Aspect) -> str:
        """Return what the rule says of an aspect."""
        return next(row.value for row in self.rows if row.aspect == aspect)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its number, the heads over it from the widest to its own, and the columns that it sums."""

    number: int
    key: str
    heads: tuple[str, ...]
    sums: tuple[int, ...]
    source: str
    confidence: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One form on one day: its head, its columns, the rule in use and the honest one."""

    key: FormKey
    layout: Mapping[str, Said]
    columns: tuple[Column, ...]
    in_use: RuleSet
    honest: RuleSet
    version: str

    def rules(self, key: RuleSetKey) -> RuleSet:
        """Return one of the two rules."""
        return self.in_use if key == IN_USE else self.honest


class FormTable:
    """All forms with their rules; built by `parse_forms`."""

    def __init__(self, said: Sequence[Said], columns: Sequence[tuple[FormKey, Column]], version: str) -> None:
        self.version = version
        self._said = tuple(said)
        self._columns = tuple(columns)

    def on(self, form: FormKey, day: dt.date) -> FormDefinition:
        """Return a form as it is drawn on a local day.

        Raises:
            UnknownForm: a row of its rules, its head or its columns does not hold on that day.
        """
        held = [row for row in self._said if row.form == form and row.validity.holds_on(day)]
        columns = tuple(
            column for of, column in self._columns if of == form and column.validity.holds_on(day)
        )
        layout = {row.aspect: row for row in held if row.rule_set == "layout"}
        if not columns or set(get_args(LayoutAspect)) - _OPTIONAL - layout.keys():
            raise UnknownForm(f"form {form} has no layout on {day}; see {_COLUMNS_TABLE}", field="form")
        used, honest = (self._rule_set(form, key, held, day) for key in (IN_USE, HONEST))
        return FormDefinition(form, layout, columns, used, honest, self.version)

    @staticmethod
    def _rule_set(form: FormKey, key: RuleSetKey, held: Iterable[Said], day: dt.date) -> RuleSet:
        found = tuple(row for row in held if row.rule_set == key)
        missing = set(ANSWERS) - {row.aspect for row in found}
        if missing:
            raise UnknownForm(
                f"form {form} has no rule {key} on {day} for {', '.join(sorted(missing))}; see {_TABLE}",
                field="form",
            )
        return RuleSet(key, found)


def parse_forms(form_rules_csv: str, form_columns_csv: str) -> FormTable:
    """Read the rules and the columns.

    Raises:
        TableError: names file, line and column.
    """
    said = [(_said(row), row) for row in rows(_TABLE, form_rules_csv, _FIELDS)]
    check_apart(((one.form, one.rule_set, one.aspect), one.validity, row) for one, row in said)
    columns = [(_column(row), row) for row in rows(_COLUMNS_TABLE, form_columns_csv, _COLUMN_FIELDS)]
    check_apart(((form, column.number), column.validity, row) for (form, column), row in columns)
    if not said or not columns:
        raise table_error(_TABLE, 1, "form", "a form has rules and columns; one of the two tables is empty")
    numbers = {column.number for (_, column), _ in columns}
    for (_, column), row in columns:
        if unknown := set(column.sums) - numbers:
            row.refuse("sums", f"there is no column {', '.join(map(str, sorted(unknown)))}")
    digest = hashlib.sha256(f"{form_rules_csv}\n{form_columns_csv}".encode()).hexdigest()
    return FormTable([one for one, _ in said], [one for one, _ in columns], f"forms-{digest[:8]}")


def _said(row: Row) -> Said:
    rule_set = row.choice("rule_set", ("layout", *get_args(RuleSetKey)))
    if rule_set == "layout":
        aspect, value = row.choice("aspect", get_args(LayoutAspect)), row.text("value")
    else:
        aspect = row.choice("aspect", tuple(ANSWERS))
        value = row.choice("value", ANSWERS[cast("Aspect", aspect)])
    return Said(
        form=row.choice("form", FORMS),
        rule_set=rule_set,
        aspect=aspect,
        value=value,
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )


def _column(row: Row) -> tuple[FormKey, Column]:
    form = row.choice("form", FORMS)
    for number in row.words("sums"):
        if not number.isascii() or not number.isdigit():
            row.refuse("sums", f"{number!r} is no number of a column")
    column = Column(
        number=row.whole("number", 3, 40),
        key=row.choice("key", COLUMN_KEYS),
        heads=row.words("head", ">"),
        sums=tuple(int(number) for number in row.words("sums")),
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )
    return form, column


COLUMN_KEYS = (
    "received_all",
    "received_online",
    "received_direct",
    "carried_over",
    "resolved_all",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "pending_all",
    "pending_within",
    "pending_overdue",
)
"""What a column can count, as reporting/forms/placing.py names it."""
