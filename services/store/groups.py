"""Group commit: what many requests write goes into one transaction, so that one flush to the disk serves them all."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from sqlalchemy import Connection

from events.errors import LienCapError
from services.errors import NotReady, Overloaded
from services.store.store import Store

MOST_IN_GROUP = 64
LONGEST_QUEUE = 1_000
RETRY_SECONDS = 2

_Prepared = TypeVar("_Prepared")
_Result = TypeVar("_Result")
Write = Callable[[Connection, Sequence[_Prepared]], Sequence[_Result | LienCapError]]
"""Writes all posts of one kind in the order of their coming; returns the result of each, or why it is refused.

It runs again where it raised or the transaction failed, so it changes nothing but the store.
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Post:
    write: Write[object, object]
    prepared: object
    loop: asyncio.AbstractEventLoop
    result: asyncio.Future[object]


class CommitGroups:
    """Writes the posts of requests to a store, in groups, in a thread of its own.

    The writer takes the posts that came while it wrote the group before; there is no timer. A post whose writing raises
    fails alone: its group is rolled back and written again in halves. Where the store cannot be written, every post of
    the group fails and none is acknowledged. The thread starts with the first post.

    Args:
        most: posts in one transaction.
        longest_queue: posts that may wait; further ones are refused.
    """

    def __init__(
        self, store: Store, *, most: int = MOST_IN_GROUP, longest_queue: int = LONGEST_QUEUE
    ) -> None:
        self._store = store
        self._most = most
        self._longest_queue = longest_queue
        self._queue: deque[_Post] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    async def write(self, write: Write[_Prepared, _Result], prepared: _Prepared) -> _Result:
        """Hand a post to the writer, and return its result once it is durable; no thread is held meanwhile.

        Raises:
            Overloaded: too many posts wait; nothing of this one is written.
            NotReady: the store cannot be written now, or the writer has stopped.
            LienCapError: the refusal that `write` returned or raised for this post.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[object] = loop.create_future()
        self._put(_Post(cast("Write[object, object]", write), prepared, loop, result))
        return cast("_Result", await result)

    def stop(self) -> None:
        """Write the posts that wait, and stop; later posts are refused."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _put(self, post: _Post) -> None:
        with self._changed:
            if self._stopping:
                raise NotReady("the service is stopping; send it again, the same request counts once")
            if len(self._queue) >= self._longest_queue:
                raise Overloaded(
                    f"{len(self._queue):,} requests wait to be recorded, and no more are taken; send it again",
                    retry_after=RETRY_SECONDS,
                )
            self._queue.append(post)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="commit groups", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list[_Post]:
        """Wait for posts and return up to `most` of them; none once the queue is empty and the writer stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopping)
            return [self._queue.popleft() for _ in range(min(len(self._queue), self._most))]

    def _commit(self, group: Sequence[_Post]) -> None:
        try:
            results = self._written(group)
        except NotReady as error:
            # Each gets an error of its own, because whoever raises it adds to its traceback.
            _answer(group, [NotReady(error.message) for _ in group])
        except Exception as error:  # noqa: BLE001 -- whatever a post raises is the answer to that post alone
            if len(group) == 1:
                _answer(group, [error])
                return
            middle = len(group) // 2
            self._commit(group[:middle])
            self._commit(group[middle:])
        else:
            _answer(group, results)

    def _written(self, group: Sequence[_Post]) -> list[object]:
        """Write a group in one transaction; its results stand once this returns."""
        kinds: dict[Write[object, object], list[int]] = {}
        for number, post in enumerate(group):
            kinds.setdefault(post.write, []).append(number)
        results: list[object] = [None] * len(group)
        with self._store.begin() as conn:
            for write, numbers in kinds.items():
                written = write(conn, [group[number].prepared for number in numbers])
                for number, result in zip(numbers, written, strict=True):
                    results[number] = result
        return results


def _answer(group: Iterable[_Post], results: Iterable[object]) -> None:
    """Resolve the posts, with one call into each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[object], object]]] = {}
    for post, result in zip(group, results, strict=True):
        by_loop.setdefault(post.loop, []).append((post.result, result))
    for loop, answers in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: Iterable[tuple[asyncio.Future[object], object]]) -> None:
    for future, result in answers:
        if future.done():  # cancelled: its request is gone
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
