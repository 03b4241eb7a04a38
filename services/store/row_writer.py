"""Write many rows with one statement that is compiled once: binding values costs less than by the general way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.engine import Dialect

Values = Mapping[str, object]
"""A row as it is written: the value of each of its columns."""

_Bind = Callable[[object], object]
_STATEMENTS_KEPT = 256


def write_rows(conn: Connection, statement: Insert, table: Table, rows: Sequence[Values]) -> None:
    """Run an INSERT for each row; all rows have the columns of the first.

    Args:
        statement: one that its caller keeps, because it is compiled once.
    """
    sql, names, binds = _compiled(conn.dialect, statement, table, tuple(rows[0]))
    # Column by column, because only a few columns have a value to convert.
    columns = [map(itemgetter(name), rows) for name in names]
    bound = (
        values if bind is None else map(bind, values) for bind, values in zip(binds, columns, strict=True)
    )
    parameters = list(zip(*bound, strict=True))
    if conn.dialect.positional:
        conn.exec_driver_sql(sql, parameters)
    else:
        conn.exec_driver_sql(sql, [dict(zip(names, values, strict=True)) for values in parameters])


@lru_cache(_STATEMENTS_KEPT)
def _compiled(
    dialect: Dialect, statement: Insert, table: Table, columns: tuple[str, ...]
) -> tuple[str, tuple[str, ...], tuple[_Bind | None, ...]]:
    """Return the text of a statement, the columns in the order of its parameters, and what converts their values."""
    compiled = statement.inline().compile(dialect=dialect, column_keys=list(columns))
    names = tuple(compiled.positiontup or ()) if dialect.positional else columns
    binds = tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return str(compiled), names, binds
