"""A folder for a daily export: each file is imported once, whole, and moved with a report beside it."""

from __future__ import annotations

import datetime as dt
import os
import stat
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from events.errors import LienCapError
from services.connectors.attempts import MOST, Attempts
from services.connectors.errors import ImplausibleFile, UnusableFile
from services.connectors.stopped_files import STOPPED
from services.connectors.summary import Summary
from services.errors import SetupError
from services.store.exclusive import FileLock

DONE = "done"
FAILED = "failed"
_NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0)
LONGEST_NAME = 180
"""Bytes of a name that are kept: with the endings of its reports it must fit into a file system."""
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".partial", ".swp")

Ending = Literal["done", "failed", "stopped", "left"]
_PLACES: dict[Ending, str] = {"done": DONE, "failed": FAILED, "stopped": STOPPED}

ImportOne = Callable[[Path, Path], Summary]
"""Imports one file and lists the rows that were not taken in the second path."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that was dealt with, and where it lies now; one that is `left` could not be, and is tried again."""

    path: Path
    ending: Ending
    lines: tuple[str, ...]


class WatchedFolder:
    """Import the files of a folder one at a time, in the order of the days that they show, else the oldest first.

    A file is taken when two looks, `settle_seconds` apart or more, find it with the same size and time: what is
    still being copied is left alone. Until its import has ended it stays where it is, so a process that dies goes on
    with it after its restart. A file at which the process died, or met a fault that nobody foresaw, twice is
    not opened a third time: it is moved to `failed`; the files behind it are taken meanwhile. One that is implausible as a whole is moved to `stopped`, until an operator
    releases it. Links are neither read nor written through. What takes the place of a file while it is read is a file of its own, and is
    taken after it. Only one process at a time watches a folder.
    """

    def __init__(
        self,
        folder: Path,
        import_one: ImportOne,
        clock: Callable[[], dt.datetime],
        *,
        settle_seconds: float = 5.0,
        day_of: Callable[[Path], dt.date | None] = lambda _path: None,
    ) -> None:
        """Make the folders.

        Args:
            folder: the watched folder; `done` and `failed` are made inside it.
            import_one: imports one file.
            clock: the current instant, aware.
            day_of: returns the day that a file shows, by its name.
            settle_seconds: how long a file must have kept its size.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._import_one = import_one
        self._day_of = day_of
        self._clock = clock
        self._settle = dt.timedelta(seconds=settle_seconds)
        self._looks: dict[Path, tuple[int, int, dt.datetime]] = {}
        for name in _PLACES.values():
            _make_own(folder / name)
        self._lock = FileLock(folder / ".lock")
        self._attempts = Attempts(folder)

    def look_once(self) -> list[Taken]:
        """Import the settled files and return them; none while another process watches the folder.

        Raises:
            LienCapError: a fault that is not the file's (the mapping, the store); the file stays and is
                retried.
        """
        if not self._lock.try_acquire():
            return []
        try:
            return [taken for path in self._settled() if (taken := self._take_or_leave(path)) is not None]
        finally:
            self._lock.release()

    def _take_or_leave(self, path: Path) -> Taken | None:
        try:
            return self._take(path)
        except LienCapError:
            raise
        except OSError as error:
            return Taken(path, "left", (f"{_shown(path.name)}: {error.strerror}; it is tried again",))
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one file must not hold up those behind it
            return Taken(path, "left", _unforeseen(path, error))

    def _settled(self) -> list[Path]:
        now = self._clock()
        looks: dict[Path, tuple[int, int, dt.datetime]] = {}
        ready: list[tuple[int, str, Path]] = []
        for path in self._folder.iterdir():
            if path.name.startswith((".", "~")) or path.suffix.lower() in _UNFINISHED:
                continue
            about = _about(path)
            if about is None or not stat.S_ISREG(about.st_mode):
                continue
            size, changed, since = self._looks.get(path, (-1, -1, now))
            if (size, changed) != (about.st_size, about.st_mtime_ns):
                since = now
            looks[path] = (about.st_size, about.st_mtime_ns, since)
            if now - since >= self._settle and (size, changed) == (about.st_size, about.st_mtime_ns):
                ready.append((about.st_mtime_ns, path.name, path))
        self._looks = looks
        return [path for _, _, path in sorted(ready, key=self._turn)]

    def _turn(self, one: tuple[int, str, Path]) -> tuple[dt.date, int, str]:
        """Return what orders a file: the day that it shows, else the time of its last change."""
        changed, name, path = one
        return self._day_of(path) or dt.date.max, changed, name

    def _take(self, path: Path) -> Taken | None:
        before = _about(path)
        if before is None:  # taken away while others were read
            return None
        name = _kept_name(path.name)
        errors = path.with_name(f".{name}.errors.csv")
        ending, lines = self._attempt(path, errors)
        after = _about(path)
        is_there = after is not None and _identity(after) == _identity(before)
        if not is_there:
            lines = (
                *lines,
                "the file was taken away or replaced meanwhile; what is in its place is taken by itself",
            )
        for folder in _PLACES.values():
            _make_own(self._folder / folder)
        new = self._free_place(name, _PLACES[ending])
        # The report first: a file that lies in its place has one.
        _write_report(new.with_name(new.name + ".report.txt"), lines)
        if os.path.lexists(errors):
            errors.replace(new.with_name(new.name + ".errors.csv"))
        if is_there:
            path.replace(new)
        self._attempts.forget(path)
        self._looks.pop(path, None)
        return Taken(new, ending, lines)

    def _attempt(self, path: Path, errors: Path) -> tuple[Ending, tuple[str, ...]]:
        if self._attempts.cut_off(path) >= MOST:
            said = (
                f"{_shown(path.name)}: the process ended or met an unforeseen fault {MOST} times in the middle of this file, so it was not opened again; "
                "rows that were taken until then stand. Save it anew, as CSV if it is a workbook, and put it back: "
                "the same bytes go on after the last row that was taken"
            )
            return "failed", (said,)
        with self._attempts.begun(path):
            try:
                return "done", tuple(map(_shown, self._import_one(path, errors).lines()))
            except UnusableFile as error:
                return "failed", (_shown(error.message),)
            except ImplausibleFile as error:
                return "stopped", (_shown(error.message), _how_to_release(path, error.names))

    def _free_place(self, name: str, folder: str) -> Path:
        place = self._folder / folder / name
        if os.path.lexists(place):
            stamp = self._clock().astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
            place = place.with_name(f"{place.stem}-{stamp}{place.suffix}")
        return place


def watch_once(watched: WatchedFolder, echo: Callable[[str], None]) -> int:
    """Look once, report the imported files and return their number; another fault is reported and retried."""
    try:
        taken = watched.look_once()
    except LienCapError as error:
        echo(f"the watched folder is tried again at the next look: {error.message}")
        return 0
    for one in taken:
        echo(f"{one.ending}: {_shown(one.path.name)}")
        for line in one.lines:
            echo(f"  {line}")
    return sum(one.ending != "left" for one in taken)


def _unforeseen(path: Path, error: Exception) -> tuple[str, ...]:
    """Return the report of a fault that no sentence describes; its own text may quote the file, so it is left out."""
    *_, last = traceback.extract_tb(error.__traceback__)
    fault = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
    again = f"it is tried again, and put aside after {MOST} such attempts"
    return (f"{_shown(path.name)}: an unforeseen fault ({fault}); {again}",)


def _how_to_release(path: Path, names: tuple[str, ...]) -> str:
    accepted = " ".join(f"--accept {name}" for name in names)
    return f"if it is right all the same: liencap import release {path.parent} {_shown(path.name)} {accepted}"


def _make_own(folder: Path) -> None:
    """Make a folder, unless a link lies there, which could lead anywhere.

    Raises:
        SetupError: a link or a file lies in its place.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise SetupError(f"{folder} must be a folder of its own, not a link or a file: remove it")
    folder.mkdir(parents=True, exist_ok=True)


def _about(path: Path) -> os.stat_result | None:
    """Return the size and time of a file in the file system; None where it is gone."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _identity(about: os.stat_result) -> tuple[int, int, int]:
    return about.st_ino, about.st_size, about.st_mtime_ns


def _shown(text: str) -> str:
    """Return a text that can be written down: a name of a file may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _kept_name(name: str) -> str:
    """Return the name under which a file is put away: its own, cut where it is too long."""
    stem, dot, ending = _shown(name).rpartition(".")
    tail = f"{dot}{ending}"
    if not stem or len(tail.encode()) > LONGEST_NAME:
        stem, tail = _shown(name), ""
    return stem.encode()[: LONGEST_NAME - len(tail.encode())].decode(errors="ignore") + tail


def _write_report(path: Path, lines: tuple[str, ...]) -> None:
    # Never through a link: whoever drops files must not choose what is written over.
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOWING, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
