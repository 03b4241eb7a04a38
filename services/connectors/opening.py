"""Open a file of any supported format and yield its records by field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from services.connectors.csv_rows import read_csv
from services.connectors.errors import UnusableFile
from services.connectors.formats import format_of
from services.connectors.layout import Layout, score_of
from services.connectors.mapping import Mapping
from services.connectors.records import Line, Record
from services.connectors.spreadsheets import read_sheet
from services.connectors.xes import read_xes
from services.language.vietnamese import folded


class OpenedFile:
    """The records of one file; `passed_over` fills while they are read."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        """Detect the format; nothing is read yet.

        Raises:
            UnusableFile: the file is missing or empty, or its format holds no table.
        """
        self._path = path
        self._mapping = mapping
        self.format = format_of(path)
        self._layout = Layout(path, mapping)
        self.passed_over = self._layout.passed_over

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of the file.

        Raises:
            UnusableFile: the file as a whole is broken; names the fault and its place.
        """
        if self.format == "xes":
            yield from self._of_xes()
        else:
            yield from self._layout.records(self.lines())

    def lines(self) -> Iterator[Line]:
        """Yield the lines of a table as they stand in the file; an event log in XES has none.

        Raises:
            UnusableFile: as for `records`.
        """
        rules = self._mapping.file
        columns = self._mapping.columns.values()
        if self.format == "xes":
            return iter(())
        if self.format == "csv":
            return read_csv(
                self._path,
                encoding=rules.encoding,
                delimiter=rules.delimiter,
                score=lambda cells: score_of(columns, cells),
            )
        return read_sheet(self._path, rules.sheet)

    def _of_xes(self) -> Iterator[Record]:
        fields = {folded(name): field for field, names in self._mapping.columns.items() for name in names}
        missing = set(self._mapping.columns) - set(self._mapping.rows.optional)
        number = 0
        for number, event in read_xes(self._path):
            values = {
                fields[folded(key)]: text for key, text in event.items() if folded(key) in fields and text
            }
            missing -= values.keys()
            yield Record(number, values)
        if not number:
            raise UnusableFile(f"{self._path.name}: the event log holds no event")
        if missing:
            field = min(missing)
            raise UnusableFile(
                f"{self._path.name}: no event has “{' / '.join(self._mapping.columns[field])}” for {field}; "
                f"correct columns.{field} in the mapping or name it in rows.optional"
            )
