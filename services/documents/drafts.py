"""The draft of an annex: each correction with actor and time, and a record of every drawn file."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, func, select

from reporting.documents.annex import COLUMNS, Cell, Column
from reporting.documents.edits import Edit, Edits
from reporting.documents.wording import ERASED
from reporting.keyset import Turn
from services.access.actors import Actor, label_of
from services.errors import BadInput
from services.store.document_tables import ANNEX_EDITS, DRAWINGS
from services.store.keyset import Portion, portion_of
from services.store.store import Store
from services.store.texts import TextStore

LEFT_OUT = "left_out"
"""The part of a row that states whether the row is in the annex at all."""

LONGEST_CELL = 4_000
MOST_SHOWN = 10
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """The corrections of officers to one annex so far."""

    edits: Edits = field(default_factory=dict)
    left_out: frozenset[UUID] = frozenset()
    last: Mapping[UUID, tuple[dt.datetime, str]] = field(default_factory=dict)


class Drafts:
    """Keep corrections of annexes. Safe to use from several threads.

    Args:
        store: keeps the corrections.
        texts: keeps the words.
    """

    def __init__(self, store: Store, texts: TextStore) -> None:
        self._store = store
        self._texts = texts

    def draft(self, unit_code: str, period: str) -> Draft:
        """Return the corrections that hold: the last one of each cell."""
        asked = select(ANNEX_EDITS).where(
            ANNEX_EDITS.c.unit_code == unit_code, ANNEX_EDITS.c.period == period
        )
        with self._store.read() as conn:
            rows = conn.execute(asked.order_by(ANNEX_EDITS.c.id)).all()
        latest = {(row.issue_id, row.part): row for row in rows}
        edits = {
            (issue_id, cast("Column", part)): Edit(row.text_id, _ids(row.rests_on))
            for (issue_id, part), row in latest.items()
            if part != LEFT_OUT and row.text_id is not None
        }
        left_out = frozenset(
            issue_id for (issue_id, part), row in latest.items() if part == LEFT_OUT and row.rests_on == "yes"
        )
        last = {row.issue_id: (row.edited_at, row.edited_by) for row in rows}
        return Draft(edits, left_out, last)

    def correct(
        self,
        actor: Actor,
        now: dt.datetime,
        *,
        unit_code: str,
        period: str,
        issue_id: UUID,
        proposed: Mapping[Column, Cell],
        wanted: Mapping[Column, str],
    ) -> int:
        """Store the words of an officer for the cells of a row; return the number of changed cells.

        Args:
            proposed: the row as drafted from the log; a text equal to it undoes a correction.
            wanted: the texts that the officer sent; other cells stay.

        Raises:
            BadInput: a cell is longer than the annex allows.
        """
        held = self.draft(unit_code, period).edits
        edits = {column: held.get((issue_id, column)) for column in wanted}
        # Read before the transaction begins: inside it, a second connection would be needed.
        words = self._texts.fetch(edit.text_id for edit in edits.values() if edit is not None)
        rows = []
        with self._store.begin() as conn:
            for column in COLUMNS:
                text = wanted.get(column)
                if text is None:
                    continue
                if len(text) > LONGEST_CELL:
                    raise BadInput(f"a cell takes {LONGEST_CELL} characters", field=column)
                edit, cell = edits[column], proposed[column]
                shown = words.get(edit.text_id) if edit is not None else cell.text
                # The page shows a text on one line, with its white space collapsed.
                if text in {ERASED, " ".join((shown or "").split())}:
                    continue
                ref = None
                if text != " ".join(cell.text.split()):
                    ref = self._texts.put(conn, text, unit_code=unit_code, purpose="annex").id
                rests_on = dict.fromkeys((*cell.rests_on, *(edit.rests_on if edit is not None else ())))
                rows.append(
                    {
                        "unit_code": unit_code,
                        "period": period,
                        "issue_id": issue_id,
                        "part": column,
                        "text_id": ref,
                        "rests_on": ",".join(map(str, rests_on)),
                        "edited_at": now,
                        "edited_by": label_of(actor),
                    }
                )
            if rows:
                conn.execute(ANNEX_EDITS.insert(), rows)
        return len(rows)

    def leave_out(
        self, actor: Actor, now: dt.datetime, *, unit_code: str, period: str, issue_id: UUID, out: bool
    ) -> None:
        """Take a row out of the annex, or back into it."""
        row = {
            "unit_code": unit_code,
            "period": period,
            "issue_id": issue_id,
            "part": LEFT_OUT,
            "rests_on": "yes" if out else "no",
            "edited_at": now,
            "edited_by": label_of(actor),
        }
        with self._store.begin() as conn:
            conn.execute(ANNEX_EDITS.insert(), [row])

    def note_drawing(
        self,
        actor: Actor,
        now: dt.datetime,
        *,
        unit_code: str,
        period: str,
        kind: str,
        file_format: str,
        row_count: int,
        content: bytes,
    ) -> None:
        """Store a record that a document left the system as a file."""
        row = {
            "unit_code": unit_code,
            "period": period,
            "kind": kind,
            "format": file_format,
            "row_count": row_count,
            "sha256": hashlib.sha256(content).hexdigest(),
            "drawn_at": now,
            "drawn_by": label_of(actor),
        }
        with self._store.begin() as conn:
            conn.execute(DRAWINGS.insert(), [row])

    def drawings_of(self, unit_code: str) -> Sequence[Row[Any]]:
        """Return the last drawings of a unit, the latest first."""
        asked = select(DRAWINGS).where(DRAWINGS.c.unit_code == unit_code).order_by(DRAWINGS.c.id.desc())
        with self._store.read() as conn:
            return list(conn.execute(asked.limit(MOST_SHOWN)))

    def drawings_within(self, unit_codes: Collection[str] | None, turn: Turn) -> Portion:
        """Return a page of the drawings of these units, the latest first; None stands for all units."""
        asked = select(DRAWINGS)
        if unit_codes is not None:
            asked = asked.where(DRAWINGS.c.unit_code.in_(list(unit_codes)))
        with self._store.read() as conn:
            return portion_of(conn, asked, DRAWINGS.c.drawn_at, DRAWINGS.c.id, turn, PAGE_SIZE)

    def drawing_count(self, unit_codes: Collection[str] | None) -> int:
        """Count all drawings of these units; None stands for all units."""
        asked = select(func.count()).select_from(DRAWINGS)
        if unit_codes is not None:
            asked = asked.where(DRAWINGS.c.unit_code.in_(list(unit_codes)))
        with self._store.read() as conn:
            return conn.scalar(asked) or 0


def _ids(written: str) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in written.split(",") if one)
