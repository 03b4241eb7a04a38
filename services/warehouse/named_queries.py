"""Find SQL by its name: the named queries and the numbered migrations that ship with `reporting`."""

from __future__ import annotations

import importlib.resources
import re
from functools import cache

from services.errors import NotFound

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_MIGRATION = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


@cache
def named_query(name: str) -> str:
    """Return the text of one named query.

    Raises:
        NotFound: no query has that name.
    """
    file = importlib.resources.files("reporting") / "queries" / f"{name}.sql"
    if not _NAME.match(name) or not file.is_file():
        raise NotFound(f"there is no named query {name!r}; see reporting/queries/")
    return file.read_text(encoding="utf-8").strip().rstrip(";")


def query_names() -> tuple[str, ...]:
    """Return the names of all named queries, sorted."""
    folder = importlib.resources.files("reporting") / "queries"
    return tuple(sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".sql")))


def migration_files() -> tuple[tuple[int, str, str], ...]:
    """Return (number, file name, SQL) of every migration, by number."""
    folder = importlib.resources.files("reporting") / "migrations"
    found = ((_MIGRATION.match(f.name), f) for f in folder.iterdir())
    return tuple(sorted((int(m[1]), f.name, f.read_text(encoding="utf-8")) for m, f in found if m))
