"""The rows of `problems_current`: one row per problem, written and read as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from reporting.problems.fold import ProblemState
from reporting.tables import PROBLEMS_CURRENT
from services.warehouse.folded import Columns
from services.warehouse.folded_table import FoldedTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

MOST = 500


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """Row of `problem_counts`: one problem."""

    problem_id: UUID
    member_count: int
    answered_count: int
    claimed_count: int
    confirmed_count: int
    disputed_count: int
    unit_count: int
    province_count: int


class ProblemTable(FoldedTable[ProblemState]):
    """Reads and writes problems; arguments as for `IssueTable`."""

    def __init__(self, warehouse: Warehouse, *, epoch: int = 1) -> None:
        super().__init__(warehouse, PROBLEMS_CURRENT, "problem_id", ProblemState.from_json, columns_of, epoch)

    def list(
        self,
        *,
        scopes: Sequence[str] | None = None,
        lead_body: str | None = None,
        kind: str | None = None,
        live_only: bool = False,
        least_provinces: int = 0,
        limit: int = MOST,
    ) -> list[ProblemState]:
        """Return problems, the latest change first.

        Args:
            scopes: provinces, and `vn` for those of the nation; None stands for all.
            lead_body: only those that this body answers.
            kind: only of this kind.
            live_only: only those that issues can be joined to.
            least_provinces: only those with members in so many provinces.
            limit: highest number of problems.
        """
        conditions = ["length(arrayDistinct(member_provinces)) >= {least:UInt16}"]
        params: Columns = {"least": least_provinces, "limit": limit}
        for name, value in (("lead_body", lead_body), ("kind", kind)):
            if value is not None:
                conditions.append(f"{name} = {{{name}:String}}")
                params[name] = value
        if scopes is not None:
            conditions.append("scope IN {scopes:Array(String)}")
            params["scopes"] = list(scopes)
        if live_only:
            conditions.append("state IN ('open', 'answered')")
        sql = (
            "SELECT body FROM problems_current FINAL"
            f" WHERE {' AND '.join(conditions)} ORDER BY updated_at DESC, problem_id LIMIT {{limit:UInt32}}"
        )
        return [ProblemState.from_json(row["body"]) for row in self._warehouse.rows(sql, **params)]

    def counts(self, ids: Iterable[UUID]) -> dict[UUID, ProblemCount]:
        """Count members, answered, claimed, confirmed and disputed per problem; a problem without members is absent."""
        rows = self._warehouse.query_of(ProblemCount, "problem_counts", problems=list(ids))
        return {row.problem_id: row for row in rows}


def columns_of(state: ProblemState) -> Columns:
    """Return the columns of a state's row, as the engine returns them."""
    return {
        "problem_id": state.id,
        "scope": state.scope,
        "kind": state.kind,
        "lead_body": state.lead_body,
        "state": state.state,
        "opened_at": state.opened_at,
        "updated_at": state.updated_at,
        "version": state.version,
        "member_ids": [one.issue_id for one in state.members],
        "member_units": [one.unit_code for one in state.members],
        "member_provinces": [one.province_code for one in state.members],
        "answer_count": len(state.answers),
        "body": state.to_json().decode(),
    }
