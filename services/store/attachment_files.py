"""The contents of attachments as files named by their hash, and the parts of uploads that have arrived."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.errors import NotReady

_BLOCK = 1_048_576
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class AttachmentFiles:
    """Keeps contents in a folder; what a call has written is on the disk when it returns.

    Folders are readable by their owner only, and so is each file. A content that came twice is one file.
    """

    def __init__(self, folder: Path, uploads: Path) -> None:
        self._folder = folder
        self._uploads = uploads

    def keep(self, content: bytes) -> str:
        """Write a content unless it is there; return its SHA-256.

        Raises:
            NotReady: the disk is full or cannot be written; nothing was kept.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        final = self._path(sha256)
        if self.holds(sha256):
            return sha256
        try:
            for folder in (self._folder, final.parent):
                _make(folder)
            draft = final.with_name(f"{sha256}.{os.getpid()}.partial")
            _write(draft, content, os.O_TRUNC)
            draft.replace(final)
            _sync_folder(final.parent)
        except OSError as error:
            raise NotReady(f"the attachment cannot be kept now: {error.strerror}; send it again") from error
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """Return a content; None where its file is gone."""
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def holds(self, sha256: str) -> bool:
        """Return whether the file of a content is there and has that hash."""
        digest = hashlib.sha256()
        try:
            with self._path(sha256).open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except FileNotFoundError:
            return False
        return digest.hexdigest() == sha256

    def erase(self, sha256: str) -> None:
        """Delete the file of a content; no error where it is gone."""
        path = self._path(sha256)
        with suppress(FileNotFoundError):
            path.unlink()
            _sync_folder(path.parent)

    def arrived(self, upload_id: UUID) -> int:
        """Return how many bytes of an upload are on the disk."""
        try:
            return self._part(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, upload_id: UUID, offset: int, piece: bytes) -> int:
        """Write a piece of an upload at an offset; return how many bytes are there.

        Raises:
            NotReady: the disk is full or cannot be written.
        """
        try:
            _make(self._uploads)
            _write(self._part(upload_id), piece, 0, at=offset)
            _sync_folder(self._uploads)
        except OSError as error:
            raise NotReady(f"the upload cannot be written now: {error.strerror}; send it again") from error
        return self.arrived(upload_id)

    def uploaded(self, upload_id: UUID) -> bytes:
        """Return what has arrived of an upload."""
        try:
            return self._part(upload_id).read_bytes()
        except FileNotFoundError:
            return b""

    def drop(self, upload_id: UUID) -> None:
        """Delete the file of an upload; no error where there is none."""
        with suppress(FileNotFoundError):
            self._part(upload_id).unlink()

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _part(self, upload_id: UUID) -> Path:
        return self._uploads / f"{upload_id}.part"


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _write(path: Path, content: bytes, flags: int, *, at: int = 0) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | _PLAIN | flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.seek(at)
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
