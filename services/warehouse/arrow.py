"""Columns as the Arrow tables that the warehouse inserts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reporting.table import Table

POSITION = ("topic", "partition", "offset")
Columns = Mapping[str, Any]
"""Column, or attribute of a model, → its values."""


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of the columns that writers fill."""
    return pa.schema([(name, _arrow_type(pa, kind)) for name, kind in table.written])


def _arrow_type(pa: Any, kind: str) -> Any:
    for wrapper in ("Nullable(", "LowCardinality("):
        kind = kind.removeprefix(wrapper)
    if kind.startswith("Array("):
        return pa.list_(_arrow_type(pa, kind.removeprefix("Array(")))
    if kind.startswith("FixedString("):
        return pa.binary(int(kind.removeprefix("FixedString(").rstrip(")")))
    return {
        "String": pa.string(),
        "UUID": pa.binary(16),
        "Date": pa.date32(),
        "DateTime64": pa.timestamp("us", "UTC"),
        "Bool": pa.bool_(),
        "UInt8": pa.uint8(),
        "UInt16": pa.uint16(),
        "UInt32": pa.uint32(),
        "UInt64": pa.uint64(),
        "Int64": pa.int64(),
    }[kind.split("(")[0].rstrip(")")]


def table_of(table: Table, columns: Columns) -> pa.Table:
    """Build an Arrow table of a declared table's shape; a missing code is the empty string."""
    shape = arrow_schema(table)
    kinds = dict(table.written)
    made = [filled(columns[field.name], field.type, kinds[field.name]) for field in shape]
    return pa.table(made, schema=shape)


def filled(given: Any, kind: pa.DataType, declared: str) -> Any:
    """Return values as a column of an Arrow type; where the declared type has no null, a missing code is empty."""
    if not isinstance(given, pa.Array | pa.ChunkedArray):
        given = pa.array(given, kind)
    elif given.type != kind:
        given = given.cast(kind)
    return pc.fill_null(given, "") if given.null_count and not declared.startswith("Nullable(") else given
