"""Unpack a file that came alone in a gzip or zip archive, within limits."""

from __future__ import annotations

import gzip
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.connectors.errors import UnusableFile

MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_WINDOW = 1024 * 1024
# Parts that only workbooks have.
_OF_WORKBOOKS = ("[Content_Types].xml", "mimetype", "content.xml")
# All that the readers of archives raise; NotImplementedError is a RuntimeError, and a name that is no UTF-8 a ValueError.
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError)
_OF_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the path of the file itself, or of the only file of an archive, which is deleted afterwards.

    Raises:
        UnusableFile: the archive is broken, encrypted, too large, or holds no file, several, or another archive.
    """
    head = _head(path)
    if not _is_archive(head, path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="liencap-unpacked-") as folder:
        yield _taken_out(path, Path(folder), is_zip=head == _ZIP)


def is_packed(path: Path) -> bool:
    """Return whether a file is an archive, not a table, a log or a workbook.

    Raises:
        UnusableFile: the file cannot be opened.
    """
    return _is_archive(_head(path), path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise UnusableFile(f"{path.name}: cannot be opened ({error.strerror})") from error


def _is_archive(head: bytes, path: Path) -> bool:
    return head[:2] == _GZIP or (head == _ZIP and not _is_workbook(path))


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile:
        return True  # whoever reads workbooks names what is wrong with it
    except _BROKEN as error:
        raise _not_unpacked(path, error) from error
    return any(name in names for name in _OF_WORKBOOKS)


def _taken_out(path: Path, folder: Path, *, is_zip: bool) -> Path:
    # The name that an archive gives is not used as a path.
    new = folder / path.name
    try:
        if not is_zip:
            with gzip.open(path) as source:
                _copy(source, new, path)
        else:
            with zipfile.ZipFile(path) as packed, packed.open(_only_file(packed, path)) as source:
                _copy(source, new, path)
    except _BROKEN as error:
        raise _not_unpacked(path, error) from error
    if is_packed(new):
        raise UnusableFile(f"{path.name}: the archive holds another archive; unpack it first")
    return new


def _not_unpacked(path: Path, error: Exception) -> UnusableFile:
    # The text of a name that is no UTF-8 would hold the bytes of the archive.
    why = "a name in it is no UTF-8" if isinstance(error, UnicodeError) else str(error)
    return UnusableFile(f"{path.name}: the archive cannot be unpacked ({why or type(error).__name__})")


def _only_file(packed: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    files = [
        one
        for one in packed.infolist()
        if not one.is_dir()
        and not one.filename.startswith(_OF_SYSTEMS)
        and not one.filename.endswith(_OF_SYSTEMS)
    ]
    if len(files) != 1:
        raise UnusableFile(f"{path.name}: the archive holds {len(files)} files; put each into one of its own")
    return files[0]


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, path: Path) -> None:
    size = 0
    with target.open("xb") as file:
        while window := source.read(_WINDOW):
            size += len(window)
            if size > MAX_UNPACKED_BYTES:
                raise UnusableFile(f"{path.name}: unpacks to over {MAX_UNPACKED_BYTES // 2**20} MB; split it")
            file.write(window)
