"""The open issues of a simulated province, read once and kept while the streams rest."""

from __future__ import annotations

from uuid import UUID

from reporting.issues.state import IssueState
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable

MOST = 100_000


class RestingIssues(IssueTable):
    """Answers for the open issues that were read last; any other is read from the engine.

    Whoever holds the relay knows that no state moves on, so that many acts can be tried against one reading.
    """

    def __init__(self, warehouse: Warehouse, province_code: str, *, epoch: int) -> None:
        super().__init__(warehouse, epoch=epoch)
        self._province_code = province_code
        self._kept: dict[UUID, IssueState] = {}
        self._of_escalation: dict[UUID, IssueState] = {}

    def read(self) -> list[IssueState]:
        """Read the province's open issues, and keep them until `forget`."""
        found = self.list(units=(self._province_code,), open_only=True, limit=MOST)
        self._kept = {state.id: state for state in sorted(found, key=lambda state: state.id)}
        self._of_escalation = {one.id: state for state in found for one in state.escalations}
        return list(self._kept.values())

    def forget(self) -> None:
        """Keep nothing: the streams move on."""
        self._kept, self._of_escalation = {}, {}

    def get(self, state_id: UUID) -> IssueState | None:
        """Return an issue, or None without a row."""
        return self._kept.get(state_id) or super().get(state_id)

    def holding(self, escalation_id: UUID) -> IssueState | None:
        """Return the issue of an escalation, or None."""
        return self._of_escalation.get(escalation_id) or super().holding(escalation_id)
