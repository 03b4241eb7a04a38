"""Time the reading of form II.06a for a province and a commune, over made-up cases of a year.

Run: .venv/bin/python bench/forms.py [--cases 1000000] [--repeat 3]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time

from services.dated_tables import load_tables
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

YEAR = (dt.date(2025, 12, 15), dt.date(2026, 12, 14))
MONTH = (dt.date(2026, 10, 15), dt.date(2026, 11, 14))
# Two of ten cases have no end yet, one in ten waited, one in twenty has no due day, one in fifty was stopped.
FILL = """
INSERT INTO cases_current
    (case_key, unit_code, seq, field_code, channel, submitted_on, received_on, due_on, closed_on, close_kind,
     pause_from, pause_to, status_code, procedure_code)
SELECT
    lower(hex(SHA256(toString(number)))),
    {units:Array(String)}[number % length({units:Array(String)}) + 1],
    1,
    concat('field_', toString(cityHash64(number, 1) % 20)),
    ['counter', 'online', 'post'][cityHash64(number, 2) % 3 + 1],
    received,
    received AS received,
    if(cityHash64(number, 4) % 20 = 0, NULL, received + 2 + cityHash64(number, 5) % 30),
    if(cityHash64(number, 6) % 10 < 2, NULL, received + 1 + cityHash64(number, 7) % 35),
    if(cityHash64(number, 6) % 10 < 2, '', if(cityHash64(number, 8) % 50 = 0, 'stopped', 'finished')),
    if(cityHash64(number, 9) % 10 = 0, [received + 1], []),
    if(cityHash64(number, 9) % 10 = 0, [toNullable(received + 4)], []),
    if(cityHash64(number, 6) % 10 < 2, 4, if(cityHash64(number, 8) % 50 = 0, 8, 9)),
    '1.001193'
FROM
(
    SELECT number, toDate('2025-10-01') + cityHash64(number, 3) % 425 AS received
    FROM numbers({cases:UInt64})
)
"""


def main() -> None:
    """Fill an engine of its own, ask, and print what each answer took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    communes = [unit.code for unit in load_tables().units.communes_of("38")]
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(f"chdb://{folder}/engine")
        migrate(warehouse)
        warehouse.command(FILL, units=communes, cases=chosen.cases)
        for name, units in (("province", communes), ("commune", communes[:1])):
            for span, (first, last) in (("year", YEAR), ("month", MONTH)):
                _time(warehouse, f"{name}, {span}", units, first, last, chosen.repeat)
        warehouse.close()


def _time(
    warehouse: Warehouse, name: str, units: list[str], first: dt.date, last: dt.date, repeat: int
) -> None:
    for _ in range(repeat):
        began, used = time.monotonic(), sum(os.times()[:2])
        rows = warehouse.query("form_situations", units=units, **{"from": first, "to": last})
        wall, worked = time.monotonic() - began, sum(os.times()[:2]) - used
        cases = sum(row["case_count"] for row in rows)
        print(f"{name}: {cases} cases, {len(rows)} lines, {worked:.2f} s of processor time, {wall:.2f} s")


if __name__ == "__main__":
    main()
