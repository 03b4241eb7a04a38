"""Reading in columns and reading by the models: the same events taken, the same rows, the same faults."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, field_validator, model_validator

import events
from events.cases import CaseDates, CaseEvent, CaseState
from events.codec import encode
from events.errors import ContractError
from events.fields import Payload
from events.log import Position, Record
from events.runs import Run, Runs
from services.consuming.step import OneByOne, read_events
from services.streams import read_cases as reading
from services.streams.case_rows import CaseRows, Lines, fact_rows
from services.streams.contract_columns import shape_of
from services.streams.read_cases import DeliveredColumns, read_cases
from tests.strategies import any_case, any_event, written_first, written_out

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
EXAMPLES = Path(events.__file__).parent / "examples"
FILES = sorted(EXAMPLES.glob("*/*.json"))
RECEIVED = (EXAMPLES / "accepted/case.received.json").read_bytes()

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 1e2, 11, 2**53, 2**64, 1.5, "", " ", "1", "vn", "38", "15607", "15607\n", "１5607",
    "a" * 40, "a" * 41, "a" * 81, "A", "é", "cases.received", "2026-02-30", "2026-03-01", "1989-12-31", "1990-01-01",
    "2099-12-31", "2100-01-01", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00", "2026-03-01T00:00:00+07:00",
    "2026-03-01 00:00:00Z", "2026-03-01t00:00:00z", "2026-03-01T00:00:00-00:00", "2026-03-01T00:00:00.123456789Z",
    "2026-03-01T00:00:00.9999999Z", "2026-03-01T00:00Z", "2026-03-01T24:00:00Z", "1989-12-31T23:59:59Z",
    "1990-01-01T00:00:00+07:00", "2099-12-31T23:00:00-07:00", "2100-01-01T00:00:00Z", 1772323200, [], {}, [{}], ["x"],
    [{"reason": "fee", "from_on": "2026-03-05", "to_on": "2026-03-01"}], [{"reason": "fee", "from_on": "2026-03-05"}],
    [{"reason": "fee", "from_on": "2026-03-05", "who": "x"}], [{"reason": "fee", "from_on": "2026-03-05"}] * 41,
    "urn:liencap:case.received:1", "urn:liencap:case.received:2", "urn:liencap:case.received:3", "case.received", "case.refused", "finished", "counter",
    "12345678123456781234567812345678", "{12345678-1234-5678-1234-567812345678}", "12345678-1234-5678-1234-567812345678",
    "0" * 64, "A" * 64, "/vn", "/vn/38", "/vn/38/1560", "1.004884.000.00.00.H56",
)  # fmt: skip
FIRST = (EXAMPLES / "accepted/case.received--v1.json").read_bytes()
FIELDS = [(name,) for name in json.loads(FIRST)] + [
    ("causationid",), ("expectedversion",), ("actorrole",), ("actorunit",), ("actorbody",), ("onbehalfof",), ("x",),
    ("recorded_at",), *(("data", name) for name in ("x", *CaseState.model_fields)),
    *(("data", "previous", name) for name in ("x", *CaseDates.model_fields)),
]  # fmt: skip


def with_odd(path: tuple[str, ...], odd: object, example: bytes = RECEIVED) -> dict[str, Any]:
    """Return an event of a case with an odd value in one field, or without the field: `...`."""
    event: dict[str, Any] = json.loads(example)
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


PLAIN = orjson.dumps(orjson.loads(RECEIVED))


def contents(rows: CaseRows) -> list[Any]:
    return [rows.stated.to_pylist(), rows.former.to_pylist(), rows.teller.to_pylist()]


def assert_columns_take_only_events(value: bytes) -> None:
    """Hold what the columns take alone against the models."""
    places, rows = reading._in_columns([value], 1)
    if rows is None:
        assert len(places) == 0
        return
    (event,) = read_events([value])
    assert isinstance(event, CaseEvent), value
    assert contents(rows) == contents(CaseRows.of_events([event])), value


def taken_in_columns(value: bytes) -> bool:
    return reading._in_columns([value], 1)[1] is not None


def records_of(values: list[bytes]) -> Runs:
    def record(place: int) -> Record:
        return Record(Position("cases", 3, 10 * place), "k", values[place], {}, NOW)

    return Runs([Run("cases", 3, range(0, 10 * len(values), 10), values, record)])


def assert_read_alike(values: list[bytes]) -> None:
    """Hold the two ways together over a whole batch, with the positions of its events."""
    records = records_of(values)
    in_columns, by_model = read_cases(values, worth_columns=1), OneByOne(read_events(values))
    assert {at: (f.slug, f.message) for at, f in in_columns.errors.items()} == {
        at: (f.slug, f.message) for at, f in by_model.errors.items()
    }
    delivered, expected = in_columns.delivered(records), by_model.delivered(records)
    assert len(delivered) == len(expected)
    cases = [one for one in expected if isinstance(one.event, CaseEvent)]
    if isinstance(delivered, DeliveredColumns):
        found = sorted(fact_rows(delivered.cases(), 7).to_pylist(), key=lambda row: row["offset"])
        assert found == fact_rows(Lines.of(cases), 7).to_pylist()
        assert [d.record.position for d in delivered.others()] == [
            d.record.position for d in expected if not isinstance(d.event, CaseEvent)
        ]
    assert [d.record.position for d in delivered] == [d.record.position for d in expected]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_is_read_alike(file: Any) -> None:
    for value in (file.read_bytes(), file.read_bytes().replace(b"\n", b"").strip()):
        assert_columns_take_only_events(value)
        assert_read_alike([PLAIN, value, PLAIN])


@given(st.lists(any_case, min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
@pytest.mark.slow
def test_what_a_commune_sends_is_taken_in_columns(cases: list[CaseEvent]) -> None:
    values = [encode(case) for case in cases]
    for value in values:
        assert taken_in_columns(value) == (value.isascii() and b"\\" not in value and b"null" not in value)
    assert_read_alike(values)


@given(any_case)
@settings(max_examples=150, deadline=None)
def test_every_form_of_an_event_gives_the_same_row(case: CaseEvent) -> None:
    forms = (encode(case), written_out(case), written_first(case))
    found = [reading._in_columns([form], 1)[1] for form in forms]
    expected = contents(CaseRows.of_events([case]))
    for form, rows in zip(forms, found, strict=True):
        if rows is None:
            assert not form.isascii() or b"\\" in form or b"null" in form
        else:
            assert contents(rows) == expected


@given(st.lists(any_event.map(encode) | st.binary(max_size=20) | st.just(PLAIN), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_mixture_is_read_alike(values: list[bytes]) -> None:
    assert_read_alike(values)


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
@pytest.mark.parametrize("example", [RECEIVED, FIRST], ids=["version 2", "version 1"])
@pytest.mark.slow
def test_no_odd_value_in_any_field_is_taken_in_columns_unless_it_is_an_event(
    path: tuple[str, ...], example: bytes
) -> None:
    values = []
    for odd in (*ODD, ...):
        values.append(json.dumps(with_odd(path, odd, example), separators=(",", ":")).encode())
        assert_columns_take_only_events(values[-1])
    assert_read_alike(values)


@given(any_case, st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_mixed_up_dates_are_taken_only_where_they_hang_together(
    event: CaseEvent, data: st.DataObject
) -> None:
    raw = orjson.loads(encode(event))
    other = orjson.loads(encode(data.draw(any_case)))
    holder, source = raw["data"], other["data"]
    if "previous" in holder and data.draw(st.booleans()):
        holder = holder["previous"]
    for name in data.draw(st.lists(st.sampled_from(sorted(CaseDates.model_fields)), min_size=1, max_size=4)):
        if name in source:
            holder[name] = source[name]
        else:
            holder.pop(name, None)
    raw["time"] = data.draw(st.sampled_from([one.get("time", one["recordedat"]) for one in (raw, other)]))
    assert_columns_take_only_events(orjson.dumps(raw))


@given(st.binary(max_size=6), st.integers(0, len(PLAIN)), st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_bytes_that_were_damaged_are_taken_only_where_they_are_an_event(
    noise: bytes, at: int, lost: int
) -> None:
    assert_columns_take_only_events(PLAIN[:at] + noise + PLAIN[at + lost :])


@pytest.mark.parametrize(
    "number", [b"-0", b"00", b"1.0", b"1e0", b"1E1", b"+1", b"0x1", b"NaN", b'"1"', b" 1", b"[1]"]
)
def test_numbers_said_in_another_way_are_read_alike(number: bytes) -> None:
    for name in (b"supplement_count", b"seq", b"status_code"):
        value = PLAIN.replace(b'"data":{', b'"data":{"%b":%b,' % (name, number))
        assert_columns_take_only_events(value)
        twice = value.replace(b',"%b":2' % name, b"").replace(b',"%b":1772420400000000' % name, b"")
        assert_columns_take_only_events(twice)


def is_plain_by_the_first_rule(text: bytes, lines: int) -> bool:
    """Tell whether this many lines are plain, as the first release told it: by counting in all of them at once."""
    return (
        text.isascii()
        and b"\\" not in text
        and b"null" not in text
        and text.startswith(b"{")
        and text.endswith(b"}")
        and text.count(b"\n") == text.count(b"}\n{") == lines - 1
    )


NASTY = (
    b"",
    b"{",
    b"}",
    b"{}",
    b"\n",
    b"{}\n{}",
    b"{}{}",
    b"null",
    b"nul",
    b"l}",
    b"\\",
    b"\0",
    b"\xef\xbb\xbf",
    b" ",
    PLAIN,
)


@given(st.lists(st.lists(st.sampled_from(NASTY), max_size=4).map(b"".join), min_size=1, max_size=6))
@settings(max_examples=500, deadline=None)
@example([b"", b"{}"])
@example([b"{", b"}"])
@example([b"{}\n{}", b"{}"])
@example([b"{}", b"{null}"])
@example([b"{nu", b"ll}"])
@example([b"\xef\xbb\xbf{}"])
@example([b"{\0}"])
def test_a_batch_and_each_of_its_records_are_plain_by_the_rule_that_counted(values: list[bytes]) -> None:
    places = reading._plain_places(values, b"\n".join(values))
    assert places == [at for at, value in enumerate(values) if is_plain_by_the_first_rule(value, 1)]
    assert (len(places) == len(values)) is is_plain_by_the_first_rule(b"\n".join(values), len(values))


HALVES = (PLAIN[: PLAIN.index(b'"data"')] + b'"data":{}', PLAIN[PLAIN.index(b'"data"') :])


@pytest.mark.parametrize(
    "values",
    [
        [PLAIN + PLAIN, b""],
        [PLAIN + PLAIN, b"{}"],
        [PLAIN + b"\n" + PLAIN],
        [PLAIN[:-1], b"}" + PLAIN],
        [*HALVES, PLAIN + PLAIN],
        [HALVES[0] + b"}", b"{" + HALVES[1], PLAIN],
        [b" " + PLAIN, PLAIN + b" "],
        [b"{}", b"{}"],
        [b"[" + PLAIN + b"]", PLAIN],
    ],
)
def test_neighbours_never_lend_each_other_their_bytes(values: list[bytes]) -> None:
    assert_read_alike(values)
    assert_read_alike([PLAIN, *values, PLAIN])


def with_foreign(path: tuple[str, ...], value: object) -> bytes:
    """Return an event that has a field too many somewhere."""
    event = with_odd(("data", "pauses"), [{"reason": "supplement", "from_on": "2026-03-02"}])
    holder: Any = event
    for name in path:
        holder = holder[0] if name == "pauses.0" else holder[name]
    holder["foreign"] = value
    return json.dumps(event, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "path", [(), ("data",), ("data", "previous"), ("data", "pauses", "pauses.0")], ids=".".join
)
@pytest.mark.parametrize(
    "values", [["x", "y"], [1, "x"], [{}, {"a": 1}], [[], [1]], [True, 0.5], [{"a": 1}, {"a": "x"}]]
)
def test_a_field_that_the_contract_does_not_have_keeps_no_neighbour_out(
    path: tuple[str, ...], values: list[object]
) -> None:
    pauses = json.dumps(with_odd(("data", "pauses"), [])).encode()
    strangers = [with_foreign(path, value) for value in values]
    for value in strangers:
        assert_columns_take_only_events(value)
    batch = [PLAIN, strangers[0], pauses, *strangers[1:], PLAIN]
    assert_read_alike(batch)
    assert len(reading._in_columns(batch, 1)[0]) >= 2


def test_a_null_where_the_contract_allows_none_is_no_default() -> None:
    value = PLAIN.replace(b'"applicant_kind":"citizen"', b'"applicant_kind":null')
    assert value != PLAIN
    assert isinstance(read_events([value])[0], ContractError)
    assert_read_alike([PLAIN, value])


def test_a_small_batch_is_read_line_by_model_and_a_large_one_in_columns() -> None:
    assert isinstance(read_cases([PLAIN] * 3), OneByOne)
    assert isinstance(read_cases([PLAIN] * 300).delivered(records_of([PLAIN] * 300)), DeliveredColumns)
    assert_read_alike([PLAIN] * 300)
    assert len(read_cases([]).delivered([])) == 0


def test_whoever_asks_for_less_than_the_whole_batch_gets_events() -> None:
    values = [PLAIN, b"junk", PLAIN, PLAIN]
    read = read_cases(values, worth_columns=1)
    assert list(read.errors) == [1]
    records = records_of(values)
    assert [d.record.position.offset for d in read.delivered(records[:3])] == [0, 20]
    delivered = read.delivered(records)
    assert [d.event.data.seq for d in delivered[1:]] == [1772420400000000] * 2


def test_an_unknown_kind_of_constraint_fails_when_it_is_derived() -> None:
    class Checked(Payload):
        name: str

        @field_validator("name")
        @classmethod
        def _check(cls, value: str) -> str:
            return value

    class Ruled(Payload):
        name: str

        @model_validator(mode="after")
        def _rule(self) -> Any:
            return self

    class Bounded(Payload):
        count: Annotated[int, Field(multiple_of=3)]

    class Changed(Payload):
        name: Annotated[str, AfterValidator(str.upper)]

    class Typed(Payload):
        share: float

    class Following(Payload):
        name: str
        title: str = Field(default_factory=lambda said: str(said["name"]))

    for model in (Checked, Ruled, Bounded, Changed, Typed, Following):
        with pytest.raises(TypeError, match=r"column reading does not know"):
            shape_of(model)
