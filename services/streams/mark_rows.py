"""Make the rows of `case_marks` from the rows of `case_events`, and the keys of the roll-ups that they touch.

The rule is that of reporting/marks.py. It is stated once more here, over columns, for the states without pauses, which
are nearly all; a state with a pause goes through `dated_marks` itself. tests/services/test_mark_rows.py holds the two
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from events.bulk import CaseLine, dates_of, read_dates
from reporting.marks import MARKS, dated_marks
from reporting.tables import CASE_MARKS
from services.streams.rows import columns_of, pauses_of, table_of

if TYPE_CHECKING:
    import datetime as dt

    import pyarrow as pa

Keys = frozenset[tuple[str, "dt.date"]]
"""Touched keys of roll-ups: (unit, day)."""

_CODES = {name: code for code, name in enumerate(MARKS)}
_GROUP = ("unit_code", "field_code", "channel")
_DAYS = ("submitted_on", "received_on", "refused_on", "due_on", "closed_on", "returned_on")
_PAUSES = ("pause_reasons", "pause_from", "pause_to")
_PLACE = (*_GROUP, *_DAYS, "close_kind", *_PAUSES)
# Bits of a key that holds a mark of a case: its teller, its day (days since 1970 until 2149), its code.
_DAY_BITS, _CODE_BITS = 16, 4

NEEDED = ("case_key", "seq", *_PLACE, "previous")
"""The columns of `case_events` that marks follow from."""


def mark_rows(facts: pa.Table) -> tuple[pa.Table, Keys]:
    """Return the rows of `case_marks` that some rows of `case_events` write, and the (unit, day) keys they touch.

    Places are the states of the facts and, after them, the states before them that they name; each has its teller.
    """
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    facts = facts.select(NEEDED).combine_chunks()
    told_before = pc.indices_nonzero(pc.not_equal(facts["previous"], ""))
    former = _former_places(facts["previous"].take(told_before).to_pylist(), facts.schema)
    places = pa.concat_tables([facts.select(_PLACE), former]).combine_chunks()
    teller_of = pa.concat_arrays([pa.array(range(facts.num_rows), pa.int64()), told_before.cast(pa.int64())])
    marks = pa.concat_tables([_plain_marks(places), _paused_marks(places)]).combine_chunks()
    marks = marks.append_column("teller", teller_of.take(marks["place"].combine_chunks()))
    marks = marks.append_column("gone", pc.greater_equal(marks["place"], facts.num_rows))
    moved = pc.not_equal(places["unit_code"], facts["unit_code"].take(teller_of))
    marks = marks.filter(_is_written(marks, moved)).combine_chunks()
    table = table_of(
        CASE_MARKS,
        {
            "day": marks["day"].cast(pa.int32()).cast(pa.date32()),
            "mark": pa.array(MARKS, pa.string()).take(marks["code"].combine_chunks()),
            "gone": marks["gone"].cast(pa.uint8()),
            **{name: places[name].take(marks["place"]) for name in _GROUP},
            **{name: facts[name].take(marks["teller"]) for name in ("case_key", "seq")},
        },
    )
    return table, _touched(table)


def _former_places(previous: list[str], schema: pa.Schema) -> pa.Table:
    """Return the places that the column `previous` tells of."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch

    shape = pa.schema([schema.field(name) for name in _PLACE])
    if not previous:
        return shape.empty_table()
    said = columns_of(read_dates(previous))
    said |= pauses_of(said["pauses"]) | {"close_kind": [kind or "" for kind in said["close_kind"]]}
    return pa.table([pa.array(said[field.name], field.type) for field in shape], schema=shape)


def _is_written(marks: pa.Table, moved: pa.Array) -> pa.Array:
    """Tell of each mark whether it is written: of a former place only what its teller has no more at that unit."""
    import pyarrow.compute as pc  # noqa: PLC0415 -- heavy, loaded by the first batch

    key = pc.add(
        pc.shift_left(marks["teller"], _DAY_BITS + _CODE_BITS),
        pc.add(pc.shift_left(marks["day"], _CODE_BITS), marks["code"]),
    )
    held = key.filter(pc.invert(marks["gone"])).combine_chunks()
    former = pc.and_(marks["gone"], pc.is_in(key, value_set=held))
    return pc.or_(pc.invert(former), moved.take(marks["place"].combine_chunks()))


def _paused_marks(places: pa.Table) -> pa.Table:
    """Return the marks of the places with pauses."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    paused = pc.indices_nonzero(pc.greater(pc.list_value_length(places["pause_from"]), 0))
    rows = places.take(paused).to_pylist()
    held = [(at, dated_marks(_dates(row))) for at, row in zip(paused.to_pylist(), rows, strict=True)]
    return pa.table(
        {
            "place": pa.array([at for at, marks in held for _ in marks], pa.int64()),
            "day": _numbers(pa.array([day for _, marks in held for day, _ in marks], pa.date32())),
            "code": pa.array([_CODES[name] for _, marks in held for _, name in marks], pa.int64()),
        }
    )


def _dates(row: dict[str, Any]) -> CaseLine:
    spans = zip(*(row[name] for name in _PAUSES), strict=True)
    return dates_of({name: row[name] for name in (*_GROUP, *_DAYS)}, row["close_kind"] or None, spans)


def _plain_marks(places: pa.Table) -> pa.Table:
    """Return the marks of the places without pauses, kind by kind."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    plain = pc.indices_nonzero(pc.equal(pc.list_value_length(places["pause_from"]), 0)).cast(pa.int64())
    days = {name: _numbers(places[name]).take(plain) for name in _DAYS}
    return pa.concat_tables(
        pa.table(
            {
                "place": plain.filter(day.is_valid()),
                "day": day.drop_null(),
                "code": code.filter(day.is_valid()),
            }
        )
        for day, code in _kinds_of_marks(days, places["close_kind"].take(plain))
    )


def _numbers(days: Any) -> Any:
    """Return days as numbers since 1970."""
    return days.cast("int32").cast("int64")


def _kinds_of_marks(days: dict[str, Any], kinds: Any) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield (days, codes) with one value per place: the day is missing where a place has no such mark."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    def always(name: str) -> pa.Array:
        return pa.repeat(pa.scalar(_CODES[name], pa.int64()), len(kinds))

    received, due, closed = days["received_on"], days["due_on"], days["closed_on"]
    first = pc.max_element_wise(pc.add(due, 1), received, skip_nulls=False)
    late_on = pc.if_else(pc.fill_null(pc.greater_equal(closed, first), True), first, None)  # noqa: FBT003 -- a value
    late = late_on.is_valid()
    yield days["submitted_on"], always("submitted")
    yield days["refused_on"], always("refused")
    yield days["returned_on"], always("returned")
    yield received, always("opened")
    yield late_on, always("overdue_in")
    yield closed, always("closed")
    yield pc.if_else(late, closed, None), always("overdue_out")
    finished = pc.if_else(
        due.is_null(),
        _CODES["closed_undated"],
        pc.if_else(
            late,
            _CODES["closed_late"],
            pc.if_else(pc.less(closed, due), _CODES["closed_early"], _CODES["closed_on_time"]),
        ),
    )
    yield (
        closed,
        pc.if_else(
            pc.equal(kinds, "withdrawn"),
            _CODES["closed_withdrawn"],
            pc.if_else(pc.equal(kinds, "stopped"), _CODES["closed_stopped"], finished),
        ),
    )


def _touched(marks: pa.Table) -> Keys:
    """Return the distinct (unit, day) of some marks."""
    keys = marks.select(["unit_code", "day"]).group_by(["unit_code", "day"]).aggregate([])
    return frozenset(zip(keys["unit_code"].to_pylist(), keys["day"].to_pylist(), strict=True))
