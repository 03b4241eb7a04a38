"""Parts of the engine's tables whose files do not have the content that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.warehouse.connection import in_process, translated_errors

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_TABLES = """
SELECT name FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
ORDER BY name
"""
_DETACHED = """
SELECT table, name, ifNull(reason, '') AS reason FROM system.detached_parts
WHERE database = currentDatabase() AND reason LIKE 'broken%'
ORDER BY table, name
"""


def damaged_parts(warehouse: Warehouse) -> list[str]:
    """Compare the files of every part of every table with their checksums; reads all of them.

    A part that the engine put aside when it started, because it could not be read, is damaged too.

    Returns:
        A line for each damaged part: its table, its name, the reason.

    Raises:
        NotReady: the engine cannot be reached.
        SetupError: the user lacks the right.
    """
    found = [f"{row['table']} {row['name']}: {row['reason']}" for row in warehouse.rows(_DETACHED)]
    for table in [row["name"] for row in warehouse.rows(_TABLES)]:
        with translated_errors(warehouse.dsn), warehouse.lent("writer") as client:
            answer = client.raw_query(f"CHECK TABLE `{table}` SETTINGS check_query_single_value_result = 0")
        for line in answer.decode("utf-8", "replace").splitlines():
            part, is_sound, reason = (*line.split("\t"), "", "")[:3]
            if is_sound == "0":
                found.append(f"{table} {part}: {reason[:300]}")
    return found


def remedy(warehouse: Warehouse) -> str:
    """Return what makes damaged tables whole again."""
    if in_process(warehouse.dsn):
        return "stop the server, remove the engine's folder (`warehouse/` in the data folder) and start: the log fills it again"
    return "fetch the parts from a replica or a back-up of ClickHouse, or fill an empty database from the log"
