"""The folder of one installation, and the keys that sign its tokens and share links."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

from services.access.keys import Keys
from services.errors import SetupError
from services.settings import Settings
from services.store.attachment_files import AttachmentFiles
from services.store.attachments import AttachmentStore
from services.store.store import Store

_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
ATTACHMENTS = "attachments"
"""The folder of contents; a back-up copies it."""
UPLOADS = "uploads"
"""The folder of what has arrived of uploads under way; without it they begin again."""
RESTORING = "restore.partial"
"""The folder of a restore under way."""
SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 -- the name of the file, not what is in it
PREVIOUS_FILE = "secret.previous.key"
LOOK_SECONDS = 5.0
"""So long a process relies on the keys that it read."""


def make_folder(folder: Path) -> None:
    """Create the data folder, readable by its owner only.

    Raises:
        SetupError: the folder cannot be created or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"cannot make the data folder {folder}: {error.strerror}; set LIENCAP_DATA to one that can be written"
        ) from None


def must_be_whole(settings: Settings) -> None:
    """Check that no restore was interrupted: the installation would begin anew without what is not there yet.

    Raises:
        SetupError: one was.
    """
    if (settings.data / RESTORING).exists():
        raise SetupError(
            f"a restore into {settings.data} was interrupted: run `liencap backup restore` again"
        )


def readable_by_others(folder: Path) -> list[Path]:
    """Return what in the data folder other users of this machine can read; nothing where the folder is closed to them.

    The engine's files are many: its folder stands for them.
    """
    if sys.platform == "win32" or not folder.stat().st_mode & _BY_OTHERS:
        return []
    return [
        one for one in sorted(folder.iterdir()) if not one.is_symlink() and one.stat().st_mode & _BY_OTHERS
    ]


def open_attachments(folder: Path, store: Store, clock: Callable[[], dt.datetime]) -> AttachmentStore:
    """Open the attachments of a data folder; their folders are made with the first of them."""
    return AttachmentStore(store, AttachmentFiles(folder / ATTACHMENTS, folder / UPLOADS), clock)


class Keyring:
    """The signing keys of an installation, created at first use; their files are read again when somebody rotated them.

    Raises:
        SetupError: a file cannot be read or written, or a key can be guessed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_at = time.monotonic()
        self._seen = _stamps(settings)
        self._keys = load_keys(settings)

    def __call__(self) -> Keys:
        """Return the keys as they stood within the last seconds."""
        now = time.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at, seen = now, _stamps(self._settings)
            if seen != self._seen:
                self._keys, self._seen = load_keys(self._settings), seen
        return self._keys


def load_keys(settings: Settings) -> Keys:
    """Return the signing keys of this installation, created at first use.

    Raises:
        SetupError: a file cannot be read or written, or a key can be guessed.
    """
    if settings.secret is not None:
        before = settings.secret_previous
        return Keys(settings.secret.get_secret_value(), None if before is None else before.get_secret_value())
    make_folder(settings.data)
    path, previous = settings.data / SECRET_FILE, settings.data / PREVIOUS_FILE
    try:
        _write_once(path)
        return Keys(_text_of(path), _text_of(previous) if previous.exists() else None)
    except OSError as error:
        raise SetupError(
            f"cannot read {path}: {error.strerror}; mend its permissions, or set LIENCAP_SECRET"
        ) from None


def rotate_keys(settings: Settings) -> Keys:
    """Make a new signing key; the one before proves what it signed until it is dropped.

    Raises:
        SetupError: the keys stand in the environment, or an earlier key was not dropped yet.
    """
    _must_be_files(settings)
    keys = load_keys(settings)
    if keys.previous is not None:
        raise SetupError(
            "the key before is still in use: drop it first (`liencap keys drop`), which ends what it signed"
        )
    path, previous = settings.data / SECRET_FILE, settings.data / PREVIOUS_FILE
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write(draft, secrets.token_urlsafe(SECRET_BYTES))
    # The old key gets its second name first: a cut between the two steps leaves it signing, and proving.
    os.link(path, previous)
    draft.replace(path)
    return load_keys(settings)


def drop_previous_key(settings: Settings) -> str:
    """Delete the key before, and return it: what it signed does not hold any more.

    Raises:
        SetupError: the keys stand in the environment, or there is no key before.
    """
    _must_be_files(settings)
    keys = load_keys(settings)
    if keys.previous is None:
        raise SetupError("there is no key before the current one: `liencap keys rotate` makes a new one")
    (settings.data / PREVIOUS_FILE).unlink()
    return keys.previous


def _must_be_files(settings: Settings) -> None:
    if settings.secret is not None:
        raise SetupError(
            "the key is set by LIENCAP_SECRET: put the old one into LIENCAP_SECRET_PREVIOUS and a new one into "
            "LIENCAP_SECRET, restart, and take the old one away once nothing needs it"
        )


def _stamps(settings: Settings) -> tuple[tuple[int, int] | None, ...]:
    return tuple(_stamp(settings.data / name) for name in (SECRET_FILE, PREVIOUS_FILE))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _text_of(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path) -> None:
    """Write a new secret whole or not at all; of two processes at once, one wins and both read its secret."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write(draft, secrets.token_urlsafe(SECRET_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
