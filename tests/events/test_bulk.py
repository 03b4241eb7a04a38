"""The fast reader of case events and the codec: the same events taken, the same faults, the same content."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, field_validator

import events
from events import bulk
from events.bulk import CaseLine, line_of, read_lines
from events.cases import CASE_EVENTS, CaseDates, CaseEvent
from events.codec import encode
from events.errors import ContractError
from events.fields import Payload
from services.consuming.step import read_events
from tests.strategies import any_event, events_of

EXAMPLES = Path(events.__file__).parent / "examples"
FILES = sorted(EXAMPLES.glob("*/*.json"))
RECEIVED = (EXAMPLES / "accepted/case.received.json").read_bytes()

any_case = st.one_of([events_of(cls) for cls in CASE_EVENTS])


def plain(value: Any) -> Any:
    """Return attributes all the way down, of a model or of a line."""
    if isinstance(value, CaseLine):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Payload):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return (value, value.tzinfo) if isinstance(value, dt.datetime) else value


def assert_alike(value: bytes) -> None:
    """Hold the two readers together over some bytes."""
    (read,) = read_lines([value])
    (event,) = read_events([value])
    if isinstance(event, ContractError):
        assert isinstance(read, ContractError), value
        assert (read.slug, read.message, read.field) == (event.slug, event.message, event.field)
        return
    assert isinstance(read, CaseLine) == isinstance(event, CaseEvent)
    assert plain(read) == plain(event)


def taken_at_once(value: bytes) -> bool:
    """Tell whether the fast way takes the bytes without the codec."""
    shape = bulk._case_event()
    line = bulk._at_once(msgspec.json.Decoder(shape.struct).decode, value)
    return line is not None and not shape.faults([line])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_is_read_alike(file: Path) -> None:
    assert_alike(file.read_bytes())


@given(any_event)
@settings(max_examples=150, deadline=None)
def test_any_event_is_read_alike(event: Any) -> None:
    assert_alike(encode(event))


@given(any_case)
@settings(max_examples=150, deadline=None)
def test_what_a_commune_sends_is_taken_at_once(event: CaseEvent) -> None:
    assert taken_at_once(encode(event))
    assert plain(line_of(event)) == plain(event)


ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 1e2, 11, 2**53, 2**64, 1.5, "", " ", "1", "vn", "38", "15607", "15607\n", "１5607",
    "a" * 40, "a" * 41, "a" * 81, "A", "é", "cases.received", "2026-02-30", "2026-03-01", "1989-12-31", "1990-01-01",
    "2099-12-31", "2100-01-01", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00", "2026-03-01T00:00:00+07:00",
    "2026-03-01 00:00:00Z", "2026-03-01t00:00:00z", "2026-03-01T00:00:00-00:00", "2026-03-01T00:00:00.123456789Z",
    "2026-03-01T00:00:00.9999999Z", "2026-03-01T00:00Z", "2026-03-01T24:00:00Z", "1989-12-31T23:59:59Z",
    "1990-01-01T00:00:00+07:00", "2099-12-31T23:00:00-07:00", "2100-01-01T00:00:00Z", 1772323200, [], {}, [{}], ["x"],
    [{"reason": "fee", "from_on": "2026-03-05", "to_on": "2026-03-01"}], [{"reason": "fee", "from_on": "2026-03-05"}],
    [{"reason": "fee", "from_on": "2026-03-05", "who": "x"}], [{"reason": "fee", "from_on": "2026-03-05"}] * 41,
    "urn:liencap:case.received:1", "urn:liencap:case.received:2", "case.received", "case.refused", "finished", "counter",
    "12345678123456781234567812345678", "{12345678-1234-5678-1234-567812345678}", "12345678-1234-5678-1234-567812345678",
    "0" * 64, "A" * 64, "/vn", "/vn/38", "/vn/38/1560", "1.004884.000.00.00.H56",
)  # fmt: skip
FIELDS = [(name,) for name in json.loads(RECEIVED)] + [
    ("causationid",), ("expectedversion",), ("actorrole",), ("actorunit",), ("actorbody",), ("onbehalfof",), ("x",),
    ("recorded_at",), *(("data", name) for name in ("x", *bulk._case_event().inner["data"].struct.__struct_fields__)),
    *(("data", "previous", name) for name in ("x", *CaseDates.model_fields)),
]  # fmt: skip


def with_odd(path: tuple[str, ...], odd: object) -> dict[str, Any]:
    """Return an event of a case with an odd value in one field, or without the field: `...`."""
    event: dict[str, Any] = json.loads(RECEIVED)
    event["data"]["previous"] = {
        name: event["data"][name] for name in CaseDates.model_fields if name in event["data"]
    }
    holder = event
    for name in path[:-1]:
        holder = holder[name]
    if odd is ...:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = odd
    return event


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
def test_any_odd_value_in_any_field_is_read_alike(path: tuple[str, ...]) -> None:
    for odd in (*ODD, ...):
        event = with_odd(path, odd)
        assert_alike(json.dumps(event).encode())
        assert_alike(json.dumps(event, ensure_ascii=False).encode())


@given(any_case, st.data())
@settings(max_examples=150, deadline=None)
def test_mixed_up_dates_are_read_alike(event: CaseEvent, data: st.DataObject) -> None:
    raw = orjson.loads(encode(event))
    other = orjson.loads(encode(data.draw(any_case)))
    for name in data.draw(st.lists(st.sampled_from(sorted(CaseDates.model_fields)), min_size=1, max_size=4)):
        if name in other["data"]:
            raw["data"][name] = other["data"][name]
        else:
            raw["data"].pop(name, None)
    assert_alike(orjson.dumps(raw))


@given(st.binary(max_size=6), st.integers(0, len(RECEIVED)), st.integers(0, 6))
@settings(max_examples=400, deadline=None)
def test_bytes_that_were_damaged_are_read_alike(noise: bytes, at: int, lost: int) -> None:
    assert_alike(RECEIVED[:at] + noise + RECEIVED[at + lost :])


@pytest.mark.parametrize(
    "value",
    [
        RECEIVED.replace(b'"status_code"', b'"status_code":9,"status_code"'),
        RECEIVED.replace(b'"data"', b'"data":{},"data"'),
        RECEIVED.replace(b'"case.received"', rb'"case\u002ereceived"'),
        RECEIVED + b" \n",
        RECEIVED + RECEIVED,
        b"\xef\xbb\xbf" + RECEIVED,
        RECEIVED.decode().encode("utf-16"),
        b"",
        b"null",
    ],
)
def test_json_said_in_another_way_is_read_alike(value: bytes) -> None:
    assert_alike(value)


def test_a_bad_event_harms_no_other_and_order_is_kept() -> None:
    r = json.loads(RECEIVED)
    values = []
    for number in range(1_200):
        r["data"]["seq"] = number + 1
        values.append(json.dumps(r).encode() if number % 7 else b"junk")
    read = read_lines(values)
    assert [isinstance(one, ContractError) for one in read] == [number % 7 == 0 for number in range(1_200)]
    assert [one.data.seq for one in read if isinstance(one, CaseLine)] == [
        number + 1 for number in range(1_200) if number % 7
    ]


def test_nothing_to_read_is_nothing() -> None:
    assert read_lines([]) == []


def test_an_unknown_kind_of_constraint_fails_when_it_is_derived() -> None:
    class Checked(Payload):
        name: str

        @field_validator("name")
        @classmethod
        def _check(cls, value: str) -> str:
            return value

    class Bounded(Payload):
        count: Annotated[int, Field(multiple_of=3)]

    class Changed(Payload):
        name: Annotated[str, AfterValidator(str.upper)]

    for model in (Checked, Bounded, Changed):
        with pytest.raises(TypeError, match="bulk reading does not know"):
            bulk._shape(model)
