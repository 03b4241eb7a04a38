"""Five simulated days of five communes: the simulation's own work, and stories that it does not cover."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from events.log import Message
from reporting.dated.calendar import LOCAL
from reporting.issues.state import IssueState
from services.acting.promise_acts import PromiseRegister
from services.boot.system import System
from services.notices.subscriptions import add_subscription, end_subscription
from services.simulate.province import Province, SimulatedClock
from services.streams.watch import Watch
from services.warehouse.promise_table import PromiseTable
from services.web.promises.views import register_of
from tests.kept.cast import OFFICE, PROVINCE, SCIENCE, Cast, chair, named, officer
from tests.kept.stories import BAT_MOT, COMMUNES, NAMED, STORIES, TAN_THANH, XUAN_CHINH

SEED = "kept"
MONDAY = dt.date(2026, 11, 9)
FRIDAY = MONDAY + dt.timedelta(days=4)
LISTED_ON = dt.date(2026, 9, 14)
CLOSING = dt.time(17, 0)
LEFT_AT = dt.datetime.combine(FRIDAY, dt.time(18, 0), LOCAL).astimezone(dt.UTC)
ROUNDS = 3
"""How often a day the simulated officials go through what lies with them."""

# Who is cut off from when until when; the first is heard again, the other is still silent at the end.
CUT_OFF = {TAN_THANH: (1, dt.time(12), 3), XUAN_CHINH: (2, dt.time(18), 9)}
STEPS: Sequence[tuple[int, Mapping[str, object]]] = (
    (0, {"MaHoSo": "H56.15607-9001", "TrangThai": 1, "KenhThucHien": "2"}),
    (1, {"MaHoSo": "H56.15607-9001", "TrangThai": 2, "NgayTiepNhan": "2026-11-10T08:05"}),
    (0, {"MaHoSo": "H56.15607-9002", "TrangThai": 2, "NgayTiepNhan": "2026-11-09T08:10"}),
    (1, {"MaHoSo": "H56.15607-9002", "TrangThai": 6, "NgayTiepNhan": "2026-11-09T08:10"}),
    (2, {"MaHoSo": "H56.15607-9002", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:10"}),
    (0, {"MaHoSo": "H56.15607-9003", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:15"}),
    (3, {"MaHoSo": "H56.15607-9003", "TrangThai": 8, "NgayTiepNhan": "2026-11-09T08:15"}),
    (0, {"MaHoSo": "H56.15607-9004", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:20", "NgayHenTra": "2026-11-11"}),
    (2, {"MaHoSo": "H56.15607-9004", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:20", "NgayHenTra": "2026-11-18"}),
    (0, {"MaHoSo": "H56.15607-9005", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:25"}),
    (2, {"MaHoSo": "H56.15607-9005", "TrangThai": 4, "NgayTiepNhan": "2026-11-09T08:25", "MaDonViThamQuyen": "15622"}),
    (0, {"MaHoSo": "H56.15607-9006", "TrangThai": 9, "NgayTiepNhan": "2026-11-09T08:30"}),
    (3, {"MaHoSo": "H56.15607-9006", "TrangThai": 9, "NgayTiepNhan": "2026-11-06T08:30", "LyDo": "wrong_date"}),
    (1, {"MaHoSo": "H56.15607-9007", "TrangThai": 5, "NgayTiepNhan": "2026-11-09T08:35"}),
    (3, {"MaHoSo": "H56.15607-9007", "TrangThai": 7, "NgayTiepNhan": "2026-11-09T08:35"}),
    (2, {"MaHoSo": "H56.15607-9008", "TrangThai": 6, "NgayTiepNhan": "2026-11-09T08:40"}),
    (4, {"MaHoSo": "H56.15607-9009", "TrangThai": 1, "KenhThucHien": "2"}),
)  # fmt: skip
"""Rows by day: the statuses and changes that no simulated case comes to."""


class KeptProvince(Province):
    """The simulated province with five communes; its officials leave alone what stands in the stories."""

    def __init__(self, system: System, clock: SimulatedClock) -> None:
        super().__init__(system, PROVINCE, SEED)
        self._clock = clock
        self._parts = dataclasses.replace(system.parts, wait_seconds=0.0)
        self._told = {named(name) for name in (*NAMED, "waits-for-power")}
        self.profiles = [
            dataclasses.replace(
                each, difficulty_per_day=0.5, late_share=0.4 if number == 1 else each.late_share
            )
            for number, each in enumerate(one for one in self.profiles if one.unit_code in COMMUNES)
        ]

    def bring(self, days: Iterable[dt.date], *, exactly: int) -> None:
        """Let so many cases have come to each counter on each working day of the past."""
        for day in days:
            for profile in self.profiles:
                self.counters.arrive(
                    profile, day, exactly=exactly if self._world.calendar.is_working(day) else 0
                )

    def cut_off(self, unit_code: str, until: dt.datetime) -> None:
        """Let a commune have no line until an instant."""
        self.counters.offline_until[unit_code] = until

    def act_again(self, at: dt.datetime) -> None:
        """Let the officials go through what lies with them once more."""
        with self._parts.relay.holding():
            self._act(self._open_issues(), at)
        self.settle()

    def _open_issues(self) -> list[IssueState]:
        return [each for each in super()._open_issues() if each.id not in self._told]


class Week:
    """Live the five days on an empty system whose clock is given."""

    def __init__(self, system: System, clock: SimulatedClock) -> None:
        parts = dataclasses.replace(system.parts, wait_seconds=0.0)
        self._system = system
        self._clock = clock
        self._province = KeptProvince(system, clock)
        self._cast = Cast(system, parts, clock)
        self._watch = Watch(system.warehouse, system.intake_side.log, parts.tables)

    @property
    def refused(self) -> Sequence[str]:
        """Return which steps of the simulation were refused."""
        return self._province.refused

    def live(self) -> None:
        """Live all of it, up to the instant at which the installation is left."""
        self._before()
        for number, tell in enumerate(STORIES):
            day = MONDAY + dt.timedelta(days=number)
            self._work(number, day)
            self._stand_at(day, CLOSING)
            tell(self._cast)
            self._look()
        self._paper()
        self._from_elsewhere()
        self._clock.now = LEFT_AT
        while self._look():
            pass

    def _before(self) -> None:
        """What was there: the register, addresses for notices, cases of the weeks before and of last summer."""
        self._province.fill_register(LISTED_ON)
        self._cast.settle()
        self._subscribe()
        self._province.bring(_days(dt.date(2026, 7, 6), 10), exactly=1)
        self._province.bring(_days(dt.date(2026, 10, 26), 12), exactly=2)
        self._stand_at(MONDAY, dt.time(7))
        self._province.send_all(dt.datetime.combine(MONDAY, dt.time(7), LOCAL))
        self._cast.settle()

    def _work(self, number: int, day: dt.date) -> None:
        for unit_code, (first, hour, days) in CUT_OFF.items():
            if number == first:
                until = dt.datetime.combine(day + dt.timedelta(days=days - first), hour, LOCAL)
                self._province.cut_off(unit_code, until)
        closing = dt.datetime.combine(day, CLOSING, LOCAL)
        self._province.work(day, closing)
        for _ in range(1, ROUNDS):
            self._province.act_again(closing)
        rows = [
            {**_CASE, **row, "NgayTrangThai": closing.isoformat()} for when, row in STEPS if when == number
        ]
        self._cast.parts.intake.sync_cases(
            BAT_MOT, rows, actor=officer(BAT_MOT), now=closing.astimezone(dt.UTC)
        )
        self._cast.settle()
        self._promises(number, day)

    def _promises(self, number: int, day: dt.date) -> None:
        self._stand_at(day, CLOSING)
        register = register_of(self._cast.parts)
        spots = PromiseTable(self._system.warehouse).within(f"/vn/{PROVINCE}")
        late = [spot for spot in spots if spot.state(day) == "late"]
        if number == 1:
            register.measure(officer(late[0].unit_code), late[0], day, works=True)
            register.measure(officer(late[1].unit_code), late[1], day, works=False)
        elif number == 2:
            self._move_and_strike(register, day)
        self._cast.settle()

    def _move_and_strike(self, register: PromiseRegister, day: dt.date) -> None:
        spots = list(PromiseTable(self._system.warehouse).within(f"/vn/{PROVINCE}"))
        late = next(spot for spot in spots if spot.state(day) == "late")
        assert late.promise is not None
        register.promise(SCIENCE, late, late.promise.promiser, day + dt.timedelta(days=45))
        register.strike(SCIENCE, spots[-1], "listed_twice")

    def _look(self) -> int:
        """Give signs of life, and say what time brought about."""
        self._system.intake_side.heartbeats.beat()
        self._cast.settle()
        said = self._watch.tick(self._clock.now)
        self._cast.settle()
        return said

    def _subscribe(self) -> None:
        store, now = self._cast.parts.store, self._clock.now
        for body, address, daily in (
            ("38.so_khcn", "so-khcn@example.gov.vn", False),
            ("38.vp_ubnd", "vp-ubnd@example.gov.vn", True),
            (f"{BAT_MOT}.ubnd", "bat-mot@example.gov.vn", False),
        ):
            add_subscription(store, OFFICE, now, body=body, channel="email", address=address, daily=daily)
        hook, _ = add_subscription(
            store, OFFICE, now, body="38.so_khcn", channel="webhook", address="https://example.gov.vn/hook"
        )
        end_subscription(store, OFFICE, now, hook)

    def _paper(self) -> None:
        """Draft an annex: correct a cell, leave a row out, draw it; erase a text."""
        parts, now = self._cast.parts, self._clock.now
        unit, actor = parts.tables.units.get(BAT_MOT), chair(BAT_MOT)
        period = parts.tables.periods.containing("month", FRIDAY)
        gathered = parts.annexes.gather(unit, period, now)
        first, last = gathered.proposed[0], gathered.proposed[-1]
        where = {"unit_code": BAT_MOT, "period": period.key}
        column = next(iter(first.cells))
        parts.drafts.correct(
            actor,
            now,
            **where,
            issue_id=first.issue_id,
            proposed=first.cells,
            wanted={column: "Viết lại cho rõ"},
        )
        parts.drafts.leave_out(actor, now, **where, issue_id=last.issue_id, out=True)
        parts.drafts.note_drawing(
            actor,
            now,
            **where,
            kind="annex",
            file_format="xlsx",
            row_count=len(gathered.rows),
            content=b"made up",
        )
        state = parts.issue_table.get(named("petition"))
        assert state is not None
        assert state.report.place is not None
        parts.texts.erase(state.report.place.id, chair(state.unit_code), "Tên thôn ghi nhầm")

    def _from_elsewhere(self) -> None:
        """Let a foreign producer write what nobody can read, and a true one say again what it said."""
        log = self._cast.system.intake_side.log
        again = log.read("cases", 0, 0, 5) + log.read("issues", 1, 0, 5)
        for record in again:
            log.append(record.position.topic, [Message(record.key, record.value, record.headers)])
        log.append("cases", [Message(BAT_MOT, b"no event")])
        log.append("issues", [Message(BAT_MOT, again[-1].value[:200])])
        self._cast.settle()

    def _stand_at(self, day: dt.date, hour: dt.time) -> None:
        self._clock.now = dt.datetime.combine(day, hour, LOCAL).astimezone(dt.UTC)


_CASE = {
    "MaTTHC": "1.001193",
    "LinhVuc": "ho_tich",
    "KenhThucHien": "1",
    "LoaiDoiTuong": "0",
    "NgayNop": "2026-11-06T08:00",
}


def _days(first: dt.date, count: int) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range(count)]
