"""Send due deliveries: one sender per store at a time, each attempt counted first, with growing pauses."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Row, Select, bindparam, func, select, update

from services.notices.channel import Channel, Parcel, Undelivered
from services.notices.words import written
from services.store.notice_tables import DELIVERIES, NOTICES, SUBSCRIPTIONS
from services.store.store import Store

POLL_SECONDS = 10.0
AT_ONCE = 500
OF_ONE_ADDRESS = 50
"""Deliveries to one address in a round: what waits for one that is away hides nobody else's."""
SENDERS = 8
TURN_SECONDS = 30.0
"""The longest time that one address has in a round; what is left waits for the next."""
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=6)
MOST_ATTEMPTS = 14
"""With these pauses the last attempt comes about a day and a half after the first."""

_random = random.Random()  # noqa: S311 -- spreads attempts, guards nothing
_log = structlog.get_logger("notices")


@dataclass(frozen=True, slots=True)
class _Packed:
    """A parcel, its channel, and its deliveries with their attempts so far."""

    parcel: Parcel
    channel: str
    subscription_id: UUID
    attempts: Mapping[UUID, int]


class Sender:
    """Deliver in a thread of its own, to several addresses at once; another process on the same store stands by.

    An attempt is counted before the message is sent, and its outcome is stored after. If the process dies in
    between, the delivery waits and is retried after its pause: the message may arrive twice, under the same
    id.

    Args:
        channels: by the name in subscriptions; a delivery without a channel waits.
        shorten: returns a share from 0 to 1; each pause is shortened by half that share, so that senders do
            not retry in step.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Callable[[], dt.datetime],
        *,
        shorten: Callable[[], float] = _random.random,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._shorten = shorten
        self._poll_seconds = poll_seconds
        self._lock = store.lock("notices")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the message in hand and end; all other deliveries wait in the store."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            thread.join(timeout)

    def send_due(self) -> int:
        """Try every delivery that is due now; return how many were sent. 0 while another sender works."""
        if not self._lock.try_acquire():
            return 0
        try:
            of_address: dict[UUID, list[_Packed]] = {}
            for packed in self._pack(self._due()):
                of_address.setdefault(packed.subscription_id, []).append(packed)
            if not of_address:
                return 0
            with ThreadPoolExecutor(min(SENDERS, len(of_address)), "notices") as senders:
                return sum(senders.map(self._send_to_one, of_address.values()))
        finally:
            self._lock.release()

    def _send_to_one(self, waiting: Sequence[_Packed]) -> int:
        """Send what is due to one address, in order, until it fails or has had its time."""
        until, sent = time.monotonic() + TURN_SECONDS, 0
        for packed in waiting:
            if self._stopping.is_set() or time.monotonic() > until:
                break
            count = self._try(packed)
            # What does not answer would cost a time-out for each delivery.
            if count is None:
                break
            sent += count
        return sent

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.send_due()
            except Exception as error:  # noqa: BLE001 -- whatever fails, the deliveries wait and are retried
                _log.exception("notices wait", reason=str(error))
            self._stopping.wait(self._poll_seconds)

    def _due(self) -> Sequence[Row[Any]]:
        turn = func.row_number().over(
            partition_by=DELIVERIES.c.subscription_id, order_by=(DELIVERIES.c.due_at, DELIVERIES.c.id)
        )
        due = (
            select(DELIVERIES.c.id, turn.label("turn"))
            .where(DELIVERIES.c.state == "waiting", DELIVERIES.c.due_at <= self._clock())
            .subquery()
        )
        asked: Select[Any] = (
            select(
                DELIVERIES.c.id.label("delivery_id"),
                DELIVERIES.c.attempts,
                SUBSCRIPTIONS.c.id.label("subscription_id"),
                *(SUBSCRIPTIONS.c[name] for name in ("channel", "address", "lang", "secret", "ended_at")),
                NOTICES,
            )
            .join(due, due.c.id == DELIVERIES.c.id)
            .join(NOTICES, NOTICES.c.id == DELIVERIES.c.notice_id)
            .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
            .where(due.c.turn <= OF_ONE_ADDRESS, SUBSCRIPTIONS.c.channel.in_(list(self._channels)))
            .order_by(due.c.turn, DELIVERIES.c.due_at, NOTICES.c.occurred_at)
            .limit(AT_ONCE)
        )
        with self._store.read() as conn:
            return list(conn.execute(asked))

    def _pack(self, rows: Sequence[Row[Any]]) -> list[_Packed]:
        groups: dict[Any, list[Row[Any]]] = {}
        for row in rows:
            if row.ended_at is not None:
                self._mark([row.delivery_id], "failed", "the subscription was ended")
                continue
            gathers = self._channels[row.channel].gathers
            groups.setdefault(row.subscription_id if gathers else row.delivery_id, []).append(row)
        return [_packed(group) for group in groups.values()]

    def _try(self, packed: _Packed) -> int | None:
        """Send one parcel; return how many deliveries left with it, or None where its address is away."""
        self._begin(packed)
        try:
            said = self._channels[packed.channel].send(packed.parcel)
        except Undelivered as error:
            self._failed(packed, error.message, lasting=error.lasting)
            return 0 if error.lasting else None
        except Exception as error:  # noqa: BLE001 -- one message that cannot even be written must not stop the others
            self._failed(packed, f"{type(error).__name__}: {error}", lasting=False)
            return 0
        self._mark(list(packed.attempts), "sent", said)
        return len(packed.attempts)

    def _begin(self, packed: _Packed) -> None:
        """Count the attempt, and set the time of the next one, before the message is sent."""
        now = self._clock()
        changed = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == bindparam("delivery"))
            .values(attempts=bindparam("attempt"), due_at=bindparam("next_at"), last_at=now)
        )
        rows = [
            {"delivery": one, "attempt": attempts + 1, "next_at": now + self._pause(attempts)}
            for one, attempts in packed.attempts.items()
        ]
        with self._store.begin() as conn:
            conn.execute(changed, rows)

    def _pause(self, attempts: int) -> dt.timedelta:
        whole: dt.timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 30))
        return whole * (1 - self._shorten() / 2)

    def _failed(self, packed: _Packed, reason: str, *, lasting: bool) -> None:
        _log.warning("a notice was not delivered", channel=packed.channel, reason=reason, lasting=lasting)
        given_up = [
            one for one, attempts in packed.attempts.items() if lasting or attempts + 1 >= MOST_ATTEMPTS
        ]
        self._mark(given_up, "failed", reason)
        self._mark([one for one in packed.attempts if one not in given_up], "waiting", reason)

    def _mark(self, ids: Sequence[UUID], state: str, outcome: str) -> None:
        if ids:
            changed = update(DELIVERIES).where(DELIVERIES.c.id.in_(ids))
            with self._store.begin() as conn:
                conn.execute(changed.values(state=state, outcome=outcome[:300]))


def _packed(group: Sequence[Row[Any]]) -> _Packed:
    first = group[0]
    attempts = {row.delivery_id: row.attempts for row in group}
    message_id = (
        first.id if len(group) == 1 else uuid5(first.subscription_id, ",".join(sorted(map(str, attempts))))
    )
    parcel = Parcel(message_id, first.address, first.lang, [written(row) for row in group], first.secret)
    return _Packed(parcel, first.channel, first.subscription_id, attempts)
