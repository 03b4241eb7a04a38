"""The answers of a board as its page shows them: cards, tables with a bar in each row, coloured cells, a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from dashboards.lines import Cell, Line
from dashboards.panel import Column
from dashboards.vocabulary import Sign
from services.web.boards.circumstances import foot, heading
from services.web.boards.exports import figures_of, raw
from services.web.boards.links import Links
from services.web.boards.reading import Answer
from services.web.boards.tiles import TileMaker, TileMap, step_of
from services.web.boards.wording import Wording
from services.web.shell.cards import Card, line_of

Tone = Literal["", "better", "worse"]

_WIDE = 100.0


@dataclass(frozen=True, slots=True)
class Interval:
    """The marks of an interval on a line of 100: its ends, the share, and the share of all rows together."""

    low: float
    high: float
    share: float
    whole: float | None


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a table: its words, its value as exports have it, where it leads, how it stands."""

    column: str
    words: str
    value: str
    sign: Sign | None = None
    href: str = ""
    note: str = ""
    tone: Tone = ""
    step: int = 0
    is_zero: bool = False
    is_late: bool = False
    interval: Interval | None = None
    title: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its name, where the whole row leads, its bar from 0 to 100, its cells."""

    key: str
    name: str
    href: str
    bar: float | None
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column; one of an interval or of words is wider."""

    name: str
    title: str
    measure: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One number of a sheet: now, in the period before, the median of the province, and the remark on both."""

    name: str
    now: Box
    before: str
    change: str
    tone: Tone
    median: str
    beside: str
    between: str


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel as its page shows it; `cards`, `rows` and `tiles` hold the picture, `note` the places left out."""

    answer: Answer
    finding: str
    foot: str
    heading: str
    cards: tuple[Card, ...] = ()
    values: tuple[Box, ...] = ()
    headings: tuple[Heading, ...] = ()
    rows: tuple[TableRow, ...] = ()
    whole: TableRow | None = None
    across: tuple[str, ...] = ()
    acts: tuple[tuple[str, str], ...] = ()
    top: str = ""
    note: str = ""
    tiles: TileMap | None = None
    sheet: tuple[SheetLine, ...] = ()

    @property
    def name(self) -> str:
        """Return the panel's name."""
        return self.answer.panel.name


class _Matrix(TypedDict):
    rows: tuple[TableRow, ...]
    across: tuple[str, ...]
    top: str
    note: str


class Picture:
    """Draws one answer in one language for one reader."""

    def __init__(self, answer: Answer, words: Wording, links: Links) -> None:
        self._answer = answer
        self._panel = answer.panel
        self._words = words
        self._links = links

    def shown(self) -> ShownPanel:
        """Return the panel with its picture."""
        panel, found = self._panel, self._answer.found
        plain = ShownPanel(
            self._answer,
            self._words.finding(panel, self._answer.finding),
            foot(self._answer, self._words),
            heading(panel, self._words),
        )
        acts = tuple(
            (act.words.of(self._words.lang), href)
            for act in panel.act
            if (href := self._links.find((act.drill,), panel, self._answer.asked)) and found.lines
        )
        if panel.picture == "cards":
            boxes = tuple(self._box(column, found.whole) for column in panel.columns)
            return replace(plain, cards=self._cards(), values=boxes, acts=acts)
        if panel.picture == "sheet":
            return replace(plain, values=self._values(), sheet=self._sheet(), acts=acts)
        if panel.picture == "heat":
            return replace(plain, acts=acts, **self._matrix())
        columns = self._columns
        headings = tuple(Heading(one.name, one.title.of(self._words.lang), one.measure) for one in columns)
        most = self._most(self._bar)
        rows = tuple(self._row(line, columns, most) for line in found.lines)
        tiles = TileMaker(self._answer, self._words, self._links).map() if panel.picture == "tiles" else None
        whole = self._sum(columns)
        return replace(plain, headings=headings, rows=rows, whole=whole, acts=acts, tiles=tiles)

    @property
    def _columns(self) -> list[Column]:
        """Return the columns that stand by themselves: the ends of an interval are drawn in its share's cell."""
        ends = {name for column in self._panel.columns for name in column.interval or ()}
        return [column for column in self._panel.columns if column.name not in ends]

    @property
    def _bar(self) -> Column:
        return self._panel.column(self._panel.orders) if self._panel.orders else self._panel.columns[0]

    def _cards(self) -> tuple[Card, ...]:
        return tuple(
            self._card(column, self._answer.found.whole.cells[column.name]) for column in self._panel.columns
        )

    def _card(self, column: Column, cell: Cell) -> Card:
        text = self._words.parts.labels.text
        change = self._words.change(column, cell)
        tone = _tone(column, cell)
        ears = f" ({text(f'boards.change.{tone}', self._words.lang)})" if tone else ""
        note = text("boards.against", self._words.lang) + ears if change else ""
        if cell.sign is not None:
            note = text(f"boards.sign.{cell.sign}", self._words.lang)
        return Card(
            name=column.title.of(self._words.lang),
            value=self._words.cell(column, cell),
            href=self._links.find(column.drill, self._panel, self._answer.asked),
            note=note,
            change=change,
            change_tone=tone,
            line=line_of(self._answer.series.get(column.name, ())),
            tone="late" if column.is_late and cell.value else "plain",
            is_zero=not cell.value,
            key=column.name,
        )

    def _values(self) -> tuple[Box, ...]:
        """Return the figures of a sheet as exports have them: now, before, median."""
        figures = figures_of(self._panel, self._answer.found.whole)
        return tuple(Box(name, "", raw(value)) for name, value in figures.items())

    def _sheet(self) -> tuple[SheetLine, ...]:
        return tuple(self._sheet_line(column, self._answer.found.whole) for column in self._columns)

    def _sheet_line(self, column: Column, whole: Line) -> SheetLine:
        cell, words = whole.cells[column.name], self._words
        href = self._links.find(column.drill, self._panel, self._answer.asked) if cell.value else ""
        return SheetLine(
            column.title.of(words.lang),
            replace(self._box(column, whole), href=href),
            words.value(column.measure, cell.before),
            words.change(column, cell),
            _tone(column, cell),
            words.value(column.measure, cell.median),
            words.beside(cell),
            self._ends(column),
        )

    def _ends(self, column: Column) -> str:
        """Return the ends of the interval of a share in words; an empty text where it has none."""
        ends = [self._answer.found.whole.cells[name].value for name in column.interval or ()]
        if not ends or not all(isinstance(end, float) for end in ends):
            return ""
        low, high = (self._words.value("share", end) for end in ends)
        return self._words.parts.labels.text("boards.between", self._words.lang, low=low, high=high)

    def _row(self, line: Line, columns: Sequence[Column], most: float) -> TableRow:
        figure = line.number(self._bar.name)
        return TableRow(
            line.key,
            self._words.row_name(self._panel, line.name_code),
            self._links.find(self._panel.drill, self._panel, self._answer.asked, line.key, line.refs),
            None if figure is None or not most else round(_WIDE * figure / most, 1),
            tuple(self._box(column, line) for column in columns),
        )

    def _sum(self, columns: Sequence[Column]) -> TableRow | None:
        """Return the row of the sum, where there is more than one row and something that may be added up."""
        if len(self._answer.found.lines) <= 1 or not any(one.has_sum for one in columns):
            return None
        whole = self._answer.found.whole
        boxes = tuple(
            self._box(column, whole) if column.has_sum else Box(column.name, "", "") for column in columns
        )
        return TableRow("", self._words.parts.labels.text("boards.total", self._words.lang), "", None, boxes)

    def _box(self, column: Column, line: Line) -> Box:
        cell = line.cells[column.name]
        return Box(
            column.name,
            self._words.cell(column, cell),
            raw(cell.value),
            cell.sign,
            href=self._href(column, line) if cell.value and (line.key or line.refs) else "",
            note=self._words.change(column, cell)
            if self._panel.compares and column.measure == "share"
            else "",
            tone=_tone(column, cell),
            is_zero=not cell.value,
            is_late=column.is_late and bool(cell.value),
            interval=self._interval(column, line),
        )

    def _href(self, column: Column, line: Line) -> str:
        return self._links.find(column.drill, self._panel, self._answer.asked, line.key, line.refs)

    def _interval(self, column: Column, line: Line) -> Interval | None:
        if column.interval is None:
            return None
        low, high = (line.number(name) for name in column.interval)
        share = line.number(column.name)
        if low is None or high is None or share is None or not line.key:
            return None
        whole = self._answer.found.whole.number(column.name)
        low, high, share = (round(_WIDE * end, 1) for end in (low, high, share))
        return Interval(low, high, share, None if whole is None else round(_WIDE * whole, 1))

    def _matrix(self) -> _Matrix:
        """Return the coloured cells of the places with figures, and a note on how many others have no column."""
        lines = self._answer.found.lines
        places = list(dict.fromkeys(line.across for line in lines))
        with_figures = {line.across for line in lines if not _is_unreported(line)}
        across = [code for code in places if code in with_figures]
        names = tuple(self._words.short_name(code) for code in across)
        return _Matrix(
            rows=self._heat(across) if across else (),
            across=names,
            top=self._top(),
            note=self._without_column(len(places) - len(across)),
        )

    def _without_column(self, count: int) -> str:
        written = self._words.formats.number(count)
        text = self._words.parts.labels.text
        return text("boards.no_column", self._words.lang, count=written) if count else ""

    def _heat(self, across: Sequence[str]) -> tuple[TableRow, ...]:
        column = self._panel.columns[0]
        cells = {(line.key, line.across): line for line in self._answer.found.lines}
        most = self._most(column)
        keys = list(dict.fromkeys(line.key for line in self._answer.found.lines))
        width = {key: sum(bool(cells[key, code].number(column.name)) for code in across) for key in keys}
        keys.sort(key=lambda key: -width[key])
        return tuple(
            TableRow(
                key,
                self._words.row_name(self._panel, key),
                "",
                None,
                tuple(self._tile(column, cells[key, code], most) for code in across),
            )
            for key in keys
        )

    def _tile(self, column: Column, line: Line, most: float) -> Box:
        cell, figure = line.cells[column.name], line.number(column.name)
        step = step_of(figure, most) if figure else 0
        words = (
            self._words.formats.number(round(figure * 100))
            if figure is not None
            else self._words.cell(column, cell)
        )
        title = f"{self._words.name('unit', line.across)}: {self._words.cell(column, cell)}"
        return Box(
            column.name,
            words,
            raw(cell.value),
            cell.sign,
            step=step,
            is_zero=not figure,
            title=title,
            place=line.across,
        )

    def _top(self) -> str:
        column = self._panel.columns[0]
        return self._words.value("share", self._most(column))

    def _most(self, column: Column) -> float:
        return max((line.number(column.name) or 0 for line in self._answer.found.lines), default=0)


def _tone(column: Column, cell: Cell) -> Tone:
    """Return whether a change is for the better or for the worse; an empty text where neither."""
    now, before = cell.value, cell.before
    if (
        not column.better
        or not isinstance(now, int | float)
        or not isinstance(before, int | float)
        or now == before
    ):
        return ""
    return "better" if (now > before) == (column.better == "more") else "worse"


def _is_unreported(line: Line) -> bool:
    return all(cell.sign == "not_reported" for cell in line.cells.values())
