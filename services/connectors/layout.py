"""Find the header of a table among titles, join its lines, and separate rows from totals and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from services.connectors.cells import DayCell, NumberCell
from services.connectors.errors import NoHeader, UnusableFile
from services.connectors.mapping import DAY_FIELDS, KEY_FIELD, RowRules
from services.connectors.mapping import Mapping as MappingFile
from services.connectors.observed import Observed
from services.connectors.records import Line, Record
from services.language.legacy_text import Encoding, converted, lost_letters
from services.language.vietnamese import folded

_COLUMN_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])\)?(?:\s*=.*)?")
_SIGNED_DAY = re.compile(r"(?:.* )?ngay (?:\d* ?)thang (?:\d* ?)nam(?: \d*)?")
_NUMBER = re.compile(r"\(?[-+]?\d[\d.,/:\s-]*%?\)?", re.ASCII)
_OF_DAYS = frozenset({*DAY_FIELDS, "timestamp", "occurred_at", "promised_on"})
# A line without a key and with no more than this many filled cells is a heading or a note, not a broken row.
_HEADING_CELLS = 2


def score_of(wanted: Iterable[Sequence[str]], cells: Sequence[str]) -> int:
    """Count the expected columns named in a line."""
    there = {folded(cell) for cell in _read(cells) if cell}
    return sum(any(folded(name) in there for name in names) for names in wanted)


class Layout:
    """Convert the lines of a table into records by field."""

    def __init__(self, path: Path, mapping: MappingFile, observed: Observed, sheet: str = "") -> None:
        """Take the mapping; `sheet` is named in records where a workbook has several."""
        self._path = path
        self._observed = observed
        self._sheet = sheet
        self._known_texts = mapping.values
        self._encoding: Encoding | None = None
        self._days = frozenset(name for name in mapping.columns if name in _OF_DAYS)
        self._columns = mapping.columns
        self._rules: RowRules = mapping.rows
        self._key = KEY_FIELD[mapping.kind]
        self._search = mapping.file.search_lines
        self._totals = tuple(folded(word) for word in mapping.rows.total_words)
        self._ends = tuple(folded(word) for word in mapping.rows.end_words)

    def records(self, lines: Iterator[Line]) -> Iterator[Record]:
        """Yield the rows below the header.

        Raises:
            NoHeader: no header has the expected columns.
            UnusableFile: a column is missing, or a name fits two columns.
        """
        head = list(islice(lines, self._search))
        top, depth = self._header(head)
        titles = [line.cells for line in head[top : top + depth]]
        places = self._places(_names([_read(row) for row in titles]))
        self._encoding = _encoding_of(titles)
        above: dict[str, str] = {}
        is_first = True
        for line in chain(head[top + depth :], lines):
            if line.error:
                yield Record(line.number, {}, line.error, None, self._sheet)
            elif any(line.cells):
                values = {
                    f: line.cells[i] for f, i in places.items() if i < len(line.cells) and line.cells[i]
                }
                if self.is_no_row(line.cells, values, first=is_first) or line.cells in titles:
                    self._observed.pass_over(self._sheet, line.number)
                else:
                    yield self._record(line, values, titles, above)
            is_first = False

    def _record(
        self,
        line: Line,
        values: dict[str, str],
        titles: Sequence[Sequence[str]],
        above: dict[str, str],
    ) -> Record:
        extra = [cell for cell in line.cells[len(titles[-1]) :] if cell]
        if extra and len(line.cells) > max(len(title) for title in titles):
            sentence = "more cells than the header has: a separator inside a text?"
            return Record(line.number, {}, sentence, None, self._sheet)
        if folded(values.get(self._key, "")) in self._totals:
            sentence = "the line looks like a total, but other cells of it are filled; is it a row?"
            return Record(line.number, {}, sentence, self._key, self._sheet)
        values, broken = self._observed.clean(line.number, values, self._days, self._encoding)
        if broken is not None:
            return Record(line.number, {}, broken[1], broken[0], self._sheet)
        for field in self._rules.fill_down:
            if field in values:
                above[field] = values[field]
            elif field in above:
                values[field] = above[field]
        return Record(line.number, values, None, None, self._sheet)

    def _header(self, head: Sequence[Line]) -> tuple[int, int]:
        """Return the first line of the header and its number of lines, one or two."""
        best = (0, 0, 0)
        for top, line in enumerate(head):
            for depth in (1, 2):
                if top + depth > len(head) or line.error or not any(line.cells):
                    continue
                found = _found(self._columns, _names([_read(row.cells) for row in head[top : top + depth]]))
                # Fewer lines win at equal merit, so that the header takes in no row of the table.
                best = max(best, (found, -depth, -top))
        found, depth, top = best[0], -best[1], -best[2]
        if found * 2 < len(self._columns) or not found:
            first = next(iter(self._columns.values()))[0]
            where = f"{self._path.name}, sheet “{self._sheet}”" if self._sheet else self._path.name
            raise NoHeader(
                f"{where}: no header found in the first {len(head)} lines "
                f"({found} of {len(self._columns)} expected columns; “{first}” is one of them)"
                + _why_not(head)
            )
        return top, depth

    def _places(self, names: Sequence[tuple[str, ...]]) -> dict[str, int]:
        places: dict[str, int] = {}
        for field, wanted in self._columns.items():
            place = _place(wanted, names, self._path)
            if place is not None:
                places[field] = place
            elif field not in self._rules.optional:
                raise UnusableFile(
                    f"{self._path.name}: the header has no column “{' / '.join(wanted)}” for {field}; "
                    f"correct columns.{field} in the mapping or name it in rows.optional"
                )
        return places

    def is_no_row(self, cells: Sequence[str], values: Mapping[str, str], *, first: bool) -> bool:
        """Return whether a line is a total, a heading, a note or a signature; a line with data is none of them."""
        filled = [cell for cell in cells if cell]
        key = folded(values.get(self._key, ""))
        leading = folded(filled[0])
        if first and len(filled) > _HEADING_CELLS and all(_COLUMN_NUMBER.fullmatch(cell) for cell in filled):
            return True  # the line (1) (2) (3) under the header of an official form
        if key:
            return key in self._totals and all(
                _NUMBER.fullmatch(cell) for cell in filled if folded(cell) != key
            )
        if any(leading == word or leading.startswith(word + " ") for word in self._totals):
            return all(_NUMBER.fullmatch(cell) for cell in filled[1:])
        is_known = any(folded(text) in self._known_texts.get(name, {}) for name, text in values.items())
        if is_known or len(filled) <= _HEADING_CELLS:
            return not is_known
        return not any(_is_measured(text) for text in values.values()) and self._is_signed(filled)

    def _is_signed(self, filled: Sequence[str]) -> bool:
        leading = folded(filled[0])
        return any(leading.startswith(word) for word in self._ends) or any(
            _SIGNED_DAY.fullmatch(folded(cell)) for cell in filled
        )


def _is_measured(text: str) -> bool:
    """Return whether a text is a number or a day: no signature has any."""
    return isinstance(text, NumberCell | DayCell) or _NUMBER.fullmatch(text) is not None


def _read(cells: Sequence[str]) -> list[str]:
    """Return the cells of a header in Unicode."""
    return [found[0] if (found := converted(cell)) is not None else cell for cell in cells]


def _encoding_of(titles: Sequence[Sequence[str]]) -> Encoding | None:
    """Return the encoding from which a header was converted."""
    return next((found[1] for row in titles for cell in row if (found := converted(cell)) is not None), None)


def _why_not(head: Sequence[Line]) -> str:
    """Return a hint where the letters of the lines above the table were lost."""
    reason = next(
        (why for line in head for cell in line.cells if (why := lost_letters(cell)) is not None), None
    )
    return f"; {reason}" if reason is not None else ""


def _names(titles: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the folded names of each column, the most specific first; a merged group covers those below."""
    if len(titles) == 1:
        return [(folded(cell),) for cell in titles[0]]
    width = max(len(row) for row in titles)
    upper, lower = ([*row, *[""] * (width - len(row))] for row in titles)
    names: list[tuple[str, ...]] = []
    group = ""
    for over, under in zip(upper, lower, strict=True):
        group = over or group
        names.append((folded(f"{group} {under}"), folded(under)) if under else (folded(over),))
    return names


def _found(columns: Mapping[str, Sequence[str]], names: Sequence[tuple[str, ...]]) -> int:
    there = {name for column in names for name in column if name}
    return sum(any(folded(name) in there for name in wanted) for wanted in columns.values())


def _place(wanted: Sequence[str], names: Sequence[Sequence[str]], path: Path) -> int | None:
    for name in wanted:
        for rank in (0, 1):  # the joined name before the lower line alone
            fits = [
                i for i, column in enumerate(names) if rank < len(column) and column[rank] == folded(name)
            ]
            if len(fits) > 1:
                raise UnusableFile(
                    f"{path.name}: the name “{name}” fits columns {fits[0] + 1} and {fits[1] + 1}; "
                    "give the name of the group above it too"
                )
            if fits:
                return fits[0]
    return None
