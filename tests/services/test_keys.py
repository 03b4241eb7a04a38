from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.errors import SetupError
from services.intake.keys import ProvinceKeys


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    first = ProvinceKeys(tmp_path / "keys").of("38")
    assert ProvinceKeys(tmp_path / "keys").of("38") == first
    assert len(first.secret) == 32
    assert first.key_id.startswith("38-")
    assert ProvinceKeys(tmp_path / "keys").of("01") != first


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions elsewhere")
def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    key = ProvinceKeys(tmp_path).of("38")
    path = tmp_path / "38.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.secret.hex() not in repr(key)
    path.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        ProvinceKeys(tmp_path).of("38")


def test_those_who_start_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: ProvinceKeys(tmp_path).of("38"), range(32)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["38.json"]


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    ProvinceKeys(tmp_path).of("38")
    (tmp_path / "38.json").write_text("{")
    with pytest.raises(SetupError, match="restore it from the backup"):
        ProvinceKeys(tmp_path).of("38")
    assert (tmp_path / "38.json").read_text() == "{"


def test_only_a_province_has_a_key(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no province code"):
        ProvinceKeys(tmp_path).of("../38")
