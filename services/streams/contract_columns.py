"""Check whole columns against the contract of case events, by rules that are derived from its models.

An unsupported constraint or rule across fields raises when the shape is derived. A row that does not fit is not
refused here: it is read again by the models, which decide.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, AwareDatetime
from pydantic.fields import FieldInfo

from events import cases as told
from events.cases import CASE_EVENTS, CaseEvent
from events.envelope import ALLOWED_SKEW, STATED
from events.fields import Payload
from services.warehouse.arrow import Columns

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SHAPES = {
    UUID: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    AwareDatetime: f"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\\.[0-9]{{6}})?Z$",
    dt.date: f"^{_DAY}$",
}
"""The form in which a release writes types that JSON lacks; the codec reads further forms."""
_ZERO_UUID = str(UUID(int=0))
_PLAIN = {int: pa.int64(), bool: pa.bool_()}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field with one value: its JSON name, its type and its constraints."""

    name: str
    kind: Any
    required: bool
    default: Any
    allowed: tuple[str, ...] = ()
    bounds: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Inner:
    """A field that holds another model, or (`many`) at most `most` of them."""

    name: str
    shape: Shape
    required: bool
    many: bool
    most: int | None


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a model by attribute, and its rules across them."""

    fields: Mapping[str, Leaf | Inner]
    rules: tuple[Callable[[Columns], Any], ...]

    def arrow(self) -> pa.StructType:
        """Return the Arrow type to read: text for every type that JSON lacks."""
        return pa.struct([(one.name, _arrow_of(one)) for one in self.fields.values()])


@dataclass(slots=True)
class Part:
    """The models inside some rows: their columns, and the row to which each belongs."""

    columns: Columns
    row: Any


@dataclass(slots=True)
class Errors:
    """Rows that are not plainly valid."""

    found: list[Any] = field(default_factory=list)

    def add(self, wrong: Any, rows: Any) -> None:
        """Add the rows where `wrong` is true; `rows` are their numbers, None where the index is the number."""
        if pc.any(wrong).as_py():
            at = pc.indices_nonzero(pc.fill_null(wrong, fill_value=False)).cast(pa.int64())
            self.found.append(at if rows is None else rows.take(at))


def case_event_shape() -> Shape:
    """Return the shape of a case event of any type."""
    return _case_event()


def checked(shape: Shape, read: pa.StructArray, errors: Errors, rows: Any = None) -> Columns:
    """Return the typed columns of what was read, and add the rows with errors, whose values are meaningless."""
    columns: dict[str, pa.Array | Part] = {}
    for (attribute, one), values in zip(shape.fields.items(), read.flatten(), strict=True):
        if one.required and values.null_count:
            errors.add(values.is_null(), rows)
        if isinstance(one, Inner):
            columns[attribute] = _checked_inner(one, values, errors, rows)
        else:
            columns[attribute] = _checked_leaf(one, values, errors, rows)
    for rule in shape.rules:
        errors.add(pc.invert(rule(columns)), rows)
    return columns


def _checked_inner(one: Inner, values: Any, errors: Errors, rows: Any) -> Part:
    if one.many:
        if one.most is not None:
            errors.add(pc.greater(pc.list_value_length(values), one.most), rows)
        places = pc.list_parent_indices(values).cast(pa.int64())
        held = values.flatten()
    else:
        places = pc.indices_nonzero(values.is_valid()).cast(pa.int64())
        held = values if len(places) == len(values) else values.drop_null()
    return Part(checked(one.shape, held, errors, places if rows is None else rows.take(places)), places)


def _checked_leaf(one: Leaf, values: Any, errors: Errors, rows: Any) -> Any:
    if one.kind in _PLAIN:
        for bound in one.bounds:
            errors.add(_beyond(bound, values), rows)
        return values if one.default is None else pc.fill_null(values, one.default)
    if one.kind is UUID or one.kind is AwareDatetime:
        good = pc.match_substring_regex(values, _SHAPES[one.kind])
        typed = _uuids(values, good) if one.kind is UUID else _instants(one, values, good)
        errors.add(pc.and_(values.is_valid(), typed.is_null()), rows)
        return typed
    # A word occurs in a column many times; check each once.
    coded = values.dictionary_encode()
    words = _days(one, coded.dictionary) if one.kind is dt.date else _words(one, coded.dictionary)
    if words.null_count:
        errors.add(words.is_null().take(coded.indices), rows)
    typed = values if one.kind is str and not words.null_count else words.take(coded.indices)
    return typed if one.default is None else pc.fill_null(typed, one.default)


def _beyond(bound: Any, values: Any) -> Any:
    return pc.less(values, bound.ge) if isinstance(bound, Ge) else pc.greater(values, bound.le)


def _words(one: Leaf, words: Any) -> Any:
    """Return the words, null where one is not valid."""
    fits = pc.is_in(words, value_set=pa.array(one.allowed, pa.string())) if one.allowed else None
    for bound in one.bounds:
        if isinstance(bound, MinLen):
            one_fits = pc.greater_equal(pc.binary_length(words), bound.min_length)
        elif isinstance(bound, MaxLen):
            one_fits = pc.less_equal(pc.binary_length(words), bound.max_length)
        else:
            one_fits = pc.match_substring_regex(words, bound)
        fits = one_fits if fits is None else pc.and_(fits, one_fits)
    return words if fits is None else pc.if_else(fits, words, None)


def _days(one: Leaf, words: Any) -> Any:
    """Return the days of the words, null where one is no day or out of bounds."""
    return pa.array([_day(one, word) for word in words.to_pylist()], pa.date32())


def _day(one: Leaf, word: str) -> dt.date | None:
    if not re.fullmatch(_DAY, word):
        return None
    try:
        day = dt.date.fromisoformat(word)
    except ValueError:
        return None
    fits = all(operator.ge(day, b.ge) if isinstance(b, Ge) else operator.le(day, b.le) for b in one.bounds)
    return day if fits else None


def _uuids(values: Any, good: Any) -> Any:
    """Return the sixteen bytes of each, null where a value is missing."""
    digits = pc.if_else(pc.fill_null(good, fill_value=False), values, _ZERO_UUID)
    text = pa.concat_arrays([digits]).buffers()[2].to_pybytes()[: 36 * len(values)]
    packed = bytes.fromhex(text.replace(b"-", b"").decode())
    typed = pa.Array.from_buffers(pa.binary(16), len(values), [None, pa.py_buffer(packed)])
    return typed if pc.all(good, skip_nulls=False).as_py() else pc.if_else(good, typed, None)


def _instants(one: Leaf, values: Any, good: Any) -> Any:
    """Return the instants, null where one is missing, or where the contract refuses it or would change it."""
    if not pc.all(good).as_py():
        values = pc.if_else(good, values, None)
    try:
        typed = values.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        typed = pa.array([_instant(value) for value in values.to_pylist()], pa.timestamp("us", "UTC"))
    years = pc.year(typed)
    for bound in one.bounds:
        refused = [y for y in years.unique().drop_null().to_pylist() if not _kept(bound.func, y)]
        if refused:
            typed = pc.if_else(pc.is_in(years, value_set=pa.array(refused)), None, typed)
    return typed


def _instant(value: str | None) -> dt.datetime | None:
    try:
        return None if value is None else dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _kept(validate: Any, year: int) -> bool:
    """Return whether a validator of instants leaves those of a year unchanged."""
    try:
        instant = dt.datetime(year, 7, 1, tzinfo=dt.UTC)
        return bool(validate(instant) == instant)
    except ValueError:
        return False


def _not_from_the_future(columns: Columns) -> Any:
    latest = pc.add(columns["recorded_at"], pa.scalar(ALLOWED_SKEW, pa.duration("us")))
    return pc.less_equal(columns["time"], latest)


def _hang_together(columns: Columns) -> Any:
    received, closed = columns["received_on"], columns["closed_on"]
    no_end = pc.and_(closed.is_null(), columns["due_on"].is_null())
    holds = pc.equal(closed.is_null(), columns["close_kind"].is_null())
    holds = pc.and_(holds, pc.or_(received.is_valid(), no_end))
    holds = pc.and_(holds, pc.or_(received.is_null(), columns["refused_on"].is_null()))
    return pc.and_(holds, pc.fill_null(pc.greater_equal(closed, received), fill_value=True))


def _in_order(columns: Columns) -> Any:
    return pc.fill_null(pc.less_equal(columns["from_on"], columns["to_on"]), fill_value=True)


def _of_a_known_version(columns: Columns) -> Any:
    said = pc.binary_join_element_wise(columns["type"], columns["dataschema"], " ")
    types = [cls.model_fields["type"].default for cls in CASE_EVENTS]
    known = [f"{name} urn:liencap:{name}:{version}" for name in types for version in (1, 2)]
    return pc.fill_null(pc.is_in(said, value_set=pa.array(known)), fill_value=False)


def _whole_in_version_1(columns: Columns) -> Any:
    data, count = columns["data"], len(columns["time"])
    received = data.columns["received_unit_code"]
    if len(received) < count:  # some event has no data
        received = received.take(pc.index_in(pa.arange(0, count), value_set=data.row))
    stated = (columns["time"], columns["partition_key"], received)
    missing = reduce(pc.or_, [one.is_null() for one in stated])
    return pc.invert(pc.and_(_is_version_1(columns), missing))


def _is_version_1(columns: Columns) -> Any:
    return pc.ends_with(columns["dataschema"], ":1")


def completed(columns: Columns) -> Columns:
    """Return checked columns of case events with what follows from the rest, where an event leaves it out."""
    state = columns["data"].columns
    state = {**state, "received_unit_code": pc.coalesce(state["received_unit_code"], state["unit_code"])}
    sources = columns["source"].dictionary_encode()
    units = pa.array([told.unit_of_source(one) for one in sources.dictionary.to_pylist()], pa.string())
    own = pc.is_in(columns["actor_role"], value_set=pa.array(told.COMMUNE_ROLES))
    # An absent actor of version 1 was nobody.
    own = pc.and_(own, pc.invert(_is_version_1(columns)))
    actors = pc.coalesce(columns["actor_unit"], pc.if_else(own, units.take(sources.indices), None))
    times = pc.coalesce(columns["time"], columns["recorded_at"])
    return {**columns, "data": replace(columns["data"], columns=state), "actor_unit": actors, "time": times}


_FOLLOWS = {
    told.instant_of_receipt,
    told.key_of_unit,
    told.receiving_unit,
    told.own_unit,
    told.own_body,
}
"""The defaults that follow from other fields; `completed` fills in those that the tables hold."""

_RULES: Mapping[str, Callable[[Columns], Any]] = {
    "Envelope._not_from_the_future": _not_from_the_future,
    "CaseDates._hang_together": _hang_together,
    "Pause._in_order": _in_order,
}
"""Each rule across fields of the contract, over columns; tests/services/test_read_cases.py compares the two."""


@cache
def _case_event() -> Shape:
    shape = shape_of(CaseEvent)
    return Shape(shape.fields, (*shape.rules, _of_a_known_version, _whole_in_version_1))


@cache
def shape_of(model: type[Payload]) -> Shape:
    """Derive the shape of a model of the contract.

    Raises:
        TypeError: the model has an unsupported validation.
    """
    decorators = model.__pydantic_decorators__
    rules = [one.func.__qualname__ for one in decorators.model_validators.values()]
    if decorators.field_validators or not set(rules) <= set(_RULES):
        raise TypeError(f"{model.__name__} validates in a way that column reading does not know")
    fields = {name: _field_of(info, info.alias or name) for name, info in model.model_fields.items()}
    return Shape(fields, tuple(_RULES[rule] for rule in rules))


def _field_of(info: FieldInfo, name: str) -> Leaf | Inner:
    parts = [part for part in _parts(info.annotation) if part is not NoneType]
    bounds = [*info.metadata, *_bounds(info.annotation)]
    (kind,) = parts
    stated = info.is_required() or name in STATED
    if isinstance(kind, type) and issubclass(kind, Payload):
        many = get_origin(info.annotation) is tuple
        most = [bound.max_length for bound in bounds if isinstance(bound, MaxLen)] if many else []
        if len(most) != len(bounds):
            raise TypeError(f"column reading does not know the bounds {bounds!r}")
        return Inner(name, shape_of(kind), stated and not many, many, min(most, default=None))
    if info.default_factory not in {None, *_FOLLOWS}:
        raise TypeError(f"column reading does not know the default {info.default_factory!r}")
    default = None if stated or info.default_factory is not None else info.default
    if get_origin(kind) is Literal:
        return Leaf(name, str, stated, default, get_args(kind))
    known = tuple(_bound(kind, bound) for bound in bounds)
    if kind not in (str, *_PLAIN, *_SHAPES):
        raise TypeError(f"column reading does not know the type {kind!r}")
    return Leaf(name, kind, stated, default, bounds=known)


def _bound(kind: Any, bound: Any) -> Any:
    if isinstance(bound, Ge | Le) and kind in (int, dt.date):
        return bound
    if isinstance(bound, MinLen | MaxLen) and kind is str:
        return bound
    if isinstance(bound, AfterValidator) and kind is AwareDatetime:
        return bound
    if kind is str and (pattern := getattr(bound, "pattern", None)):
        return pattern
    raise TypeError(f"column reading does not know the bound {bound!r} of {kind!r}")


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield the types of an annotation, without its bounds."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is AwareDatetime or origin is Literal or not parts:
        yield annotation
    elif origin is Annotated:
        yield from _parts(parts[0])
    else:
        for part in parts:
            if part is not Ellipsis:
                yield from _parts(part)


def _bounds(annotation: Any) -> Iterator[Any]:
    """Yield the bounds inside an annotation."""
    if annotation is AwareDatetime or get_origin(annotation) is Literal:
        return
    if get_origin(annotation) is Annotated:
        for said in annotation.__metadata__:
            yield from said.metadata if isinstance(said, FieldInfo) else (said,)
        yield from _bounds(get_args(annotation)[0])
        return
    for part in get_args(annotation):
        yield from _bounds(part)


def _arrow_of(one: Leaf | Inner) -> pa.DataType:
    if isinstance(one, Leaf):
        return _PLAIN.get(one.kind, pa.string())
    return pa.list_(one.shape.arrow()) if one.many else one.shape.arrow()
