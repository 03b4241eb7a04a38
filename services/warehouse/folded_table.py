"""A table with one row for each folded state, written whole and read back whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import pyarrow as pa

from reporting.tables import Table
from services.warehouse.arrow import arrow_schema
from services.warehouse.client import Warehouse
from services.warehouse.folded import Columns, LatestStates, latest_rows, read_back, written

State = TypeVar("State")


class FoldedTable(Generic[State]):
    """Read and write states; keeps nothing, so that whoever owns a partition next reads what is true.

    Args:
        warehouse: where the table is.
        table: which one.
        key: the column of its key.
        read: makes a state from the column `body`.
        columns_of: tells what the other columns show of a state.
        epoch: which log the positions are of (`EventLog.epoch`).
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
        """Return what the rows hold of those that have one."""
        wanted = list(ids)
        if not wanted:
            return {}
        rows = self._warehouse.rows(latest_rows(self._table.name, self._key), ids=wanted)
        return {row[self._key]: read_back(self._read(row["body"]), row) for row in rows}

    def get(self, state_id: UUID) -> State | None:
        """Return one state, or None where there is no row."""
        found = self.load((state_id,)).get(state_id)
        return None if found is None else found.state

    def save(self, folded: Sequence[LatestStates[State]]) -> None:
        """Write the rows in one insert; a row that is older than the one there loses, whenever it comes."""
        if folded:
            columns = [self._columns(one) for one in folded]
            self._warehouse.insert(self._table.name, pa.Table.from_pylist(columns, arrow_schema(self._table)))

    def _columns(self, folded: LatestStates[State]) -> Columns:
        return written(self._columns_of(folded.state)) | folded.place(self.epoch)
