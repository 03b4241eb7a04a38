"""One row of a list, as a view hands it to a page: where it leads, its words, when it is due."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.web.shell.dues import Due, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`name` is place and matter in one line; `more` are the pieces of the second line.

    Attributes:
        href: where the whole row leads; nothing where it leads nowhere.
        note: a state that stands strongly before the pieces.
        id: what a box before the row stands for, and scripts know it by.
        is_ticked: the box before the row is ticked, as it was sent.
        edge: the tone of the left edge, where it is not that of the days.
    """

    name: str
    href: str = ""
    more: tuple[str, ...] = ()
    due: Due | None = None
    is_urgent: bool = False
    note: str = ""
    id: str = ""
    is_ticked: bool = False
    edge: Tone | None = field(default=None)

    @property
    def tone(self) -> Tone:
        """Return the tone of the left edge: what is grave and what is late look alike from two metres."""
        if self.edge is not None:
            return self.edge
        if self.due is not None and self.due.tone != "plain":
            return self.due.tone
        return "urgent" if self.is_urgent else "plain"


@dataclass(frozen=True, slots=True)
class View:
    """One view of a list: its words, its address, and how many rows stand under it."""

    key: str
    words: str
    url: str
    count: int | None = None
