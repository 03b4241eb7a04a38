"""Find the header of a table among titles, join its lines, and separate rows from totals and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from services.connectors.errors import UnusableFile
from services.connectors.mapping import KEY_FIELD, RowRules
from services.connectors.mapping import Mapping as MappingFile
from services.connectors.records import Line, Record
from services.language.vietnamese import folded

_COLUMN_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])\)?(?:\s*=.*)?")
_SIGNED_DAY = re.compile(r"(?:.* )?ngay (?:\d* ?)thang (?:\d* ?)nam(?: \d*)?")
# A line without a key and with no more than this many filled cells is a heading or a note, not a broken row.
_HEADING_CELLS = 2


def score_of(wanted: Iterable[Sequence[str]], cells: Sequence[str]) -> int:
    """Count the expected columns named in a line."""
    there = {folded(cell) for cell in cells if cell}
    return sum(any(folded(name) in there for name in names) for names in wanted)


class Layout:
    """Convert the lines of a table into records by field."""

    def __init__(self, path: Path, mapping: MappingFile) -> None:
        self._path = path
        self._columns = mapping.columns
        self._rules: RowRules = mapping.rows
        self._key = KEY_FIELD[mapping.kind]
        self._search = mapping.file.search_lines
        self._totals = tuple(folded(word) for word in mapping.rows.total_words)
        self._ends = tuple(folded(word) for word in mapping.rows.end_words)
        self.passed_over: list[int] = []
        """Numbers of the lines that are no rows: totals, headings, notes, signatures."""

    def records(self, lines: Iterator[Line]) -> Iterator[Record]:
        """Yield the rows below the header.

        Raises:
            UnusableFile: no header has the expected columns, or a name fits two columns.
        """
        head = list(islice(lines, self._search))
        top, depth = self._header(head)
        titles = [line.cells for line in head[top : top + depth]]
        places = self._places(_names(titles))
        below = chain(head[top + depth :], lines)
        above: dict[str, str] = {}
        for index, line in enumerate(below):
            if line.error:
                yield Record(line.number, {}, line.error)
            elif any(line.cells):
                values = {
                    f: line.cells[i] for f, i in places.items() if i < len(line.cells) and line.cells[i]
                }
                if self.is_no_row(line.cells, values, first=index == 0) or line.cells in titles:
                    self.passed_over.append(line.number)
                    continue
                extra = [cell for cell in line.cells[len(titles[-1]) :] if cell]
                if extra and len(line.cells) > max(len(title) for title in titles):
                    yield Record(
                        line.number, {}, "more cells than the header has: a separator inside a text?"
                    )
                    continue
                for field in self._rules.fill_down:
                    if field in values:
                        above[field] = values[field]
                    elif field in above:
                        values[field] = above[field]
                yield Record(line.number, values)

    def _header(self, head: Sequence[Line]) -> tuple[int, int]:
        """Return the first line of the header and its number of lines, one or two."""
        best = (0, 0, 0)
        for top, line in enumerate(head):
            for depth in (1, 2):
                if top + depth > len(head) or line.error or not any(line.cells):
                    continue
                found = _found(self._columns, _names([row.cells for row in head[top : top + depth]]))
                # Fewer lines win at equal merit, so that the header takes in no row of the table.
                best = max(best, (found, -depth, -top))
        found, depth, top = best[0], -best[1], -best[2]
        if found * 2 < len(self._columns) or not found:
            first = next(iter(self._columns.values()))[0]
            raise UnusableFile(
                f"{self._path.name}: no header found in the first {len(head)} lines "
                f"({found} of {len(self._columns)} expected columns; “{first}” is one of them)"
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
        """Return whether a line below the header is a total, a heading, a note or a signature."""
        filled = [cell for cell in cells if cell]
        key = folded(values.get(self._key, ""))
        leading = folded(filled[0])
        if first and len(filled) > _HEADING_CELLS and all(_COLUMN_NUMBER.fullmatch(cell) for cell in filled):
            return True  # the line (1) (2) (3) under the header of an official form
        if key:
            return any(key == word for word in self._totals)
        return (
            len(filled) <= _HEADING_CELLS
            or any(leading == word or leading.startswith(word + " ") for word in self._totals)
            or any(folded(cell).startswith(word) for cell in filled for word in self._ends)
            or any(_SIGNED_DAY.fullmatch(folded(cell)) for cell in filled)
        )


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
