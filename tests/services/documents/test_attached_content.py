from __future__ import annotations

import datetime as dt
import io
import os
import zipfile

import pytest
from docx import Document
from PIL import Image
from pypdf import PdfWriter
from pypdf.actions import JavaScript

from services.documents.attached_content import checked
from services.documents.attached_document import MAX_UNPACKED_BYTES
from services.documents.attachment_limits import limits_on
from services.errors import BadInput
from tests.services.world import tables

LIMITS = limits_on(tables().thresholds, dt.date(2026, 12, 1))
CONTENT_TYPES, MAIN = "[Content_Types].xml", "word/document.xml"


def photo(kind: str = "JPEG", size: tuple[int, int] = (4000, 3000), *, noise: bool = False) -> bytes:
    if noise:
        drawn = Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))
    else:
        drawn = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # taken upright
    exif[0x010F] = "a maker of telephones"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (20.0, 30.0, 40.0)
    written = io.BytesIO()
    drawn.save(written, kind, exif=exif, quality=95)
    return written.getvalue()


def pdf(*, script: bool = False, password: str | None = None, carried: bool = False) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(300, 400)
    if script:
        writer.add_open_action(JavaScript("app.alert('x')"))
    if carried:
        writer.add_attachment("a.exe", b"MZ")
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def docx() -> bytes:
    written = io.BytesIO()
    document = Document()
    document.add_paragraph("Tờ trình")
    document.save(written)
    return written.getvalue()


def repacked(extra: dict[str, bytes], without: str = "") -> bytes:
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx())) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            if one.filename not in {*extra, without}:
                new.writestr(one.filename, old.read(one))
        for name, content in extra.items():
            new.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_small_and_upright_and_carries_nothing_else(kind: str) -> None:
    sent = photo(kind)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825), "the photo says where it was taken"
    kept = checked(sent, LIMITS)
    drawn = Image.open(io.BytesIO(kept.content))
    assert (kept.kind, drawn.format) == ("jpeg", "JPEG")
    assert len(kept.content) <= 400_000
    assert drawn.size == (1440, 1920)
    assert not drawn.getexif()
    assert b"telephones" not in kept.content
    assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_that_compresses_badly_is_kept_within_the_limit() -> None:
    assert len(checked(photo(size=(1600, 1200), noise=True), LIMITS).content) <= 400_000


def test_an_image_that_unpacks_to_gigabytes_is_refused_before_it_does() -> None:
    written = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(written, "PNG")
    assert len(written.getvalue()) < 100_000
    with pytest.raises(BadInput, match="pixels"):
        checked(written.getvalue(), LIMITS)


def test_whole_documents_are_kept_as_they_came() -> None:
    for kind, content in (("pdf", pdf()), ("docx", docx())):
        kept = checked(content, LIMITS)
        assert (kept.kind, kept.content) == (kind, content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ" + bytes(100), "no photo"),
        (b"<svg onload='x'/>", "no photo"),
        (b"GIF89a" + bytes(100), "no photo"),
        (b"", "no photo"),
        (photo()[:5_000], "broken"),
        (b"\xff\xd8\xff" + bytes(2_000), "broken"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(500), "broken"),
        (pdf()[:60], "broken"),
        (b"%PDF-1.7\n" + os.urandom(3_000), "broken"),
        (pdf(script=True), "script"),
        (pdf(carried=True), "another file"),
        (pdf(password="x"), "encrypted"),
        (docx()[:2_000], "broken"),
        (repacked({}, without=MAIN), "no Word document"),
        (repacked({"word/vbaProject.bin": b"x"}), "macros"),
        (repacked({"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        (repacked({MAIN: b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "broken"),
        (repacked({"word/media/a.bin": bytes(MAX_UNPACKED_BYTES)}), "too large when unpacked"),
        (
            repacked(
                {
                    "word/_rels/settings.xml.rels": b'<R><r Type="http://x/attachedTemplate" '
                    b'TargetMode="External" Target="http://x/a.dotm"/></R>'
                }
            ),
            "elsewhere",
        ),
        (pdf() + bytes(LIMITS.document), "larger"),
        (photo(size=(100, 100)) + bytes(LIMITS.photo_sent), "larger"),
    ],
)
def test_what_is_broken_hostile_or_something_else_is_refused_with_its_reason(
    content: bytes, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        checked(content, LIMITS)
