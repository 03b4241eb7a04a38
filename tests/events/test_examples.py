"""The contract by example: what is accepted, and what is rejected for which reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

import events
from events.codec import decode, encode
from events.errors import ContractError
from events.issues import IssueReported
from events.registry import EVENT_TYPES
from events.sources import SourceHeartbeat
from events.topics import MAX_EVENT_BYTES
from tests.strategies import written_out

FOLDER = Path(events.__file__).parent
ACCEPTED = sorted((FOLDER / "examples" / "accepted").glob("*.json"))
REJECTED = sorted((FOLDER / "examples" / "rejected").glob("*.json"))
FAMILIES = (
    "case",
    "issue",
    "escalation",
    "clock",
    "fault",
    "signal",
    "problem",
    "source",
    "promise",
    "lesson",
    "period",
    "envelope",
)


def type_of(path: Path) -> str:
    """Read the type from a file name: `case.received--backfill.json` is of type case.received."""
    return path.stem.split("--")[0]


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def value_of(example: dict[str, Any]) -> bytes:
    """Return the bytes of a rejected example: an event, or raw text that is none."""
    if "raw" in example:
        return str(example["raw"]).encode()
    return orjson.dumps(example["event"])


def test_every_type_has_an_accepted_example() -> None:
    assert {type_of(path) for path in ACCEPTED} == set(EVENT_TYPES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_rejected_examples(family: str) -> None:
    assert len([path for path in REJECTED if type_of(path).split(".")[0] == family]) >= 2


def test_every_rejected_example_is_of_a_known_family() -> None:
    assert {type_of(path).split(".")[0] for path in REJECTED} == set(FAMILIES)


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_an_accepted_example_is_read_and_written_back_the_same(path: Path) -> None:
    event = decode(path.read_bytes())
    assert event.type == type_of(path)
    assert decode(encode(event)) == event


@pytest.mark.parametrize("path", [p for p in ACCEPTED if "--v" not in p.stem], ids=lambda path: path.stem)
def test_writing_an_accepted_example_again_loses_nothing_of_it(path: Path) -> None:
    again = decode(encode(decode(path.read_bytes())))
    assert says(orjson.loads(written_out(again)), load(path))


def says(whole: Any, part: Any) -> bool:
    """Tell whether `whole` holds everything that `part` says; it may add defaults."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(says(whole.get(name), value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(says, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("path", [p for p in ACCEPTED if "--v" not in p.stem], ids=lambda path: path.stem)
def test_an_accepted_example_satisfies_the_published_schema(path: Path) -> None:
    schema = load(FOLDER / "schemas" / f"{type_of(path)}.json")
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(load(path))


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_a_rejected_example_is_rejected_for_its_reason(path: Path) -> None:
    example = load(path)
    with pytest.raises(ContractError) as caught:
        decode(value_of(example))
    assert caught.value.slug == example["reject"]
    assert example["because"] in caught.value.message


@pytest.mark.parametrize(
    "path",
    [p for p in REJECTED if type_of(p) in EVENT_TYPES or type_of(p) == "envelope"],
    ids=lambda p: p.stem,
)
def test_no_reason_gives_away_what_the_event_said(path: Path) -> None:
    """Reasons go to logs, headers and pages; what a stranger put into an event must not."""
    with pytest.raises(ContractError) as caught:
        decode(value_of(load(path)))
    for word in ("Nguyễn Văn A", "Lê Thị B", "Trần Văn C", "Phạm Thị D", "0912345678", "Bản Vịn", "H56.15"):
        assert word not in caught.value.message


def test_the_reader_of_today_reads_the_heartbeat_of_the_version_before() -> None:
    event = decode((FOLDER / "examples" / "accepted" / "source.heartbeat--v1.json").read_bytes())
    assert isinstance(event, SourceHeartbeat)
    assert event.data.outbox_count == 4
    assert event.data.oldest_unsent_at is None
    assert event.dataschema == "urn:liencap:source.heartbeat:2"


def test_a_report_of_the_version_before_says_neither_what_it_is_nor_what_is_asked() -> None:
    event = decode((FOLDER / "examples" / "accepted" / "issue.reported--v2.json").read_bytes())
    assert isinstance(event, IssueReported)
    assert (event.data.content, event.data.request) == (None, None)
    assert event.data.tried is not None
    assert event.dataschema == "urn:liencap:issue.reported:3"


def test_every_type_beyond_its_first_version_keeps_an_example_of_the_version_before() -> None:
    for name, cls in EVENT_TYPES.items():
        if cls.version() > 1:
            path = FOLDER / "examples" / "accepted" / f"{name}--v{cls.version() - 1}.json"
            assert load(path)["dataschema"] == f"urn:liencap:{name}:{cls.version() - 1}"
            assert decode(path.read_bytes()).type == name


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_two_versions_ahead_and_version_zero_are_unknown(cls: type[Any]) -> None:
    name = str(cls.model_fields["type"].default)
    example = load(FOLDER / "examples" / "accepted" / f"{name}.json")
    for version in (0, cls.version() + 1, cls.version() + 2, 9999):
        if version == cls.version() - 1 and version > 0:
            continue
        example["dataschema"] = f"urn:liencap:{name}:{version}"
        with pytest.raises(ContractError) as caught:
            decode(orjson.dumps(example))
        assert caught.value.slug == "unknown-event-version"


def test_examples_are_far_below_the_limit_of_the_log() -> None:
    assert max(path.stat().st_size for path in ACCEPTED) < MAX_EVENT_BYTES / 100
