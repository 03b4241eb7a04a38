"""Draw the difficulties of simulated communes: recurring causes, province-wide outages, Bát Mọt's own story."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL
from services.simulate.difficulty_words import CUT_WORDS, FAILURE_WORDS, WORDS, Saying, said_about
from services.simulate.profiles import BAT_MOT, Profile


@dataclass(frozen=True, slots=True)
class Difficulty:
    """One report as an officer would type it; `at` is local time."""

    unit_code: str
    at: dt.datetime
    body: dict[str, str | int]


# Kind, severity, place, what was tried, people affected (from, to), weight in remote communes, weight elsewhere.
Cause = tuple[str, str, str, str, tuple[int, int], float, float]
CAUSES: tuple[Cause, ...] = (
    (
        "mobile_dead_spot",
        "high",
        "Bản Vịn",
        "Đã làm việc với doanh nghiệp viễn thông, chưa có lịch đặt trạm",
        (60, 400),
        9,
        1,
    ),
    ("no_fixed_internet", "medium", "Bản Đục", "Dùng tạm mạng di động để tiếp nhận hồ sơ", (40, 300), 5, 1),
    (
        "power_unstable",
        "high",
        "Khu trung tâm xã",
        "Đã báo tổng đài điện lực, chạy máy phát để tiếp dân",
        (200, 2500),
        7,
        3,
    ),
    ("newborn_personal_id", "medium", "", "Đã gửi lại hồ sơ liên thông hai lần", (1, 12), 4, 6),
    ("land_db_not_connected", "medium", "", "Tra cứu bằng sổ giấy, hẹn lại người dân", (10, 120), 3, 6),
    (
        "digital_illiteracy",
        "low",
        "Các thôn xa trung tâm",
        "Tổ công nghệ số cộng đồng hướng dẫn tại nhà văn hóa",
        (50, 600),
        6,
        3,
    ),
    (
        "equipment_lack",
        "medium",
        "Trung tâm phục vụ hành chính công",
        "Mượn máy quét của trường học",
        (0, 0),
        4,
        4,
    ),
    ("staff_shortage", "high", "", "Điều động nội bộ, mỗi người kiêm ba lĩnh vực", (0, 0), 5, 4),
    (
        "vneid_household_mismatch",
        "medium",
        "",
        "Đã hướng dẫn người dân đến công an xã đối chiếu",
        (1, 30),
        2,
        5,
    ),
    (
        "transport_distance",
        "low",
        "Các bản cách trung tâm trên 20 km",
        "Tổ chức điểm tiếp nhận lưu động mỗi tuần",
        (80, 900),
        6,
        1,
    ),
    (
        "decentralisation_unclear",
        "medium",
        "",
        "Đã tra cứu các nghị định phân cấp, còn hai cách hiểu",
        (0, 0),
        1,
        3,
    ),
    ("ministry_system_error", "medium", "", "Đăng nhập lại nhiều lần trong ngày", (5, 60), 1, 4),
)
OUTAGE = (
    "one_stop_system_error",
    "high",
    "",
    "Tiếp nhận bằng giấy, nhập lại khi hệ thống hoạt động",
    (20, 200),
)
POWER_CUT = "power_unstable"
POWER_CUT_EVERY_WEEKS = 2
WEDNESDAY = 2
CUT = (
    POWER_CUT,
    "urgent",
    "Toàn xã",
    "Đường dây trung áp bị sạt lở, đã báo điện lực, chạy máy phát cho bộ phận một cửa",
    (900, 4000),
)
# Failures that follow a power cut, as the communes without power report them.
FAILS_WITH_POWER = (
    ("mobile_dead_spot", "high", "Khu trung tâm xã", "Trạm phát sóng hết pin dự phòng", (300, 1500)),
    ("no_fixed_internet", "high", "Khu trung tâm xã", "Dùng tạm mạng di động khi có sóng", (50, 400)),
)
NEIGHBOURS = 4
BAT_MOT_KINDS = (
    "mobile_dead_spot",
    "power_unstable",
    "digital_illiteracy",
    "newborn_personal_id",
    "land_db_not_connected",
)


def draw_difficulties(profiles: Sequence[Profile], day: dt.date, seed: str) -> Iterator[Difficulty]:
    """Yield the reports of one day, Bát Mọt's own ones on five fixed days of every thirty.

    A commune reports a kind once a day: an outage or a power cut takes the place of what it met by itself.
    """
    yield from {str(one.body["id"]): one for one in _drawn(profiles, day, seed)}.values()


def _drawn(profiles: Sequence[Profile], day: dt.date, seed: str) -> Iterator[Difficulty]:
    rng = random.Random(f"{seed}:difficulties:{day}")
    outage = rng.random() < 0.04
    for profile in profiles:
        if profile.unit_code == BAT_MOT:
            yield from _bat_mot(profile, day, seed)
        elif rng.random() < profile.difficulty_per_day:
            yield report_of(profile.unit_code, day, _choose(rng, remote=profile.remote), rng, seed)
        if outage and rng.random() < 0.12:
            yield report_of(profile.unit_code, day, OUTAGE, rng, seed)
    yield from _power_cut(profiles, day, seed)


def neighbours(codes: Sequence[str], unit_code: str) -> tuple[str, ...]:
    """Return the communes on one power line, from a province's codes in order, which follows the land."""
    first = codes.index(unit_code) // NEIGHBOURS * NEIGHBOURS
    return tuple(codes[first : first + NEIGHBOURS])


def _power_cut(profiles: Sequence[Profile], day: dt.date, seed: str) -> Iterator[Difficulty]:
    """Yield one commune's power cut every other Wednesday, and its neighbours' failures on the day after."""
    week, weekday = day.toordinal() // 7, day.weekday()
    rng = random.Random(f"{seed}:power:{week}")
    remote = [each.unit_code for each in profiles if each.remote and each.unit_code != BAT_MOT]
    if week % POWER_CUT_EVERY_WEEKS or weekday not in {WEDNESDAY, WEDNESDAY + 1} or not remote:
        return
    struck = rng.choice(remote)
    if weekday == WEDNESDAY:
        yield report_of(struck, day, CUT, rng, seed, CUT_WORDS)
        return
    for number, unit_code in enumerate(neighbours([each.unit_code for each in profiles], struck)):
        failure = FAILS_WITH_POWER[number % len(FAILS_WITH_POWER)]
        yield report_of(unit_code, day, failure, rng, seed, FAILURE_WORDS[failure[0]])


def _bat_mot(profile: Profile, day: dt.date, seed: str) -> Iterator[Difficulty]:
    turn, when = divmod(day.toordinal() % 30, 6)
    if when:
        return
    rng = random.Random(f"{seed}:bat-mot:{day}")
    kind = BAT_MOT_KINDS[turn]
    cause = next(cause for cause in CAUSES if cause[0] == kind)
    yield report_of(profile.unit_code, day, cause[:5], rng, seed)


def _choose(rng: random.Random, *, remote: bool) -> tuple[str, str, str, str, tuple[int, int]]:
    cause = rng.choices(CAUSES, [cause[5] if remote else cause[6] for cause in CAUSES])[0]
    return cause[:5]


def report_of(
    unit_code: str,
    day: dt.date,
    cause: tuple[str, str, str, str, tuple[int, int]],
    rng: random.Random,
    seed: str,
    sayings: Sequence[Saying] = (),
) -> Difficulty:
    """Return the report of one cause by a commune on a day, at an hour and with words that are drawn."""
    kind, severity, place, tried, people = cause
    name = f"{seed}:{unit_code}:{day}:{kind}"
    # Drawn apart, so that words move no number of the year.
    said = said_about(sayings or WORDS[kind], name)
    at = dt.datetime.combine(day, dt.time(7, 30), LOCAL) + dt.timedelta(minutes=rng.randint(0, 480))
    body: dict[str, str | int] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
        "kind": kind,
        "severity": severity,
        "content": said.content,
        "request": said.request,
        "tried": tried,
        "people_affected": rng.randint(*people),
        "cases_blocked": rng.choice((0, 0, 1, 2, 3, 6)),
        "occurred_at": at.isoformat(),
    }
    if place:
        body["place"] = place
    return Difficulty(unit_code, at, body)
