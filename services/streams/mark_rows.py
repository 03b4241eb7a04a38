"""Build the rows of `case_marks` from the rows of `case_states`, for small batches.

The engine plans the view behind `case_states` anew for each insert, which costs more than the marks of some hundred
states (docs/decisions/0022-the-rule-of-marks-stands-once-in-sql.md).
"""

from __future__ import annotations

import pyarrow as pa

from reporting.cases.marked_days import DatedState, marked_days
from reporting.tables import CASE_MARKS
from services.warehouse.arrow import table_of

_DATES = ("submitted_on", "received_on", "refused_on", "due_on", "closed_on", "close_kind", "returned_on")


def mark_rows(states: pa.Table) -> pa.Table:
    """Return the rows that the view would write: the marks of each state, and days taken back for each former one."""
    said = states.to_pydict()
    places = zip(*(said[name] for name in ("unit_code", "case_key", "field_code", "channel")), strict=True)
    rows = []
    for at, ((unit, key, field, channel), former) in enumerate(zip(places, said["former"], strict=True)):
        pauses = list(zip(said["pause_from"][at], said["pause_to"][at], strict=True))
        dated = DatedState(**{name: said[name][at] for name in _DATES}, pauses=pauses)
        version = 2 * said["seq"][at] + (not former)
        rows += [
            (day, unit, bytes.fromhex(key), 0 if former else bits, field, channel, version, int(former))
            for day, bits in marked_days(dated).items()
        ]
    names = [name for name, _ in CASE_MARKS.written]
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return table_of(CASE_MARKS, dict(zip(names, columns, strict=True)))
