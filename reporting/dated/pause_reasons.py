"""Dated reasons of pauses: for which clocks, by whom and with which document, waiting for an operator too."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from events.clocks import ClockName
from events.fields import DeadlineSource
from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error

UPSTREAM_FAULT = "upstream_fault"
"""The reason that the product itself gives while a confirmed fault elsewhere lasts."""

Pauser = Literal["lead", "office", "product"]
"""Who may give a reason: the body that leads, the provincial office, or the product."""

Refusal = Literal["unknown_reason", "no_pause", "not_entitled", "clock_not_covered", "document_required"]

_TABLE = "pause_reasons.csv"
_COLUMNS = (
    *("reason", "name_vi", "name_en", "may_pause", "who", "clocks", "document_for"),
    *("confidence", "source", "valid_from", "valid_to"),
)


@dataclass(frozen=True, slots=True)
class PauseReason:
    """One reason; `clocks` are those it may pause, `document_for` the sources of a deadline for which it needs paper."""

    id: str
    reason: str
    name_vi: str
    name_en: str
    may_pause: bool
    who: frozenset[str]
    clocks: frozenset[str]
    document_for: frozenset[str]
    confidence: str
    source: str
    validity: Validity


class PauseReasons:
    """All reasons; built by `parse_pause_reasons`."""

    def __init__(self, found: Sequence[PauseReason], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def find(self, reason: str, on: dt.date) -> PauseReason | None:
        """Return the row of a reason on a local day; None where none holds."""
        return next(
            (one for one in self._found if one.reason == reason and one.validity.holds_on(on)),
            None,
        )

    def name(self, reason: str, lang: Literal["vi", "en"]) -> str:
        """Return the name of a reason, by its latest row; the key of a reason that the table lacks."""
        named = [one for one in self._found if one.reason == reason]
        latest = max(named, key=lambda one: one.validity.valid_from, default=None)
        if latest is None:
            return reason
        return latest.name_en if lang == "en" else latest.name_vi

    def open_to(self, who: Pauser, on: dt.date) -> tuple[PauseReason, ...]:
        """Return the reasons that somebody may give, in the order of the table."""
        return tuple(
            one for one in self._found if one.may_pause and who in one.who and one.validity.holds_on(on)
        )

    def refusal(
        self,
        reason: str,
        clock: ClockName,
        source: DeadlineSource,
        who: Pauser,
        on: dt.date,
        *,
        documented: bool,
    ) -> Refusal | None:
        """Return why a pause is not allowed; None where it is allowed.

        Args:
            reason: the awaited thing.
            clock: the clock to pause, with the `source` of its deadline.
            who: the relation of the actor to the clock.
            on: local day.
            documented: an official document comes with the pause.
        """
        row = self.find(reason, on)
        if row is None:
            return "unknown_reason"
        if not row.may_pause:
            return "no_pause"
        if who not in row.who:
            return "not_entitled"
        if clock not in row.clocks:
            return "clock_not_covered"
        return "document_required" if source in row.document_for and not documented else None


def parse_pause_reasons(pause_reasons_csv: str) -> PauseReasons:
    """Read the table; it must contain the reason that the product gives.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_reason(row), row) for row in rows(_TABLE, pause_reasons_csv, _COLUMNS)]
    check_apart((one.reason, one.validity, row) for one, row in found)
    if not any(one.reason == UPSTREAM_FAULT and one.may_pause for one, _ in found):
        raise table_error(_TABLE, 1, "reason", f"{UPSTREAM_FAULT} has no row that may pause")
    digest = hashlib.sha256(pause_reasons_csv.encode()).hexdigest()
    return PauseReasons([one for one, _ in found], f"pauses-{digest[:8]}")


def _reason(row: Row) -> PauseReason:
    validity, reason, may_pause = row.validity(), row.text("reason"), row.flag("may_pause")
    chosen = {
        column: _words(row, column, allowed)
        for column, allowed in (
            ("who", get_args(Pauser)),
            ("clocks", get_args(ClockName)),
            ("document_for", get_args(DeadlineSource)),
        )
    }
    if may_pause != bool(chosen["who"] and chosen["clocks"]):
        row.refuse(
            "may_pause", "a reason that may pause says who may give it and for which clocks; no other does"
        )
    return PauseReason(
        id=f"{reason}@{validity.valid_from.isoformat()}",
        reason=reason,
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        may_pause=may_pause,
        confidence=row.confidence(),
        source=row.text("source"),
        validity=validity,
        **chosen,
    )


def _words(row: Row, column: str, allowed: Sequence[str]) -> frozenset[str]:
    found = frozenset(row.words(column))
    if not found <= set(allowed):
        row.refuse(column, f"{', '.join(sorted(found - set(allowed)))}: none of {', '.join(allowed)}")
    return found
