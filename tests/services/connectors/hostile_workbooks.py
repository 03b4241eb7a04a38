"""Workbooks that a spreadsheet program would open or refuse, and that must not end the process that reads them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/{part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
_BOOK = """<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>"""
_BOOK_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="{part}"/>{more}</Relationships>"""
_STRINGS_REL = """<Relationship Id="rId2"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>"""
_SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"""
_STRINGS = """<?xml version="1.0" encoding="UTF-8"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>"""
_PART = "worksheets/sheet1.xml"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = f"""<office:document-content xmlns:office="{_OFFICE}:office:1.0" xmlns:table="{_OFFICE}:table:1.0" xmlns:text="{_OFFICE}:text:1.0">
<office:body><office:spreadsheet><table:table table:name="A"><table:table-row table:number-rows-repeated="4000">
<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""

_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0"><manifest:file-entry manifest:full-path="content.xml"
manifest:media-type="text/xml"/></manifest:manifest>"""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a valid workbook may write its cells and name its sheet."""

    cell: str = '<c r="{place}" t="inlineStr"><is><t>x</t></is></c>'
    part: str = _PART


WRITINGS = {
    "as usual": Writing(),
    "in single quotes": Writing(cell="<c r='{place}' t='inlineStr'><is><t>x</t></is></c>"),
    "with a blank": Writing(cell='<c r ="{place}" t="inlineStr"><is><t>x</t></is></c>'),
    "in another folder": Writing(part="foo/sheet1.xml"),
    "in capitals": Writing(part="worksheets/sheet1.XML"),
}


def workbook(path: Path, rows: str, *, part: str = _PART, texts: str = "", state: str = "visible") -> Path:
    """Write a workbook of one sheet whose rows are this XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("[Content_Types].xml", _TYPES.format(part=part))
        packed.writestr("_rels/.rels", _RELS)
        packed.writestr("xl/workbook.xml", _BOOK.format(state=state))
        more = _STRINGS_REL if texts else ""
        packed.writestr("xl/_rels/workbook.xml.rels", _BOOK_RELS.format(part=part, more=more))
        packed.writestr(f"xl/{part}", _SHEET.format(rows=rows))
        if texts:
            packed.writestr("xl/sharedStrings.xml", _STRINGS.format(texts=texts))
    return path


def two_cells(path: Path, far: str, writing: Writing) -> Path:
    """Write a workbook with two filled cells: A1 and one far away."""
    last = "".join(letter for letter in far if letter.isdigit())
    cells = (writing.cell.format(place=place) for place in ("A1", far))
    rows = "".join(f"<row r='{row}'>{cell}</row>" for row, cell in zip(("1", last), cells, strict=True))
    return workbook(path, rows, part=writing.part)


def repeated_cells(path: Path) -> Path:
    """Write an OpenDocument sheet whose one cell is repeated over 65 million places."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", _MANIFEST)
        packed.writestr("content.xml", _ODS.replace("\n", ""))
    return path


def many_rows(path: Path, count: int, columns: int = 3) -> Path:
    """Write a workbook of numbers."""
    cells = "".join("<c><v>7</v></c>" for _ in range(columns))
    return workbook(path, f"<row>{cells}</row>" * count)
