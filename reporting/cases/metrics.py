"""The metrics: one definition each, as counts of marks on days (flows) or their running balance (stocks)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "stock", "ahead"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, defined once.

    A flow counts its mark on the days of a window. A stock is the sum of `mark` less the sum of `minus` up to the
    end of a day, or of the day before where `eve` is set. `ahead` counts its mark on the day after.
    """

    key: str
    kind: Kind
    mark: str
    label_vi: str
    label_en: str
    formula: str
    minus: str | None = None
    eve: bool = False


METRICS: tuple[Metric, ...] = (
    Metric(
        "submitted", "flow", "submitted", "Nộp trực tuyến và trực tiếp", "Submitted", "cases filed on the day"
    ),
    Metric(
        "received", "flow", "opened", "Tiếp nhận mới", "Received", "cases accepted at the counter on the day"
    ),
    Metric("refused", "flow", "refused", "Từ chối tiếp nhận", "Refused", "cases not accepted on the day"),
    Metric(
        "resolved",
        "flow",
        "closed",
        "Đã giải quyết",
        "Resolved",
        "cases that ended on the day, in whatever way",
    ),
    Metric(
        "resolved_early",
        "flow",
        "closed_early",
        "Giải quyết trước hạn",
        "Resolved early",
        "finished before the due day",
    ),
    Metric(
        "resolved_on_time",
        "flow",
        "closed_on_time",
        "Giải quyết đúng hạn",
        "Resolved on time",
        "finished on the due day, or after it with the clock at rest in between",
    ),
    Metric(
        "resolved_late",
        "flow",
        "closed_late",
        "Giải quyết quá hạn",
        "Resolved late",
        "finished after a day that began past the due day with the clock running",
    ),
    Metric(
        "resolved_undated",
        "flow",
        "closed_undated",
        "Giải quyết, không có hạn",
        "Resolved, no due day",
        "finished without a due day",
    ),
    Metric(
        "withdrawn",
        "flow",
        "closed_withdrawn",
        "Đã rút",
        "Withdrawn",
        "ended because the applicant took it back",
    ),
    Metric(
        "stopped", "flow", "closed_stopped", "Dừng xử lý", "Stopped", "ended because processing was stopped"
    ),
    Metric(
        "returned",
        "flow",
        "returned",
        "Đã trả kết quả",
        "Result handed over",
        "results handed over on the day",
    ),
    Metric(
        "became_overdue",
        "flow",
        "overdue_in",
        "Mới quá hạn",
        "Became overdue",
        "cases whose first overdue day this is",
    ),
    Metric(
        "carried_over",
        "stock",
        "opened",
        "Kỳ trước chuyển sang",
        "Carried over",
        "opened less closed up to the day before",
        minus="closed",
        eve=True,
    ),
    Metric(
        "open",
        "stock",
        "opened",
        "Đang giải quyết",
        "Open",
        "opened less closed up to the end of the day",
        minus="closed",
    ),
    Metric(
        "overdue",
        "stock",
        "overdue_in",
        "Quá hạn",
        "Overdue",
        "became overdue less those of them that ended, up to the end of the day",
        minus="overdue_out",
    ),
    Metric(
        "paused",
        "stock",
        "paused_in",
        "Tạm dừng tính thời hạn",
        "Paused",
        "pauses begun less pauses ended, up to the end of the day",
        minus="paused_out",
    ),
    Metric(
        "due_today",
        "ahead",
        "overdue_in",
        "Đến hạn hôm nay",
        "Due today",
        "cases that will be overdue tomorrow unless they end today",
    ),
)


def metric(key: str) -> Metric:
    """Return the metric of that key.

    Raises:
        LookupError: no metric has that key.
    """
    for found in METRICS:
        if found.key == key:
            return found
    raise LookupError(f"there is no metric {key!r}")


def parse_counts(counts: Mapping[str, int]) -> Iterator[tuple[str, str, str, int]]:
    """Yield (field, channel, mark, count) from the map of counts in a roll-up row."""
    for key, count in counts.items():
        field_code, channel, mark = key.split("|")
        yield field_code, channel, mark, count
