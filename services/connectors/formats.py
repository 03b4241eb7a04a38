"""Detect the format of a file by its first bytes: names are unreliable (an `.xls` is often a web page)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from services.connectors.errors import UnusableFile

Format = Literal["csv", "xlsx", "xls", "xes"]

_HEAD_BYTES = 4096
_FOREIGN = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"{\\rtf": "a word-processor document",
    b"SQLite format 3": "a database",
}


def format_of(path: Path, name: str | None = None) -> Format:
    """Return the format of the file's content; `name` is shown for a file that was unpacked.

    Raises:
        UnusableFile: the file is missing or empty, or holds no table.
    """
    shown = name or path.name
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise UnusableFile(f"{shown}: cannot be opened ({error.strerror})") from error
    if not head.strip():
        raise UnusableFile(f"{shown}: the file is empty")
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise UnusableFile(f"{shown}: this is {what}, not CSV, XLSX, XLS or XES")
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    return _text_format(shown, head)


def _text_format(shown: str, head: bytes) -> Format:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")):
        raise UnusableFile(
            f"{shown}: this is a web page under the name of a spreadsheet; open it in a spreadsheet "
            "program and save it as .xlsx"
        )
    if start.startswith((b"<?xml", b"<log")):
        if b"urn:schemas-microsoft-com" in start:
            raise UnusableFile(f"{shown}: this is an XML spreadsheet of 2003; save it as .xlsx")
        return "xes"
    return "csv"
