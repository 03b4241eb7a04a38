"""Find the day that a snapshot shows: the option, the name of the file, or a cell above its rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from services.connectors.errors import UnusableFile
from services.connectors.mapping import Mapping
from services.connectors.opening import OpenedFile
from services.connectors.values import moment, pattern_of

_BEFORE, _AFTER = r"(?<!\d)(?:", r")(?!\d)"


def snapshot_day(path: Path, mapping: Mapping, stated: dt.date | None, *, today: dt.date) -> dt.date | None:
    """Return the local day of a snapshot, or None.

    Args:
        stated: the day that the caller states; it goes before the days in the file.
        today: no snapshot shows a later day.

    Raises:
        UnusableFile: the mapping names the place of the day and none is there, name and title disagree, a file that is
            no snapshot is given a day, or the day is still to come.
    """
    rules = mapping.snapshot
    if mapping.kind != "snapshot":
        if stated is not None:
            raise UnusableFile(f"{path.name}: only a file of kind = “snapshot” shows one day")
        return None
    found: dict[str, dt.date] = {"the option": stated} if stated is not None else {}
    if stated is None and rules.name is not None:
        found["its name"] = _only(path, rules.name, iter([path.stem]), "its name")
    if stated is None and rules.title is not None:
        found["its title"] = _only(path, rules.title, _cells_above(path, mapping), "a cell above its rows")
    days = set(found.values())
    if len(days) > 1:
        said = ", ".join(f"{where} says {day}" for where, day in found.items())
        raise UnusableFile(f"{path.name}: {said}; name its day with --on")
    day = next(iter(days), None)
    if day is not None and day > today:
        raise UnusableFile(f"{path.name}: its day {day} is still to come (today is {today})")
    return day


def day_in_name(path: Path, mapping: Mapping) -> dt.date | None:
    """Return the day in the name of a snapshot; None for a name without one. The file is not opened."""
    form = mapping.snapshot.name
    return next(_days_in(form, iter([path.stem])), None) if form is not None else None


def _only(path: Path, form: str, texts: Iterator[str], where: str) -> dt.date:
    for day in _days_in(form, texts):
        return day
    raise UnusableFile(f"{path.name}: {where} names no day of the form {form}; name it with --on")


def _days_in(form: str, texts: Iterator[str]) -> Iterator[dt.date]:
    pattern = re.compile(f"{_BEFORE}{pattern_of(form).pattern}{_AFTER}", re.ASCII)
    for text in texts:
        found = pattern.search(text)
        day = moment(found.group(), (form,), "Asia/Ho_Chi_Minh", excel_serial=False) if found else None
        if day is not None:
            yield day.date() if isinstance(day, dt.datetime) else day


def _cells_above(path: Path, mapping: Mapping) -> Iterator[str]:
    opened = OpenedFile(path, mapping)
    for line in islice(opened.lines(), mapping.file.search_lines):
        yield from line.cells
