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
            stack: list[Element] = []
            for moment, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
                if moment == "start":
                    held += 1
                    if held > MAX_HELD_ELEMENTS:
                        raise UnusableFile(f"{path.name}: one case has over {MAX_HELD_ELEMENTS:,} elements")
                    if not stack and _bare(element.tag) != "log":
                        raise UnusableFile(
                            f"{path.name}: XML, but not XES: it begins with <{_bare(element.tag)}>"
                        )
                    stack.append(element)
                    continue
                stack.pop()
                if _bare(element.tag) == "trace":
                    for event in _events_of(element):
                        number += 1
                        yield number, event
                if len(stack) == 1:  # a child of the log: its content is processed
                    stack[0].remove(element)
                    held = 0
    except ParseError as error:
        raise UnusableFile(f"{path.name}: not well-formed XML ({error})") from error
    except DefusedXmlException as error:
        raise UnusableFile(
            f"{path.name}: defines a document type or entities, which an event log never needs; refused"
        ) from error


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attributes(element: Element, prefix: str) -> dict[str, str]:
    return {
        prefix + child.attrib["key"]: child.attrib["value"].strip()
        for child in element
        if "key" in child.attrib and "value" in child.attrib
    }


def _events_of(trace: Element) -> Iterator[dict[str, str]]:
    shared = _attributes(trace, "case:")
    for child in trace:
        if _bare(child.tag) == "event":
            yield shared | _attributes(child, "")
