"""The secret of each province from which the keys of its cases are derived; created once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from services.errors import SetupError

_SECRET_BYTES = 32
_FOR_EVERYBODY = stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class ProvinceKey:
    """A secret, and the id by which events refer to it."""

    key_id: str
    secret: bytes = field(repr=False)


class ProvinceKeys:
    """Keeps one file per province in a folder.

    A lost file separates every open case from its earlier events: back it up, apart from the store.
    """

    def __init__(self, folder: Path, *, made_in: Path | None = None) -> None:
        """Keep the keys in a folder.

        Args:
            made_in: another folder for keys that are not there yet, for who only looks.
        """
        self._folder = folder
        self._made_in = made_in or folder
        self._known: dict[str, ProvinceKey] = {}
        self._lock = threading.Lock()

    def of(self, province_code: str) -> ProvinceKey:
        """Return the key of a province; the first use creates it.

        Raises:
            SetupError: the file cannot be read or written, or other users of the machine can read it.
        """
        with self._lock:
            key = self._known.get(province_code)
            if key is None:
                key = self._known[province_code] = self._load(province_code)
            return key

    def _load(self, province_code: str) -> ProvinceKey:
        if not re.fullmatch(r"\d{2}", province_code):
            raise SetupError(f"{province_code!r} is no province code")
        path = self._folder / f"{province_code}.json"
        try:
            if not path.exists():
                path = self._made_in / path.name
            if not path.exists():
                self._make(path, province_code)
            return _read(path)
        except OSError as error:
            raise SetupError(f"the province key {path} cannot be used: {error.strerror}") from None

    def _make(self, path: Path, province_code: str) -> None:
        self._made_in.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = secrets.token_bytes(_SECRET_BYTES)
        key_id = f"{province_code}-{hashlib.sha256(secret).hexdigest()[:12]}"
        written = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps({"key_id": key_id, "secret": secret.hex()}))
                file.flush()
                os.fsync(file.fileno())
            try:
                # A link, not a rename: where two processes start together, the first one's key stays.
                os.link(written, path)
            except FileExistsError:
                return
            _sync_folder(self._made_in)
        finally:
            written.unlink(missing_ok=True)


def _read(path: Path) -> ProvinceKey:
    if sys.platform != "win32" and path.stat().st_mode & _FOR_EVERYBODY:
        raise SetupError(f"the province key {path} is open to everybody on this machine: chmod 600 {path}")
    try:
        raw = orjson.loads(path.read_bytes())
        return ProvinceKey(str(raw["key_id"]), bytes.fromhex(raw["secret"]))
    except (ValueError, KeyError, TypeError):
        raise SetupError(
            f"the province key {path} is damaged: restore it from the backup, a new one would orphan every case"
        ) from None


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
