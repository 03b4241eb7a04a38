"""A table with one row per folded state; each row is written and read as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import pyarrow as pa

from reporting.table import Table
from services.warehouse.arrow import arrow_schema
from services.warehouse.client import Warehouse
from services.warehouse.folded import Columns, LatestStates, latest_rows, read_back, written

State = TypeVar("State")


class FoldedTable(Generic[State]):
    """Reads and writes states without a cache, so that the next owner of a partition reads the latest ones.

    Args:
        warehouse: holds the table.
        table: name of the table.
        key: name of the key column.
        read: builds a state from the column `body`.
        columns_of: returns the other columns of a state.
        epoch: the log of the positions (`EventLog.epoch`).
    """

    def __init__(
        self,
        warehouse: Warehouse,
        table: Table,
        key: str,
        read: Callable[[str], State],
        columns_of: Callable[[State], Columns],
        epoch: int,
    ) -> None:
        self._warehouse = warehouse
        self._table = table
        self._key = key
        self._read = read
        self._columns_of = columns_of
        self.epoch = epoch

    def load(self, ids: Iterable[UUID]) -> dict[UUID, LatestStates[State]]:
        """Return the states with a row, by id."""
        wanted = list(ids)
        if not wanted:
            return {}
        rows = self._warehouse.rows(latest_rows(self._table.name, self._key), ids=wanted)
        return {row[self._key]: read_back(self._read(row["body"]), row) for row in rows}

    def get(self, state_id: UUID) -> State | None:
        """Return one state, or None without a row."""
        found = self.load((state_id,)).get(state_id)
        return None if found is None else found.state

    def save(self, folded: Sequence[LatestStates[State]]) -> None:
        """Write the rows in one insert; ReplacingMergeTree keeps the row with the highest `row_version`."""
        if folded:
            columns = [self._columns(one) for one in folded]
            self._warehouse.insert(self._table.name, pa.Table.from_pylist(columns, arrow_schema(self._table)))

    def _columns(self, folded: LatestStates[State]) -> Columns:
        return written(self._columns_of(folded.state)) | folded.place(self.epoch)
