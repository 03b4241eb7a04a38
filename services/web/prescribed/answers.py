"""Put a form into words: names of fields and columns, the rules, the reasons of the bridge, the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from reporting.dated.start_rules import EVERY
from reporting.errors import UnknownProcedure
from reporting.forms.bridge import BridgeLine
from reporting.forms.checks import Check
from reporting.forms.placing import APART, FormLine
from reporting.forms.rules import HONEST, IN_USE, FormDefinition, RuleSetKey
from services.access.actors import Actor
from services.language.labels import Lang
from services.store.case_codes import codes_of_cases
from services.web.prescribed.days_off import moved_by_other_readings
from services.web.prescribed.reading import FormReader, PrescribedForm
from services.web.prescribed.schemas import (
    FormAnswer,
    FormBridgeLine,
    FormCaseLine,
    FormCasesAnswer,
    FormCheck,
    FormColumn,
    FormFieldLine,
    FormLateCause,
    FormNumbers,
    FormRule,
    FormSide,
    FormStart,
)
from services.web.shell.parts import ViewParts


@dataclass(frozen=True, slots=True)
class FormWords:
    """Words a form in one language."""

    parts: ViewParts
    lang: Lang

    def answer(self, form: PrescribedForm, period: Period | None) -> FormAnswer:
        """Return the whole form in words."""
        layout = form.definition.layout
        moved = moved_by_other_readings(self.parts, form)
        return FormAnswer(
            form=form.definition.key,
            number=layout["number"].value,
            title=layout["title"].value,
            unit_code=form.unit.code,
            unit_name=unit_named(form.unit, self.lang),
            unit_count=form.unit_count,
            period=period.key if period is not None else None,
            first_on=form.window.first_on,
            last_on=form.window.last_on,
            as_of=form.as_of,
            filed_at=None if form.filed is None else form.filed.at,
            missing_count=None if form.filed is None else len(form.filed.missing),
            correction=None if form.filed is None else form.filed.correction,
            correction_reason=None if form.filed is None else form.filed.reason_code or None,
            version=form.definition.version,
            columns=[
                FormColumn(
                    number=column.number,
                    key=column.key,
                    label=self.place(column.key),
                    sums=column.sums,
                    source=column.source,
                    confidence=column.confidence,
                )
                for column in form.definition.columns
            ],
            in_use=self._side(form, IN_USE),
            honest=self._side(form, HONEST),
            bridge=[self.bridge_line(line) for line in form.bridge],
            late_causes=self.late_causes(form),
            starts=[
                FormStart(
                    code=None if row.code == EVERY else row.code,
                    procedure_name=None if row.code == EVERY else self._procedure(row.code),
                    reception=row.reception,
                    rule=row.rule,
                    other_case_count=moved.get(row.code) if row.reception == "day_off" else None,
                    words=self._text(f"form.start_{row.reception}.{row.rule}"),
                    source=row.source,
                    confidence=row.confidence,
                )
                for row in self.parts.tables.start_rules.on(form.window.last_on)
            ],
        )

    def late_causes(self, form: PrescribedForm) -> list[FormLateCause]:
        """Return the cases of column 10 by cause, in the order of the table; what nobody named comes last."""
        causes = self.parts.tables.late_causes
        used, honest = (form.late_causes[key] for key in (IN_USE, HONEST))
        names = {**causes.names(self.lang), "": self._text("form.cause_unknown")}
        found = {*used, *honest}
        order = [*causes.in_order(found - {""}), *([""] if "" in found else [])]
        return [
            FormLateCause(
                cause=key or None, name=names.get(key, key), used=used.get(key, 0), honest=honest.get(key, 0)
            )
            for key in order
        ]

    def place(self, key: str) -> str:
        """Return the name of a column, or of what stands beside the columns."""
        return self._text(f"form.place.{key}")

    def side(self, key: RuleSetKey) -> str:
        """Return the name of a way of counting."""
        return self._text(f"form.{key}")

    def bridge_line(self, line: BridgeLine) -> FormBridgeLine:
        """Return a line of the bridge in words."""
        return FormBridgeLine(
            key=line.key,
            reason=line.reason,
            words=self._text(f"form.reason.{line.reason}"),
            used_arrival=line.used.arrival if line.used is not None else None,
            used_outcome=line.used.outcome if line.used is not None else None,
            honest_arrival=line.honest.arrival if line.honest is not None else None,
            honest_outcome=line.honest.outcome if line.honest is not None else None,
            case_count=line.count,
        )

    def cases(self, actor: Actor, form: PrescribedForm, key: str, limit: int) -> FormCasesAnswer:
        """Return the cases of a line of the bridge; their dossier codes only for their own commune.

        Raises:
            NotFound: the bridge has no such line.
        """
        line, reader = form.bridge_line(key), FormReader(self.parts)
        found = reader.cases(form, line, limit)
        own = actor.unit_code == form.unit.code and form.unit.level == "commune"
        keys = (case.case_key for case in found)
        codes = codes_of_cases(self.parts.store, form.unit.code, keys) if own else {}
        units, fields = self.parts.tables.units, self.parts.tables.procedures.fields(self.lang)
        return FormCasesAnswer(
            line=self.bridge_line(line),
            case_count=line.count,
            items=[
                FormCaseLine(
                    case_key=case.case_key,
                    dossier_code=codes.get(case.case_key),
                    unit_code=case.unit_code,
                    unit_name=unit_named(units.get(case.unit_code), self.lang),
                    field_name=fields.get(case.field_code, case.field_code),
                    procedure_name=self._procedure(case.procedure_code),
                    status_code=case.status_code,
                    received_on=case.received_on,
                    due_on=case.due_on,
                    closed_on=case.closed_on,
                )
                for case in found
            ],
        )

    def _side(self, form: PrescribedForm, key: RuleSetKey) -> FormSide:
        names = self.parts.tables.procedures.fields(self.lang)
        return FormSide(
            rule_set=key,
            total=FormNumbers(**numbers_of(form.definition, form.total(key))),
            items=[
                FormFieldLine(
                    field_code=field,
                    field_name=names.get(field, field),
                    **numbers_of(form.definition, line),
                )
                for field, line in self._in_order(form, key)
            ],
            rules=[
                FormRule(
                    aspect=row.aspect,
                    value=row.value,
                    words=self._text(f"form.rule.{row.aspect}.{row.value}"),
                    source=row.source,
                    confidence=row.confidence,
                )
                for row in form.definition.rules(key).rows
            ],
            checks=[self._check(form, check) for check in form.checks[key]],
        )

    def _in_order(self, form: PrescribedForm, key: RuleSetKey) -> Sequence[tuple[str, FormLine]]:
        """Return the lines in the order of the table of fields, the same by both rules."""
        order = list(self.parts.tables.procedures.fields())
        lines = form.lines[key]
        found = sorted(
            form.fields, key=lambda field: (order.index(field) if field in order else len(order), field)
        )
        return [(field, lines.get(field, FormLine({}))) for field in found]

    def _check(self, form: PrescribedForm, check: Check) -> FormCheck:
        subject = self.place(check.subject) if check.subject else ""
        # What was filed is what a form as filed has to agree with.
        name = "filed" if check.key == "figures" and form.filed is not None else check.key
        names = self.parts.tables.procedures.fields(self.lang)
        return FormCheck(
            key=check.key,
            subject=check.subject,
            words=self._text(f"form.check.{name}", place=subject),
            left=check.left,
            right=check.right,
            holds=check.holds,
            differing=tuple(names.get(field, field) for field in check.differing),
        )

    def _procedure(self, code: str) -> str | None:
        try:
            found = self.parts.tables.procedures.get(code, local_day(self.parts.clock())) if code else None
        except UnknownProcedure:
            return code
        if found is None:
            return None
        return found.name_en if self.lang == "en" and found.name_en else found.name_vi

    def _text(self, key: str, **words: str) -> str:
        return self.parts.labels.text(key, self.lang, **words)


def numbers_of(definition: FormDefinition, line: FormLine) -> dict[str, int]:
    """Return every number of a line by its key."""
    columns = definition.columns
    return {
        **{column.key: line.number(column, columns) for column in columns},
        **{key: line.apart(key) for key in APART},
    }
