"""The register of promises, folded from its facts at each read: a province has some hundreds of entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from events.codec import decode
from reporting.promises.register import Spot, fold_all

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_OF_SOURCE = """
    SELECT body FROM promise_facts
    WHERE source = {source:String} OR startsWith(source, concat({source:String}, '/'))
    ORDER BY epoch, topic, partition, offset
"""
_OF_SPOTS = """
    SELECT body FROM promise_facts
    WHERE spot_id IN {spots:Array(UUID)}
    ORDER BY epoch, topic, partition, offset
"""


class PromiseTable:
    """Reads the register of a province or of a commune, without a cache."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def within(self, source: str) -> list[Spot]:
        """Return every entry of a source: `/vn/38/15607`, its province `/vn/38`, or `/vn`."""
        rows = self._warehouse.rows(_OF_SOURCE, source=source)
        return fold_all(decode(row["body"].encode()) for row in rows)

    def get(self, spot_id: UUID) -> Spot | None:
        """Return one entry, or None."""
        return self.load([spot_id]).get(spot_id)

    def load(self, spot_ids: Iterable[UUID]) -> dict[UUID, Spot]:
        """Return the existing entries among some ids."""
        rows = self._warehouse.rows(_OF_SPOTS, spots=list(spot_ids))
        return {spot.id: spot for spot in fold_all(decode(row["body"].encode()) for row in rows)}
