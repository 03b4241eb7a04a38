"""The register of lessons, folded from its facts at each read: a commune holds some dozens in a year."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from events.codec import decode
from reporting.lessons.register import HeldLesson, fold_all

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_OF_SOURCE = """
    SELECT body FROM lesson_facts
    WHERE source = {source:String} OR startsWith(source, concat({source:String}, '/'))
    ORDER BY epoch, topic, partition, offset
"""
_ONE = (
    "SELECT body FROM lesson_facts WHERE lesson_id = {lesson:UUID} ORDER BY epoch, topic, partition, offset"
)


class LessonTable:
    """Reads the register of a commune or a province, without a cache."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def within(self, source: str) -> list[HeldLesson]:
        """Return every lesson that counts of a source: `/vn/38/15607`, or its province `/vn/38`."""
        found = fold_all(
            decode(row["body"].encode()) for row in self._warehouse.rows(_OF_SOURCE, source=source)
        )
        return [lesson for lesson in found if not lesson.struck]

    def get(self, lesson_id: UUID) -> HeldLesson | None:
        """Return one lesson, also a struck one; None where nothing was recorded."""
        rows = self._warehouse.rows(_ONE, lesson=lesson_id)
        return next(iter(fold_all(decode(row["body"].encode()) for row in rows)), None)
