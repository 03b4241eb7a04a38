"""Open a file of any supported format and yield its records by field."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path

from services.connectors.csv_rows import read_csv
from services.connectors.errors import NoHeader, UnusableFile
from services.connectors.formats import format_of
from services.connectors.layout import Layout, score_of
from services.connectors.mapping import Mapping
from services.connectors.observed import Observed
from services.connectors.records import Line, Record
from services.connectors.spreadsheets import read_sheet
from services.connectors.unpacking import unpacked
from services.connectors.xes import read_xes
from services.language.vietnamese import folded

_NO_DAY_CELLS: frozenset[str] = frozenset()
"""Only a workbook has cells that are days, which texts beside them may differ from."""


class OpenedFile:
    """The records of one file; `observed` fills while they are read."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        """Detect the format; nothing is read yet.

        Raises:
            UnusableFile: the file is missing or empty, or its format holds no table.
        """
        self._path = path
        self._mapping = mapping
        self.observed = Observed()
        with unpacked(path) as plain:
            self.format = format_of(plain, path.name)

    @property
    def passed_over(self) -> list[int]:
        """Return the numbers of the lines that are no rows, sheet after sheet."""
        return list(chain.from_iterable(self.observed.passed_over.values()))

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of the file.

        Raises:
            UnusableFile: the file as a whole is broken; names the fault and its place.
        """
        self.observed = Observed()
        with unpacked(self._path) as plain:
            if self.format == "xes":
                yield from self._of_xes(plain)
            elif self.format == "csv":
                yield from Layout(self._path, self._mapping, self.observed).records(self._of_csv(plain))
            else:
                yield from self._of_sheets(plain)

    def lines(self) -> Iterator[Line]:
        """Yield the lines of a table as they stand in the file; an event log in XES has none.

        Raises:
            UnusableFile: as for `records`.
        """
        with unpacked(self._path) as plain:
            if self.format == "csv":
                yield from self._of_csv(plain)
            elif self.format != "xes":
                yield from read_sheet(plain, self._mapping.file.sheet)

    def _of_csv(self, plain: Path) -> Iterator[Line]:
        rules, columns = self._mapping.file, self._mapping.columns.values()
        return read_csv(
            plain,
            encoding=rules.encoding,
            delimiter=rules.delimiter,
            score=lambda cells: score_of(columns, cells),
            notes=self.observed.notes,
        )

    def _of_sheets(self, plain: Path) -> Iterator[Record]:
        """Yield the records of each sheet that has the header; the others are named."""
        hidden: list[str] = []
        lines = read_sheet(plain, self._mapping.file.sheet, hidden)
        without: list[NoHeader] = []
        faults: list[UnusableFile] = []
        names: list[str] = []
        for name, rows in groupby(lines, key=_sheet_of):
            names.append(name)
            layout = Layout(self._path, self._mapping, self.observed, name)
            try:
                yield from layout.records(rows)
            except NoHeader as error:
                without.append(error)
                self.observed.notes.append(f"sheet “{name}” was not read: it has no such header")
            except UnusableFile as error:
                faults.append(error)
                self.observed.unread.append(f"sheet “{name}” was not read: {error.message}")
        if len(without) + len(faults) == len(names) and names:
            raise (faults or without)[0]
        if hidden:
            self.observed.notes.append(f"hidden sheets were not read: {', '.join(hidden)}")

    def _of_xes(self, plain: Path) -> Iterator[Record]:
        fields = {folded(name): field for field, names in self._mapping.columns.items() for name in names}
        missing = set(self._mapping.columns) - set(self._mapping.rows.optional)
        number = 0
        by_key: dict[str, str | None] = {}
        for number, event in read_xes(plain):
            values: dict[str, str] = {}
            for key, text in event.items():
                if key not in by_key:
                    by_key[key] = fields.get(folded(key))
                field = by_key[key]
                if field is not None and text:
                    values[field] = text
            if missing:
                missing -= values.keys()
            clean, broken = self.observed.clean(number, values, _NO_DAY_CELLS)
            yield Record(number, clean, *((broken[1], broken[0]) if broken is not None else ()))
        if not number:
            raise UnusableFile(f"{self._path.name}: the event log holds no event")
        if missing:
            lacking = min(missing)
            raise UnusableFile(
                f"{self._path.name}: no event has “{' / '.join(self._mapping.columns[lacking])}” for {lacking}; "
                f"correct columns.{lacking} in the mapping or name it in rows.optional"
            )


def _sheet_of(line: Line) -> str:
    return line.sheet
