"""Empty stores in a file: one is made by the migrations, the others are copies of it, which cost a tenth."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.store.store import Store


def empty_store(file: Path) -> str:
    """Put an empty store of this release at a path, unless something stands there, and return its address."""
    if not file.exists():
        file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        with closing(Store(f"sqlite:///{file}")):
            pass
        return file.read_bytes()
