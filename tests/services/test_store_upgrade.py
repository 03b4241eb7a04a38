from __future__ import annotations

import logging
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text

from services.errors import SetupError
from services.store import document_tables, notice_tables
from services.store.store import CASES, IDEMPOTENCY, META, METADATA, OUTBOX, PROGRESS, TEXTS, Store
from services.store.upgrade import FOLDER, migration_numbers

ROOT = Path(__file__).resolve().parents[2]
LATEST = migration_numbers()[-1]


def number_of(store: Store) -> str | None:
    with store.read() as conn:
        found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def test_the_migrations_make_the_tables_that_the_code_declares(store_url: str) -> None:
    with closing(Store(store_url)) as store, store.begin() as conn:
        compared = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert {document_tables.DRAWINGS.name, notice_tables.NOTICES.name} <= METADATA.tables.keys()
        assert compare_metadata(compared, METADATA) == []
        # Were the two unlike, this would see it.
        conn.execute(text("DROP INDEX texts_by_unit"))
        conn.execute(text("ALTER TABLE meta ADD COLUMN more TEXT"))
        assert {found[0] for found in compare_metadata(compared, METADATA)} == {"add_index", "remove_column"}


def test_a_store_of_the_release_before_migrations_is_adopted_with_what_is_in_it(store_url: str) -> None:
    with closing(Store(store_url)) as store, store.begin() as conn:
        # The release before made these tables as they stand, the notes of imports only once somebody imported.
        METADATA.drop_all(conn)
        conn.execute(text("DROP TABLE alembic_version"))
        METADATA.create_all(conn, tables=[CASES, OUTBOX, IDEMPOTENCY, TEXTS, META])
        conn.execute(insert(META).values(name="a", value="kept"))
    with closing(Store(store_url)) as store:
        assert number_of(store) == LATEST
        with store.read() as conn:
            assert conn.scalar(select(META.c.value)) == "kept"
            assert conn.execute(select(PROGRESS)).all() == []


def test_a_store_of_a_newer_release_is_refused_in_words_and_left_alone(store_url: str) -> None:
    with closing(Store(store_url)) as store, store.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        conn.execute(text("DROP TABLE import_progress"))
    with pytest.raises(SetupError, match=f"tables are at 9999, and this release knows them up to {LATEST}"):
        Store(store_url)
    with pytest.raises(SetupError, match="of a newer release"):
        Store(store_url)


def test_instances_that_start_at_once_upgrade_it_once(store_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store(store_url), range(8)))
    for store in stores:
        assert number_of(store) == LATEST
        store.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with closing(Store(store_url)):
        pass
    for path in FOLDER.glob("v*.py"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    following = f"{int(LATEST) + 1:04}"
    (tmp_path / f"v{following}_broken.py").write_text(
        f"revision, down_revision = '{following}', '{LATEST}'\n"
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        "def upgrade():\n"
        "    op.add_column('meta', sa.Column('more', sa.Text))\n"
        "    op.drop_table('nowhere')\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("services.store.upgrade.FOLDER", tmp_path)
    with pytest.raises(SetupError, match="cannot be opened"):
        Store(store_url)
    monkeypatch.undo()
    with closing(Store(store_url)) as store, store.read() as conn:
        assert [each["name"] for each in inspect(conn).get_columns("meta")] == ["name", "value"]


def test_numbers_follow_each_other_and_name_what_was_before() -> None:
    numbers = migration_numbers()
    assert numbers == [f"{count:04}" for count in range(1, len(numbers) + 1)]
    for before, number in zip([None, *numbers], numbers, strict=False):
        [path] = FOLDER.glob(f"v{number}_*.py")
        written = path.read_text(encoding="utf-8")
        assert f'revision = "{number}"' in written
        assert f'down_revision = "{before}"' in written or before is None


def test_an_upgrade_says_nothing_to_the_log_of_the_service(store_url: str) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    with closing(Store(store_url)):
        assert (list(logging.getLogger().handlers), logging.getLogger().level) == (handlers, level)


@pytest.mark.process
def test_an_installed_wheel_brings_its_migrations(tmp_path: Path) -> None:
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    wheel = tmp_path / built.stdout.split()[-1]
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    code = (
        "import services; from services.store.store import Store; "
        "Store('sqlite:///store.db').close(); print(services.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(place), "PATH": ""},
    )
    assert done.stdout.strip().startswith(str(place))
    assert (tmp_path / "store.db").is_file()
