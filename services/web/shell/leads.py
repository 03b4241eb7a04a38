"""The parts of the head of an item: who has it, until when, since when, and on which level it lies."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.shell.dues import Due


@dataclass(frozen=True, slots=True)
class Lead:
    """One entry of the strip: words, or a deadline, with a note under it."""

    label: str
    words: str = ""
    note: str = ""
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the road between the levels."""

    words: str
    is_here: bool = False
    is_past: bool = False
