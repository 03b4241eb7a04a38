"""Where a number leads: an address for a reader, and the act that may follow."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.vocabulary import ABOVE, Filter, Reader, Text


@dataclass(frozen=True, slots=True)
class Drill:
    """Where a number leads for a reader: an address in which `{key}`, `{unit}` and the row's references are filled.

    Attributes:
        keeps: choices of the address that go along under another or the same name: (ours, theirs).
        of_scope: a name under which the unit goes along where it lies below the reader's own.
        any_unit: the target takes every unit; else it is a list of the reader's own unit.
        needs_window: the target knows no period but the last days, `since`: no other period leads there.
        of_body: the reference that names whose list it is; only readers of that body are led there.
        is_item: the target is one item or the place of an act, whatever unit and choices were asked for.
        is_now: the target shows what stands today: a window that ends on another day does not lead there.
    """

    reader: Reader
    path: str
    keeps: tuple[tuple[Filter, str], ...] = ()
    of_scope: str = ""
    any_unit: bool = False
    needs_window: bool = False
    of_body: str = ""
    is_item: bool = False
    is_now: bool = False

    @property
    def is_board(self) -> bool:
        """Return whether it leads to another board, which shows any unit and takes every filter."""
        return self.path.startswith("/bang/")


def to_board(path: str, readers: tuple[Reader, ...] = ABOVE) -> tuple[Drill, ...]:
    """Return where a row leads for several readers: to a board, which shows any unit."""
    return tuple(Drill(reader, path, any_unit=True) for reader in readers)


@dataclass(frozen=True, slots=True)
class Act:
    """A step that may follow from a panel: its words, and where it is taken."""

    words: Text
    drill: Drill
