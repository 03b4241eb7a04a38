"""Days for which a dated table has no row: a reader chose them, so the reader gets an error, and nothing fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reporting.errors import OutsideCalendar, TableError
from services.errors import NoRowThen


@contextmanager
def rows_that_hold() -> Iterator[None]:
    """Turn a day on which no row holds into an error of who asked for it.

    Raises:
        NoRowThen: no row holds on a day that the block asks about.
    """
    try:
        yield
    except (TableError, OutsideCalendar) as error:
        raise NoRowThen(error.message, field="to") from error
