from __future__ import annotations

import hashlib
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from services.boot.installation import UPLOADS
from tests.services.world import World

OFFICER, NEIGHBOUR, READER = (
    ("commune_officer", "15607"),
    ("commune_officer", "15661"),
    ("province_reviewer", "38"),
)
PIECE = 500_000


def photo_of_a_phone() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    noise = Image.effect_noise((3000, 2250), 90).convert("RGB")
    noise.save(written, "JPEG", quality=80, exif=exif)
    return written.getvalue()


def announced(content: bytes, **more: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {
        "client_id": str(uuid.uuid4()),
        "purpose": "report",
        "size": len(content),
        "sha256": sha256,
    } | more


def send_from(
    client: TestClient, path: str, said: dict[str, Any], content: bytes, offset: int
) -> dict[str, Any]:
    """Send the pieces of a file from an offset on; return the last answer."""
    answer: dict[str, Any] = {}
    for start in range(offset, len(content), PIECE):
        sent = client.patch(
            f"{path}/{said['client_id']}", params={"offset": start}, content=content[start : start + PIECE]
        )
        assert sent.status_code == 200, sent.text
        answer = sent.json()
    return answer


def test_an_interrupted_upload_goes_on_where_it_stopped_and_arrives_once(
    world: World, tmp_path: Path
) -> None:
    client, photo = world.as_(*OFFICER), photo_of_a_phone()
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(photo)
    assert len(photo) > 2 * PIECE
    first = client.post(path, json=said)
    assert first.status_code == 200, first.text
    assert first.json()["received"] == 0
    client.patch(f"{path}/{said['client_id']}", params={"offset": 0}, content=photo[:PIECE])
    ahead = client.patch(
        f"{path}/{said['client_id']}", params={"offset": 2 * PIECE}, content=photo[2 * PIECE : 3 * PIECE]
    )
    assert ahead.status_code == 409
    again = client.post(path, json=said).json()
    assert again["received"] == PIECE
    done = send_from(client, path, said, photo, again["received"])
    assert send_from(client, path, said, photo, 0) == done
    assert client.post(path, json=said).json()["attachment"] == done["attachment"]
    world.settle()
    assert client.get(path).json()["items"] == [done["attachment"]]
    assert list((tmp_path / UPLOADS).iterdir()) == []


def test_whoever_reads_the_issue_reads_its_attachments_without_position_and_in_a_sandbox(
    world: World,
) -> None:
    photo = photo_of_a_phone()
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(photo)
    world.as_(*OFFICER).post(path, json=said)
    attachment = send_from(world.as_(*OFFICER), path, said, photo, 0)["attachment"]
    read = world.as_(*READER).get(f"/api/v1/attachments/{attachment['id']}")
    assert read.status_code == 200
    assert len(read.content) == attachment["size"] <= 400_000
    assert not Image.open(io.BytesIO(read.content)).getexif()
    assert read.headers["content-type"] == "image/jpeg"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert read.headers["content-disposition"] == f'inline; filename="{attachment["id"]}.jpg"'
    assert world.as_(*NEIGHBOUR).get(f"/api/v1/attachments/{attachment['id']}").status_code == 403
    assert world.as_(*NEIGHBOUR).get(path).status_code == 403
    assert world.as_(*NEIGHBOUR).post(path, json=announced(photo)).status_code == 403
    assert world.client.get(f"/api/v1/attachments/{attachment['id']}").status_code == 401


@pytest.mark.parametrize(
    ("content", "more", "field"),
    [
        (b"MZ a program", {}, "content"),
        (b"%PDF-1.7 nothing more", {}, "content"),
        (b"\xff\xd8\xff broken", {}, "content"),
        (b"another file", {"sha256": "0" * 64}, "sha256"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    world: World, tmp_path: Path, content: bytes, more: dict[str, Any], field: str
) -> None:
    client = world.as_(*OFFICER)
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(content, **more)
    assert client.post(path, json=said).status_code == 200
    refused = client.patch(f"{path}/{said['client_id']}", params={"offset": 0}, content=content)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert client.get(path).json()["items"] == []
    assert list((tmp_path / UPLOADS).iterdir()) == []


def test_a_file_that_is_too_large_is_refused_before_a_byte_of_it_comes(world: World) -> None:
    path = f"/api/v1/issues/{world.report()}/attachments"
    refused = world.as_(*OFFICER).post(path, json=announced(b"x", size=10_000_001))
    assert (refused.status_code, refused.json()["field"]) == (422, "size")


def test_an_attachment_of_an_answer_names_its_escalation_and_is_not_the_communes(world: World) -> None:
    issue_id = world.report()
    path, client = f"/api/v1/issues/{issue_id}/attachments", world.as_(*OFFICER)
    assert client.post(path, json=announced(b"x", purpose="answer")).status_code == 422
    escalation = world.issue(issue_id)["escalations"][0]["id"]
    said = announced(b"x", purpose="answer", escalation_id=escalation)
    assert client.post(path, json=said).status_code == 403
    said = announced(b"x", purpose="proposal", escalation_id=escalation)
    assert client.post(path, json=said).status_code == 200


def test_an_erased_attachment_is_listed_and_cannot_be_read(world: World) -> None:
    photo = photo_of_a_phone()
    path = f"/api/v1/issues/{world.report()}/attachments"
    said = announced(photo)
    world.as_(*OFFICER).post(path, json=said)
    attachment = send_from(world.as_(*OFFICER), path, said, photo, 0)["attachment"]
    address = f"/api/v1/attachments/{attachment['id']}"
    assert world.as_(*OFFICER).post(f"{address}/erase", json={"reason": "a face"}).status_code == 403
    erased = world.as_("administrator", "38").post(f"{address}/erase", json={"reason": "a face"})
    assert erased.status_code == 200
    assert world.as_(*OFFICER).get(address).status_code == 404
    [listed] = world.as_(*OFFICER).get(path).json()["items"]
    assert listed == erased.json()
    assert listed["erased_at"] is not None
