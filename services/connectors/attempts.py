"""Record attempts to open a file before each one: one that twice ended in no foreseen way is not opened again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from events.errors import LienCapError
from services.errors import NotReady

NOTE = ".attempts"
MOST = 2
"""Attempts that may be cut off: the first by anything, such as a power cut; the second likely by the file."""
_FORESEEN = (LienCapError, OSError)
"""Faults that have a sentence of their own: the file, or what it needs, is tried again or put aside by them."""

_NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0)


class _Attempt(msgspec.Struct, frozen=True):
    """Attempts at one file that began and did not end; another file of that name differs in size or time."""

    size: int
    changed_ns: int
    count: int


_notes = msgspec.json.Decoder(dict[str, _Attempt])


class Attempts:
    """Count the attempts at each file of a folder during which the process died or met an unforeseen fault.

    Only the holder of the folder's lock may use it. An attempt that ends otherwise in this process, also with a
    foreseen fault or because a person stops it, is no longer counted.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NOTE

    def cut_off(self, path: Path) -> int:
        """Return the number of attempts at this file that were cut off."""
        about = path.stat()
        noted = self._read().get(_named(path))
        if noted is None or (noted.size, noted.changed_ns) != (about.st_size, about.st_mtime_ns):
            return 0
        return noted.count

    @contextmanager
    def begun(self, path: Path) -> Iterator[None]:
        """Count one attempt while the block runs; the note is on the disk before the block begins.

        Raises:
            NotReady: the note cannot be written; then the file must not be opened.
        """
        about = path.stat()
        count = self.cut_off(path) + 1
        self._write({**self._read(), _named(path): _Attempt(about.st_size, about.st_mtime_ns, count)})
        try:
            yield
        except Exception as error:
            if isinstance(error, _FORESEEN):
                self.forget(path)
            raise
        except BaseException:  # a person, or the system, stops the process
            self.forget(path)
            raise
        self.forget(path)

    def forget(self, path: Path) -> None:
        """Drop the note of a file.

        Raises:
            NotReady: the note cannot be written.
        """
        noted = self._read()
        if noted.pop(_named(path), None) is not None:
            self._write(noted)

    def _read(self) -> dict[str, _Attempt]:
        try:
            return _notes.decode(self._path.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return {}  # the file is replaced whole: an unreadable one is not ours
        except OSError as error:
            raise self._not_ready(error) from error

    def _write(self, noted: dict[str, _Attempt]) -> None:
        new = self._path.with_name(NOTE + ".new")
        try:
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOWING, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(noted))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            self._sync_folder()
        except OSError as error:
            raise self._not_ready(error) from error

    def _sync_folder(self) -> None:
        with contextlib.suppress(
            OSError
        ):  # a folder cannot be opened everywhere; there the file system is trusted
            handle = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _not_ready(self, error: OSError) -> NotReady:
        return NotReady(
            f"{self._path}: cannot be read or written ({error.strerror}), and no file is opened without a note in it; "
            "make room, or give this user the right"
        )


def _named(path: Path) -> str:
    """Return the name of a file in a form that JSON can hold: it may have bytes that are no UTF-8."""
    return path.name.encode("utf-8", "backslashreplace").decode("utf-8")
