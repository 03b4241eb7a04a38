"""Take back what an import stated of a case: the event to emit and the state after it. Pure."""

from __future__ import annotations

import datetime as dt

from events import cases as told
from events.cases import CaseState
from reporting.cases.advance import Advance, next_seq, placed

IMPORT_UNDONE = "import_undone"
"""The reason code of the events by which an import is taken back."""


def take_back(known: CaseState, before: CaseState | None, recorded_at: dt.datetime) -> Advance:
    """Return the case as it was before an import: not known at all, or in the state of then.

    A case that the import made counts for nothing any more; the event holds what was taken back. Any other case gets
    its former state again, as a correction. Both go to the topic of the present state, so that they come after it.
    """
    seq = next_seq(known.seq, recorded_at)
    if before is None:
        gone = known.model_copy(update={"seq": seq, "reason_code": IMPORT_UNDONE, "previous": None})
        return Advance(told.CaseRetracted, gone)
    moved = placed(before) != placed(known)
    state = before.model_copy(
        update={
            "seq": seq,
            "reason_code": IMPORT_UNDONE,
            "backfill": known.backfill,
            "previous": placed(known) if moved else None,
        }
    )
    return Advance(told.CaseCorrected, state)
