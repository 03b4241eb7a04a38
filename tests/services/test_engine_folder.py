from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.errors import SetupError
from services.settings import Settings
from services.store.exclusive import FileLock
from services.warehouse.engine_folder import check_free, holder_of


def opened_by(folder: Path, process: int) -> FileLock:
    """Leave the folder as an engine does that has it open."""
    status = folder / "status"
    status.write_text(f"PID: {process}\nStarted at: 2026-11-23 08:00:00\nRevision: 54515\n")
    lock = FileLock(status)
    assert lock.try_acquire()
    return lock


def test_a_folder_that_another_process_has_open_is_refused_by_its_number(tmp_path: Path) -> None:
    lock = opened_by(tmp_path, os.getppid())
    assert holder_of(tmp_path) == os.getppid()
    with pytest.raises(SetupError, match=f"open in process {os.getppid()}"):
        check_free(tmp_path)
    lock.release()


def test_a_folder_whose_process_has_ended_is_free(tmp_path: Path) -> None:
    opened_by(tmp_path, os.getppid()).release()
    assert holder_of(tmp_path) is None
    check_free(tmp_path)


def test_a_folder_that_this_process_has_open_is_no_hindrance(tmp_path: Path) -> None:
    lock = opened_by(tmp_path, os.getpid())
    check_free(tmp_path)
    lock.release()


def test_a_folder_that_no_engine_has_seen_is_free(tmp_path: Path) -> None:
    check_free(tmp_path / "new")
    (tmp_path / "status").write_bytes(b"\xff\x00 no status")
    check_free(tmp_path)


def test_an_address_of_the_engine_in_this_process_is_no_server(tmp_path: Path) -> None:
    assert Settings(warehouse_dsn=f"chdb://{tmp_path}/other").engine_folder == tmp_path / "other"
    assert Settings(data=tmp_path).engine_folder == tmp_path / "warehouse"
    assert Settings(warehouse_dsn="https://lc@clickhouse:8443/lc").engine_folder is None
