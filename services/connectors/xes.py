"""Read an event log in XES (IEEE 1849): one record per event, the attributes of its case prefixed `case:`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.connectors.errors import UnusableFile

MAX_HELD_ELEMENTS = 500_000


def read_xes(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the running number of each event and its attributes; memory holds one case at a time.

    Entities, document types and external references are refused: an event log needs none.

    Raises:
        UnusableFile: not well-formed, not XES, or with entity definitions that could exhaust memory.
    """
    number = 0
    held = 0
    try:
        with path.open("rb") as file:
            depth, log = 0, Element("log")
            for moment, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
                if moment == "start":
                    held += 1
                    if held > MAX_HELD_ELEMENTS:
                        raise UnusableFile(f"{path.name}: one case has over {MAX_HELD_ELEMENTS:,} elements")
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
                    held = 0
    except ParseError as error:
        raise UnusableFile(f"{path.name}: not well-formed XML ({error})") from error
    except DefusedXmlException as error:
        raise UnusableFile(
            f"{path.name}: defines a document type or entities, which an event log never needs; refused"
        ) from error


def _log(path: Path, element: Element) -> Element:
    if _bare(element.tag) != "log":
        raise UnusableFile(f"{path.name}: XML, but not XES: it begins with <{_bare(element.tag)}>")
    return element


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
