"""File the latest month of some communes, and then let a record of it come late: the restatement ledger has what it is for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from events.errors import LienCapError
from events.periods import filing_id
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.periods import Period
from services.access.actors import Actor
from services.acting.filing_acts import FilingDesk, digest_of
from services.consuming.progress import settle
from services.simulate.profiles import BAT_MOT
from services.store.notes import note, noted
from services.warehouse.filing_table import FilingTable, KnownFigures

if TYPE_CHECKING:
    from services.boot.system import System

FILED = 3
SETTLE_SECONDS = 120.0
_NOTE = "filed_by_simulation"


def file_and_restate(system: System, province_code: str, communes: Sequence[str], seed: str) -> list[str]:
    """Confirm, accept and close the latest month of some communes, then send each a case that is entered late.

    Later calls for the province do nothing: another process may have gone on with the simulation.

    Returns:
        Why steps were refused.
    """
    name = f"{_NOTE}/{province_code}"
    store = system.intake_side.store
    if noted(store, name) is not None:
        return []
    today = local_day(system.intake_side.clock())
    months = [one for one in system.parts.tables.periods.latest_ended(today) if one.kind == "month"]
    if not months:
        return []
    refused: list[str] = []
    for number, code in enumerate(_chosen(communes, seed)):
        try:
            _file(system, code, province_code, months[0])
            _send_late(system, code, months[0], number)
        except LienCapError as error:
            refused.append(f"{code}: {error.message}")
    _settle(system)
    note(store, name, "")
    return refused


def _chosen(communes: Sequence[str], seed: str) -> list[str]:
    others = sorted(code for code in communes if code != BAT_MOT)
    random.Random(f"{seed}:filed").shuffle(others)
    return [code for code in (BAT_MOT, *others) if code in communes][:FILED]


def _file(system: System, code: str, province_code: str, period: Period) -> None:
    """Take the steps of one filing, those that an interrupted simulation left."""
    warehouse = system.parts.warehouse
    table = FilingTable(warehouse)
    desk = FilingDesk(
        system.parts.store, system.parts.tables, table, KnownFigures(warehouse), system.intake_side.clock
    )
    chair = Actor("commune_chair", code, f"{code}.ubnd", f"simulated-chair-{code}")
    office = f"{province_code}.vp_ubnd"
    reviewer = Actor("province_reviewer", province_code, office, f"simulated-reviewer-{province_code}")
    leader = Actor("province_leader", province_code, office, f"simulated-leader-{province_code}")
    _settle(system)
    filing = table.get(filing_id(code, period.key))
    if filing is None:
        shown = desk.proposed(chair, code, period, with_gaps=True)
        desk.confirm(chair, code, period, digest=digest_of(shown), nothing_occurred=shown.nothing_occurred)
        _settle(system)
        filing = table.get(filing_id(code, period.key))
    if filing is not None and filing.state == "confirmed":
        desk.accept(reviewer, code, period, filing.confirmed.id)
        _settle(system)
        filing = table.get(filing_id(code, period.key))
    if filing is not None and filing.state == "accepted":
        desk.close(leader, code, period, filing.confirmed.id)
        _settle(system)


def _send_late(system: System, code: str, period: Period, number: int) -> None:
    """Send a case of the last days of the period that nobody had entered when it was filed."""
    received = dt.datetime.combine(period.last_on - dt.timedelta(days=2 + number), dt.time(9), LOCAL)
    row = {
        "MaHoSo": f"H56.{code}-{received:%y%m%d}-9{number:03d}",
        "MaTTHC": "1.004884",
        "KenhThucHien": "1",
        "NgayNop": received.isoformat(),
        "NgayTiepNhan": received.isoformat(),
        "TrangThai": 2,
        "LyDo": "late_entry",
    }
    officer = Actor("commune_officer", code, f"{code}.ubnd", f"simulated-{code}")
    system.parts.intake.sync_cases(code, [row], actor=officer, now=system.intake_side.clock())


def _settle(system: System) -> None:
    system.parts.relay.publish_all()
    settle(system.runtime, SETTLE_SECONDS)
