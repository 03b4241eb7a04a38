from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors import xes
from services.connectors.errors import UnusableFile
from services.connectors.xes import read_xes

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "permits.xes"
BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<log><trace><event><string key="concept:name" value="&c;"/></event></trace></log>
"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE log SYSTEM "file:///etc/passwd"><log><trace/></log>
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "log.xes"
    path.write_text(text, encoding="utf-8")
    return path


def test_events_carry_the_attributes_of_their_case() -> None:
    events = list(read_xes(EXAMPLE))
    assert [number for number, _ in events] == list(range(1, 10))
    assert events[0][1] == {
        "case:concept:name": "000.17.22.H56-261117-9001",
        "case:channel": "Trực tiếp",
        "case:enddate_planned": "2026-11-20T08:30:00+07:00",
        "concept:name": "Tiếp nhận",
        "time:timestamp": "2026-11-17T08:30:00+07:00",
    }


def test_logs_without_a_name_space_are_read_too(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(' xmlns="http://www.xes-standard.org/"', "")
    assert len(list(read_xes(_written(tmp_path, text)))) == 9


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_entities_and_outside_references_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableFile, match="document type or entities"):
        list(read_xes(_written(tmp_path, text)))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("<?xml version='1.0'?><log><trace>", "not well-formed"),
        ("<?xml version='1.0'?><html/>", "not XES: it begins with <html>"),
    ],
)
def test_what_is_no_log_is_one_sentence(tmp_path: Path, text: str, part: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        list(read_xes(_written(tmp_path, text)))
    assert part in caught.value.message


def test_events_before_a_break_are_yielded(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").removesuffix("</log>\n")
    reader = read_xes(_written(tmp_path, text))
    assert len([next(reader) for _ in range(9)]) == 9
    with pytest.raises(UnusableFile):
        next(reader)


def test_a_case_that_never_ends_is_refused_before_it_takes_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes, "MAX_HELD_ELEMENTS", 1_000)
    text = "<log><trace>" + '<event><string key="a" value="b"/></event>' * 600 + "</trace></log>"
    with pytest.raises(UnusableFile, match="one case has over 1,000 elements"):
        list(read_xes(_written(tmp_path, text)))
    apart = "<log>" + '<trace><event><string key="a" value="b"/></event></trace>' * 600 + "</log>"
    assert len(list(read_xes(_written(tmp_path, apart)))) == 600
