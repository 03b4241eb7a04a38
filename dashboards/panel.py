"""What a panel and a board are: the definition from which pages, exports and lists of rows are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from reporting.dated.thresholds import ThresholdKey

Lang = Literal["vi", "en"]
Level = Literal["commune", "province", "nation"]
Reader = Literal["commune", "office", "department", "ministry"]
"""Whose list of work a number may open: a commune, a provincial office, a department, a ministry."""
READERS: tuple[Reader, ...] = get_args(Reader)
ABOVE: tuple[Reader, ...] = ("office", "department", "ministry")
"""Readers above a commune."""
Filter = Literal["from", "to", "field", "channel", "kind"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
Parameter = (
    Literal[
        "units",
        "provinces",
        "groups",
        "from",
        "to",
        "at",
        "kind",
        "field",
        "channel",
        "procedures",
        "unknown_field",
    ]
    | ThresholdKey
)
"""What a query may be asked with: `groups` is under which unit each commune is counted, its province at the nation; of a
threshold its value on the last day of the window."""
Picture = Literal["cards", "bars", "heat", "tiles", "sheet"]
"""`tiles` is a schematic map of the units above the table of `bars`, whose figures it shows."""
Names = Literal[
    "unit", "kind", "body", "level", "field", "channel", "procedure", "gap", "supply", "said", "whole", "code"
]
"""Which vocabulary names the key of a row; `said` is that of the panel itself, `whole` the one row of a panel without
others, `code` none: a route or a file is called what it is."""
Measure = Literal["count", "share", "days", "minutes", "milliseconds", "megabytes", "day", "moment", "word"]
Reading = Literal[
    "parts", "stream_lags", "stream_batches", "dead_letters", "outbox", "routes", "disks", "backups"
]
"""What no warehouse knows: read from the running installation at the moment at which it is asked."""
See = Literal["rollups.read", "operations.read"]
"""Actions of the policy that a reader of boards may need: of figures, or of the installation itself."""
Sign = Literal["not_applicable", "not_reported", "suppressed"]
"""Why a cell holds no figure; nought is a figure."""
Value = int | float | str | dt.date | None
"""A day, too, is a date; an instant is a `datetime`, which is one."""
Row = Mapping[str, object]
"""A row of a named query: column → value."""
Limits = Mapping[ThresholdKey, int]
"""The thresholds that a panel names, as they hold on the day."""
Fold = Callable[[Sequence[Row], dt.date, Limits], Sequence[Row]]
"""Makes the rows of a panel from facts, as they stand on a local day."""
WINDOW: tuple[Filter, ...] = ("from", "to")
KNOWN = "known_"
"""In the sum of all rows, what stands before the sum of those of which nothing is kept back."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    vi: str
    en: str

    def of(self, lang: Lang) -> str:
        """Return the words of a language."""
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, or the sign that stands in its place.

    Attributes:
        before: the value of the period before, where one was asked.
        median: that of the communes of the province, where the panel compares with them.
    """

    value: Value = None
    sign: Sign | None = None
    before: Value = None
    median: Value = None


@dataclass(frozen=True, slots=True)
class Drill:
    """Where a number leads for a reader: an address in which `{key}`, `{unit}` and the row's references are filled.

    Attributes:
        keeps: choices of the address that go along under another or the same name: (ours, theirs).
        of_scope: a name under which the unit goes along where it lies below the reader's own.
        any_unit: the target takes every unit; else it is a list of the reader's own unit.
        needs_window: the target knows no period but the last days, `since`: no other period leads there.
        of_body: the reference that names whose list it is; only readers of that body are led there.
        is_item: the target is one item or the place of an act, whatever unit and choices were asked for.
        is_now: the target shows what stands today: a window that ends on another day does not lead there.
    """

    reader: Reader
    path: str
    keeps: tuple[tuple[Filter, str], ...] = ()
    of_scope: str = ""
    any_unit: bool = False
    needs_window: bool = False
    of_body: str = ""
    is_item: bool = False
    is_now: bool = False

    @property
    def is_board(self) -> bool:
        """Return whether it leads to another board, which shows any unit and takes every filter."""
        return self.path.startswith("/bang/")


def to_board(path: str, readers: tuple[Reader, ...] = ABOVE) -> tuple[Drill, ...]:
    """Return where a row leads for several readers: to a board, which shows any unit."""
    return tuple(Drill(reader, path, any_unit=True) for reader in readers)


@dataclass(frozen=True, slots=True)
class Act:
    """A step that may follow from a panel: its words, and where it is taken."""

    words: Text
    drill: Drill


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


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about the rows: words in which each name is filled by (measure or vocabulary, value)."""

    words: Text
    values: Mapping[str, tuple[Measure | Names, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an answer.

    Attributes:
        named: the code that names it, where that is not its key.
        refs: what addresses may name beside the key.
    """

    key: str
    cells: Mapping[str, Cell]
    across: str = ""
    named: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)

    @property
    def name_code(self) -> str:
        """Return the code that names the row."""
        return self.named or self.key

    def number(self, column: str) -> float | None:
        """Return the figure of a column; nothing where it has a sign, or is no number."""
        value = self.cells[column].value
        return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """The lines of a panel in their order, and the sum of those that have figures."""

    lines: tuple[Line, ...]
    whole: Line

    def total(self, column: str) -> float:
        """Return the sum of a column; nought where there is none."""
        return self.whole.number(column) or 0

    def most(self, column: str) -> Line | None:
        """Return the line with the largest figure of a column; nothing where no figure is above nought."""
        known = [line for line in self.lines if line.number(column)]
        return max(known, key=lambda line: line.number(column) or 0, default=None)


def always(_row: Row) -> bool:
    """Return that a row has figures: the query leaves out whatever has none."""
    return True


UNREAD = "unread"
"""The key of the one row, without figures, of a reading that could not be read."""


def was_read(row: Row) -> bool:
    """Return whether a row of a reading has figures."""
    return row.get("is_read", True) is True


@dataclass(frozen=True, slots=True)
class Above:
    """The rule that a row has figures where one of some counts is above nought, or kept back; in Python and in SQL."""

    keys: tuple[str, ...]

    def __call__(self, row: Row) -> bool:
        """Return whether a row has figures."""
        counts = [row[key] for key in self.keys]
        return any(one is None or (isinstance(one, int) and one > 0) for one in counts)

    @property
    def sql(self) -> str:
        """Return the same over a row `one` of the query."""
        return " OR ".join(f"isNull(one.{key}) OR one.{key} > 0" for key in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question with its answer, defined once.

    Attributes:
        name: the panel in addresses; one name has one meaning.
        version: raised when the meaning of a figure changes; it stands in every export.
        query: a name in reporting/queries; `asks` are the parameters that it takes.
        reading: in place of a query, what is read from the running installation, whatever the unit.
        narrowed: filters that another query answers: filter → (query, column that holds the filter's value).
        series: the query that has the same columns day by day, for a small line.
        key: the column of the result that tells rows apart; in a heat map `across` names the column of the picture.
        tile: the column that a schematic map shows.
        heading: what stands over the names of the rows, where the vocabulary's own word does not fit.
        named: the column whose code names a row, where the key does not.
        refs: columns of the result that addresses may name.
        folds: makes the rows from facts that the query returns.
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
    watermark: str = ""
    across: str = ""
    tile: str = ""
    heading: Text | None = None
    named: str = ""
    refs: tuple[str, ...] = ()
    folds: Fold | None = None
    is_of_issues: bool = False
    peers: str = ""
    orders: str = ""
    is_reported: Callable[[Row], bool] = always
    narrowed: Mapping[Filter, tuple[str, str]] = field(default_factory=dict)
    rows: Mapping[str, Text] = field(default_factory=dict)
    sensitive: str = ""
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
            (self.narrowed[name][0] for name in self.narrowing(chosen)), self.query or self.reading or ""
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
        see: the action of the policy that its reader must be allowed.
    """

    name: str
    order: int
    title: Text
    levels: tuple[Level, ...]
    panels: tuple[Panel, ...]
    questions: tuple[Question, ...]
    is_sheet: bool = False
    see: See = "rollups.read"

    def at(self, level: Level) -> Board:
        """Return the board as units of a level have it."""
        panels = tuple(panel for panel in self.panels if level in panel.levels)
        own = {panel.name for panel in panels}
        asked = (
            replace(one, panels=tuple(name for name in one.panels if name in own)) for one in self.questions
        )
        return replace(self, panels=panels, questions=tuple(one for one in asked if one.panels))
