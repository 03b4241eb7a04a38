"""Back-ups of an installation of one process: whole or not there, checked byte by byte, put back without loss."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.boot.backups import MANIFEST, BackupCollector, backups_in
from services.boot.installation import RESTORING
from services.boot.open import open_store
from services.errors import BadInput, SetupError
from services.maintenance.backup import back_up, faults_of, keep_newest, restore
from services.settings import Settings

NOW = dt.datetime(2026, 12, 1, 3, 4, 5, tzinfo=dt.UTC)


def settings_of(data: Path) -> Settings:
    """Return the settings of an installation in a folder, whatever the environment says."""
    return Settings(data=data, store_url=None, kafka_servers=None, _env_file=None)


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    """Return an installation whose databases hold a row each, one of them in the write-ahead log alone."""
    data = tmp_path / "data"
    (data / "keys").mkdir(parents=True)
    (data / "keys" / "38.key").write_text("a key", encoding="ascii")
    (data / "secret.key").write_text("a secret", encoding="ascii")
    (data / "attachments" / "ab").mkdir(parents=True)
    (data / "attachments" / "ab" / "cd").write_bytes(b"a picture")
    for name in ("store.db", "log.db"):
        with closing(sqlite3.connect(data / name, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE kept (row TEXT)")
            database.execute("INSERT INTO kept VALUES (?)", (name,))
    return settings_of(data)


def rows_of(path: Path) -> list[str]:
    """Return what a database holds."""
    with closing(sqlite3.connect(path)) as database:
        return [row for (row,) in database.execute("SELECT row FROM kept")]


def test_what_was_backed_up_is_put_back(installation: Settings, tmp_path: Path) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    assert made.name == "liencap-20261201T030405Z"
    assert faults_of(made) == []
    fresh = settings_of(tmp_path / "fresh")
    assert restore(fresh, made, NOW) is None
    for name in ("store.db", "log.db"):
        assert rows_of(fresh.data / name) == [name]
    for name in ("keys/38.key", "secret.key", "attachments/ab/cd"):
        assert (fresh.data / name).read_bytes() == (installation.data / name).read_bytes()
    assert {one.stat().st_mode & 0o077 for one in made.rglob("*")} == {0}


def test_a_copy_is_of_one_instant_beside_a_writer_that_never_rests(
    installation: Settings, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(installation.data / "store.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO kept VALUES ('not committed')")
        made = back_up(installation, tmp_path / "backups", NOW)
        writer.execute("COMMIT")
    assert rows_of(made / "store.db") == ["store.db"]


def test_what_is_there_is_moved_aside_with_its_write_ahead_log_or_left(
    installation: Settings, tmp_path: Path
) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    with closing(sqlite3.connect(installation.data / "store.db", isolation_level=None)) as later:
        later.execute("INSERT INTO kept VALUES ('later')")
        assert (installation.data / "store.db-wal").exists()
    with pytest.raises(BadInput, match="--replace"):
        restore(installation, made, NOW)
    aside = restore(installation, made, NOW, replace=True)
    assert aside is not None
    assert rows_of(installation.data / "store.db") == ["store.db"]
    assert rows_of(aside / "store.db") == ["store.db", "later"]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("harm", [_cut, _flip, Path.unlink, _link], ids=["cut", "flipped", "missing", "link"])
@pytest.mark.parametrize("name", ["store.db", "log.db", "secret.key", "keys/38.key", "attachments/ab/cd"])
def test_a_file_that_is_not_the_one_that_was_written_is_named_and_nothing_is_put_back(
    installation: Settings, tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    harm(made / name)
    assert any(name in fault for fault in faults_of(made))
    fresh = settings_of(tmp_path / "fresh")
    with pytest.raises(BadInput, match="liencap-"):
        restore(fresh, made, NOW)
    assert not fresh.data.exists()


def test_a_database_that_was_damaged_before_it_was_copied_is_named(
    installation: Settings, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(installation.data / "log.db", isolation_level=None)) as log:
        log.execute("PRAGMA journal_mode=DELETE")
        log.execute("CREATE INDEX by_row ON kept (row)")
        log.executemany("INSERT INTO kept VALUES (?)", [(f"row {number}" * 50,) for number in range(200)])
        log.execute("PRAGMA writable_schema=ON")
        log.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'by_row'")
    made = back_up(installation, tmp_path / "backups", NOW)
    assert any(fault.startswith("log.db: ") for fault in faults_of(made))


def test_an_interrupted_back_up_is_none(installation: Settings, tmp_path: Path) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    made.rename(made.with_name(made.name + ".partial"))
    assert list(backups_in(tmp_path / "backups")) == []
    again = back_up(installation, tmp_path / "backups", NOW)
    assert faults_of(again) == []
    (again / MANIFEST).unlink()
    assert faults_of(again) == [f"{again} is no finished back-up: it has no manifest.json"]


def test_a_second_back_up_of_the_same_second_is_refused(installation: Settings, tmp_path: Path) -> None:
    back_up(installation, tmp_path / "backups", NOW)
    with pytest.raises(BadInput, match="is there already"):
        back_up(installation, tmp_path / "backups", NOW)


def test_the_newest_stay_and_the_metric_is_of_the_last(installation: Settings, tmp_path: Path) -> None:
    folder, registry = tmp_path / "backups", CollectorRegistry()
    BackupCollector(registry, folder)
    assert b"liencap_backup_newest_timestamp_seconds" not in generate_latest(registry)
    made = [back_up(installation, folder, NOW + dt.timedelta(days=day)) for day in range(4)]
    assert keep_newest(folder, 2, made[3]) == [made[1], made[0]]
    assert [path for path, _ in backups_in(folder)] == [made[3], made[2]]
    last = (NOW + dt.timedelta(days=3)).timestamp()
    assert registry.get_sample_value("liencap_backup_newest_timestamp_seconds") == last


def test_servers_are_backed_up_by_their_own_tools(tmp_path: Path) -> None:
    shared = Settings(data=tmp_path, store_url="postgresql://store", kafka_servers=None, _env_file=None)
    with pytest.raises(SetupError, match=r"running-distributed\.md"):
        back_up(shared, tmp_path / "backups", NOW)
    with pytest.raises(SetupError, match=r"running-distributed\.md"):
        restore(shared, tmp_path / "backups", NOW)


def test_a_folder_without_an_installation_is_not_backed_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(SetupError, match=r"there is no .*store\.db"):
        back_up(settings_of(tmp_path / "data"), tmp_path / "backups", NOW)
    assert list(backups_in(tmp_path / "backups")) == []


def test_the_back_up_just_made_stays_also_where_a_clock_was_ahead(
    installation: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    ahead = back_up(installation, folder, NOW + dt.timedelta(days=150))
    made = back_up(installation, folder, NOW)
    assert keep_newest(folder, 1, made) == [ahead]
    assert made.exists()


def test_nothing_is_put_back_while_another_process_has_a_database_open(
    installation: Settings, tmp_path: Path
) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    with closing(sqlite3.connect(installation.data / "store.db")) as other:
        other.execute("SELECT count(*) FROM kept").fetchone()
        with pytest.raises(SetupError, match=r"store\.db .*stop it first"):
            restore(installation, made, NOW, replace=True)
    assert restore(installation, made, NOW, replace=True) is not None


def test_an_interrupted_restore_is_no_new_installation(installation: Settings, tmp_path: Path) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    fresh = settings_of(tmp_path / "fresh")
    (fresh.data / RESTORING).mkdir(parents=True)
    with pytest.raises(SetupError, match="was interrupted"), open_store(fresh):
        pass
    restore(fresh, made, NOW)
    assert rows_of(fresh.data / "store.db") == ["store.db"]
    assert not (fresh.data / RESTORING).exists()


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "keys/../../evil", "a//b", "..", "a\\b"])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(
    installation: Settings, tmp_path: Path, name: str
) -> None:
    made = back_up(installation, tmp_path / "backups", NOW)
    manifest = json.loads((made / MANIFEST).read_bytes())
    manifest["files"].append({"name": name, "size": 0, "sha256": "0" * 64})
    (made / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    [fault] = faults_of(made)
    assert "leads out of the back-up" in fault
