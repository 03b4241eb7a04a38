"""Write many rows with one statement that is compiled once: binding values costs less than by the general way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

Values = Mapping[str, object]
"""A row as it is written: the value of each of its columns."""

_Bind = Callable[[object], object]
_STATEMENTS_KEPT = 256


def upsert(conn: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Write rows; a row with an existing primary key replaces its values.

    All rows have the same columns.
    """
    if rows:
        _write(conn, _upsert_into(conn.dialect.name, table, tuple(rows[0])), table, rows)


def insert_missing(conn: Connection, table: Table, rows: Sequence[Values], *, unique: str) -> None:
    """Write the rows whose value in the column `unique` does not exist yet."""
    if rows:
        _write(conn, _insert_missing_into(conn.dialect.name, table, unique), table, rows)


def insert_rows(conn: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Write new rows, in their order.

    All rows have the same columns.
    """
    if rows:
        _write(conn, _insert_into(table), table, rows)


# Building a statement costs more than running it for one row, so each is built once.
@cache
def _upsert_into(dialect: str, table: Table, columns: tuple[str, ...]) -> Insert:
    keys = [column.name for column in table.primary_key]
    into = _insert(dialect, table)
    changed = {name: into.excluded[name] for name in columns if name not in keys}
    return into.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def _insert_into(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_missing_into(dialect: str, table: Table, unique: str) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=[unique])


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _write(conn: Connection, statement: Insert, table: Table, rows: Sequence[Values]) -> None:
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
