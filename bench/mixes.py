"""The mixes of case events that benches land: a simulated province's, and the same spread over the whole nation.

The province's events are what the product's simulator sends through the product's intake, read off the outbox; they are
made once and kept in the folder of temporary files. The nation's are these events relabelled: each case belongs to one
of all communes, and each event is received on one day, its dates moved with it.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson

from services.dated_tables import load_tables
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from tests.counters_at_work import PROVINCE, sent_by_counters

SEED = "bench"
LAST = dt.date(2026, 11, 4)
"""The last day of the simulation, and the day on which the nation's events are received."""
HELD_DAYS = tuple(LAST + dt.timedelta(days=number) for number in range(-8, 9))
MARKS_A_DAY = 400
"""Rows of marks of one commune and day: what 1.6 million events a working day of the nation leave."""

_DAY = re.compile(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MARKS = (1, 2, 3, 8, 16, 1024, 2048, 40, 24, 1064, 1048, 3)
_FIELDS = (
    "chung_thuc", "ho_tich", "dat_dai", "cu_tru", "bao_tro", "kinh_doanh", "xay_dung", "nguoi_co_cong", "khac",
)  # fmt: skip
_HOLD = """
INSERT INTO case_marks SELECT
    day, unit_code, {key} AS case_key, arrayElement({marks}, 1 + cityHash64(n, 2) % 12) AS marks,
    arrayElement({fields}, 1 + toUInt32(least(8, floor(pow((cityHash64(n, 3) % 1000) / 1000, 2.2) * 9)))) AS field_code,
    arrayElement(['counter', 'online', 'post'],
        1 + toUInt32(least(2, floor(pow((cityHash64(n, 5) % 1000) / 1000, 1.6) * 3)))) AS channel,
    2000 AS version, 0 AS gone
FROM
(
    SELECT {day:Date} AS day, unit_code, cityHash64(day, unit_code, number) AS n
    FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS unit
    CROSS JOIN (SELECT number FROM numbers({rows:UInt32})) AS k
)
"""


def simulated(days: int) -> list[bytes]:
    """Return the case events of these many simulated days of a province, in order of receipt."""
    kept = Path(tempfile.gettempdir()) / f"liencap-bench-{PROVINCE}-{SEED}-{LAST}-{days}.jsonl"
    if not kept.exists():
        work_days = [LAST - dt.timedelta(days=number) for number in reversed(range(days))]
        with tempfile.TemporaryDirectory() as folder:
            made = sent_by_counters(Path(folder), load_tables(), work_days, seed=SEED)
        kept.write_bytes(b"\n".join(made))
    return kept.read_bytes().split(b"\n")


def communes() -> list[str]:
    """Return the codes of all communes of the day."""
    units = load_tables().units
    return [one.code for province in units.provinces() for one in units.communes_of(province.code)]


def of_the_nation(values: Sequence[bytes], units: Sequence[str]) -> list[bytes]:
    """Spread events over all communes and receive all of them on LAST, in an order drawn by chance."""
    made = [_relabelled(value, units) for value in values]
    random.Random(3).shuffle(made)
    return made


def _relabelled(value: bytes, units: Sequence[str]) -> bytes:
    event = orjson.loads(value)
    later = LAST - dt.date.fromisoformat(event["recordedat"][:10])

    def moved(found: re.Match[bytes]) -> bytes:
        return (dt.date.fromisoformat(found[0].decode()) + later).isoformat().encode()

    old, new = event["data"]["unit_code"].encode(), units[int(event["subject"][:8], 16) % len(units)].encode()
    told = _DAY.sub(moved, value)
    return told.replace(b'"%b"' % old, b'"%b"' % new).replace(b'/%b"' % old, b'/%b"' % new)


def hold(warehouse: Warehouse, units: Sequence[str], marks_a_day: int) -> int:
    """Fill in the marks of the nation around LAST, and their roll-ups; return how many rows of marks."""
    [key] = warehouse.rows(
        "SELECT type FROM system.columns"
        " WHERE database = {database:String} AND table = 'case_marks' AND name = 'case_key'",
        database=warehouse.database,
    )
    made = "SHA256(toString(n))" if key["type"] == "FixedString(32)" else "lower(hex(SHA256(toString(n))))"
    filling = (
        _HOLD.replace("{key}", made)
        .replace("{marks}", str(list(_MARKS)))
        .replace("{fields}", str(list(_FIELDS)))
    )
    for number, day in enumerate(HELD_DAYS):
        # Days to come hold due days alone, fewer the further they are.
        ahead = number - len(HELD_DAYS) // 2
        share = 1.0 if ahead <= 0 else max(0.05, 0.35 - 0.04 * ahead)
        warehouse.command(filling, day=day, units=list(units), rows=round(marks_a_day * share))
    warehouse.command("OPTIMIZE TABLE case_marks FINAL")
    tally = Tally(warehouse)
    for day in HELD_DAYS:
        tally.recount_days("SELECT DISTINCT day, unit_code FROM case_marks WHERE day = {one:Date}", one=day)
    for month in sorted({day.replace(day=1) for day in HELD_DAYS}):
        tally.recount_months(
            "SELECT DISTINCT toStartOfMonth(day) AS month, unit_code FROM case_marks"
            " WHERE toStartOfMonth(day) = {one:Date}",
            one=month,
        )
    return int(warehouse.rows("SELECT count() AS n FROM case_marks")[0]["n"])
