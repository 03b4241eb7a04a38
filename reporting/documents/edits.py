"""Lay an officer's corrections over the drafted annex; they change the document and never an issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from reporting.documents.annex import AnnexRow, Cell, Column, Texts
from reporting.documents.wording import ERASED, OPEN_PLACES
from reporting.privacy import Trace, lint


@dataclass(frozen=True, slots=True)
class Edit:
    """The words of an officer for one cell.

    Attributes:
        text_id: the stored text with the words.
        rests_on: the texts shown in the cell before; once one of them is erased, these words are hidden too,
            because they may repeat it.
    """

    text_id: UUID
    rests_on: tuple[UUID, ...] = ()


Edits = Mapping[tuple[UUID, Column], Edit]


def corrected(
    rows: Iterable[AnnexRow], edits: Edits, left_out: frozenset[UUID], texts: Texts
) -> tuple[AnnexRow, ...]:
    """Return the rows with the officer's edits, without the rows left out."""
    return tuple(_corrected(row, edits, texts) for row in rows if row.issue_id not in left_out)


def traces_of(row: AnnexRow) -> dict[Column, tuple[Trace, ...]]:
    """Return the possible personal data in the cells of a row, by column; empty for a clean row."""
    found = {column: lint(cell.text) for column, cell in row.cells.items()}
    return {column: traces for column, traces in found.items() if traces}


def open_places_of(row: AnnexRow) -> tuple[str, ...]:
    """Return the places of a row that nobody has filled in yet, as they stand in it."""
    texts = [cell.text for cell in row.cells.values()]
    return tuple(place for place in OPEN_PLACES if any(place in text for text in texts))


def _corrected(row: AnnexRow, edits: Edits, texts: Texts) -> AnnexRow:
    cells = {
        column: _shown(edit, texts) if (edit := edits.get((row.issue_id, column))) is not None else cell
        for column, cell in row.cells.items()
    }
    return replace(row, cells=cells)


def _shown(edit: Edit, texts: Texts) -> Cell:
    rests_on = (*edit.rests_on, edit.text_id)
    text = texts.get(edit.text_id)
    if text is None or any(ref in texts and texts[ref] is None for ref in edit.rests_on):
        return Cell(ERASED, rests_on, erased=True, edited=True)
    return Cell(text, rests_on, edited=True)
