"""Refuse what belongs to a unit that another store keeps."""

from __future__ import annotations

from reporting.dated.territory import Territory
from services.errors import KeptElsewhere


def must_keep(territory: Territory, unit_code: str) -> None:
    """Let a call pass only where the store keeps what belongs to that unit.

    Raises:
        KeptElsewhere: another store does; says what this one keeps.
    """
    if not territory.keeps(unit_code):
        raise KeptElsewhere(
            f"what belongs to unit {unit_code} is kept in another store; this one keeps {territory.in_words}: "
            "go to the service of that province",
            field="unit",
        )
