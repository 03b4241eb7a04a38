"""The counters of a simulated province: the cases and reports ready to send, the state of the lines, the sending."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sqlalchemy import or_, select

from services.access.actors import Actor
from services.intake.intake import Feed, Intake
from services.simulate.cases import CaseWorld, Sending, draw_day
from services.simulate.profiles import Profile
from services.store.store import CASES, Store

Ready = Mapping[str, Sequence[Sending]]
"""Commune with a line → its cases and reports to send now, in order."""

Wanted = Callable[[Sequence[Sending]], bool]
"""Returns whether a case is wanted, by all that its counter ever sends of it."""

LATE_JOINERS, JOINS_AFTER = 0.03, dt.timedelta(days=3)

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def every_case(_sendings: Sequence[Sending]) -> bool:
    """Return True."""
    return True


def over_before(instant: dt.datetime) -> Wanted:
    """Return the check for cases of which nothing is sent from an instant on."""
    return lambda sendings: sendings[-1].at < instant


def lasting_to(instant: dt.datetime) -> Wanted:
    """Return the check for cases of which something is sent at an instant or later."""
    return lambda sendings: sendings[-1].at >= instant


class Counters:
    """The counters of some communes; what they send and when follows from the seed alone."""

    def __init__(self, world: CaseWorld, province_code: str, seed: str) -> None:
        self._world = world
        self._province_code = province_code
        self._seed = seed
        self._waiting: dict[str, list[Sending]] = defaultdict(list)
        self.offline_until: dict[str, dt.datetime] = {}
        self._joined_on: dt.date | None = None

    def arrive(
        self,
        profile: Profile,
        day: dt.date,
        *,
        exactly: int | None = None,
        accepted_only: bool = False,
        wanted: Wanted = every_case,
    ) -> None:
        """Draw the cases that arrive at a counter on a day, of those that are wanted."""
        drawn = draw_day(self._world, profile, day, self._seed, exactly=exactly, accepted_only=accepted_only)
        for _, case in groupby(drawn, key=lambda sending: sending.row["MaHoSo"]):
            sendings = list(case)
            if wanted(sendings):
                self._waiting[profile.unit_code] += sendings

    @property
    def waiting_count(self) -> int:
        """Return how many rows wait to be ready or to be sent."""
        return sum(map(len, self._waiting.values()))

    def on_line(self, profiles: Sequence[Profile], now: dt.datetime) -> list[str]:
        """Return the communes that have a line now; some lose it for hours or days."""
        if self._joined_on is None:
            # Some communes are connected a few days after the others: until then they send nothing.
            self._joined_on = now.date()
            late = (each.unit_code for each in profiles if self._joins_late(each.unit_code))
            self.offline_until |= dict.fromkeys(late, now + JOINS_AFTER)
        rng = random.Random(f"{self._seed}:lines:{now.date()}")
        for profile in profiles:
            if rng.random() < profile.offline_per_day:
                self.offline_until[profile.unit_code] = now + dt.timedelta(
                    hours=rng.choice((3, 8, 24, 48, 72))
                )
        codes = (profile.unit_code for profile in profiles)
        return [code for code in codes if self.offline_until.get(code, now) <= now]

    def _joins_late(self, code: str) -> bool:
        return random.Random(f"{self._seed}:joins:{code}").random() < LATE_JOINERS

    def take_ready(self, codes: Iterable[str], now: dt.datetime) -> Ready:
        """Take out the rows so far of some communes; they wait no longer."""
        taken: dict[str, Sequence[Sending]] = {}
        for code in codes:
            ready = [each for each in self._waiting[code] if each.at <= now]
            self._waiting[code] = [each for each in self._waiting[code] if each.at > now]
            if ready:
                taken[code] = sorted(ready, key=lambda each: each.at)
        return taken

    def send(self, intake: Intake, ready: Ready, now: dt.datetime) -> tuple[int, list[str]]:
        """Synchronise rows; return how many cases are new, and why rows were refused.

        What a counter receives for another commune comes with the feed of the province.
        """
        feeds = [feed for code, sendings in ready.items() for feed in self._feeds(code, sendings)]
        answers = intake.sync_feeds(feeds, now=now.astimezone(dt.UTC))
        created = sum(result.outcome == "created" for results in answers for result in results)
        refused = [
            f"{feed.unit_code}: {result.reason}"
            for feed, results in zip(feeds, answers, strict=True)
            for result in results
            if result.outcome == "rejected"
        ]
        return created, refused

    def _feeds(self, code: str, sendings: Sequence[Sending]) -> Iterator[Feed]:
        own = Actor("commune_officer", code, f"{code}.ubnd", f"simulated-{code}")
        feed = Actor("administrator", self._province_code, None, f"simulated-feed-{self._province_code}")
        for actor in (own, feed):
            rows = [each.row for each in sendings if each.by_feed == (actor is feed)]
            if rows:
                yield Feed(code, actor, rows)


def unsent(store: Store, ready: Ready, now: dt.datetime) -> Ready:
    """Return the rows that a process had not sent when it died in the middle of a sending.

    The number of a case's state never lies below the microsecond of its receipt (`reporting/cases/advance.py`), so it
    shows whether a row that was sent at this instant is in the store.
    """
    left: dict[str, Sequence[Sending]] = {}
    first = (now - _EPOCH) // _MICROSECOND
    with store.read() as conn:
        for code, sendings in ready.items():
            theirs = or_(CASES.c.unit_code == code, CASES.c.received_unit_code == code)
            sent = set(conn.scalars(select(CASES.c.dossier_code).where(theirs, CASES.c.seq >= first)))
            left[code] = [each for each in sendings if each.row["MaHoSo"] not in sent]
    return left
