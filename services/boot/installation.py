"""The folder of one installation, and the secret that signs its tokens."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import stat
import sys
from collections.abc import Callable
from pathlib import Path

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
SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 -- the name of the file, not what is in it


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


def load_secret(settings: Settings) -> str:
    """Return the secret of this installation, created at first use.

    Raises:
        SetupError: the file cannot be read or written.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    make_folder(settings.data)
    path = settings.data / SECRET_FILE
    try:
        _write_once(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SetupError(
            f"cannot read {path}: {error.strerror}; mend its permissions, or set LIENCAP_SECRET"
        ) from None


def _write_once(path: Path) -> None:
    """Write a new secret whole or not at all; of two processes at once, one wins and both read its secret."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
