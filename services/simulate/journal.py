"""The journal of a simulation: which steps are done, so that a process that died goes on where it stood."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.errors import SetupError
from services.store.simulations import Simulation, begun, end_simulation, note_simulation
from services.store.store import Store

Step = Callable[[bool], None]
"""One step; its argument is whether a process that died may have taken the step in part."""


class Journal:
    """Count the steps of a simulation, which come in the same order in each run of it.

    A step is noted once all that it recorded is durable. The first one after a restart may have been taken in part: it
    must leave alone what it finds recorded.

    Args:
        before_each: called before each step; whoever raises there lets a later run go on with that step.
    """

    def __init__(
        self,
        store: Store,
        simulation: Simulation,
        *,
        resumed: bool = False,
        before_each: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._before_each = before_each
        self._at = 0
        self.simulation = simulation
        self.resumed = resumed

    def take(self, step: Step) -> None:
        """Take the next step, unless it was taken before a restart."""
        self._at += 1
        done = self.simulation.step_count
        if self._at <= done:
            return
        self._before_each()
        step(self.resumed and self._at == done + 1)
        self.resumed = False
        self.simulation = dataclasses.replace(self.simulation, step_count=self._at)
        note_simulation(self._store, self.simulation)

    def reach(self, present: dt.datetime) -> None:
        """Note which present is to be reached; it moves on while the past is worked through."""
        self.simulation = dataclasses.replace(self.simulation, present=present)
        note_simulation(self._store, self.simulation)

    def end(self, *, noted: tuple[str, str] | None = None) -> None:
        """Note that the present is reached: the live watch looks at the province again."""
        end_simulation(self._store, self.simulation, noted=noted)


class NoJournal:
    """Take each step once and forget it: for a simulation that nobody goes on with."""

    def take(self, step: Step) -> None:
        """Take the step."""
        again = False
        step(again)


@contextmanager
def opened(
    store: Store, wanted: Simulation, *, before_each: Callable[[], None] = lambda: None
) -> Iterator[Journal]:
    """Begin a simulation; where one of the province and kind is under way, go on with that one instead.

    From the first note to the end of the simulation, whoever is running it, the live watch leaves the province alone.

    Raises:
        SetupError: another process simulates this province just now.
    """
    lock = store.lock(f"simulation-{wanted.province_code}")
    if not lock.try_acquire():
        raise SetupError(
            f"another process simulates province {wanted.province_code} just now; wait until it has ended"
        )
    try:
        known = begun(store, wanted)
        if known is None:
            note_simulation(store, wanted)
            yield Journal(store, wanted, before_each=before_each)
        else:
            yield Journal(store, known, resumed=True, before_each=before_each)
    finally:
        lock.release()
