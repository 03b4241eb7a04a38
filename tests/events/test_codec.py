"""Encoding and decoding for any event, and decoding of any bytes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.cases import CaseEvent
from events.codec import decode, encode
from events.envelope import ALLOWED_SKEW, Envelope
from events.errors import ContractError, InvalidEvent, MalformedEvent
from events.json_schemas import schema_of
from events.registry import ALL_EVENTS, EVENT_TYPES
from tests.strategies import any_case, any_event, events_of, written_first, written_out

EXAMPLES = Path(__file__).parents[2] / "events" / "examples" / "accepted"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def read_or_refused(value: bytes) -> Envelope | ContractError:
    """Return the event, or why it is none; another kind of error comes through."""
    try:
        return decode(value)
    except ContractError as error:
        return error


def what_is_wrong_with(value: bytes) -> ContractError | None:
    """Read bytes and return the refusal, if any."""
    found = read_or_refused(value)
    return found if isinstance(found, ContractError) else None


@pytest.mark.parametrize("cls", ALL_EVENTS, ids=EVENT_TYPES)
@pytest.mark.slow
def test_any_event_comes_back_equal_and_encodes_the_same_again(cls: type[Envelope]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(events_of(cls))
    def holds(event: Envelope) -> None:
        again = decode(encode(event))
        assert again == event
        assert type(again) is cls
        assert encode(again) == encode(event)

    holds()


@settings(max_examples=150, deadline=None)
@given(any_event)
def test_an_event_with_every_default_stated_is_the_same_event(event: Envelope) -> None:
    assert decode(written_out(event)) == decode(encode(event)) == event
    assert len(encode(event)) < len(written_out(event))


@settings(max_examples=150, deadline=None)
@given(any_case)
def test_an_event_of_a_case_of_version_1_is_the_same_event(event: CaseEvent) -> None:
    assert decode(written_first(event)) == event


@settings(max_examples=150, deadline=None)
@given(any_event)
def test_nothing_is_written_that_could_be_left_out(event: Envelope) -> None:
    raw: dict[str, Any] = orjson.loads(encode(event))
    for part in (raw, raw["data"]):
        for name in [*part]:
            value = part.pop(name)
            assert read_or_refused(orjson.dumps(raw)) != event, name
            part[name] = value


@settings(max_examples=150, deadline=None)
@given(any_event)
def test_both_forms_of_an_event_satisfy_the_published_schema(event: Envelope) -> None:
    validator = jsonschema.Draft202012Validator(schema_of(type(event)))
    for written in (encode(event), written_out(event)):
        validator.validate(orjson.loads(written))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_event_raise_nothing_but_a_contract_error(value: bytes) -> None:
    with pytest.raises(ContractError):
        decode(value)


@settings(max_examples=150, deadline=None)
@given(any_event, st.data())
def test_a_spoilt_event_is_read_or_raises_a_contract_error(event: Envelope, data: st.DataObject) -> None:
    """Put any JSON value anywhere, or take something away: the reader answers in its own words."""
    raw: dict[str, Any] = orjson.loads(encode(event))
    part = raw if data.draw(st.booleans()) else raw["data"]
    name = data.draw(st.sampled_from([*part, "somebody"]))
    if data.draw(st.booleans()):
        part.pop(name, None)
    else:
        part[name] = data.draw(json_values)
    try:
        value = orjson.dumps(raw)
    except orjson.JSONEncodeError:  # an integer that JSON here cannot carry
        return
    fault = what_is_wrong_with(value)
    assert fault is None or fault.message


@settings(max_examples=150, deadline=None)
@given(any_event, st.integers(0, 2_000), st.integers(0, 255))
def test_a_flipped_byte_raises_nothing_but_a_contract_error(event: Envelope, place: int, byte: int) -> None:
    value = bytearray(encode(event))
    value[place % len(value)] = byte
    fault = what_is_wrong_with(bytes(value))
    assert fault is None or fault.slug in {
        "malformed-event",
        "unknown-event-type",
        "unknown-event-version",
        "invalid-event",
    }


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"specversion":"1.0","id":' + b"9" * 5_000 + b"}",
        b'"' + b"x" * 5_000_000 + b'"',
        b"\xef\xbb\xbf{}",
        b'{"type":"case.received","type":"case.refused"}',
        b"\xed\xa0\x80",
        b"NaN",
        b"null",
    ],
    ids=[
        "deep list",
        "deep object",
        "huge number",
        "5 MB",
        "BOM",
        "same name twice",
        "surrogate",
        "NaN",
        "null",
    ],
)
def test_hostile_bytes_are_malformed(value: bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode(value)


@settings(max_examples=50, deadline=None)
@given(any_event, st.timedeltas(dt.timedelta(microseconds=1), dt.timedelta(days=90)))
def test_a_device_clock_may_run_ahead_by_the_skew_and_no_further(
    event: Envelope, further: dt.timedelta
) -> None:
    raw = orjson.loads(encode(event))
    recorded_at = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
    limit = recorded_at + ALLOWED_SKEW
    raw["recordedat"] = recorded_at.isoformat()
    raw["time"] = limit.isoformat()
    assert decode(orjson.dumps(raw)).time == limit
    raw["time"] = (limit + further).isoformat()
    with pytest.raises(InvalidEvent, match="allowed skew"):
        decode(orjson.dumps(raw))


@pytest.mark.parametrize("written", ["{{{}}}", "urn:uuid:{}", "{} "])
@given(st.uuids())
def test_a_subject_that_is_a_uuid_is_read_in_its_plain_form_alone(written: str, subject: UUID) -> None:
    raw = orjson.loads((EXAMPLES / "issue.closed.json").read_bytes())
    for spelled in (written.format(subject), subject.hex, f"A{str(subject)[1:]}"):
        with pytest.raises(InvalidEvent, match="must be a UUID"):
            decode(orjson.dumps(raw | {"subject": spelled, "partitionkey": spelled}))
    assert decode(orjson.dumps(raw | {"subject": str(subject), "partitionkey": str(subject)})).subject == str(
        subject
    )


def test_an_instant_of_another_zone_is_carried_in_utc() -> None:
    raw = {
        "specversion": "1.0",
        "id": "a1b2c3d4-0000-4000-8000-000000000001",
        "source": "/vn/38/15607",
        "type": "source.silent",
        "subject": "15607",
        "time": "2026-03-02T08:00:00+07:00",
        "recordedat": "2026-03-02T08:00:01+07:00",
        "dataschema": "urn:liencap:source.silent:1",
        "partitionkey": "15607",
        "data": {"unit_code": "15607", "last_seen_at": "2026-03-01T08:00:00+07:00"},
    }
    event = decode(orjson.dumps(raw))
    assert event.time.isoformat() == "2026-03-02T01:00:00+00:00"
    assert orjson.loads(encode(event))["data"]["last_seen_at"] == "2026-03-01T01:00:00Z"
