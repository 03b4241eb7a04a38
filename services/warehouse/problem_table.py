"""The rows of `problems_current`: one row per problem, written and read as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from reporting.keyset import EPOCH, Turn, instant_key, read, written
from reporting.problems.fold import ProblemState
from reporting.tables import PROBLEMS_CURRENT
from services.warehouse.folded import Columns
from services.warehouse.folded_table import FoldedTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_LIVE = "state IN ('open', 'answered')"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFilter:
    """Which problems are asked for.

    Attributes:
        scopes: provinces, and `vn` for those of the nation; None stands for all.
        lead_body: only those that this body answers.
        kind: only of this kind.
        live_only: only those that issues can be joined to.
        least_provinces: only those with members in so many provinces.
    """

    scopes: Sequence[str] | None = None
    lead_body: str | None = None
    kind: str | None = None
    live_only: bool = False
    least_provinces: int = 0

    def where(self) -> tuple[str, Columns]:
        """Return the condition in SQL and its parameters."""
        conditions = ["length(arrayDistinct(member_provinces)) >= {least:UInt16}"]
        params: Columns = {"least": self.least_provinces}
        for name, value in (("lead_body", self.lead_body), ("kind", self.kind)):
            if value is not None:
                conditions.append(f"{name} = {{{name}:String}}")
                params[name] = value
        if self.scopes is not None:
            conditions.append("scope IN {scopes:Array(String)}")
            params["scopes"] = list(self.scopes)
        if self.live_only:
            conditions.append(_LIVE)
        return " AND ".join(conditions), params


EVERY = ProblemFilter()


@dataclass(frozen=True, slots=True)
class ProblemPortion:
    """Problems of one page; `previous` and `next` are where the neighbouring pages begin, None where there is none."""

    rows: Sequence[ProblemState]
    previous: Turn | None
    next: Turn | None


@dataclass(frozen=True, slots=True)
class ProblemTally:
    """How many problems there are, how many of them are live, and the kinds of the live ones."""

    whole: int
    live: int
    live_kinds: frozenset[str]


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

    def list(self, asked: ProblemFilter = EVERY) -> list[ProblemState]:
        """Return the problems of a filter, the latest opened first."""
        where, params = asked.where()
        sql = (
            f"SELECT body FROM problems_current FINAL WHERE {where} ORDER BY opened_at DESC, problem_id DESC"
        )
        return [ProblemState.from_json(row["body"]) for row in self._warehouse.rows(sql, **params)]

    def page(self, asked: ProblemFilter, turn: Turn, size: int) -> ProblemPortion:
        """Return one page of the problems of a filter, the latest opened first; no act on a problem moves it."""
        where, params = asked.where()
        before, after = place_in(turn.before), place_in(turn.after)
        place = before or after
        if place is not None:
            side = ">" if before is not None else "<"
            where += f" AND (opened_at, problem_id) {side} ({{at:DateTime64(6, 'UTC')}}, {{id:UUID}})"
            params |= {"at": place[0], "id": place[1]}
        order = "ASC" if before is not None else "DESC"
        sql = (
            f"SELECT body FROM problems_current FINAL WHERE {where}"
            f" ORDER BY opened_at {order}, problem_id {order} LIMIT {{limit:UInt32}}"
        )
        found = [
            ProblemState.from_json(row["body"]) for row in self._warehouse.rows(sql, **params, limit=size + 1)
        ]
        rows = found[:size] if before is None else found[:size][::-1]
        if not rows:
            return ProblemPortion((), Turn() if place is not None else None, None)
        more = len(found) > size
        previous = (
            Turn(before=_written(rows[0])) if (more if before is not None else after is not None) else None
        )
        following = Turn(after=_written(rows[-1])) if before is not None or more else None
        return ProblemPortion(rows, previous, following)

    def tally(self, asked: ProblemFilter = EVERY) -> ProblemTally:
        """Count the problems of a filter and the live ones among them, and name the kinds of those."""
        where, params = asked.where()
        sql = (
            f"SELECT count() AS whole, countIf({_LIVE}) AS live, groupUniqArrayIf(kind, {_LIVE}) AS live_kinds"
            f" FROM problems_current FINAL WHERE {where}"
        )
        [row] = self._warehouse.rows(sql, **params)
        return ProblemTally(int(row["whole"]), int(row["live"]), frozenset(row["live_kinds"]))

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


def _written(state: ProblemState) -> str:
    return written((instant_key(state.opened_at), state.id.hex))


def place_in(text: str) -> tuple[dt.datetime, UUID] | None:
    """Return the place of a problem that an address names; None for anything else."""
    key = read(text, (0, ""))
    try:
        return None if key is None else (EPOCH + dt.timedelta(microseconds=int(key[0])), UUID(str(key[1])))
    except (ValueError, OverflowError):
        return None
