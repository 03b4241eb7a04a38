"""Upgrade the tables of a store to this release: the migrations of services/store/migrations/, each once, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, column, inspect, select, table

from services.errors import SetupError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

FOLDER = Path(__file__).with_name("migrations")
_AT = table("alembic_version", column("version_num"))


def upgrade(engine: Engine, address: str) -> None:
    """Apply the missing migrations in one writing transaction: all or none.

    Raises:
        SetupError: a newer release has upgraded the store; this one would write rows that the newer does not expect.
    """
    known = migration_numbers()
    with engine.connect() as conn, conn.begin():
        if _number_of(conn) == known[-1]:
            return
    with engine.connect() as conn, conn.execution_options(liencap_writer=True).begin():
        # Check again under the lock: another process may have upgraded meanwhile.
        number = _number_of(conn)
        if number is not None and number not in known:
            raise SetupError(
                f"the store {address} is of a newer release: its tables are at {number}, and this release knows them "
                f"up to {known[-1]}; install that release, or restore a back-up from before it"
            )
        _apply(conn)


def migration_numbers() -> list[str]:
    """Return the numbers of the migrations of this release, in order."""
    return sorted(path.stem[1:5] for path in FOLDER.glob("v[0-9]*.py"))


def _number_of(conn: Connection) -> str | None:
    if not inspect(conn).has_table(_AT.name):
        return None
    number: str | None = conn.scalar(select(_AT.c.version_num))
    return number


def _apply(conn: Connection) -> None:
    # Heavy, and of no use where the tables are of this release: at every start but the first.
    from alembic.config import Config  # noqa: PLC0415 -- heavy, see above
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415 -- heavy, see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- heavy, see above

    # Built here and not read from an alembic.ini: an installed wheel has none, and one would set up logging.
    scripts = ScriptDirectory(FOLDER, version_locations=[FOLDER])

    def steps(at: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs("head", at)  # noqa: SLF001 -- Alembic has no public name for it

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=conn)
        environment.run_migrations()
