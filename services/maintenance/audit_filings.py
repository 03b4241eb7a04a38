"""Filings that the facts do not bear out: what was filed is a recount at its position, and filed and ledger make today's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from events.periods import filing_id
from reporting.filings.figures import differences
from reporting.filings.hand_overs import Split
from reporting.filings.register import Filed, Filing
from reporting.filings.sums import SumFiling, sum_of_lines
from services.warehouse.filing_table import FilingTable, Known, KnownFigures
from services.warehouse.hand_overs import split_cases

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

MOST_FILINGS = 2_000
"""So many filings are recounted at once, the latest; each takes one or two counts of a commune's cases."""
_AT_ONCE = 100
_SPLIT: dict[Split, str] = {
    "twice": "the province's sum counts it in each of",
    "between": "the province's sum counts it nowhere: it moved between the confirmations of",
}


@dataclass(frozen=True, slots=True)
class FilingsAudit:
    """Result of the recount of filings.

    Attributes:
        recounted: how many confirmations were counted again.
        left: filings that were not, because newer ones took the turn.
        unreadable: confirmations whose log has no fact here: the warehouse was filled from a later log.
        findings: what deviates, the first ones.
    """

    recounted: int = 0
    left: int = 0
    unreadable: int = 0
    findings: tuple[str, ...] = ()

    def line(self) -> str:
        """Return what was recounted as one line."""
        beside = [
            f"{self.left:,} older filings not" if self.left else "",
            f"{self.unreadable:,} of a log that this warehouse never had" if self.unreadable else "",
        ]
        return ", ".join([f"filings: {self.recounted:,} recounted", *filter(None, beside)])


def audit_filings(warehouse: Warehouse, limit: int, *, most: int = MOST_FILINGS) -> FilingsAudit:
    """Count again what communes confirmed: at the positions that they name, and now with the cases that moved.

    Args:
        limit: how many findings are listed; all filings are counted all the same.
        most: how many filings are recounted, the latest.
    """
    table, figures = FilingTable(warehouse), KnownFigures(warehouse)
    ids, epochs = table.ids(), figures.epochs()
    recounted = unreadable = 0
    found: list[str] = []
    for filing in _loaded(table, ids[:most]):
        for one in _confirmations(filing):
            if one.figures.positions and one.figures.epoch not in epochs:
                unreadable += 1
                continue
            recounted += 1
            found += _deviations(figures, one)
    for of_province in filter(None, map(table.sum_of, table.sum_ids()[:most])):
        found += _wrong_sums(table, figures, of_province)
    return FilingsAudit(recounted, max(len(ids) - most, 0), unreadable, tuple(found[:limit]))


def _wrong_sums(table: FilingTable, figures: KnownFigures, filing: SumFiling) -> Iterator[str]:
    """Yield the numbers of a province's filing that the confirmations named in it do not add up to, and its split cases."""
    sums = {each.id: each.figures for each in (*filing.closed, filing.summed)}.values()
    communes = {part.unit_code for said in sums for part in said.parts}
    parts = table.load(filing_id(code, filing.period) for code in sorted(communes))
    held = {one.id: one.figures for each in parts.values() for one in _confirmations(each)}
    for said in sums:
        where = f"{said.province_code} {said.period}"
        inside = [held[part.confirmed_id] for part in said.parts if part.confirmed_id in held]
        for each in differences(said.lines, sum_of_lines(line for one in inside for line in one.lines)):
            yield (
                f"{where} {each.field_code} {each.channel} {each.number}:"
                f" the province filed {each.filed}, its communes' confirmations add up to {each.now}"
            )
        for case in split_cases(figures, inside):
            yield f"{where} case {case.case_key}: {_SPLIT[case.split]} {', '.join(case.unit_codes)}"


def _loaded(table: FilingTable, ids: Sequence[UUID]) -> Iterator[Filing]:
    for start in range(0, len(ids), _AT_ONCE):
        yield from table.load(ids[start : start + _AT_ONCE]).values()


def _confirmations(filing: Filing) -> list[Filed]:
    """Return every confirmation that was closed, and the one that stands, each once."""
    return list({one.id: one for one in (*filing.closed, filing.confirmed)}.values())


def _deviations(figures: KnownFigures, one: Filed) -> Iterator[str]:
    """Yield the numbers that were not so at the filed position, or whose way to today no event explains."""
    held = one.figures
    where = f"{held.unit_code} {held.period}"
    then = figures.lines(held.unit_code, held, Known.of(held))
    for each in differences(held.lines, then):
        yield (
            f"{where} {each.field_code} {each.channel} {each.number}: {each.filed} was filed,"
            f" the facts at its position say {each.now}"
        )
    for moved in figures.restated(held):
        left, said = dict(moved.causes).get("unexplained", 0), moved.difference
        if left:
            yield (
                f"{where} {said.field_code} {said.channel} {said.number}: filed {said.filed}, now {said.now},"
                f" and the ledger leaves {left} without a cause"
            )
