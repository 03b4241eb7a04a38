"""Back up an installation of one process while it works, check a back-up, and put one back.

The store is copied before the log: what is recorded in between stands in the log, and a store that is older than its log
takes over from it what it lacks. The engine is not copied: the log fills it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from services.boot.backups import MANIFEST, PREFIX, UNFINISHED, BackedUp, Manifest, backups_in, read_manifest
from services.boot.installation import ATTACHMENTS, PREVIOUS_FILE, RESTORING, SECRET_FILE, make_folder
from services.boot.open import engine_holder
from services.errors import BadInput, SetupError
from services.settings import Settings

DATABASES = ("store.db", "log.db")
FOLDERS = ("keys", ATTACHMENTS)
SECRETS = (SECRET_FILE, PREVIOUS_FILE)
_NAME = f"{PREFIX}%Y%m%dT%H%M%SZ"
_BLOCK = 1_048_576


def back_up(settings: Settings, folder: Path, now: dt.datetime) -> Path:
    """Copy store, log, keys, secret and attachments into a new folder; return it.

    The folder has its name only when everything in it is on the disk; an interrupted one ends with `.partial`.

    Raises:
        SetupError: the installation is not one of one process, or a file cannot be read or written.
        BadInput: there is a back-up of this second.
    """
    _must_be_embedded(settings)
    final = folder / f"{now.astimezone(dt.UTC):{_NAME}}"
    if final.exists():
        raise BadInput(f"{final} is there already", field="folder")
    draft = final.with_name(final.name + UNFINISHED)
    try:
        make_folder(folder)
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        for name in DATABASES:
            _copy_database(settings.data / name, draft / name)
        for source in _plain_files(settings.data):
            _copy(source, draft / source.relative_to(settings.data))
        files = tuple(_described(draft, file) for file in sorted(_files(draft)))
        manifest = Manifest(release=version("liencap"), taken_at=now, files=files)
        _write(draft / MANIFEST, manifest.model_dump_json(indent=1).encode())
        for at, _, _ in os.walk(draft):
            _sync(Path(at))
        draft.rename(final)
        _sync(folder)
    except (OSError, sqlite3.Error) as error:
        raise SetupError(f"cannot back up {settings.data} into {folder}: {error}") from None
    return final


def faults_of(backup: Path) -> list[str]:
    """Return everything that speaks against putting a back-up back, a sentence each; none where it is sound.

    Every byte is read: each file against its hash, then each database by its own check.
    """
    try:
        manifest = read_manifest(backup)
    except BadInput as error:
        return [error.message]
    faults = []
    for known in manifest.files:
        path = backup / known.name
        if path.is_symlink() or not path.is_file():
            faults.append(f"{known.name} is missing")
        elif _described(backup, path) != known:
            faults.append(f"{known.name} is not the file that was written")
    names = {known.name for known in manifest.files}
    faults += [f"{name} was not in the back-up" for name in sorted(_names(backup) - names - {MANIFEST})]
    faults += [f"{name} was not backed up" for name in DATABASES if name not in names]
    return faults or [fault for name in DATABASES for fault in _faults_of_database(backup / name)]


def restore(settings: Settings, backup: Path, now: dt.datetime, *, replace: bool = False) -> Path | None:
    """Put a sound back-up into the data folder; return where what was there lies now.

    The engine stays: what it has beyond the log of the back-up was acknowledged.

    Args:
        replace: move store, log, keys, secret and attachments that are there aside.

    Raises:
        BadInput: the back-up has a fault, or the folder holds an installation that is not to be replaced.
        SetupError: a server works on the folder, or a file cannot be written.
    """
    standing = _ready_to_restore(settings, backup, replace=replace)
    try:
        # While this folder is there the installation does not start: what it lacks is not taken for new.
        drafts = settings.data / RESTORING
        if drafts.exists():
            shutil.rmtree(drafts)
        drafts.mkdir(mode=0o700)
        for known in read_manifest(backup).files:
            _copy(backup / known.name, drafts / known.name)
        aside = settings.data / f"replaced-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}" if standing else None
        if aside is not None:
            aside.mkdir(mode=0o700)
            for one in standing:
                one.rename(aside / one.name)
        for one in sorted(drafts.iterdir()):
            one.rename(settings.data / one.name)
        drafts.rmdir()
        _sync(settings.data)
    except OSError as error:
        raise SetupError(f"cannot put {backup} into {settings.data}: {error}") from None
    return aside


def keep_newest(folder: Path, count: int, made: Path) -> list[Path]:
    """Delete all finished back-ups of a folder but the one just made and the newest others; return those that are gone."""
    # By name another may be newer: a clock can have been ahead.
    gone = [path for path, _ in backups_in(folder) if path != made][count - 1 :]
    for path in gone:
        # Without its manifest a half-deleted one is no back-up.
        (path / MANIFEST).unlink()
        shutil.rmtree(path)
    return gone


def _must_be_embedded(settings: Settings) -> None:
    if settings.store_url is not None or settings.kafka_servers is not None:
        raise SetupError(
            "store or log of this installation is a server: docs/running-distributed.md names order and commands"
        )


def _ready_to_restore(settings: Settings, backup: Path, *, replace: bool) -> list[Path]:
    """Return what stands in the data folder, once nothing speaks against putting a back-up there."""
    _must_be_embedded(settings)
    if faults := faults_of(backup):
        raise BadInput(f"{backup}: {'; '.join(faults[:5])}", field="folder")
    if (holder := engine_holder(settings)) is not None:
        raise SetupError(f"process {holder} works on {settings.data}: stop it first")
    make_folder(settings.data)
    for name in DATABASES:
        _must_be_closed(settings.data / name)
    standing = [one for one in settings.data.iterdir() if _is_of_a_backup(one.name)]
    if standing and not replace:
        raise BadInput(
            f"{settings.data} holds {', '.join(sorted(one.name for one in standing))}: --replace moves it aside",
            field="data",
        )
    return standing


def _must_be_closed(database: Path) -> None:
    """Check that no other connection has a database open: the switch to another journal needs it alone.

    Raises:
        SetupError: another process works with it.
    """
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(database, timeout=0.0)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise SetupError(f"another process works with {database} ({error}): stop it first") from None
    except sqlite3.DatabaseError:
        return  # damaged: that is why it is replaced


def _plain_files(data: Path) -> Iterator[Path]:
    yield from (data / name for name in SECRETS if (data / name).is_file())
    for name in FOLDERS:
        if (data / name).is_dir():
            yield from _files(data / name)


def _files(folder: Path) -> Iterator[Path]:
    for at, _, names in os.walk(folder):
        for name in names:
            path = Path(at, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _names(backup: Path) -> set[str]:
    return {file.relative_to(backup).as_posix() for file in _files(backup)}


def _is_of_a_backup(name: str) -> bool:
    return name in {*FOLDERS, *SECRETS} or name.partition("-")[0] in DATABASES


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as it stands at one instant, beside whoever writes to it."""
    if not source.is_file():
        raise FileNotFoundError(f"there is no {source}")
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as one,
        closing(sqlite3.connect(target)) as other,
    ):
        one.backup(other)  # in one step: a copy page by page begins anew with every commit of another process
        other.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _faults_of_database(path: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA integrity_check(5)")]
    except sqlite3.Error as error:
        return [f"{path.name}: {error}"]
    return [] if found == ["ok"] else [f"{path.name}: {one}" for one in found]


def _copy(source: Path, target: Path) -> None:
    for folder in reversed(target.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as read, os.fdopen(handle, "wb") as written:
        shutil.copyfileobj(read, written, _BLOCK)
        written.flush()
        os.fsync(written.fileno())


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _described(root: Path, path: Path) -> BackedUp:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BackedUp(name=path.relative_to(root).as_posix(), size=path.stat().st_size, sha256=digest)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
