"""Archives that `zipfile` refuses each with another kind of error."""

from __future__ import annotations

import zipfile
from pathlib import Path

CONTENT = "Mã hồ sơ;Ngày tiếp nhận\nHS-1;17/11/2026\n".encode() * 50
_CENTRAL = b"PK\x01\x02"
_VERSION_NEEDED, _NAME = 6, 46


def broken_archives(folder: Path) -> list[Path]:
    """Write one archive of each kind: of a later version, with a name that is no UTF-8, with broken packed bytes."""
    later = _zipped(folder / "later.zip", "a.csv", zipfile.ZIP_DEFLATED)
    at = later.index(_CENTRAL) + _VERSION_NEEDED
    later[at : at + 2] = (99).to_bytes(2, "little")
    named = _zipped(folder / "named.zip", "ệ.csv", zipfile.ZIP_DEFLATED)
    at = named.index(_CENTRAL) + _NAME
    named[at : at + 3] = b"\xff\xfe\xff"
    contents = {"later.zip": later, "named.zip": named}
    for name, method in (("lzma.zip", zipfile.ZIP_LZMA), ("bzip2.zip", zipfile.ZIP_BZIP2)):
        packed = _zipped(folder / name, "a.csv", method)
        start = 30 + len("a.csv") + 9
        packed[start : start + 20] = b"\xff" * 20
        contents[name] = packed
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def _zipped(path: Path, name: str, method: int) -> bytearray:
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr(name, CONTENT)
    return bytearray(path.read_bytes())
