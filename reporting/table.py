"""How a table of the warehouse is declared."""

from __future__ import annotations

from dataclasses import dataclass

CODE = "LowCardinality(String)"
INSTANT = "DateTime64(6, 'UTC')"

Columns = tuple[tuple[str, str], ...]
"""Columns in order: name and type."""


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table: columns (name, type) in order, engine with its version, sorting and partition key.

    `filled` names columns that the engine fills itself; writers leave them out. `supplied` names columns that the
    engine fills where a row has none: in rows from before a migration that added the column, or that a writer left out.
    """

    name: str
    columns: Columns
    engine: str
    sorting_key: str
    partition_key: str = ""
    filled: frozenset[str] = frozenset()
    supplied: frozenset[str] = frozenset()

    @property
    def written(self) -> Columns:
        """Return the columns that writers fill."""
        return tuple(column for column in self.columns if column[0] not in self.filled)
