"""Write lists of codes as the engine reads them: the driver does it letter by letter, 7 ms for the communes of the nation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.warehouse.named_queries import Params

_FEW = 16
"""Shorter lists are left to the driver."""


@dataclass(frozen=True, slots=True)
class Written:
    """A list as the text of a typed parameter: of a kind that the driver does not know, it sends the text."""

    text: str

    def __str__(self) -> str:
        """Return the text."""
        return self.text


def bound(params: Params) -> Params:
    """Return parameters with long lists of plain codes written out."""
    return {name: _written(value) for name, value in params.items()}


def _written(value: object) -> object:
    """Return a list of codes as text, and everything else as it is: also texts in which a letter must be escaped."""
    if not isinstance(value, list) or len(value) < _FEW or not all(type(one) is str for one in value):
        return value
    letters = "".join(value)
    if "'" in letters or "\\" in letters or not letters.isprintable():
        return value
    return Written("['" + "','".join(value) + "']")
