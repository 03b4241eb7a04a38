"""Databases of the tests: one is migrated, others are made as that one stands, and each is used again and again."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

_NUMBERS = itertools.count(1)
_TEMPLATE = "migrated"
_TABLES = """
    SELECT name, create_table_query AS statement FROM system.tables WHERE database = {database:String}
    ORDER BY engine LIKE '%View', metadata_modification_time, name
"""
_FILLED = "SELECT DISTINCT table FROM system.parts WHERE database = {database:String} AND active AND rows > 0"
_MIGRATIONS = "schema_migrations"


@dataclass(slots=True)
class Databases:
    """The databases of one engine that live as long as a test, a module or the session."""

    dsn: str
    _statements: dict[str, str] = field(default_factory=dict)
    _idle: list[Warehouse] = field(default_factory=list)

    def fresh(self) -> Warehouse:
        """Return an empty database with the tables and views of all migrations; the caller gives it back or drops it."""
        if self._idle:
            return self._idle.pop()
        if not self._statements:
            self._statements = self._read()
        made = Warehouse(self.dsn, database=f"test_{next(_NUMBERS)}")
        made.create()
        for statement in self._statements.values():
            made.command(statement.replace(f"{_TEMPLATE}.", f"{made.database}."))
        made.command(f"INSERT INTO {_MIGRATIONS} SELECT * FROM {_TEMPLATE}.{_MIGRATIONS}")  # noqa: S608 -- declared
        return made

    def give_back(self, lent: Warehouse) -> None:
        """Empty a database for the next test, which costs a fifth of making one; drop it where its tables were changed."""
        if self._changed(lent):
            self.drop(lent)
            return
        for row in lent.rows(_FILLED, database=lent.database):
            if row["table"] != _MIGRATIONS:
                lent.command(f"TRUNCATE TABLE `{row['table']}`")
        self._idle.append(lent)

    def drop(self, lent: Warehouse) -> None:
        """Drop a database and close its clients."""
        lent.drop()
        lent.close()

    def _read(self) -> dict[str, str]:
        """Migrate the one, and return its statements: tables, then the views that read them."""
        template = Warehouse(self.dsn, database=_TEMPLATE)
        migrate(template)
        rows = template.rows(_TABLES, database=_TEMPLATE)
        template.close()
        return {row["name"]: row["statement"] for row in rows}

    def _changed(self, lent: Warehouse) -> bool:
        made = {
            row["name"]: row["statement"].replace(f"{lent.database}.", f"{_TEMPLATE}.")
            for row in lent.rows(_TABLES, database=lent.database)
        }
        return made != self._statements
