"""Refuse calls for a unit whose data another store keeps."""

from __future__ import annotations

from reporting.dated.territory import Territory
from services.errors import KeptElsewhere


def must_keep(territory: Territory, unit_code: str) -> None:
    """Check that the store keeps the data of a unit.

    Raises:
        KeptElsewhere: another store keeps them; the error names the provinces that this one keeps.
    """
    if not territory.keeps(unit_code):
        raise KeptElsewhere(
            f"what belongs to unit {unit_code} is kept in another store; this one keeps {territory.in_words}: "
            "go to the service of that province",
            field="unit",
        )
