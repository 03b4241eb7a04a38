"""Numbers, dates and spans as people of each language write them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.language.labels import Lang

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_SWAPPED = str.maketrans(",.", ".,")
_HOUR = 3600
_SPANS = (
    (2 * 24 * 60, 24 * 60, ("ngày", "day")),
    (2 * 60, 60, ("giờ", "hour")),
    (1, 1, ("phút", "minute")),
)
"""The units of a span: from so many minutes on, its size in minutes, its words."""


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats values in one language."""

    lang: Lang = "vi"

    def number(self, value: float, *, decimals: int | None = None) -> str:
        """Return 1234.5 as `1.234,5` (vi) or `1,234.5` (en); whole numbers without decimals by default."""
        if decimals is None:
            decimals = 0 if float(value).is_integer() else 1
        written = f"{value:,.{decimals}f}"
        return written.translate(_SWAPPED) if self.lang == "vi" else written

    def percent(self, share: float) -> str:
        """Return a share of 1 as `97,5%`."""
        return f"{self.number(share * 100, decimals=1)}%"

    def day(self, value: dt.date) -> str:
        """Return a day, or the local day of an instant, as `23/11/2026` (vi) or `2026-11-23` (en)."""
        local = value.astimezone(LOCAL).date() if isinstance(value, dt.datetime) else value
        return local.strftime("%d/%m/%Y" if self.lang == "vi" else "%Y-%m-%d")

    def moment(self, value: dt.datetime) -> str:
        """Return an instant in local time as `23/11/2026 08:05` (vi) or `2026-11-23 08:05` (en)."""
        return f"{self.day(value)} {value.astimezone(LOCAL):%H:%M}"

    def days(self, count: int, *, kind: str = "working") -> str:
        """Return a span of days as `3 ngày làm việc`, `15 ngày`, `1 working day`."""
        if self.lang == "vi":
            return (
                f"{self.number(count)} ngày làm việc" if kind == "working" else f"{self.number(count)} ngày"
            )
        unit = "working day" if kind == "working" else "day"
        return f"{self.number(count)} {unit}{'' if count == 1 else 's'}"

    def span(self, minutes: float) -> str:
        """Write minutes in the unit that people use for so many: `dưới 1 phút`, `12 phút`, `7,5 giờ`, `2,3 ngày`."""
        for least, size, (vi, en) in _SPANS:
            if minutes >= least:
                count = self.number(round(minutes / size, 1))
                return f"{count} {vi}" if self.lang == "vi" else f"{count} {en}{'' if count == '1' else 's'}"
        return "dưới 1 phút" if self.lang == "vi" else "under 1 minute"

    def short_day(self, value: dt.date, today: dt.date) -> str:
        """Write a day of this year as `23/11` (vi) or `23 Nov` (en), and one of another year in full."""
        if value.year != today.year:
            return self.day(value)
        return f"{value:%d/%m}" if self.lang == "vi" else f"{value.day} {value:%b}"

    def until(self, days: int) -> str:
        """Write the days that are left, or have passed where negative: `còn 1 ngày`, `hôm nay`, `quá 5 ngày`."""
        if days == 0:
            return "hôm nay" if self.lang == "vi" else "today"
        count = self.number(abs(days))
        if self.lang == "vi":
            return f"còn {count} ngày" if days > 0 else f"quá {count} ngày"
        unit = "day" if abs(days) == 1 else "days"
        return f"{count} {unit} left" if days > 0 else f"{count} {unit} over"

    def ago(self, then: dt.datetime, now: dt.datetime) -> str:
        """Return how long ago an instant was: `vừa xong`, `7 phút trước`, `3 giờ trước`, then the instant itself."""
        seconds = (now - then).total_seconds()
        if seconds < 60:  # noqa: PLR2004 -- a minute
            return "vừa xong" if self.lang == "vi" else "just now"
        if seconds < _HOUR:
            count, unit = int(seconds // 60), ("phút", "minute")
        elif seconds < 24 * _HOUR:
            count, unit = int(seconds // _HOUR), ("giờ", "hour")
        else:
            return self.moment(then)
        return (
            f"{count} {unit[0]} trước"
            if self.lang == "vi"
            else f"{count} {unit[1]}{'' if count == 1 else 's'} ago"
        )
