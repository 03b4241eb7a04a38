from __future__ import annotations

import hashlib
import stat
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events.attachments import AttachmentPurpose, IssueAttachmentAdded
from events.codec import decode
from reporting.dated.territory import parse_territory
from reporting.errors import PersonalData
from services.access.actors import Actor
from services.acting.attaching import Attaching
from services.boot.installation import ATTACHMENTS, UPLOADS, open_attachments
from services.documents.attachment_limits import Checked
from services.errors import Conflict, Forbidden, KeyReused
from services.intake.recovery import recover
from services.store.attachments import Upload
from services.store.store import OUTBOX, Store
from tests.services.world import World, tables

OFFICER = Actor("commune_officer", "15607", None, "o-1")
ADMINISTRATOR = Actor("administrator", "38", None, "a-1")
PAGE = b"%PDF-1.7 a page of a signed document"
REASON = "a face that nobody agreed to show"


def attaching(world: World, actor: Actor = OFFICER) -> Attaching:
    return Attaching(world.parts, world.parts.attachments, actor)


def upload_of(issue_id: str, content: bytes = PAGE, purpose: AttachmentPurpose = "report") -> Upload:
    sha256 = hashlib.sha256(content).hexdigest()
    return Upload(id=uuid4(), issue_id=UUID(issue_id), purpose=purpose, sha256=sha256, size=len(content))


def attach(world: World, issue_id: str, content: bytes = PAGE) -> Upload:
    upload = upload_of(issue_id, content)
    world.parts.attachments.announce(upload, limit=20)
    attaching(world).attach(upload, Checked("pdf", content))
    return upload


def test_an_attachment_stands_in_the_folder_and_in_the_history_and_its_bytes_do_not_stand_in_the_log(
    world: World, tmp_path: Path
) -> None:
    issue_id = world.report()
    version = world.parts.issue_table.get(UUID(issue_id)).version  # type: ignore[union-attr]
    upload = attach(world, issue_id)
    world.settle()
    state = world.parts.issue_table.get(UUID(issue_id))
    assert state is not None
    [kept] = state.attachments
    assert (kept.said.sha256, kept.said.size, kept.said.kind) == (upload.sha256, len(PAGE), "pdf")
    assert state.version == version, "an act that somebody has open conflicts with no picture"
    path = tmp_path / ATTACHMENTS / upload.sha256[:2] / upload.sha256
    assert path.read_bytes() == PAGE
    with world.parts.store.read() as conn:
        values = list(conn.scalars(select(OUTBOX.c.value)))
    assert [PAGE in value for value in values] == [False] * len(values)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_folders_and_files_of_attachments_are_their_owners_alone(world: World, tmp_path: Path) -> None:
    upload = attach(world, world.report())
    world.parts.attachments.files.append(upload.id, 0, b"a piece")
    paths = [
        path for name in (ATTACHMENTS, UPLOADS) for path in (tmp_path / name, *(tmp_path / name).rglob("*"))
    ]
    assert len(paths) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


def test_an_erased_content_is_gone_unless_another_attachment_is_the_same(
    world: World, tmp_path: Path
) -> None:
    issue_id = world.report()
    first, second = attach(world, issue_id), attach(world, issue_id)
    path = tmp_path / ATTACHMENTS / first.sha256[:2] / first.sha256
    attaching(world, ADMINISTRATOR).erase(first.id, REASON)
    assert path.read_bytes() == PAGE
    attaching(world, ADMINISTRATOR).erase(second.id, REASON)
    attaching(world, ADMINISTRATOR).erase(second.id, "a second reason")
    assert not path.exists()
    world.settle()
    state = world.parts.issue_table.get(UUID(issue_id))
    assert state is not None
    assert [one.erased_at is not None for one in state.attachments] == [True, True]
    assert world.parts.attachments.faults() == []


def test_only_who_may_erase_texts_erases_attachments_and_the_reason_names_nobody(world: World) -> None:
    upload = attach(world, world.report())
    for actor in (OFFICER, Actor("administrator", "01"), Actor("province_leader", "38")):
        with pytest.raises(Forbidden):
            attaching(world, actor).erase(upload.id, REASON)
    with pytest.raises(PersonalData):
        attaching(world, ADMINISTRATOR).erase(upload.id, "số điện thoại 0912 345 678")
    assert world.parts.attachments.faults() == []


@pytest.mark.parametrize(
    ("actor", "purpose"),
    [(Actor("commune_officer", "15661"), "report"), (Actor("province_reviewer", "38"), "report")],
)
def test_nobody_attaches_to_what_is_not_theirs(
    world: World, actor: Actor, purpose: AttachmentPurpose
) -> None:
    issue_id = world.report()
    upload = upload_of(issue_id, purpose=purpose)
    with pytest.raises(Forbidden):
        attaching(world, actor).may_attach(upload)


def test_an_upload_is_announced_once_and_an_issue_has_a_bounded_number(world: World) -> None:
    issue_id = world.report()
    attachments, first = world.parts.attachments, upload_of(issue_id)
    assert attachments.announce(first, limit=1) == attachments.announce(first, limit=1)
    with pytest.raises(KeyReused):
        attachments.announce(
            Upload(id=first.id, issue_id=first.issue_id, purpose="report", sha256="0" * 64, size=1), limit=1
        )
    with pytest.raises(Conflict):
        attachments.announce(upload_of(issue_id), limit=1)


def test_the_audit_names_lost_files_and_files_that_should_be_gone(world: World, tmp_path: Path) -> None:
    upload = attach(world, world.report())
    path = tmp_path / ATTACHMENTS / upload.sha256[:2] / upload.sha256
    path.write_bytes(b"another content")
    assert world.parts.attachments.faults() == [f"attachment {upload.id}: its file is gone or is another"]
    path.unlink()
    attaching(world, ADMINISTRATOR).erase(upload.id, REASON)
    path.write_bytes(PAGE)
    assert world.parts.attachments.faults() == [f"content {upload.sha256}: erased, and its file is there"]


def test_a_store_that_was_lost_takes_its_attachments_from_the_log(world: World, tmp_path: Path) -> None:
    issue_id = world.report()
    kept, gone = attach(world, issue_id), attach(world, issue_id, PAGE + b", the second")
    attaching(world, ADMINISTRATOR).erase(gone.id, REASON)
    world.settle()
    with closing(Store(f"sqlite:///{tmp_path / 'other.db'}")) as other:
        recover(other, world.log, parse_territory("", tables().units))
        attachments = open_attachments(tmp_path, other, world.clock)
        found = {one.id: one for one in attachments.of_issue(UUID(issue_id))}
        assert (found[kept.id].sha256, found[kept.id].erased_at) == (kept.sha256, None)
        assert found[gone.id].erased_at is not None
        assert attachments.faults() == []


def test_an_attachment_that_comes_twice_is_one_event(world: World) -> None:
    issue_id = world.report()
    upload = attach(world, issue_id)
    again = attaching(world).attach(upload, Checked("pdf", PAGE))
    with world.parts.store.read() as conn:
        events = [decode(value) for value in conn.scalars(select(OUTBOX.c.value))]
    assert len([one for one in events if isinstance(one, IssueAttachmentAdded)]) == 1
    assert world.parts.attachments.of_issue(UUID(issue_id)) == [again]
