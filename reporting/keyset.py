"""Pages of a sorted list that go on from a row, not from a number: rows may come and go meanwhile. Pure."""

from __future__ import annotations

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

Key = tuple[int | str, ...]
"""The place of a row in its list: rows are sorted by it. It stands in an address, so it holds no words of anybody."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page begins: after the row of one key, or so that it ends before that of another; else at the beginning.

    Both are keys as `written` wrote them; one that is no key of the list asks for its beginning.
    """

    after: str = ""
    before: str = ""


def instant_key(at: dt.datetime) -> int:
    """Return an instant as a part of a key."""
    return (at - EPOCH) // _MICROSECOND


def written(key: Key) -> str:
    """Write a key for an address."""
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def read(text: str, like: Key) -> Key | None:
    """Read a key that has the same shape as another; None for anything else."""
    try:
        found = json.loads(urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except ValueError:
        return None
    if not isinstance(found, list) or [type(one) for one in found] != [type(one) for one in like]:
        return None
    return tuple(found)


def window(keys: Sequence[Key], turn: Turn, size: int) -> range:
    """Return which rows stand on a page.

    Rows of one key stay on one page, which may then be longer.

    Args:
        keys: of all rows, in order.
        turn: where the page begins.
        size: so many rows a page has.
    """
    if not keys:
        return range(0)
    if (before := read(turn.before, keys[0])) is not None:
        end = bisect_left(keys, before)
        return range(_back(keys, max(0, end - size)), end)
    after = read(turn.after, keys[0])
    start = 0 if after is None else bisect_right(keys, after)
    end = min(len(keys), start + size)
    return range(start, bisect_right(keys, keys[end - 1]) if end > start else start)


def _back(keys: Sequence[Key], start: int) -> int:
    return bisect_left(keys, keys[start])
