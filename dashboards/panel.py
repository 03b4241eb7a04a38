"""One question with its answer: the definition from which pages, exports and lists of rows are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from dashboards.drills import Act, Drill
from dashboards.lines import Above, Answered, Cell, Finding, Row, always
from dashboards.vocabulary import (
    Computed,
    Filter,
    Lang,
    Level,
    Measure,
    Names,
    Parameter,
    Picture,
    Reading,
    See,
    Sign,
    Text,
)
from reporting.dated.thresholds import ThresholdKey

Limits = Mapping[ThresholdKey, int]
"""The thresholds that a panel names, as they hold on the day."""
Fold = Callable[[Sequence[Row], dt.date, Limits], Sequence[Row]]
"""Makes the rows of a panel from facts, as they stand on a local day."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cell follows from a row of the query and from the sum of all rows that have figures.

    Attributes:
        needs: columns of the query's result from which it is computed.
        has_sum: the sum of all rows has this column too; a median or an age has none.
        better: whether more or less of it is for the better.
        interval: the columns that hold the ends of its interval.
        words: the vocabulary of a column of words: code → words.
        names: the vocabulary of a column of codes, in place of `words`.
        adds_known: what some rows do not state is left out of the sum, instead of leaving no sum.
        missing: what it means where the query has nothing.
        sql: the same over a row `one` of the query, for who draws it from the engine alone; `{reported}` is whether a
            row has figures. Empty where nobody has said it.
        formula: the same in words, for docs/numbers.md: columns of the query stand in backticks.
    """

    name: str
    title: Text
    measure: Measure
    needs: tuple[str, ...]
    of: Callable[[Row, Row], Cell]
    has_sum: bool = True
    better: Literal["more", "less", ""] = ""
    is_late: bool = False
    interval: tuple[str, str] | None = None
    words: Mapping[str, Text] = field(default_factory=dict)
    drill: tuple[Drill, ...] = ()
    names: Names | None = None
    adds_known: bool = False
    missing: Sign = "not_applicable"
    sql: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question with its answer, defined once.

    Attributes:
        name: the panel in addresses; one name has one meaning.
        version: raised when the meaning of a figure changes; it stands in every export.
        query: a name in reporting/queries; `asks` are the parameters that it takes.
        reading: in place of a query, what is read from the running installation, whatever the unit.
        computed: in place of a query, the rows that the product computes from figures and dated tables.
        narrowed: filters that another query answers: filter → (query, column that holds the filter's value).
        series: the query that has the same columns day by day, for a small line.
        key: the column of the result that tells rows apart; in a heat map `across` names the column of the picture.
        tile: the column that a schematic map shows.
        heading: what stands over the names of the rows, where the vocabulary's own word does not fit.
        named: the column whose code names a row, where the key does not.
        refs: columns of the result that addresses may name.
        facts: what the facts of the query are folded to first; panels that share it share its outcome in a request.
        folds: makes the rows from that, or from what the query returns.
        is_of_issues: each row is one difficulty: it is shown to whoever may read it (`unit_code`, `bodies`).
        peers: the query of the medians over the communes of the province: a row with the names of columns, and
            `peer_count`.
        orders: the column by which lines are in order, the largest first; by their names where it is empty.
        is_reported: whether a row has figures at all; one without is no nought and in no sum.
        watermark: the query that returns up to when data has landed (`as_of`, where `is_known`).
        coverage: the query and its column of how many units the figures rest on.
        compares: the period before of the same length is asked too.
        takes: the filters that it takes.
        levels: of which units it can be asked.
        rows: the names of rows where `names` is `said`, or of a key that its vocabulary lacks: key → words.
        sensitive: the column that holds the field, or the fields, of a row; small counts of a sensitive one are kept back.
        adds_up: counts of a row of which one is the sum of the others: where one is kept back, so are all.
        keeps_small_back: its rows are of people: small counts are kept back whatever the field, and with one row all;
            readers who may not read the cases get it for whole provinces and months alone.
        is_of_case_readers: readers who may not read the cases get no row of it.
        thresholds: rows of thresholds.csv that its reading rests on.
        see: the action of the policy that its reader must be allowed.
    """

    name: str
    version: int
    title: Text
    description: Text
    question: Text
    picture: Picture
    unit: Text
    key: str
    names: Names
    columns: tuple[Column, ...]
    coverage: tuple[str, str]
    finding: Callable[[Answered], Finding]
    query: str = ""
    asks: tuple[Parameter, ...] = ()
    reading: Reading | None = None
    computed: Computed | None = None
    watermark: str = ""
    across: str = ""
    tile: str = ""
    heading: Text | None = None
    named: str = ""
    refs: tuple[str, ...] = ()
    facts: Callable[[Sequence[Row]], Sequence[Row]] | None = None
    folds: Fold | None = None
    is_of_issues: bool = False
    peers: str = ""
    orders: str = ""
    is_reported: Callable[[Row], bool] = always
    narrowed: Mapping[Filter, tuple[str, str]] = field(default_factory=dict)
    rows: Mapping[str, Text] = field(default_factory=dict)
    sensitive: str = ""
    adds_up: tuple[str, ...] = ()
    keeps_small_back: bool = False
    is_of_case_readers: bool = False
    series: str = ""
    compares: bool = False
    takes: tuple[Filter, ...] = ()
    levels: tuple[Level, ...] = ("commune", "province", "nation")
    thresholds: tuple[ThresholdKey, ...] = ()
    drill: tuple[Drill, ...] = ()
    act: tuple[Act, ...] = ()
    see: See = "rollups.read"

    @property
    def is_additive(self) -> bool:
        """Return whether its rows may be added up: a share, a median or an age may not."""
        return all(column.has_sum and column.measure == "count" for column in self.columns)

    @property
    def reported_sql(self) -> str:
        """Return in SQL which rows have figures; empty where all have, or where nobody has said it."""
        return self.is_reported.sql if isinstance(self.is_reported, Above) else ""

    def narrowing(self, chosen: Collection[Filter]) -> list[Filter]:
        """Return which of the chosen filters another query answers; of several the first one does."""
        return [name for name in self.narrowed if name in chosen]

    def narrowed_query(self, chosen: Collection[Filter]) -> str:
        """Return the query that answers once some filters are chosen, or the name of what is read in its place."""
        return next(
            (self.narrowed[name][0] for name in self.narrowing(chosen)),
            self.query or self.reading or self.computed or "",
        )

    def said(self, found: Answered) -> Finding:
        """Return the sentence about the rows; where figures are missing or kept back it says that, and no nought."""
        lines = [*found.lines, found.whole]
        if found.lines and all(cell.sign == "not_reported" for line in lines for cell in line.cells.values()):
            return Finding(Text("Chưa có số liệu", "There are no figures yet"))
        leading = self.orders or self.columns[0].name
        if any(line.cells[leading].sign == "suppressed" for line in lines):
            return Finding(
                Text("Có số nhỏ được ẩn: xem từng dòng", "Small figures are kept back: see each row")
            )
        return self.finding(found)

    def titled(self, lang: Lang) -> str:
        """Return the title with the unit of its figures, unless the title says it."""
        title, unit = self.title.of(lang), self.unit.of(lang)
        return title if unit.lower() in title.lower() else f"{title}, {unit}"

    def column(self, name: str) -> Column:
        """Return the column of a name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a role, and the panels that answer it."""

    words: Text
    panels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A table of contents: panels in order, and the questions that they answer.

    A panel that is not of a level is left out there, and so is a question that none of the others answers.

    Attributes:
        levels: of which units it is.
        is_sheet: it is printed on one page, with lines to write on.
        kinds: the kinds of difficulty that its panels hold; all where it is empty.
        see: the action of the policy that its reader must be allowed.
    """

    name: str
    order: int
    title: Text
    levels: tuple[Level, ...]
    panels: tuple[Panel, ...]
    questions: tuple[Question, ...]
    is_sheet: bool = False
    kinds: tuple[str, ...] = ()
    see: See = "rollups.read"

    def at(self, level: Level) -> Board:
        """Return the board as units of a level have it."""
        panels = tuple(panel for panel in self.panels if level in panel.levels)
        own = {panel.name for panel in panels}
        asked = (
            replace(one, panels=tuple(name for name in one.panels if name in own)) for one in self.questions
        )
        return replace(self, panels=panels, questions=tuple(one for one in asked if one.panels))
