"""Read an event log in XES (IEEE 1849): one record per event, the attributes of its case prefixed `case:`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.connectors.errors import UnusableFile

MAX_HELD_ELEMENTS = 500_000
MAX_HELD_BYTES = 64 * 1024 * 1024
"""Bytes of one case, and of one text or tag: the parser holds them whole, whatever their number of elements."""
MAX_DEPTH = 100
MAX_FILE_BYTES = 8 * 1024 * 1024 * 1024


def read_xes(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the running number of each event and its attributes; memory holds one case at a time.

    Entities, document types and external references are refused: an event log needs none.

    Raises:
        UnusableFile: not well-formed, not XES, or with entity definitions that could exhaust memory.
    """
    number = 0
    held = 0
    try:
        _must_fit(path)
        with path.open("rb") as opened:
            file = _Bounded(opened, path.name)
            depth, log = 0, Element("log")
            for moment, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
                if moment == "start":
                    held += 1
                    if held > MAX_HELD_ELEMENTS or depth >= MAX_DEPTH:
                        raise _too_large(path, depth)
                    if depth == 0:
                        log = _log(path, element)
                    depth += 1
                    continue
                depth -= 1
                if depth == 1:  # a child of the log
                    if _bare(element.tag) == "trace":
                        for event in _events_of(element):
                            number += 1
                            yield number, event
                    log.remove(element)
                    held, file.held = 0, 0
    except ParseError as error:
        raise UnusableFile(f"{path.name}: not well-formed XML ({error})") from error
    except DefusedXmlException as error:
        raise UnusableFile(
            f"{path.name}: defines a document type or entities, which an event log never needs; refused"
        ) from error


def _must_fit(path: Path) -> None:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnusableFile(f"{path.name}: over {MAX_FILE_BYTES // 2**30} GB; split it by days")


def _log(path: Path, element: Element) -> Element:
    if _bare(element.tag) != "log":
        raise UnusableFile(f"{path.name}: XML, but not XES: it begins with <{_bare(element.tag)}>")
    return element


def _too_large(path: Path, depth: int) -> UnusableFile:
    if depth >= MAX_DEPTH:
        return UnusableFile(f"{path.name}: elements lie over {MAX_DEPTH} deep; refused")
    return UnusableFile(f"{path.name}: one case has over {MAX_HELD_ELEMENTS:,} elements")


class _Bounded:
    """A file of which only so much is read between two cases."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self.held = 0

    def read(self, size: int = -1) -> bytes:
        """Read on.

        Raises:
            UnusableFile: one case, text or tag is larger than any of an event log.
        """
        window = self._file.read(size)
        self.held += len(window)
        if self.held > MAX_HELD_BYTES:
            raise UnusableFile(f"{self._name}: one case takes over {MAX_HELD_BYTES // 2**20} MB; refused")
        return window


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attributes(element: Element, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element:
        key, value = child.get("key"), child.get("value")
        if key is not None and value is not None:
            found[prefix + key] = value.strip()
    return found


def _events_of(trace: Element) -> Iterator[dict[str, str]]:
    shared = _attributes(trace, "case:")
    for child in trace:
        if _bare(child.tag) == "event":
            yield shared | _attributes(child, "")
