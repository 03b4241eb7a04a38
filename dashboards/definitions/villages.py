"""Panels of the register of villages: what was promised for them, and what was measured there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import get_args

from dashboards.columns import count, number, share, shown, stated
from dashboards.drills import Act, Drill
from dashboards.lines import Answered, Finding, Row
from dashboards.panel import Limits, Panel
from dashboards.vocabulary import Reader, Text
from events.codec import decode
from events.promises import Gap
from reporting.promises.register import Spot, fold_all

_LANDED = "landed_promises"
_COVERAGE = (_LANDED, "unit_count")
_QUERY = "promises_of_units"
_ENTRIES = 10_000
"""Entries that are kept folded: more than the country's register has, some 3 KB each."""
_VILLAGES = Text("số nơi", "places")
_READERS: tuple[Reader, ...] = ("commune", "office", "department")


def _list(state: str, by: str) -> tuple[Drill, ...]:
    """Return the list of the register that a number counts; a department has only its own."""
    return tuple(
        Drill(
            reader,
            f"/thon-lom?state={state}&{by}={{key}}",
            of_scope="unit",
            of_body="department" if reader == "department" else "",
        )
        for reader in _READERS
    )


def register(rows: Sequence[Row]) -> list[Row]:
    """Fold the register from its facts, an entry a row, without entries that were struck."""
    facts: dict[str, list[str]] = {}
    for row in rows:
        facts.setdefault(str(row["spot_id"]), []).append(str(row["body"]))
    found = (entry(tuple(bodies)) for bodies in facts.values())
    return [{"spot": spot} for spot in found if spot is not None and not spot.struck]


@lru_cache(_ENTRIES)
def entry(bodies: tuple[str, ...]) -> Spot | None:
    """Fold one entry from its facts; they never change, so what they come to is kept until there is another fact."""
    return next(iter(fold_all(decode(body.encode()) for body in bodies)), None)


def spots_of(rows: Sequence[Row]) -> list[Spot]:
    """Return the entries of a register that was folded."""
    return [spot for row in rows if isinstance(spot := row["spot"], Spot)]


def _keeper(spots: Sequence[Spot]) -> str:
    """Return the department in whose register some entries stand; an empty text where several keep them."""
    keepers = {spot.department for spot in spots}
    return keepers.pop() if len(keepers) == 1 else ""


def _grouped(spots: Sequence[Spot], key_of: Callable[[Spot], str]) -> dict[str, list[Spot]]:
    groups: dict[str, list[Spot]] = {}
    for spot in spots:
        groups.setdefault(key_of(spot), []).append(spot)
    return groups


def _known_sum(spots: Sequence[Spot]) -> int | None:
    """Return the households of some entries; nothing where none states them, which is no nought."""
    known = [spot.household_count for spot in spots if spot.household_count is not None]
    return sum(known) if known else None


def by_gap(rows: Sequence[Row], on: dt.date, limits: Limits) -> list[Row]:
    """Return the register by what is missing, as it stands on a day: one row for each gap, also for one without entries."""
    spots = spots_of(rows)
    groups = _grouped(spots, lambda spot: spot.gap)
    found: list[Row] = []
    for gap in get_args(Gap):
        own = groups.get(gap, [])
        states = [spot.state(on) for spot in own]
        again = sum(spot.is_to_be_asked_again(on, limits["promise_recheck"]) for spot in own)
        found.append(
            {
                "gap": gap,
                "department": _keeper(own),
                "is_kept": bool(spots),
                "late_count": states.count("late"),
                "promised_count": states.count("promised"),
                "open_count": states.count("open"),
                "again_count": again,
                "closed_count": states.count("closed") - again,
                "household_count": _known_sum(
                    [spot for spot, state in zip(own, states, strict=True) if state != "closed"]
                ),
            }
        )
    return found


def by_promiser(rows: Sequence[Row], on: dt.date, _limits: Limits) -> list[Row]:
    """Return what each enterprise promised, as it stands on a day; without a key what nobody promised."""
    found: list[Row] = []
    groups = _grouped(spots_of(rows), lambda spot: spot.promise.promiser if spot.promise else "")
    for promiser, own in sorted(groups.items()):
        late = [spot for spot in own if spot.state(on) == "late"]
        due = [spot for spot in own if spot.promises and spot.promises[0].promised_on < on]
        kept = [
            spot
            for spot in due
            if spot.closed_on is not None and spot.closed_on <= spot.promises[0].promised_on
        ]
        found.append(
            {
                "promiser": promiser,
                "department": _keeper(own),
                "spot_count": len(own),
                "closed_count": sum(spot.closed_on is not None for spot in own),
                "late_count": len(late),
                "moved_count": sum(
                    len(spot.promises) > 1 and spot.promises[-1].promised_on > spot.promises[0].promised_on
                    for spot in own
                ),
                "due_count": len(due),
                "kept_count": len(kept),
                "longest_days": max((spot.slipped_days(on) for spot in late), default=None),
                "late_household_count": _known_sum(late) if late else 0,
            }
        )
    found.sort(key=lambda row: (-number(row, ("late_count",)), -number(row, ("spot_count",))))
    return found


def _is_kept(row: Row) -> bool:
    return bool(row["is_kept"])


_NO_REGISTER = Text("Sổ chưa có thôn, bản nào: chưa có số liệu", "The register holds no village yet: no data")


def _gaps(found: Answered) -> Finding:
    whole = found.whole
    if whole.cells["open_count"].sign:
        return Finding(_NO_REGISTER)
    waiting = sum(whole.number(name) or 0 for name in ("late_count", "promised_count", "open_count"))
    return Finding(
        Text(
            "{waiting} thôn, bản còn thiếu: {late} quá ngày cam kết, {nobody} chưa ai cam kết; {closed} đã đo kiểm, đạt",
            "{waiting} villages lack something: {late} past the promised day, {nobody} without a promise; {closed} measured well",
        ),
        {
            "waiting": ("count", waiting),
            "late": ("count", whole.number("late_count")),
            "nobody": ("count", whole.number("open_count")),
            "closed": (
                "count",
                (whole.number("closed_count") or 0) + (whole.number("again_count") or 0),
            ),
        },
    )


VILLAGES = Panel(
    name="so-thon",
    version=1,
    title=Text("Sổ thôn, bản của sở", "Villages in the register of the department"),
    description=Text(
        "Sổ thôn, bản của sở, gấp lại từ nhật ký đến hôm nay: chỉ đo kiểm đạt mới kết thúc theo dõi; chờ doanh nghiệp không dừng thời"
        " gian. Số hộ là của nơi còn thiếu; sổ không ghi thì để trống, không tính là 0.",
        "The register of the department, folded from the log up to today: only a measurement that finds it working ends an entry, and"
        " waiting for an enterprise stops no time. Households are those of what is missing; what the register does not say is no nought.",
    ),
    question=Text(
        "Bao nhiêu thôn, bản còn thiếu, đã có ai cam kết chưa?",
        "How many villages lack something, and did anybody promise?",
    ),
    query=_QUERY,
    asks=("units",),
    facts=register,
    folds=by_gap,
    picture="bars",
    unit=_VILLAGES,
    key="gap",
    names="gap",
    refs=("department",),
    columns=(
        count(
            "late_count",
            Text("Quá ngày, chưa đo đạt", "Past the day"),
            is_late=True,
            drill=_list("late", "gap"),
        ),
        count(
            "promised_count", Text("Đang trong cam kết", "Within the promise"), drill=_list("promised", "gap")
        ),
        count("open_count", Text("Chưa ai cam kết", "No promise"), drill=_list("open", "gap")),
        count("again_count", Text("Đến kỳ đo lại", "To be measured again"), drill=_list("again", "gap")),
        count("closed_count", Text("Đã đo đạt", "Measured well"), drill=_list("closed", "gap")),
        stated("household_count", Text("Hộ còn thiếu", "Households without")),
    ),
    watermark=_LANDED,
    coverage=_COVERAGE,
    finding=_gaps,
    is_reported=_is_kept,
    thresholds=("promise_recheck",),
    act=tuple(
        Act(
            Text("Mở sổ thôn, bản", "Open the register of villages"), Drill(reader, "/thon-lom", is_item=True)
        )
        for reader in _READERS
    ),
)


def _promises(found: Answered) -> Finding:
    whole = found.whole
    if not found.lines:
        return Finding(_NO_REGISTER)
    worst = max(found.lines, key=lambda line: line.number("late_count") or 0)
    if not worst.number("late_count"):
        return Finding(
            Text(
                "Không cam kết nào quá ngày; đã đo đạt {closed} trong {all}",
                "No promise is past its day; {closed} of {all} are measured well",
            ),
            {"closed": ("count", whole.number("closed_count")), "all": ("count", whole.number("spot_count"))},
        )
    words = Text(
        "{late} nơi quá ngày cam kết mà chưa đo đạt, {most} của {name}; {moved} nơi đã lùi ngày",
        "{late} places are past the promised day and not measured well, {most} of {name}; {moved} were moved",
    )
    if worst.number("late_count") == whole.number("late_count"):
        words = Text(
            "{late} nơi quá ngày cam kết mà chưa đo đạt, đều của {name}; {moved} nơi đã lùi ngày",
            "{late} places are past the promised day and not measured well, all of {name}; {moved} were moved",
        )
    return Finding(
        words,
        {
            "late": ("count", whole.number("late_count")),
            "most": ("count", worst.number("late_count")),
            "name": ("body", worst.key),
            "moved": ("count", whole.number("moved_count")),
        },
        {"name": found.level_with(worst, "late_count")},
    )


PROMISES = Panel(
    name="cam-ket",
    version=1,
    title=Text("Cam kết với thôn, bản", "What was promised to villages"),
    description=Text(
        "Theo bên cam kết. Đúng cam kết đầu là đo đạt không muộn hơn ngày hứa lần đầu, trên số nơi mà ngày ấy đã qua: lùi ngày không"
        " làm cho đúng hẹn.",
        "By who promised. Kept is what was measured well by the day promised first, of those whose first day is over: moving the day"
        " keeps no promise.",
    ),
    question=Text("Ai đã hứa, ai đã làm?", "Who promised, and who delivered?"),
    query=_QUERY,
    asks=("units",),
    facts=register,
    folds=by_promiser,
    picture="bars",
    unit=_VILLAGES,
    key="promiser",
    heading=Text("Bên cam kết", "Who promised"),
    rows={"": Text("Chưa ai cam kết", "Nobody")},
    names="body",
    refs=("department",),
    columns=(
        count("spot_count", Text("Thôn, bản", "Villages")),
        count("closed_count", Text("Đã đo đạt", "Measured well")),
        count(
            "late_count",
            Text("Quá ngày, chưa đo đạt", "Past the day"),
            is_late=True,
            drill=_list("late", "promiser"),
        ),
        count("moved_count", Text("Đã lùi ngày", "Moved")),
        share(
            "kept_share",
            Text("Đúng cam kết đầu", "Kept at first"),
            ("kept_count",),
            ("due_count",),
            better="more",
        ),
        shown("longest_days", Text("Chậm nhất (ngày)", "Most late (days)"), "days"),
        stated("late_household_count", Text("Hộ ở nơi quá ngày", "Households past the day")),
    ),
    watermark=_LANDED,
    coverage=_COVERAGE,
    finding=_promises,
    act=tuple(
        Act(
            Text("Mở cam kết quá ngày", "Open promises past their day"),
            Drill(reader, "/thon-lom?state=late", is_item=True),
        )
        for reader in _READERS
    ),
)
