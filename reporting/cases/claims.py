"""Check whether a sender may change a case: a unit its own, a province's feed also its communes'. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from events.cases import CaseState
from reporting.cases.source_row import CaseRow
from reporting.errors import NotOwnCase

_NAMING = re.compile(r"H\d{2}\.(\d{5})[-.]", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a row.

    Attributes:
        unit_code: the commune for which the row is sent.
        from_above: the sender is a unit above the commune: the feed of its province.
    """

    unit_code: str
    from_above: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that may be taken; `takes_over`: the case's known state came from other units and is replaced."""

    row: CaseRow
    takes_over: bool = False


def unit_in(dossier_code: str) -> str | None:
    """Return the five digits that name a unit in a code of the form `H56.15607-…`; None if there are none."""
    found = _NAMING.match(dossier_code.strip())
    return found[1] if found else None


def claim(
    row: CaseRow, known: CaseState | None, sender: Sender, named: frozenset[str], *, one_step: bool = False
) -> Claim:
    """Return the claim of a row, if its sender may state the row.

    An error about a case of another unit depends on the row alone, so that it discloses nothing about the
    cases of that unit. If a case neither counts for nor was received by the unit that its code names, that
    unit takes the case over, whichever unit brought it first.

    Args:
        known: the known state of the case.
        named: the units that may bring a case of this code first; empty where the code names none.
        one_step: the row advances a known case and begins none.

    Raises:
        NotOwnCase: names the column, the unit that it names and the sender.
    """
    unit = sender.unit_code
    if not sender.from_above:
        _speaks_for_itself(row, known, unit, named)
    if known is None:
        if one_step:
            raise _not_its_own(unit)
        if unit not in {row.unit_code or unit, row.received_unit_code or unit}:
            raise NotOwnCase(
                f"{unit} is neither the receiving nor the competent unit of this row",
                field="MaDonViTiepNhan",
            )
        return Claim(row)
    if unit in named and not named & {known.unit_code, known.received_unit_code}:
        if one_step:
            raise _not_its_own(unit)
        mine = replace(
            row, unit_code=row.unit_code or unit, received_unit_code=row.received_unit_code or unit
        )
        return Claim(mine, takes_over=True)
    if unit != known.unit_code and not (sender.from_above and unit == known.received_unit_code):
        if not sender.from_above:
            raise _not_its_own(unit)
        if named or row.unit_code != unit or one_step:
            raise _counts_elsewhere(unit, known.unit_code)
        mine = replace(row, received_unit_code=row.received_unit_code or unit)
        return Claim(mine, takes_over=True)
    return Claim(row)


def _speaks_for_itself(row: CaseRow, known: CaseState | None, unit: str, named: frozenset[str]) -> None:
    if row.unit_code not in {None, unit}:
        raise _named("MaDonViThamQuyen", row.unit_code, unit)
    is_its_own = known is not None and known.unit_code == unit
    received_by = known.received_unit_code if known is not None and is_its_own else unit
    if row.received_unit_code not in {None, received_by}:
        raise _named("MaDonViTiepNhan", row.received_unit_code, unit)
    if named and unit not in named and not is_its_own:
        raise _named("MaHoSo", ", ".join(sorted(named)), unit)


def _named(column: str, named: str | None, unit: str) -> NotOwnCase:
    return NotOwnCase(
        f"{column} names {named}, and {unit} sends this row: what counts for another unit comes from that unit"
        " or from the feed of its province",
        field=column,
    )


def _counts_elsewhere(unit: str, known: str) -> NotOwnCase:
    return NotOwnCase(
        f"the case of this MaHoSo counts for {known}: to move it, send the row for {known} with {unit} in"
        " MaDonViThamQuyen; a code that names no commune needs only that column",
        field="MaHoSo",
    )


def _not_its_own(unit: str) -> NotOwnCase:
    return NotOwnCase(
        f"no case of this MaHoSo counts for {unit}; where one counts for another unit by mistake, the feed of the"
        " province puts it right",
        field="MaHoSo",
    )
