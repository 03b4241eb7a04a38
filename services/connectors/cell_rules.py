"""Rules of a mapping over the cells of one row: which rows are left out, and a status that rests on several columns."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator

from events.cases import StatusCode
from services.language.vietnamese import folded


class CellRule(BaseModel):
    """A rule that fits a row by the texts of its cells; an empty text stands for an empty cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cells: dict[str, tuple[str, ...]] = Field(min_length=1)
    """Field → the texts of which its cell must have one; compared without marks, capitals and blanks."""

    @field_validator("cells", mode="before")
    @classmethod
    def _one_or_many(cls, cells: object) -> object:
        if isinstance(cells, dict):
            return {name: (texts,) if isinstance(texts, str) else texts for name, texts in cells.items()}
        return cells

    @field_validator("cells")
    @classmethod
    def _fold(cls, cells: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {name: tuple(folded(text) for text in texts) for name, texts in cells.items()}

    def fits(self, values: Mapping[str, str]) -> bool:
        """Return whether every cell of the rule has one of its texts."""
        return all(folded(values.get(name, "")) in texts for name, texts in self.cells.items())


class StatusRule(CellRule):
    """A status that follows from several cells of one row."""

    status: StatusCode


def status_of_cells(rules: tuple[StatusRule, ...], values: Mapping[str, str]) -> int | None:
    """Return the status of the first rule that fits; None where none does."""
    return next((rule.status for rule in rules if rule.fits(values)), None)
