"""Fill the demo in a thread behind the pages, slowly while somebody looks at them."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from events.errors import LienCapError
from services.simulate.demo import PROVINCE, plan_of
from services.simulate.nation import complete, is_complete, provinces_in_order
from services.web.shell.filling import Filling

if TYPE_CHECKING:
    from services.boot.system import Echo, System

RESTS_ALONE, RESTS_WATCHED = 0.25, 1.5
"""How long it rests after each step, as a multiple of the step: while nobody looks, and while somebody does."""
LONGEST_REST = 3.0
WATCHED_SECONDS = 10.0
TRIES_AGAIN_SECONDS = 5.0
STOP_SECONDS = 30.0


@contextmanager
def filling(system: System, *, echo: Echo) -> Iterator[tuple[System, Callable[[], None]]]:
    """Yield a system whose pages show how far a demo is filled, and what begins to fill the rest; it ends with the block."""
    plan = plan_of(system.intake_side.store)
    if plan is None or not plan.whole_nation:
        yield system, lambda: None
        return
    order = provinces_in_order(system)
    background = Background(
        order,
        [code for code in order if not is_complete(system, code)],
        lambda code, before_each: complete(system, plan, code, before_each, echo),
    )
    try:
        yield (
            dataclasses.replace(system, parts=dataclasses.replace(system.parts, filling=background)),
            background.start,
        )
    finally:
        background.stop()


Work = Callable[[str, Callable[[], None]], None]


class _StoppedError(Exception):
    """The demo ends; the next start goes on."""


class Background:
    """Completes the provinces of a demo one after another; called, it returns how far it is.

    A thread of low priority would be the worse neighbour: it would keep the interpreter's lock while it waits for its turn on
    a processor. So it rests between its steps instead, and longer while pages are asked for.

    Args:
        order: all provinces, in the order in which they become complete.
        left: those that are not, in the same order.
        work: completes a province, and calls what it is given before each step, which may raise.
    """

    def __init__(
        self,
        order: Sequence[str],
        left: Sequence[str],
        work: Work,
        *,
        tries_again_seconds: float = TRIES_AGAIN_SECONDS,
    ) -> None:
        self._order = order
        self._left = left
        self._work = work
        self._tries_again_seconds = tries_again_seconds
        self._stopping = threading.Event()
        self._asked_at = -WATCHED_SECONDS
        self._woke_at = 0.0
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def __call__(self) -> Filling | None:
        """Return how far it is; None when all is complete. Whoever asks is about to show a page."""
        self._asked_at = time.monotonic()
        left = self._left
        if not left:
            return None
        hidden = frozenset(left[:1]) - {PROVINCE}
        return Filling(len(self._order) - len(left), len(self._order), hidden)

    def start(self) -> None:
        """Start the thread, if anything is left to do."""
        if self._left:
            self._thread.start()

    def stop(self) -> None:
        """Stop before the next step; the next start goes on there."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while self._left and not self._stopping.is_set():
            self._woke_at = time.monotonic()
            try:
                self._work(self._left[0], self._rest)
            except _StoppedError:
                return
            except LienCapError as error:
                structlog.get_logger("demo").warning("the demo goes on later", reason=error.message)
                self._stopping.wait(self._tries_again_seconds)
                continue
            self._left = self._left[1:]

    def _rest(self) -> None:
        now = time.monotonic()
        is_watched = now - self._asked_at < WATCHED_SECONDS
        rest = (now - self._woke_at) * (RESTS_WATCHED if is_watched else RESTS_ALONE)
        if self._stopping.wait(min(rest, LONGEST_REST)):
            raise _StoppedError
        self._woke_at = time.monotonic()
