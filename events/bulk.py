"""Validate case events in bulk by the rules of the contract: column by column instead of event by event.

Structs, bounds and rules are derived from the pydantic models; the derivation fails on a kind of constraint
that it does not know. An event that the fast path does not take goes through `events.codec.decode`, which
accepts it or raises the contract's own error.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, AwareDatetime
from pydantic.fields import FieldInfo

from events.cases import CASE_EVENTS, CaseEvent
from events.codec import decode
from events.envelope import Envelope
from events.errors import ContractError
from events.fields import Payload

Fits = Callable[[Any], bool]

_AT_ONCE = 500
"""Number of lines that are decoded and then checked together: as many as stay in the processor's cache."""

# Beyond microseconds one decoder rounds and the other truncates; a backslash escape could hide such a digit.
_finer_than_a_microsecond = re.compile(rb"\.[0-9]{7}").search
_INSTANT: Any = Annotated[dt.datetime, msgspec.Meta(tz=True)]
_NATIVE = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}
_VERSIONS = frozenset(
    (cls.model_fields["type"].default, cls.model_fields["dataschema"].default) for cls in CASE_EVENTS
)


class CaseLine(msgspec.Struct):
    """A case event, or a part of one, with the attributes of its model; only `read_lines` validates."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def read_lines(values: Sequence[bytes]) -> list[CaseLine | Envelope | ContractError]:
    """Decode values with the same result as the codec: a line for a case event, the error for invalid bytes.

    An event of another family is returned as the codec's model.
    """
    shape = _case_event()
    taken = msgspec.json.Decoder(shape.struct).decode
    found: list[CaseLine | Envelope | ContractError] = []
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        read = [_at_once(taken, value) for value in some]
        lines = [(at, line) for at, line in enumerate(read) if line is not None]
        for fault in shape.faults([line for _, line in lines]):
            read[lines[fault][0]] = None
        found += (line or _by_codec(value) for value, line in zip(some, read, strict=True))
    return found


def readable(values: Sequence[bytes]) -> list[int]:
    """Return the indexes of the values that have the shape of a case event; their rules are not checked."""
    taken = msgspec.json.Decoder(_case_event().struct).decode
    return [at for at, value in enumerate(values) if _at_once(taken, value) is not None]


def line_of(event: CaseEvent) -> CaseLine:
    """Return the line of an event that was validated as a model."""
    line: CaseLine = msgspec.convert(event, _case_event().struct, from_attributes=True)
    return line


def _at_once(taken: Callable[[bytes], CaseLine], value: bytes) -> CaseLine | None:
    if b"\\" in value or _finer_than_a_microsecond(value):
        return None
    try:
        return taken(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _by_codec(value: bytes) -> CaseLine | Envelope | ContractError:
    try:
        event = decode(value)
    except ContractError as fault:
        return fault
    return line_of(event) if isinstance(event, CaseEvent) else event


@dataclass(frozen=True, slots=True)
class _Shape:
    """A struct, and the checks that its decoder leaves open: values, rules across fields, inner structs."""

    struct: Any
    fits: Mapping[str, tuple[Fits, ...]]
    instants: Mapping[str, Fits]
    rules: tuple[Callable[[CaseLine], object], ...]
    inner: Mapping[str, _Shape]

    def faults(self, lines: Sequence[CaseLine]) -> set[int]:
        """Return the indexes of the lines that the contract may refuse."""
        found = {at for at, line in enumerate(lines) if not self._keeps_rules(line)}
        columns = zip(*map(msgspec.structs.astuple, lines), strict=True)
        for name, column in zip(self.struct.__struct_fields__, columns, strict=False):
            if name in self.instants:
                found.update(_faulty_instants(column, self.instants[name]))
            elif name in self.fits:
                # A value occurs many times in a column, so each distinct value is checked once.
                wrong = {value for value in set(column) if not self._fit(name, value)}
                if wrong:
                    found.update(at for at, value in enumerate(column) if value in wrong)
            elif name in self.inner:
                found.update(self.inner[name].faults_inside(column))
        return found

    def faults_inside(self, column: Sequence[Any]) -> Iterator[int]:
        """Yield the indexes in a column at which an inner struct, or one of a tuple of them, is at fault."""
        held = [(at, one) for at, one in enumerate(column) if one]
        if held and isinstance(held[0][1], tuple):
            held = [(at, one) for at, several in held for one in several]
        for at in self.faults([one for _, one in held]):
            yield held[at][0]

    def _keeps_rules(self, line: CaseLine) -> bool:
        try:
            for rule in self.rules:
                rule(line)
        except ValueError:
            return False
        return True

    def _fit(self, name: str, value: Any) -> bool:
        return value is None or all(fits(value) for fits in self.fits[name])


def _faulty_instants(column: Sequence[dt.datetime | None], fits: Fits) -> Iterator[int]:
    """Yield the indexes of instants not in UTC or in a refused year; hashing instants would be slower."""
    years = {value.year: value for value in column if value is not None}
    wrong = {year for year, value in years.items() if not fits(value)}
    for at, value in enumerate(column):
        if value is not None and (value.tzinfo is not dt.UTC or value.year in wrong):
            yield at


@cache
def _case_event() -> _Shape:
    derived = _shape(CaseEvent)
    return replace(derived, rules=(*derived.rules, _of_a_known_version))


def _of_a_known_version(line: CaseLine) -> None:
    if (line.type, line.dataschema) not in _VERSIONS:
        raise ValueError("not a case event of the version that this release writes")


@cache
def _shape(model: type[Payload]) -> _Shape:
    """Derive the struct of a model of the contract.

    Raises:
        TypeError: the model has a validator that bulk reading does not know.
    """
    decorated = model.__pydantic_decorators__
    if decorated.field_validators or any(d.info.mode != "after" for d in decorated.model_validators.values()):
        raise TypeError(f"{model.__name__} validates in a way that bulk reading does not know")
    fields: list[Any] = []
    fits: dict[str, tuple[Fits, ...]] = {}
    instants: dict[str, Fits] = {}
    inner: dict[str, _Shape] = {}
    for name, info in model.model_fields.items():
        kind, native = _plain(info.annotation), {}
        for bound in (*info.metadata, *_bounds(info.annotation)):
            key = _NATIVE.get(type(bound))
            if key and isinstance(getattr(bound, key), int):
                native[key] = getattr(bound, key)
            elif isinstance(bound, AfterValidator) and _INSTANT in (kind, *get_args(kind)):
                instants[name] = partial(_unchanged, bound.func)
            else:
                fits[name] = (*fits.get(name, ()), _fits(bound))
        for part in (info.annotation, *get_args(info.annotation)):
            if _is_model(part):
                inner[name] = _shape(part)
        if native:
            kind = _bounded(kind, msgspec.Meta(**native))
        # A field with one possible value has a default for code; encoded bytes must contain it.
        stated = info.is_required() or (get_origin(kind) is Literal and len(get_args(kind)) == 1)
        fields.append((name, kind) if stated else (name, kind, info.default))
    struct: Any = msgspec.defstruct(
        model.__name__,
        fields,
        bases=(CaseLine,),
        kw_only=True,
        gc=False,
        forbid_unknown_fields=True,
        rename={name: info.alias for name, info in model.model_fields.items() if info.alias},
    )
    return _Shape(struct, fits, instants, tuple(d.func for d in decorated.model_validators.values()), inner)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Payload)


def _plain(annotation: Any) -> Any:
    """Return the type that msgspec reads for an annotation, without its bounds."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is AwareDatetime:
        return _INSTANT
    if _is_model(annotation):
        return _shape(annotation).struct
    if origin is Annotated:
        return _plain(parts[0])
    if origin is Literal or not parts:
        return annotation
    if origin is tuple:
        return tuple[_plain(parts[0]), ...]  # type: ignore[misc]  # computed
    return Union[tuple(map(_plain, parts))]  # noqa: UP007 -- computed


def _bounded(kind: Any, meta: msgspec.Meta) -> Any:
    if get_origin(kind) is Union or isinstance(kind, UnionType):
        return Union[tuple(part if part is NoneType else Annotated[part, meta] for part in get_args(kind))]  # noqa: UP007 -- computed
    return Annotated[kind, meta]


def _bounds(annotation: Any) -> Iterator[Any]:
    """Yield the bounds inside an annotation."""
    if get_origin(annotation) is Annotated:
        for said in annotation.__metadata__:
            yield from said.metadata if isinstance(said, FieldInfo) else (said,)
    elif get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from _bounds(part)


def _fits(bound: Any) -> Fits:
    if isinstance(bound, Ge):
        return partial(_at_least, bound.ge)
    if isinstance(bound, Le):
        return partial(_at_most, bound.le)
    if pattern := getattr(bound, "pattern", None):
        return re.compile(pattern).fullmatch  # type: ignore[return-value]  # a match counts as true
    raise TypeError(f"bulk reading does not know the bound {bound!r}")


def _at_least(least: Any, value: Any) -> bool:
    return bool(value >= least)


def _at_most(most: Any, value: Any) -> bool:
    return bool(value <= most)


def _unchanged(validate: Any, value: dt.datetime) -> bool:
    """Return whether a validator leaves an instant unchanged."""
    try:
        made = validate(value)
    except ValueError:
        return False
    return (made, made.tzinfo) == (value, value.tzinfo)
