"""Draw the life of each simulated case, and return the rows that a counter would send on a day."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from reporting.dated.calendar import LOCAL, WorkingCalendar
from reporting.dated.procedures import Procedure
from services.simulate.profiles import CHANNEL_MIX, FIELD_MIX, WEEKDAY_WEIGHT, Profile

Row = dict[str, str | int]
# Design assumptions for a demonstration: shares of cases without a due day, of people helped by another commune with
# an online application, and of cases that one counter receives for another commune.
UNDATED_SHARE, HELPED_SHARE, FOR_ANOTHER_SHARE = 0.02, 0.02, 0.015
# Likewise of online applications: those of which nobody notes whether somebody helped, those filed with help at the
# counter and at home, and the share of people of 60 and more, who are helped more often.
UNNOTED_SHARE, AT_COUNTER_SHARE, AT_HOME_SHARE, ELDERLY_SHARE = 0.2, 0.3, 0.06, 0.18
# Of cases that take days: those that wait because data do not agree, and those whose data were typed in again.
SLOW_DAYS, MISMATCH_SHARE, TWICE_SHARE = 2, 0.03, 0.04
MISMATCHES: tuple[tuple[str, str], ...] = (
    ("1", "{province}.cong_an"),
    ("2", "{commune}.cong_an"),
    ("3", "{province}.so_tu_phap"),
    ("4", "{province}.so_nnmt"),
)
STOPPED_BELOW = 0.032
BIRTH, LINKED_BIRTH = "1.001193", "2.000986"
LINKED_SHARE = 0.7
UNNAMED_SHARE = 0.4
"""Share of the cases that end late and have no named cause."""
# How a linked birth goes on: no step stated, sent and awaited for good, late, within 4 or 5 days; the others within 3.
NO_STEP, AWAITED, LATE_NUMBER, VERIFIED = 0.08, 0.12, 0.08, 0.12


@dataclass(frozen=True, slots=True)
class Sending:
    """One row and the local instant at which the counter has it ready to send."""

    at: dt.datetime
    row: Row

    @property
    def by_feed(self) -> bool:
        """Return whether the province's feed sends it: the case counts for another commune than the counter's."""
        return "MaDonViThamQuyen" in self.row


@dataclass(frozen=True, slots=True)
class CaseWorld:
    """The tables for drawing cases: the calendar, the procedures by field, the communes that work together, the causes."""

    calendar: WorkingCalendar
    procedures: dict[str, Sequence[Procedure]]
    agency: str
    communes: Sequence[str] = ()
    late_causes: Sequence[str] = ()
    province_code: str = "38"


def draw_day(
    world: CaseWorld,
    profile: Profile,
    day: dt.date,
    seed: str,
    *,
    exactly: int | None = None,
    accepted_only: bool = False,
) -> list[Sending]:
    """Return every sending, on this day and later, of the cases that arrive on this day.

    Args:
        exactly: how many cases arrive; by default a Poisson draw around the profile's rate and the weekday's weight.
        accepted_only: no case is refused at the counter, and none has anything uncommon.
    """
    rng = random.Random(f"{seed}:cases:{profile.unit_code}:{day}")
    if exactly is None:
        exactly = (
            _poisson(rng, profile.daily_cases * WEEKDAY_WEIGHT[day.weekday()]) if is_open(world, day) else 0
        )
    return [
        sending
        for number in range(exactly)
        for sending in _life(world, profile, day, number, rng, accepted_only=accepted_only)
    ]


def is_open(world: CaseWorld, day: dt.date) -> bool:
    """Return whether counters receive on a day: Saturday mornings too in many provinces, holidays not."""
    saturday = day.weekday() == calendar.SATURDAY
    return world.calendar.is_working(day) or (
        saturday and world.calendar.is_working(day - dt.timedelta(days=1))
    )


def _life(
    world: CaseWorld, profile: Profile, day: dt.date, number: int, rng: random.Random, *, accepted_only: bool
) -> Iterator[Sending]:
    field = _FIELDS.pick(rng)
    procedure = rng.choice(world.procedures[field])
    received_at = _at(day, rng.uniform(7.5, 16.2))
    row: Row = {
        "MaHoSo": f"{world.agency}.{profile.unit_code}-{day:%y%m%d}-{number + 1:04d}",
        "MaTTHC": procedure.code,
        "LinhVuc": field,
        "KenhThucHien": _CHANNELS.pick(rng),
        "LoaiDoiTuong": "2" if field == "ho_kinh_doanh" else "0",
        "NgayNop": received_at.isoformat(),
    }
    _note_help(row)
    if procedure.code == BIRTH and random.Random(f"linked:{row['MaHoSo']}").random() < LINKED_SHARE:
        row["MaTTHC"] = LINKED_BIRTH
    if not accepted_only and procedure.working_days >= SLOW_DAYS:
        _note_linked_data(row, world, profile)
    if not accepted_only:
        _make_uncommon(row, world, profile)
    fate = rng.random()
    if fate < 0.015 and not accepted_only:
        yield Sending(received_at, {**row, "TrangThai": 3, "NgayTrangThai": received_at.isoformat()})
        return
    row["NgayTiepNhan"] = received_at.isoformat()
    yield Sending(received_at, {**row, "TrangThai": 2})
    clock = received_at
    if procedure.working_days >= 2 and fate < 0.08:
        clock = _later(world, clock, 1, rng)
        yield Sending(clock, {**row, "TrangThai": 5, "NgayTrangThai": clock.isoformat()})
        clock = _later(world, clock, rng.randint(1, 9), rng)
        if fate < 0.022:
            yield Sending(clock, {**row, "TrangThai": 7, "NgayTrangThai": clock.isoformat()})
            return
        if fate < STOPPED_BELOW and not accepted_only:
            yield Sending(clock, {**row, "TrangThai": 8, "NgayTrangThai": clock.isoformat()})
            return
        yield Sending(clock, {**row, "TrangThai": 4, "NgayTrangThai": clock.isoformat()})
    finish = list(_finish(world, profile, procedure, row, clock, rng))
    yield from finish
    if row.get("MaTTHC") == LINKED_BIRTH:
        yield from _number_of_a_newborn(world, profile, finish[-1])


def _number_of_a_newborn(world: CaseWorld, profile: Profile, last: Sending) -> Iterator[Sending]:
    """Return what a counter states later of a linked birth; drawn apart, so that the rest stays as it is."""
    rng = random.Random(f"newborn:{last.row['MaHoSo']}")
    fate = rng.random()
    if fate < NO_STEP:
        return
    sent_at = last.at + dt.timedelta(minutes=rng.uniform(5, 60))
    awaited = rng.choice((f"{profile.unit_code}.cong_an", "bhxh_vn", ""))
    update: Row = {**last.row, "NgayGuiDinhDanh": sent_at.isoformat(), "CoQuanDangCho": awaited}
    yield Sending(sent_at, update)
    if fate < NO_STEP + AWAITED:
        return
    late, verified = fate < NO_STEP + AWAITED + LATE_NUMBER, fate < NO_STEP + AWAITED + LATE_NUMBER + VERIFIED
    days = rng.randint(6, 12) if late else rng.randint(4, 5) if verified else rng.randint(1, 3)
    issued_at = _later(world, sent_at, days, rng)
    yield Sending(issued_at, {**update, "NgayCapDinhDanh": issued_at.isoformat(), "CoQuanDangCho": ""})


def _note_help(row: Row) -> None:
    """Note who helped with an online application, and the band of age; drawn apart, so that the rest stays as it is."""
    rng = random.Random(f"help:{row['MaHoSo']}")
    if row["KenhThucHien"] != "2" or rng.random() < UNNOTED_SHARE:
        return
    is_elderly = rng.random() < ELDERLY_SHARE
    drawn = rng.random() / (2 if is_elderly else 1)
    row["HoTroNopHoSo"] = (
        "1" if drawn < AT_COUNTER_SHARE else "3" if drawn < AT_COUNTER_SHARE + AT_HOME_SHARE else "0"
    )
    row["NhomTuoi"] = "1" if is_elderly else "2"


def _note_linked_data(row: Row, world: CaseWorld, profile: Profile) -> None:
    """Note data that do not agree, and data that were typed in again; drawn apart, so that the rest stays as it is."""
    rng = random.Random(f"linked-data:{row['MaHoSo']}")
    if rng.random() < TWICE_SHARE:
        row["NhapLaiDuLieu"] = rng.choice(("2", "3", "4"))
    if rng.random() < MISMATCH_SHARE:
        data, owner = rng.choice(MISMATCHES)
        row |= {"SaiLechDuLieu": data, "NgaySaiLech": row["NgayNop"]}
        row["CoQuanDuLieu"] = owner.format(province=world.province_code, commune=profile.unit_code)


def _make_uncommon(row: Row, world: CaseWorld, profile: Profile) -> None:
    """Let a few cases have no due day, or have to do with two communes; drawn apart, so that the rest stays as it is."""
    rng = random.Random(f"uncommon:{row['MaHoSo']}")
    drawn = rng.random()
    if drawn >= UNDATED_SHARE + HELPED_SHARE + FOR_ANOTHER_SHARE:
        return
    others = [code for code in world.communes if code != profile.unit_code]
    if drawn < UNDATED_SHARE:
        # A source that names neither procedure nor due day: nobody knows when the result is due.
        del row["MaTTHC"]
    elif drawn < UNDATED_SHARE + HELPED_SHARE and others:
        row |= {"KenhThucHien": "2", "MaDonViHoTro": rng.choice(others), "HoTroNopHoSo": "2"}
    elif drawn < UNDATED_SHARE + HELPED_SHARE + FOR_ANOTHER_SHARE and others:
        row |= {"MaDonViTiepNhan": profile.unit_code, "MaDonViThamQuyen": rng.choice(others)}


def _finish(
    world: CaseWorld, profile: Profile, procedure: Procedure, row: Row, clock: dt.datetime, rng: random.Random
) -> Iterator[Sending]:
    allowed = procedure.working_days
    late = rng.random() < profile.late_share
    needed = (
        allowed + 1 + int(rng.expovariate(1 / 2.5))
        if late
        else int(allowed * min(1.0, rng.betavariate(4, 2)))
    )
    finished = (
        _later(world, clock, needed, rng) if needed else clock + dt.timedelta(minutes=rng.uniform(8, 70))
    )
    done: Row = {
        **row,
        "NgayKetThucXuLy": finished.isoformat(),
        "TrangThai": 9,
        "NgayTrangThai": finished.isoformat(),
    }
    if late:
        _name_cause(done, world)
    if needed:
        yield Sending(finished, done)
    handed = (
        finished + dt.timedelta(minutes=rng.uniform(1, 25))
        if not needed
        else _later(world, finished, rng.randint(0, 3), rng)
    )
    handed = max(handed, finished + dt.timedelta(minutes=1))
    yield Sending(
        handed,
        {**done, "TrangThai": 10, "NgayTraKetQua": handed.isoformat(), "NgayTrangThai": handed.isoformat()},
    )


def _name_cause(row: Row, world: CaseWorld) -> None:
    """Name why a case ended late, of most; drawn apart, so that the rest stays as it is."""
    rng = random.Random(f"cause:{row['MaHoSo']}")
    if world.late_causes and rng.random() >= UNNAMED_SHARE:
        row["NguyenNhanQuaHan"] = rng.choice(world.late_causes)


def _later(world: CaseWorld, after: dt.datetime, working_days: int, rng: random.Random) -> dt.datetime:
    day = world.calendar.add_working_days(after.astimezone(LOCAL).date(), working_days)
    return max(_at(day, rng.uniform(8, 16.5)), after + dt.timedelta(minutes=5))


def _at(day: dt.date, hour: float) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), LOCAL) + dt.timedelta(hours=round(hour, 3))


class _Weighted:
    """Names with their weights, added up once: a past has a hundred thousand draws."""

    def __init__(self, weighted: Sequence[tuple[str, float]]) -> None:
        self._names = [name for name, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def pick(self, rng: random.Random) -> str:
        """Draw a name."""
        return rng.choices(self._names, cum_weights=self._sums)[0]


_FIELDS, _CHANNELS = _Weighted(FIELD_MIX), _Weighted(CHANNEL_MIX)


def _poisson(rng: random.Random, mean: float) -> int:
    """Draw by Knuth's multiplication method; means here are below 50."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
