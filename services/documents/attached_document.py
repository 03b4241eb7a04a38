"""Judge a signed document by its structure: whole, bounded when unpacked, readable by everyone, without a program in it."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from services.errors import BadInput

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_PART_OF_XML = 20_000_000
MAX_OBJECTS = 100_000
_WINDOW = 1_048_576
_CONTENT_TYPES, _MAIN = "[Content_Types].xml", "word/document.xml"
_RELATIONS = "word/_rels/"
_WITH_PROGRAMS = ("vbaproject", "vbadata", "activex/", "embeddings/", "oleobject")
_LOADED = ("attachedTemplate", "oleObject", "frame", "subDocument")
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError)
# Names in a PDF that run something or carry another file.
_ACTIVE = frozenset(
    {
        "/JS",
        "/JavaScript",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/XFA",
        "/ImportData",
        "/SubmitForm",
    }
)


def check_docx(content: bytes) -> None:
    """Check that a DOCX is whole, bounded, and runs and loads nothing.

    Raises:
        BadInput: names what speaks against it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_parts(packed)
    except (*_BROKEN, ParseError, DefusedXmlException) as error:
        raise _refused("the document is broken: save it again as DOCX") from error


def _check_parts(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    names = {one.filename for one in parts}
    if len(parts) > MAX_PARTS or len(names) != len(parts):
        raise _refused("the document has too many parts, or one twice")
    if not {_CONTENT_TYPES, _MAIN} <= names:
        raise _refused("this is no Word document: send a DOCX, a PDF or a photo")
    if any(one.flag_bits & 0x1 for one in parts):
        raise _refused("the document is encrypted: save it without a password")
    if any(word in name.lower() for name in names for word in _WITH_PROGRAMS):
        raise _refused("the document contains macros or embedded objects: save it without them")
    unpacked = 0
    for one in parts:
        unpacked = _unpacked(packed, one, unpacked)
        if one.filename == _CONTENT_TYPES and b"macroenabled" in packed.read(one).lower():
            raise _refused("the document contains macros: save it without them")
        if one.filename in {_MAIN, _CONTENT_TYPES} or one.filename.startswith(_RELATIONS):
            _check_xml(packed, one)


def _unpacked(packed: zipfile.ZipFile, one: zipfile.ZipInfo, before: int) -> int:
    """Unpack a part window by window, whatever size it claims; return how much there is with it."""
    with packed.open(one) as part:
        while window := part.read(_WINDOW):
            before += len(window)
            if before > MAX_UNPACKED_BYTES:
                raise _refused("the document is too large when unpacked")
    return before


def _check_xml(packed: zipfile.ZipFile, one: zipfile.ZipInfo) -> None:
    if one.file_size > MAX_PART_OF_XML:
        raise _refused("the document is too large when unpacked")
    root = fromstring(packed.read(one), forbid_dtd=True)
    for relation in root.iter():
        kind, mode = relation.get("Type", ""), relation.get("TargetMode", "")
        if mode == "External" and kind.rpartition("/")[2] in _LOADED:
            raise _refused("the document loads something from elsewhere: save it without its template")


def check_pdf(content: bytes) -> None:
    """Check that a PDF is whole, without a password, and runs and embeds nothing.

    Raises:
        BadInput: names what speaks against it.
    """
    try:
        found = _pdf_fault(content)
    except Exception as error:  # A hostile file makes the reader raise anything.
        raise _refused("the PDF is broken: print it to a file again") from error
    if found is not None:
        raise _refused(found)


def _pdf_fault(content: bytes) -> str | None:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        return "the PDF is encrypted: save it without a password"
    numbers = {(number, 0) for number in reader.xref_objStm}
    numbers |= {(number, generation) for generation, known in reader.xref.items() for number in known}
    if len(numbers) > MAX_OBJECTS:
        return "the PDF has too many parts"
    if not reader.pages:
        return "the PDF has no page"
    for number, generation in numbers:
        one = reader.get_object(IndirectObject(number, generation, reader))
        if one is not None and _is_active(one):
            return "the PDF contains a script, a form program or another file: print it to a file again"
    return "the PDF contains a script" if _is_active(reader.trailer) else None


def _is_active(root: PdfObject) -> bool:
    """Return whether an object names something active; what it refers to is looked at by its own number."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            if not _ACTIVE.isdisjoint(one) or one.get("/S") in _ACTIVE or one.get("/Type") in _ACTIVE:
                return True
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)
    return False


def _refused(why: str) -> BadInput:
    return BadInput(why, field="content")
