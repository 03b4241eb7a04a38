"""Read a prescribed form of a unit over a window: by both rules, with the bridge, the checks and the cases behind it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from events.periods import Confirmation, FiledLine, filing_id
from reporting.dated.calendar import local_day
from reporting.dated.units import Unit
from reporting.filings.sums import SumFiling
from reporting.forms.bridge import BridgeLine, bridge
from reporting.forms.causes import late_by_cause
from reporting.forms.checks import Check, check_before, check_figures, check_whole
from reporting.forms.placing import FormLine, line_of, sum_of
from reporting.forms.rules import HONEST, IN_USE, FormDefinition, FormKey, RuleSetKey
from reporting.forms.situations import AgainstDue, Arrived, Ended, Situation
from services.errors import BadInput, NotFound
from services.warehouse.filing_table import FilingTable, Known, KnownFigures
from services.web.figures.figures import Asked, asked_of, communes_in
from services.web.figures.schemas import FieldChannelRow
from services.web.figures.unit_figures import Newest
from services.web.figures.windows import Window
from services.web.prescribed.asked import AskedForm
from services.web.shell.parts import ViewParts
from services.web.shell.schemas import Answer

II_06A: FormKey = "II.06a"
RULE_SETS: tuple[RuleSetKey, ...] = (IN_USE, HONEST)
MOST_CASES = 20_000
"""So many cases of one line of the bridge a file holds; a page shows the first of them."""
_DAY = dt.timedelta(days=1)
_FIGURES = {
    "carried_over": "carried_over",
    "resolved_all": "resolved",
    "resolved_early": "resolved_early",
    "resolved_on_time": "resolved_on_time",
    "resolved_late": "resolved_late",
    "resolved_undated": "resolved_undated",
    "resolved_withdrawn": "withdrawn",
    "resolved_stopped": "stopped",
    "pending_all": "open",
    "pending_overdue": "overdue",
}
"""Places of the form that the figures of other pages count too, each with the key of its metric."""


class SituationRow(Answer):
    """Row of `form_situations`: how many cases of a field are in a situation."""

    field_code: str
    is_online: bool
    arrived: Arrived
    ended: Ended
    close_kind: str
    status_code: int
    against_due: AgainstDue
    is_late: bool
    at_rest: bool
    asked_by_then: bool
    late_cause: str
    case_count: int

    @property
    def situation(self) -> Situation:
        """Return the situation alone."""
        return Situation(**{name: getattr(self, name) for name in Situation._fields})


@dataclass(frozen=True, slots=True)
class FormCase:
    """One case behind a line of the bridge; its dossier code only for readers of its own commune."""

    case_key: str
    unit_code: str
    field_code: str
    procedure_code: str
    status_code: int
    received_on: dt.date
    due_on: dt.date | None
    closed_on: dt.date | None
    case_situation: str


@dataclass(frozen=True, slots=True)
class FiledForm:
    """The filing of which a form is drawn as filed: a commune's, or the sum of a province.

    Attributes:
        at: when the figures were confirmed.
        parts: the confirmations that are in it, one of each commune; each is counted by the facts that it rests on.
        lines: the figures that were filed.
        missing: the communes of a province that are not in its sum.
        correction: how often it was filed before; 0 the first time.
        reason_code: why it was opened again, where it was.
    """

    at: dt.datetime
    parts: tuple[Confirmation, ...]
    lines: tuple[FiledLine, ...]
    missing: tuple[str, ...]
    correction: int
    reason_code: str


@dataclass(frozen=True)
class PrescribedForm:
    """A form of a unit over a window, recomputed from the facts as they are known now, or as they were when it was filed.

    Attributes:
        lines: by rule, what it counts of each field that has a case.
        before: likewise at the end of the day before the window.
        figures: what the roll-ups count of each field.
        late_causes: by rule, how many of the cases that it counts as resolved late have each cause; none is an empty key.
        as_of: when the newest event behind it was recorded; nothing where there is none.
    """

    definition: FormDefinition
    unit: Unit
    window: Window
    lines: Mapping[RuleSetKey, Mapping[str, FormLine]]
    before: Mapping[RuleSetKey, Mapping[str, FormLine]]
    figures: Mapping[str, Mapping[str, int]]
    bridge: Sequence[BridgeLine]
    late_causes: Mapping[RuleSetKey, Mapping[str, int]]
    as_of: dt.datetime | None
    unit_count: int
    filed: FiledForm | None = None

    def total(self, key: RuleSetKey) -> FormLine:
        """Return the line of all fields."""
        return sum_of(self.lines[key].values())

    @property
    def fields(self) -> Sequence[str]:
        """Return the fields that have a line by one of the rules."""
        return sorted({field for key in RULE_SETS for field in self.lines[key]})

    @cached_property
    def checks(self) -> Mapping[RuleSetKey, Sequence[Check]]:
        """Return the cross-checks of each rule; only the honest one counts what the figures count."""
        found = {
            key: [check_whole(self.lines[key]), check_before(self.lines[key], self.before[key])]
            for key in RULE_SETS
        }
        found[HONEST].extend(check_figures(self.lines[HONEST], self.figures))
        return found

    def bridge_line(self, key: str) -> BridgeLine:
        """Return a line of the bridge.

        Raises:
            NotFound: the bridge has no such line.
        """
        for line in self.bridge:
            if line.key == key:
                return line
        raise NotFound("the bridge of this form has no such line", field="line")


@dataclass(frozen=True, slots=True)
class FormReader:
    """Reads forms from the facts and, for the checks, from the roll-ups."""

    parts: ViewParts

    def read_asked(self, asked: AskedForm) -> PrescribedForm:
        """Return the form that is asked for: as known now, or as it was filed.

        Raises:
            NotFound: the period was not closed.
            UnknownUnit, UnknownForm, NotReady: as `read`.
        """
        filed = self.filed_form(asked) if asked.as_filed else None
        return self.read(asked.unit_code, asked.window, filed=filed)

    def is_filed(self, asked: AskedForm) -> bool:
        """Return whether the period of a unit was closed, so that its form as filed can be drawn."""
        filed = self._filed(asked)
        return filed is not None and self._has_facts_of(filed)

    def filed_form(self, asked: AskedForm) -> FiledForm:
        """Return the filing of the period that is asked for.

        Raises:
            BadInput: days are asked for instead of a period.
            NotFound: the period was not closed, or the facts at which it was filed never landed here.
        """
        if asked.period is None:
            raise BadInput("a form as filed is of a period, and days are not filed", field="period")
        filed = self._filed(asked)
        if filed is None:
            raise NotFound("this period has not been closed: there is no form as filed", field="period")
        if not self._has_facts_of(filed):
            raise NotFound(
                "this period was filed by an earlier log, whose facts were never in this warehouse: its form as filed"
                " cannot be counted here; the figures as filed stand on the page of the period",
                field="period",
            )
        return filed

    def _has_facts_of(self, filed: FiledForm) -> bool:
        epochs = {one.epoch for one in filed.parts if one.positions}
        return not epochs or epochs <= KnownFigures(self.parts.warehouse).epochs()

    def _filed(self, asked: AskedForm) -> FiledForm | None:
        if asked.period is None:
            return None
        table, subject = FilingTable(self.parts.warehouse), filing_id(asked.unit_code, asked.period.key)
        if self.parts.tables.units.get(asked.unit_code).level == "province":
            return self._filed_sum(table, table.sum_of(subject))
        filing = table.get(subject)
        if filing is None or filing.filed is None:
            return None
        said = filing.filed.figures
        return FiledForm(
            filing.filed.at, (said,), said.lines, (), len(filing.closed) - 1, filing.corrected_for
        )

    def _filed_sum(self, table: FilingTable, filing: SumFiling | None) -> FiledForm | None:
        """Return the sum of a province as filed, with the very confirmations of which it is the sum."""
        if filing is None or filing.filed is None:
            return None
        said = filing.filed.figures
        communes = table.load(filing_id(one.unit_code, said.period) for one in said.parts).values()
        known = {one.id: one.figures for commune in communes for one in (commune.confirmed, *commune.closed)}
        return FiledForm(
            filing.filed.at,
            tuple(known[part.confirmed_id] for part in said.parts),
            said.lines,
            said.missing,
            len(filing.closed) - 1,
            said.reason_code or "",
        )

    def read(
        self,
        unit_code: str,
        window: Window,
        form: FormKey = II_06A,
        *,
        drawn_on: dt.date | None = None,
        filed: FiledForm | None = None,
    ) -> PrescribedForm:
        """Return a form.

        Args:
            drawn_on: the day whose rules count; today by default, because a system counts by what it does today.
            filed: count by the facts and the rules of this filing.

        Raises:
            UnknownUnit: no such unit.
            UnknownForm: no rule of the form holds on that day.
            NotReady: the engine cannot be reached.
        """
        parts = self.parts
        drawn_on = drawn_on or local_day(parts.clock() if filed is None else filed.at)
        definition = parts.tables.forms.on(form, drawn_on)
        communes = (
            communes_in(parts, unit_code) if filed is None else tuple(one.unit_code for one in filed.parts)
        )
        asked = asked_of(communes, window)
        counted = self._situations(asked, filed)
        eve = window.first_on - _DAY
        earlier = self._situations(asked_of(communes, Window(eve, eve)), filed)
        return PrescribedForm(
            definition=definition,
            unit=parts.tables.units.get(unit_code),
            window=window,
            lines=_lines(definition, counted),
            before=_lines(definition, earlier),
            figures=self._figures(asked) if filed is None else _filed_figures(filed),
            bridge=bridge(definition, counted),
            late_causes={
                key: late_by_cause(((case, count) for _, case, count in counted), definition.rules(key))
                for key in RULE_SETS
            },
            as_of=self._as_of(communes) if filed is None else filed.at,
            unit_count=len(communes),
            filed=filed,
        )

    def cases(self, form: PrescribedForm, line: BridgeLine, limit: int) -> Sequence[FormCase]:
        """Return the cases of a line of the bridge, the oldest first."""
        situations = [_written(field, case) for field, case in line.situations]
        most, warehouse = min(limit, MOST_CASES), self.parts.warehouse
        if form.filed is None:
            asked = asked_of(communes_in(self.parts, form.unit.code), form.window)
            return warehouse.query_of(FormCase, "form_cases", **asked, situations=situations, limit=most)
        found = [
            case
            for part in form.filed.parts
            for case in warehouse.query_of(
                FormCase,
                "form_cases_as_known",
                **Known.of(part).asked(),
                **asked_of((part.unit_code,), form.window),
                situations=situations,
                limit=most,
            )
        ]
        return sorted(found, key=lambda one: (one.received_on, one.case_key))[:most]

    def _situations(self, asked: Asked, filed: FiledForm | None) -> list[tuple[str, Situation, int]]:
        if filed is None:
            return _counted(self.parts.warehouse.query_of(SituationRow, "form_situations", **asked))
        # The communes of a sum confirmed at positions of their own: each is counted by the facts of its own.
        return _counted(
            row
            for part in filed.parts
            for row in self.parts.warehouse.query_of(
                SituationRow,
                "form_situations_as_known",
                **{**asked, "units": [part.unit_code]},
                **Known.of(part).asked(),
            )
        )

    def _as_of(self, communes: Sequence[str]) -> dt.datetime | None:
        [newest] = self.parts.warehouse.query_of(Newest, "figures_as_of", units=list(communes))
        return newest.as_of if newest.is_known else None

    def _figures(self, asked: Asked) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in self.parts.warehouse.query_of(
            FieldChannelRow, "unit_rollups_by_field_and_channel", **asked
        ):
            counts = found[row.field_code]
            counts["received_online" if row.channel == "online" else "received_direct"] += row.received
            for place, metric in _FIGURES.items():
                counts[place] += row.number(metric)
        return found


def _counted(rows: Iterable[SituationRow]) -> list[tuple[str, Situation, int]]:
    """Return how many cases of each field are in each situation, of one count or of several."""
    found: Counter[tuple[str, Situation]] = Counter()
    for row in rows:
        found[row.field_code, row.situation] += row.case_count
    return [(field, case, count) for (field, case), count in found.items()]


def _filed_figures(filed: FiledForm) -> Mapping[str, Mapping[str, int]]:
    """Return the figures that were filed, by field: what the honest form of the same facts has to come to."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in filed.lines:
        counts = found[line.field_code]
        counts["received_online" if line.channel == "online" else "received_direct"] += line.received
        for place, metric in _FIGURES.items():
            counts[place] += getattr(line, metric)
    return found


def _lines(
    definition: FormDefinition, counted: Sequence[tuple[str, Situation, int]]
) -> Mapping[RuleSetKey, Mapping[str, FormLine]]:
    of_field: dict[str, list[tuple[Situation, int]]] = defaultdict(list)
    for field, case, count in counted:
        of_field[field].append((case, count))
    return {
        key: {
            field: line
            for field, members in sorted(of_field.items())
            if (line := line_of(members, definition.rules(key))).counts
        }
        for key in RULE_SETS
    }


def _written(field: str, case: Situation) -> str:
    """Write a situation as `case_situation` of the query does."""
    return "|".join((field, *(str(int(one)) if isinstance(one, bool) else str(one) for one in case)))
