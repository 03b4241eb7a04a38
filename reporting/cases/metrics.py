"""The metrics: one definition each, as counts of marks on days (flows) or their running balance (stocks)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "stock", "ahead"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, defined once: its names, what it counts, and so its column in every query that shows it.

    A flow counts its mark on the days of a window. A stock is the sum of `mark` less the sum of `minus` up to the
    end of a day, or of the day before where `eve` is set. `ahead` counts its mark on the day after.
    """

    key: str
    kind: Kind
    mark: str
    label_vi: str
    label_en: str
    minus: str | None = None
    eve: bool = False

    def over_window(self) -> str:
        """Return the SQL of a column over a window, out of lines `row` with a day, `inside` the window or not."""
        if self.kind == "stock":
            days = "row.day < {from:Date}" if self.eve else "row.day <= {to:Date}"
        elif self.kind == "ahead":
            days = "row.day = {to:Date} + 1"
        else:
            days = "row.inside"
        return f"sumIf({self._count}, {days}) AS {self.key}"

    def by_day(self) -> str:
        """Return the SQL of a column for each day, out of lines `row` that leave no day out.

        The query names the frames: the days `up_to` each, itself among them, and `ahead` with the next.
        """
        counted = f"sum({self._count})"
        if self.kind == "stock":
            counted = f"sum({counted}) OVER up_to" + (f" - {counted}" if self.eve else "")
        elif self.kind == "ahead":
            counted = f"leadInFrame({counted}, 1, 0) OVER ahead"
        return f"{counted} AS {self.key}"

    @property
    def _count(self) -> str:
        return f"row.{self.mark}" if self.minus is None else f"row.{self.mark} - row.{self.minus}"


# Finished cases are early before their due day, and on time on it, or after it with the clock at rest in between.
METRICS: tuple[Metric, ...] = (
    Metric("submitted", "flow", "submitted", "Nộp trực tuyến và trực tiếp", "Submitted"),
    Metric("received", "flow", "opened", "Tiếp nhận mới", "Received"),
    Metric("refused", "flow", "refused", "Từ chối tiếp nhận", "Refused"),
    Metric("resolved", "flow", "closed", "Đã giải quyết", "Resolved"),
    Metric("resolved_early", "flow", "closed_early", "Giải quyết trước hạn", "Resolved early"),
    Metric("resolved_on_time", "flow", "closed_on_time", "Giải quyết đúng hạn", "Resolved on time"),
    Metric("resolved_late", "flow", "closed_late", "Giải quyết quá hạn", "Resolved late"),
    Metric("resolved_undated", "flow", "closed_undated", "Giải quyết, không có hạn", "Resolved, no due day"),
    Metric("withdrawn", "flow", "closed_withdrawn", "Đã rút", "Withdrawn"),
    Metric("stopped", "flow", "closed_stopped", "Dừng xử lý", "Stopped"),
    Metric("returned", "flow", "returned", "Đã trả kết quả", "Result handed over"),
    Metric("became_overdue", "flow", "overdue_in", "Mới quá hạn", "Became overdue"),
    Metric(
        "carried_over", "stock", "opened", "Kỳ trước chuyển sang", "Carried over", minus="closed", eve=True
    ),
    Metric("open", "stock", "opened", "Đang giải quyết", "Open", minus="closed"),
    Metric("overdue", "stock", "overdue_in", "Quá hạn", "Overdue", minus="overdue_out"),
    Metric("paused", "stock", "paused_in", "Tạm dừng tính thời hạn", "Paused", minus="paused_out"),
    # Overdue tomorrow unless they end today.
    Metric("due_today", "ahead", "overdue_in", "Đến hạn hôm nay", "Due today"),
)
