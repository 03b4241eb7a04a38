"""The choices of a list of work: view, order, filters and words, all of it in the address. Pure but for reading it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from fastapi import Depends, Query

from reporting.issues.need import Item, Need, gravity, place_of
from reporting.keyset import Key, Turn, instant_key
from services.language.vietnamese import folded

Sort = Literal["need", "severity", "age", "cases", "body"]
SORTS: tuple[Sort, ...] = get_args(Sort)
PERIODS = (7, 30, 90)
"""The last days that a list may be narrowed to, by the day of the report."""
_WORDS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The choices in the address; an empty text asks for nothing.

    Attributes:
        view: the name of a view, as far as the reader has it.
        since: only what was reported in so many last days; 0 stands for all.
        turn: where the page begins.
        words: to be found without marks in place, first words, commune and kind.
    """

    view: str = ""
    sort: Sort = "need"
    body: str = ""
    unit: str = ""
    kind: str = ""
    severity: str = ""
    since: int = 0
    words: str = ""
    turn: Turn = field(default_factory=Turn)

    @property
    def filters(self) -> int:
        """Count the filters that narrow the list."""
        return sum(map(bool, (self.body, self.unit, self.kind, self.severity, self.since)))

    def holds(self, item: Item, today: dt.date, day_of: Callable[[dt.datetime], dt.date]) -> bool:
        """Return whether the filters let an item through; words are another matter."""
        issue, one = item.issue, item.hand_off
        holder = one.lead_body if one is not None else issue.holder_body
        oldest = today - dt.timedelta(days=self.since - 1)
        return (
            self.unit in {"", issue.unit_code}
            and self.body in {"", holder}
            and self.kind in {"", issue.report.kind}
            and self.severity in {"", issue.report.severity}
            and (not self.since or day_of(issue.reported_at) >= oldest)
        )


def asked_of(
    tab: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    body: Annotated[str, Query(max_length=60)] = "",
    unit: Annotated[str, Query(max_length=5)] = "",
    kind: Annotated[str, Query(max_length=60)] = "",
    severity: Annotated[str, Query(max_length=10)] = "",
    since: Annotated[str, Query(max_length=4)] = "",
    words: Annotated[str, Query(alias="q", max_length=_WORDS)] = "",
    after: Annotated[str, Query(alias="sau", max_length=400)] = "",
    before: Annotated[str, Query(alias="truoc", max_length=400)] = "",
) -> Asked:
    """Read the address (a FastAPI dependency); a choice that nobody offers is none."""
    return Asked(
        view=tab or state,
        sort=next((one for one in SORTS if one == sort), "need"),
        body=body,
        unit=unit,
        kind=kind,
        severity=severity,
        since=next((days for days in PERIODS if str(days) == since), 0),
        words=words.strip(),
        turn=Turn(after, before),
    )


Asks = Annotated[Asked, Depends(asked_of)]
"""The choices in the address, as a parameter of a route."""


def ordered(found: Iterable[tuple[Need, Item]], sort: Sort) -> list[tuple[Need, Item]]:
    """Return what stands by need in another order; within it the order by need stays."""
    return sorted(found, key=lambda pair: key_of(sort, *pair))


def key_of(sort: Sort, need: Need, item: Item) -> Key:
    """Return the place of an item in a list of that order; no other item has the same."""
    place = place_of(need, item)
    return place if sort == "need" else (_RANKS[sort](item), *place)


def finds(words: str, texts: Iterable[str | None]) -> bool:
    """Return whether each word that was typed, with marks or without, begins a word of the texts."""
    hay = " " + folded(" ".join(text for text in texts if text))
    return all(f" {word}" in hay for word in folded(words).split())


_RANKS: dict[str, Callable[[Item], int | str]] = {
    "severity": lambda item: gravity(item.issue),
    "age": lambda item: instant_key(item.since),
    "cases": lambda item: -(item.issue.report.cases_blocked or 0),
    "body": lambda item: item.hand_off.lead_body if item.hand_off else item.issue.holder_body or "",
}
