"""Write into the register of promises: villages, promised days, measurements, strikes."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from events.envelope import Envelope
from events.fields import CommuneCode, Count, LocalDate, Slug, TextRef
from events.promises import (
    Commitment,
    Gap,
    Listing,
    Measurement,
    PromiseListed,
    PromiseMade,
    PromiseMeasured,
    PromiseStruck,
    Striking,
    spot_id,
)
from reporting.dated.bodies import territory_of
from reporting.dated.calendar import local_day
from reporting.errors import UnknownUnit
from reporting.privacy import check
from reporting.promises.register import Refusal, Spot, fold
from services.access.actors import Actor
from services.acting.recording import event_by
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict, Forbidden
from services.input_errors import naming_the_field
from services.language.vietnamese import folded
from services.store.outbox import enqueue
from services.store.store import OUTBOX, Store
from services.store.texts import TextStore

_REFUSED: dict[Refusal, type[Forbidden | Conflict]] = {
    "not_listed": Conflict,
    "struck": Conflict,
    "actor_not_entitled": Forbidden,
    "not_due": Conflict,
}
_WHY: dict[Refusal, str] = {
    "not_listed": "this village does not stand in the register",
    "struck": "this entry was struck as a mistake: list the village again",
    "actor_not_entitled": "only the department keeps the register, and only it or the commune itself measures",
    "measured_in_future": "a measurement cannot lie in the future",
    "not_due": "what was to be said of this entry is void: something was measured or promised meanwhile",
}


def _without_marks(name: str) -> str:
    # PostgreSQL cannot store a NUL in a text.
    return unicodedata.normalize("NFC", " ".join(name.replace("\x00", "").split()))


class SpotInput(BaseModel):
    """A village as sent to the register; with a promiser and a day, the day is promised too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit_code: CommuneCode
    village: Annotated[str, AfterValidator(_without_marks), Field(min_length=1, max_length=200)]
    village_key: Annotated[str, Field(min_length=1, max_length=200)]
    gap: Gap
    household_count: Count | None = None
    promiser: Slug | None = None
    promised_on: LocalDate | None = None


def village_key(name: str, code: str | None = None) -> str:
    """Return the key of a village within its commune: its code, or else its name without case, marks and spacing.

    Raises:
        BadInput: the code is missing, and the name has neither letter nor digit.
    """
    found = code or folded(name)
    if not found:
        raise BadInput("the name of a village has letters or digits", field="village")
    return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome of a call: the entry, and its new events; none where all was recorded already today."""

    spot_id: UUID
    event_ids: tuple[UUID, ...]


class PromiseRegister:
    """Records into the register; each call is one transaction, and a repetition on the same day records nothing."""

    def __init__(
        self, store: Store, texts: TextStore, tables: DatedTables, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._texts = texts
        self._tables = tables
        self._clock = clock

    def add(self, actor: Actor, department: str, said: SpotInput, *, dry_run: bool = False) -> Recorded:
        """List a village, and the day promised for it.

        Raises:
            UnknownUnit, BadInput, PersonalData, Forbidden: see `_check` and reporting/promises/register.py.
        """
        self._check(department, said)
        found, now = spot_id(said.unit_code, said.village_key, said.gap), self._clock()
        content = f"{said.village}\0{said.household_count}\0{department}"
        with self._store.begin() as conn:
            digest = hashlib.sha256(said.village.encode()).hexdigest()
            village = TextRef(id=uuid5(found, f"village:{digest}"), sha256=digest)
            if not dry_run:
                self._texts.put(
                    conn, said.village, unit_code=said.unit_code, purpose="village", text_id=village.id
                )
            listing = Listing(
                unit_code=said.unit_code,
                gap=said.gap,
                department=department,
                village=village,
                household_count=said.household_count,
            )
            frame = _Frame(actor, department, said.unit_code, found, now)
            events: list[Envelope] = [frame.event(PromiseListed, listing, f"listed:{content}")]
            if said.promiser is not None and said.promised_on is not None:
                made = Commitment(promiser=said.promiser, promised_on=said.promised_on)
                events.append(frame.event(PromiseMade, made, f"made:{said.promiser}:{said.promised_on}"))
            return Recorded(found, self._record(conn, None, events, dry_run=dry_run))

    def promise(
        self,
        actor: Actor,
        spot: Spot,
        promiser: str,
        promised_on: dt.date,
        written_on: dt.date | None = None,
    ) -> Recorded:
        """Record a promised day, or a moved one; `written_on` as in `measure`.

        Raises:
            BadInput: the promiser is unknown or the day invalid.
            Forbidden, Conflict: see reporting/promises/register.py.
        """
        self._check_promiser(spot.unit_code, promiser)
        with naming_the_field():
            made = Commitment(promiser=promiser, promised_on=promised_on)
        return self._say(actor, spot, PromiseMade, made, f"made:{promiser}:{promised_on}", written_on)

    def measure(
        self,
        actor: Actor,
        spot: Spot,
        measured_on: dt.date,
        *,
        works: bool,
        written_on: dt.date | None = None,
    ) -> Recorded:
        """Record a measurement on the spot.

        Args:
            actor: who measured.
            spot: the entry.
            measured_on: the day of the measurement.
            works: the result.
            written_on: the day on which a device wrote it, where that is known: sent again later, it is the same.

        Raises:
            BadInput, Forbidden, Conflict: see reporting/promises/register.py.
        """
        with naming_the_field():
            found = Measurement(measured_on=measured_on, works=works)
        what = f"measured:{measured_on}:{works}:{actor.unit_code}"
        return self._say(actor, spot, PromiseMeasured, found, what, written_on)

    def strike(self, actor: Actor, spot: Spot, reason_code: str) -> Recorded:
        """Record that the entry was a mistake.

        Raises:
            BadInput, Forbidden, Conflict: see reporting/promises/register.py.
        """
        if reason_code not in {"listed_twice", "no_such_village", "wrong_gap"}:
            raise BadInput("no such reason to strike an entry", field="reason_code")
        why = Striking.model_validate({"reason_code": reason_code})
        return self._say(actor, spot, PromiseStruck, why, f"struck:{reason_code}")

    def _say(
        self,
        actor: Actor,
        spot: Spot,
        kind: type[Envelope],
        data: Any,
        what: str,
        written_on: dt.date | None = None,
    ) -> Recorded:
        frame = _Frame(actor, spot.department, spot.unit_code, spot.id, self._clock(), written_on)
        event = frame.event(kind, data, what)
        with self._store.begin() as conn:
            return Recorded(spot.id, self._record(conn, spot, [event]))

    def _record(
        self, conn: Connection, spot: Spot | None, events: Sequence[Envelope], *, dry_run: bool = False
    ) -> tuple[UUID, ...]:
        for event in events:
            spot, refused = fold(spot, event)
            if refused == "measured_in_future":
                raise BadInput(_WHY[refused], field="measured_on", error_key="future")
            if refused is not None:
                raise _REFUSED[refused](_WHY[refused])
        ids = [event.id for event in events]
        known = set(conn.scalars(select(OUTBOX.c.event_id).where(OUTBOX.c.event_id.in_(ids))))
        new = [event for event in events if event.id not in known]
        if not dry_run:
            for event in new:
                enqueue(conn, event)
        return tuple(event.id for event in new)

    def _check(self, department: str, said: SpotInput) -> None:
        units, province = self._tables.units, territory_of(department)
        if units.province_of(said.unit_code) != province:
            raise UnknownUnit(f"{said.unit_code} is no commune of province {province}", field="unit_code")
        check(said.village, "village")
        if (said.promiser is None) != (said.promised_on is None):
            raise BadInput(
                "a promise has a promiser and a day, both or neither",
                field="promised_on",
                error_key="missing",
            )
        if said.promiser is not None:
            self._check_promiser(said.unit_code, said.promiser)

    def _check_promiser(self, unit_code: str, promiser: str) -> None:
        bodies = self._tables.bodies
        near = {self._tables.units.province_of(unit_code), "vn"}
        if not bodies.knows(promiser) or territory_of(promiser) not in near:
            raise BadInput(f"no body {promiser!r} of this province promises", field="promiser")


@dataclass(frozen=True, slots=True)
class _Frame:
    """The envelope fields of one actor's events about one entry on one day."""

    actor: Actor
    department: str
    unit_code: str
    spot_id: UUID
    now: dt.datetime
    written_on: dt.date | None = None

    def event(self, kind: type[Envelope], data: Any, what: str) -> Envelope:
        province = territory_of(self.department)
        keeps = self.actor.body == self.department or self.actor.unit_code == self.unit_code
        return event_by(
            self.actor,
            (kind, data),
            source=f"/vn/{province}/{self.unit_code}",
            event_id=uuid5(self.spot_id, f"{what}:{self.written_on or local_day(self.now)}"),
            subject=self.spot_id,
            now=self.now,
            expected_version=None,
            on_behalf_of=None if keeps else self.department,
        )
