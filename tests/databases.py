"""Databases of the tests: one is migrated, the others are made as that one stands, which costs a quarter."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

_NUMBERS = itertools.count(1)
_TEMPLATE = "migrated"


@dataclass(slots=True)
class Databases:
    """The databases of one engine that live as long as a test, a module or the session."""

    dsn: str
    _statements: list[str] = field(default_factory=list)

    def fresh(self) -> Warehouse:
        """Return an empty database with the tables and views of all migrations; the caller drops and closes it."""
        if not self._statements:
            self._statements = self._read()
        made = Warehouse(self.dsn, database=f"test_{next(_NUMBERS)}")
        made.create()
        for statement in self._statements:
            made.command(statement.replace(f"{_TEMPLATE}.", f"{made.database}."))
        made.command(f"INSERT INTO schema_migrations SELECT * FROM {_TEMPLATE}.schema_migrations")  # noqa: S608 -- declared
        return made

    def _read(self) -> list[str]:
        """Migrate the one, and return its statements: tables, then the views that read them."""
        template = Warehouse(self.dsn, database=_TEMPLATE)
        migrate(template)
        rows = template.rows(
            "SELECT create_table_query AS statement FROM system.tables WHERE database = {database:String}"
            " ORDER BY engine LIKE '%View', metadata_modification_time, name",
            database=_TEMPLATE,
        )
        template.close()
        return [str(row["statement"]) for row in rows]
