"""Ask the engine what a panel asks, with the scope of the reader; each query runs once in a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import cast, get_args

import structlog

from dashboards.answer import answered
from dashboards.columns import number
from dashboards.lines import UNREAD, Answered, Finding, Row
from dashboards.panel import Panel
from dashboards.vocabulary import Computed, Filter, Parameter, Reading, Text
from events.errors import LienCapError
from reporting.cases.advance import UNKNOWN_FIELD
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from reporting.dated.thresholds import ThresholdKey
from reporting.privacy import small_counts, suppressed
from services.access.actors import Actor
from services.access.policy import may, may_see_issue
from services.errors import BadInput, NoRowThen
from services.warehouse.client import Raw
from services.warehouse.named_queries import Params
from services.web.boards.asked import Asked, check_panel
from services.web.boards.filed_before import FiledBefore, WhyRunning, filed_before
from services.web.boards.withheld import why_withheld
from services.web.figures.dated_rows import rows_that_hold
from services.web.figures.figures import communes_in
from services.web.figures.newborns import newborns_asked
from services.web.figures.silence import days_asked, outage_kinds
from services.web.figures.sums import summed, sums_asked
from services.web.figures.windows import Window
from services.web.shell.parts import ViewParts
from services.web.workload.panel_rows import ROWS
from services.web.workload.reading import Workload, WorkloadReader

_NO_RULE = Text(
    "Không tính cho kỳ này: bảng quy định chưa có dòng nào áp dụng cho những ngày đó",
    "Not computed for this period: the dated tables have no rule that holds on its days",
)
_AT_ONCE = 2
"""Statements that a panel has waiting beside its own: most of what a small one takes is planned by one core."""
_CHOICES: tuple[Filter, ...] = ("kind", "field", "channel")


@dataclass(frozen=True, slots=True)
class Coverage:
    """From how many units figures came, and of how many."""

    reported: int
    whole: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a panel: what was asked, the lines, up to when data has landed, and from whom.

    Attributes:
        series: column → its values day by day, where the panel has a series.
        peer_count: on how many communes of the province the medians rest.
        withheld: why the reader gets no line of it.
        filed_at: when the figures of the period before were confirmed with which it was closed, where they are compared.
        why_running: why a period is compared with the figures of today instead.
    """

    panel: Panel
    asked: Asked
    found: Answered
    as_of: dt.datetime | None
    coverage: Coverage
    series: dict[str, tuple[float, ...]] = field(default_factory=dict)
    peer_count: int = 0
    withheld: Text | None = None
    filed_at: dt.datetime | None = None
    why_running: WhyRunning | None = None

    @property
    def finding(self) -> Finding:
        """Return the sentence about the lines, or why there are none."""
        return self.panel.said(self.found) if self.withheld is None else Finding(self.withheld)


@dataclass(frozen=True, slots=True)
class _Filed:
    """The rows of the period before as it was filed, and when they were confirmed."""

    at: dt.datetime
    rows: Sequence[Row]


class BoardReader:
    """Answers panels for one reader and one request, all as of one instant.

    Args:
        anyone: others read the answer too, with less right than the actor: single difficulties and small counts of
            sensitive fields are kept back, whatever the actor may read.
    """

    def __init__(self, parts: ViewParts, actor: Actor, *, anyone: bool = False) -> None:
        self._parts = parts
        self._actor = actor
        self._anyone = anyone
        self._at = parts.clock()
        self._kept: dict[tuple[object, ...], list[Raw]] = {}
        self._folded: dict[tuple[object, ...], Sequence[Row]] = {}
        self._communes: dict[str, tuple[str, ...]] = {}
        self._sums_asked: dict[tuple[str, Window], Params] = {}
        self._workloads: dict[tuple[str, Window], Workload] = {}
        self._filed_before: dict[Asked, FiledBefore | WhyRunning | None] = {}

    def on_board(self, panel: Panel, asked: Asked) -> Answer:
        """Return the answer to a panel of a board; where no rule holds on its days, why there is none.

        A panel asked for alone is refused then. A board is not: its other panels have their figures.

        Raises:
            BadInput: the panel cannot be asked this.
            NotReady: the engine cannot be reached.
        """
        try:
            return self.answer(panel, asked)
        except NoRowThen:
            return self._withheld(panel, asked, _NO_RULE)

    def answer(self, panel: Panel, asked: Asked) -> Answer:
        """Return the answer to a panel.

        Raises:
            BadInput: the panel cannot be asked this.
            NotReady: the engine cannot be reached.
        """
        check_panel(panel, asked)
        if panel.reading is not None:
            read = self._read(panel.reading)
            found = answered(panel, [{panel.key: UNREAD, "is_read": False}] if read is None else read)
            return Answer(panel, asked, found, self._at, Coverage(int(read is not None), 1))
        is_kept = not self._reads_cases(asked)
        if is_kept and (why := why_withheld(panel, asked, local_day(self._at))) is not None:
            return self._withheld(panel, asked, why)
        compares = panel.compares and not (is_kept and panel.keeps_small_back)
        filed = self._filed(panel, asked) if compares else None
        is_filed = isinstance(filed, _Filed)
        with ThreadPoolExecutor(_AT_ONCE) as beside:
            as_of = beside.submit(self._as_of, panel, asked)
            coverage = beside.submit(self._coverage, panel, asked)
            series = beside.submit(self._series, panel, asked)
            past = beside.submit(self._before, panel, asked) if compares and not is_filed else None
            rows = self._rows(panel, asked, asked.window)
            medians = self._medians(panel, asked)
        before = filed.rows if isinstance(filed, _Filed) else past.result() if past is not None else None
        return Answer(
            panel,
            asked,
            answered(panel, rows, before, medians),
            as_of.result(),
            coverage.result(),
            series.result(),
            number(medians, ("peer_count",)) if medians else 0,
            filed_at=filed.at if isinstance(filed, _Filed) else None,
            why_running=None if isinstance(filed, _Filed) else filed,
        )

    def _withheld(self, panel: Panel, asked: Asked, why: Text) -> Answer:
        as_of, coverage = self._as_of(panel, asked), self._coverage(panel, asked)
        return Answer(panel, asked, answered(panel, []), as_of, coverage, withheld=why)

    def _read(self, reading: Reading) -> Sequence[Row] | None:
        """Return the rows of a reading; nothing where the part does not answer: the board shall stand also then."""
        try:
            return self._parts.readings[reading]()
        except (KeyError, LienCapError, OSError) as error:
            structlog.get_logger("boards").warning(
                "a part cannot be read", reading=reading, reason=str(error)
            )
            return None

    def _filed(self, panel: Panel, asked: Asked) -> _Filed | WhyRunning | None:
        """Return the rows of the period before as they were filed, or why there are none; nothing where days were asked for."""
        if asked not in self._filed_before:
            self._filed_before[asked] = filed_before(self._parts, asked)
        found = self._filed_before[asked]
        if not isinstance(found, FiledBefore):
            return found
        if panel.facts is not None or panel.folds is not None:
            return "not_filed"
        narrowing = panel.narrowing(asked.chosen)
        query, column = panel.narrowed[narrowing[0]] if narrowing else (panel.query, "")
        rows = found.rows(query)
        if rows is None:
            return "not_filed"
        if column:
            wanted = asked.value(narrowing[0])
            rows = [row for row in rows if row[column] == wanted]
        kept = [{"scope": asked.unit_code, **row} for row in self._kept_back(panel, asked, rows)]
        return _Filed(found.at, kept)

    def _before(self, panel: Panel, asked: Asked) -> Sequence[Row] | None:
        """Return the rows of the window before; nothing to compare where the rules do not reach back so far."""
        try:
            return self._rows(panel, asked, asked.before)
        except NoRowThen:
            return None

    def _rows(self, panel: Panel, asked: Asked, window: Window) -> Sequence[Row]:
        if panel.computed is not None:
            computed = self._computed(panel.computed, asked, window)
            return [{"scope": asked.unit_code, **row} for row in self._kept_back(panel, asked, computed)]
        narrowing = panel.narrowing(asked.chosen)
        query, column = panel.narrowed[narrowing[0]] if narrowing else (panel.query, "")
        rows: Sequence[Row] = self._query(query, panel.asks, asked, window)
        if panel.facts is not None:
            key = (panel.facts, *self._key(query, panel.asks, asked, window))
            if key not in self._folded:
                self._folded[key] = panel.facts(rows)
            rows = self._folded[key]
        if panel.folds is not None:
            rows = panel.folds(rows, local_day(self._at), self._limits(panel, asked))
        if panel.is_of_issues:
            rows = [row for row in rows if self._may_read(row)]
        if column:
            wanted = asked.value(narrowing[0])
            rows = [row for row in rows if row[column] == wanted]
        return [{"scope": asked.unit_code, **row} for row in self._kept_back(panel, asked, rows)]

    def _computed(self, name: Computed, asked: Asked, window: Window) -> Sequence[Row]:
        """Return computed rows; the panels of a board that share a reading read once in a request.

        Raises:
            BadInput: the window ends after today: days of work that are to come would be counted, and no cases.
        """
        if window.last_on > local_day(self._at):
            raise BadInput("the window ends after today: what is to be handled then is not known", field="to")
        key = (asked.unit_code, window)
        if key not in self._workloads:
            self._workloads[key] = WorkloadReader(self._parts).read(
                asked.unit_code, window, with_single=self._reads_cases(asked)
            )
        return ROWS[name](self._workloads[key])

    def _may_read(self, row: Row) -> bool:
        """Return whether the reader may read the difficulty that a row is."""
        bodies = cast("Sequence[str]", row["bodies"])
        return not self._anyone and may_see_issue(
            self._actor, str(row["unit_code"]), bodies, units=self._parts.tables.units
        )

    def _medians(self, panel: Panel, asked: Asked) -> Row | None:
        """Return the medians of the province; nothing where so few communes have figures that one would give away another's."""
        if not panel.peers:
            return None
        province = self._parts.tables.units.province_of(asked.unit_code)
        [row] = self._query(panel.peers, panel.asks, replace(asked, unit_code=province), asked.window)
        return {"peer_count": 0} if suppressed(int(row["peer_count"])) else row

    def _limits(self, panel: Panel, asked: Asked) -> dict[ThresholdKey, int]:
        found = self._parts.tables.thresholds
        with rows_that_hold():
            return {key: found.get(key, asked.window.last_on).value for key in panel.thresholds}

    def _kept_back(self, panel: Panel, asked: Asked, rows: Sequence[Row]) -> Sequence[Row]:
        """Keep small counts of sensitive fields from readers who may not read the cases."""
        tables = self._parts.tables
        if self._reads_cases(asked):
            return rows
        if panel.keeps_small_back:
            # From the sum, which other panels show, what one row keeps back would follow from the others.
            hidden = {name for row in rows for name in _hidden(panel, row)}
            return [{**row, **dict.fromkeys(hidden)} for row in rows]
        return [
            {**row, **_hidden(panel, row)} if any(map(tables.procedures.is_sensitive, fields)) else row
            for row in rows
            for fields in [_fields_of(panel, asked, row)]
        ]

    def _reads_cases(self, asked: Asked) -> bool:
        """Return whether everybody who reads the answer may read the cases of the unit."""
        units = self._parts.tables.units
        return not self._anyone and may(self._actor, "cases.read", asked.unit_code, units=units)

    def _series(self, panel: Panel, asked: Asked) -> dict[str, tuple[float, ...]]:
        if not panel.series or panel.narrowing(asked.chosen):
            return {}
        days = self._query(panel.series, panel.asks, asked, asked.window)
        cells = {column.name: [column.of(day, day).value for day in days] for column in panel.columns}
        return {
            name: tuple(value for value in values if isinstance(value, int | float))
            for name, values in cells.items()
        }

    def _as_of(self, panel: Panel, asked: Asked) -> dt.datetime | None:
        [row] = self._query(panel.watermark, ("units",), asked, asked.window)
        at = row["as_of"]
        if not row["is_known"] or not isinstance(at, dt.datetime):
            return None
        return at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)

    def _coverage(self, panel: Panel, asked: Asked) -> Coverage:
        query, column = panel.coverage
        asks: tuple[Parameter, ...] = ("units", "from", "to") if query == "units_reporting" else ("units",)
        rows = self._query(query, asks, asked, asked.window)
        return Coverage(sum(int(row[column]) for row in rows), len(self._units(asked)))

    def _query(self, name: str, asks: tuple[Parameter, ...], asked: Asked, window: Window) -> list[Raw]:
        units = self._units(asked)
        known: dict[Parameter, object] = {
            "units": list(units),
            "provinces": [self._parts.tables.units.province_of(code) for code in units]
            if "provinces" in asks
            else [],
            "from": window.first_on,
            "to": window.last_on,
            "groups": self._groups(units, asked) if "groups" in asks else [],
            "at": self._at,
            "kind": asked.kind,
            "field": asked.field,
            "channel": asked.channel,
            "unknown_field": UNKNOWN_FIELD,
        }
        key = self._key(name, asks, asked, window)
        if key not in self._kept:
            tables = self._parts.tables
            if "procedures" in asks:
                known["procedures"] = [one.code for one in tables.procedures.all(window.last_on)]
            if "newborn_procedures" in asks:
                known |= cast("dict[Parameter, object]", newborns_asked(tables, window, self._at))
            if "working_days" in asks:
                known["working_days"] = tables.calendar.working_days_through(window.last_on)
            if "outage_kinds" in asks:
                known["outage_kinds"] = outage_kinds(tables, window.last_on)
            if "days" in asks:
                known |= cast("dict[Parameter, object]", days_asked(tables, window, self._at))
            for threshold in (one for one in get_args(ThresholdKey) if one in asks):
                with rows_that_hold():
                    known[threshold] = tables.thresholds.get(threshold, window.last_on).value
            params: Params = {one: known[one] for one in asks}
            query = summed(name, units, tables.units)
            if query is not None:
                params |= self._sums(asked, window)
            self._kept[key] = self._parts.warehouse.query(query or name, **params)
        return self._kept[key]

    def _sums(self, asked: Asked, window: Window) -> Params:
        """Return what queries over sums of provinces ask: which of them stand is looked up once in a request."""
        key = asked.unit_code, window
        if key not in self._sums_asked:
            units, table = self._units(asked), self._parts.tables.units
            self._sums_asked[key] = sums_asked(
                self._parts.warehouse, units, table.province_of, window.first_on, window.last_on
            )
        return self._sums_asked[key]

    @staticmethod
    def _key(
        name: str, asks: tuple[Parameter, ...], asked: Asked, window: Window
    ) -> tuple[str, str, Window, tuple[str, ...]]:
        """Return the key of a question: two of one request with the same key have the same answer."""
        chosen = tuple(asked.value(one) for one in _CHOICES if one in asks)
        return name, asked.unit_code, window, chosen

    def _groups(self, units: Sequence[str], asked: Asked) -> list[str]:
        """Return under which unit each commune is counted: its province at the nation, else itself."""
        if asked.unit_code != NATION:
            return list(units)
        return [self._parts.tables.units.province_of(code) for code in units]

    def _units(self, asked: Asked) -> tuple[str, ...]:
        if asked.unit_code not in self._communes:
            self._communes[asked.unit_code] = communes_in(self._parts, asked.unit_code)
        return self._communes[asked.unit_code]


def _hidden(panel: Panel, row: Row) -> dict[str, None]:
    """Return what a row keeps back: its small counts, and with one of those that add up all of them."""
    small = small_counts(row)
    return small | dict.fromkeys(panel.adds_up) if small.keys() & set(panel.adds_up) else small


def _fields_of(panel: Panel, asked: Asked, row: Row) -> list[str]:
    """Return the fields of work whose cases a row counts, as far as the panel or the request names them."""
    named = row[panel.sensitive] if panel.sensitive else asked.field
    return [str(one) for one in named] if isinstance(named, list) else [str(named)] if named else []
