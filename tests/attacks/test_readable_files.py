"""A data folder that was made beforehand, open to everybody: what the product writes in it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.boot.installation import readable_by_others
from services.errors import SetupError
from services.maintenance.doctor import _data_folder
from services.settings import Settings

OPEN = 0o755


@pytest.mark.process
@pytest.mark.slow
def test_a_folder_made_beforehand_holds_nothing_that_others_can_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=OPEN)
    data.chmod(OPEN)
    done = subprocess.run(
        [sys.executable, "-m", "services", "worker", "--once", "--data", str(data)],
        check=False,
        capture_output=True,
        text=True,
        umask=0o022,
    )
    assert done.returncode == 0, done.stderr
    assert {"store.db", "log.db", "warehouse"} <= {one.name for one in data.iterdir()}
    assert readable_by_others(data) == []


def test_the_doctor_names_files_that_others_can_read(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    store.write_bytes(b"")
    tmp_path.chmod(OPEN)
    store.chmod(0o644)
    with pytest.raises(SetupError, match="chmod -R go=") as refused:
        _data_folder(Settings(data=tmp_path, _env_file=None))
    assert str(store) in refused.value.message
    store.chmod(0o600)
    assert "GB free" in _data_folder(Settings(data=tmp_path, _env_file=None))


def test_a_closed_folder_closes_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"")
    (tmp_path / "store.db").chmod(0o644)
    tmp_path.chmod(0o700)
    assert readable_by_others(tmp_path) == []
    assert (tmp_path / "store.db").stat().st_mode & 0o044
