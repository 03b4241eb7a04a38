from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.documents.attached_scan import scan
from services.errors import BadInput, NotReady
from tests.services.test_attachment_routes import announced
from tests.services.test_attachments import OFFICER
from tests.services.world import World

CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"
BAD = b"%PDF-1.7 a content that only a signature of this test knows"


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real clamd whose one signature is the hash of `BAD`."""
    if not Path(CLAMD).exists():
        pytest.skip("Debian's clamd is not on this machine (package clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    signature = f"{hashlib.md5(BAD, usedforsecurity=False).hexdigest()}:{len(BAD)}:LienCap.Test\n"
    (folder / "own.hdb").write_text(signature, encoding="ascii")
    settings = folder / "clamd.conf"
    address = folder / "clamd.sock"
    settings.write_text(
        f"LocalSocket {address}\nDatabaseDirectory {folder}\nForeground yes\n", encoding="ascii"
    )
    process = subprocess.Popen([CLAMD, "--config-file", str(settings)])
    try:
        until = time.monotonic() + 60
        while not address.exists():
            assert process.poll() is None, "clamd ended"
            assert time.monotonic() < until, "clamd does not listen"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
def test_what_a_signature_matches_is_refused_and_everything_else_passes(clamd: Path) -> None:
    scan(b"%PDF-1.7 harmless" * 20_000, clamd)
    with pytest.raises(BadInput, match=r"LienCap\.Test"):
        scan(BAD, clamd)


@pytest.mark.slow
def test_an_upload_that_a_signature_matches_is_not_kept(clamd: Path, world: World) -> None:
    world.app.state.parts = replace(world.parts, clamd_socket=clamd)
    client = world.as_(OFFICER.role, OFFICER.unit_code)
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(BAD)
    assert client.post(path, json=said).status_code == 200
    refused = client.patch(f"{path}/{said['client_id']}", params={"offset": 0}, content=BAD)
    assert refused.status_code == 422
    assert "LienCap.Test" in refused.json()["detail"]
    assert client.get(path).json()["items"] == []


def test_nothing_is_kept_while_the_scanner_does_not_answer(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        scan(b"x", tmp_path / "nobody.sock")
    world.app.state.parts = replace(world.parts, clamd_socket=tmp_path / "nobody.sock")
    client = world.as_(OFFICER.role, OFFICER.unit_code)
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(BAD)
    assert client.post(path, json=said).status_code == 200
    assert client.patch(f"{path}/{said['client_id']}", params={"offset": 0}, content=BAD).status_code == 503
    world.app.state.parts = world.parts
    assert client.post(path, json=said).status_code == 422, (
        "it had arrived whole, and is judged when asked again"
    )
