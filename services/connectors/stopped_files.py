"""Files of a watched folder that were stopped as implausible, and what an operator accepted about them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection
from pathlib import Path

import msgspec

from services.connectors.judgement import accepted_names
from services.errors import BadInput, NotFound, NotReady

STOPPED = "stopped"
NOTE = ".accepted"
_NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0)
_MOST_BYTES = 1024 * 1024
_MOST_NOTES = 1_000
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_notes = msgspec.json.Decoder(dict[str, list[str]])


def release(folder: Path, name: str, accept: Collection[str]) -> Path:
    """Put a stopped file back, with what is accepted about its very bytes; return where it lies.

    Raises:
        NotFound: no stopped file has this name.
        BadInput: the name is no name of a file, nothing of a name can be accepted, or another file lies there.
        NotReady: the note cannot be written.
    """
    accepted = accepted_names(accept)
    if not accepted:
        raise BadInput("name what is accepted", field="accept")
    if name != Path(name).name or name.startswith("."):
        raise BadInput("a file is named without its folder", field="name")
    stopped, place = folder / STOPPED / name, folder / name
    if stopped.is_symlink() or not stopped.is_file():
        raise NotFound(f"{folder / STOPPED} holds no file {name}", field="name")
    if os.path.lexists(place):
        raise BadInput(f"another file lies in {place}", field="name")
    _write(
        folder, {**dict(list(_read(folder).items())[1 - _MOST_NOTES :]), _digest(stopped): sorted(accepted)}
    )
    stopped.rename(place)
    return place


def accepted_about(folder: Path, path: Path) -> frozenset[str]:
    """Return what an operator accepted about a file, by its content."""
    noted = _read(folder)
    return frozenset(noted.get(_digest(path), ())) if noted else frozenset()


def _digest(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | _NO_FOLLOWING), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Path) -> dict[str, list[str]]:
    """Return the notes; one that another user owns or could write is none."""
    try:
        with os.fdopen(os.open(folder / NOTE, os.O_RDONLY | _NO_FOLLOWING), "rb") as file:
            about = os.fstat(file.fileno())
            if about.st_mode & _OTHERS_WRITE or (
                hasattr(os, "geteuid") and about.st_uid not in {0, os.geteuid()}
            ):
                return {}
            return _notes.decode(file.read(_MOST_BYTES))
    except (OSError, msgspec.DecodeError):
        return {}


def _write(folder: Path, notes: dict[str, list[str]]) -> None:
    new = folder / f"{NOTE}.new"
    try:
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOWING, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(notes))
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / NOTE)
    except OSError as error:
        raise NotReady(f"{folder / NOTE} cannot be written ({error.strerror})") from error
