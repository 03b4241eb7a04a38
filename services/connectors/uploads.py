"""Files that people inspect before they import them: held for an hour at most, each for its sender alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from services.access.actors import Actor
from services.errors import NotFound, TooLarge

MOST_BYTES = 20_000_000
HOURS_KEPT = 1
MOST_OF_ONE = 5
"""Files that one sender has here at once; the oldest makes room."""
_NAMES = {"of": "owner.json", "mapping": "mapping.toml"}
_NOT_IN_A_NAME = re.compile(r"[^\w .()+-]|^\.+")
_LONGEST_NAME = 80
_BLOCK = 1_048_576


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that is looked at: its folder holds it, who sent it, and the mapping as it was last corrected."""

    id: UUID
    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """Return the file itself."""
        return self.folder / "file" / self.name

    @property
    def mapping_path(self) -> Path:
        """Return the file of the corrected mapping."""
        return self.folder / _NAMES["mapping"]

    @property
    def mapping(self) -> str | None:
        """Return the mapping as it was last corrected; None where the drafted one stands."""
        return self.mapping_path.read_text(encoding="utf-8") if self.mapping_path.exists() else None

    def correct(self, mapping: str) -> None:
        """Keep a mapping as a person corrected it."""
        _write(self.mapping_path, mapping.replace("\r\n", "\n").encode())


class Uploads:
    """The folder of these files. A name of the sender's is only the last part of a path, and cleaned."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, actor: Actor, name: str, file: BinaryIO) -> Upload:
        """Write a file down for its sender.

        Raises:
            TooLarge: it has more bytes than a page takes; the command line has no such limit.
        """
        self.sweep()
        for old in sorted(self._of(actor), key=lambda one: one.folder.stat().st_mtime)[
            : -MOST_OF_ONE + 1 or None
        ]:
            self.discard(old)
        upload = Upload(uuid4(), self._root, _cleaned(name))
        upload = Upload(upload.id, self._root / str(upload.id), upload.name)
        for folder in (self._root, upload.folder, upload.path.parent):
            folder.mkdir(mode=0o700, parents=folder is self._root, exist_ok=folder is self._root)
        owner = {"subject": actor.subject, "role": actor.role, "unit": actor.unit_code, "name": upload.name}
        try:
            _copy(file, upload.path)
            _write(upload.folder / _NAMES["of"], json.dumps(owner).encode())
        except BaseException:
            self.discard(upload)
            raise
        return upload

    def find(self, actor: Actor, upload_id: UUID) -> Upload:
        """Return a file of this very sender.

        Raises:
            NotFound: there is none, it was somebody else's, or its hour is over.
        """
        self.sweep()
        found = self._read(self._root / str(upload_id))
        if found is None or found[1] != _who(actor):
            raise NotFound("this file is here no longer: choose it again", field="file")
        return found[0]

    def discard(self, upload: Upload) -> None:
        """Delete a file with all that belongs to it."""
        shutil.rmtree(upload.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what is older than an hour, whoever it belongs to."""
        until = time.time() - HOURS_KEPT * 3_600
        for folder in self._folders():
            with suppress(FileNotFoundError):
                if folder.stat().st_mtime < until:
                    shutil.rmtree(folder, ignore_errors=True)

    def _of(self, actor: Actor) -> list[Upload]:
        found = (self._read(folder) for folder in self._folders())
        return [one[0] for one in found if one is not None and one[1] == _who(actor)]

    def _folders(self) -> Iterator[Path]:
        if self._root.is_dir():
            yield from self._root.iterdir()

    def _read(self, folder: Path) -> tuple[Upload, tuple[str, str, str]] | None:
        try:
            owner: dict[str, str] = json.loads((folder / _NAMES["of"]).read_bytes())
        except OSError:
            return None
        who = (owner["subject"], owner["role"], owner["unit"])
        return Upload(UUID(folder.name), folder, owner["name"]), who


def _who(actor: Actor) -> tuple[str, str, str]:
    return actor.subject, actor.role, actor.unit_code


def _cleaned(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = _NOT_IN_A_NAME.sub("_", last).strip()[-_LONGEST_NAME:].lstrip(".")
    return plain or "file"


def _copy(file: BinaryIO, target: Path) -> None:
    size, handle = 0, os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as written:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > MOST_BYTES:
                raise TooLarge(
                    f"the file has more than {MOST_BYTES:,} bytes: import it by the command line",
                    field="file",
                )
            written.write(block)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)
