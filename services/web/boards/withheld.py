"""Which panels a reader who may not read the cases does not get at all, because counts would follow from what they show."""

from __future__ import annotations

import calendar
import datetime as dt

from dashboards.panel import Panel
from dashboards.vocabulary import Text
from services.access.tokens import unit_level
from services.web.boards.asked import Asked
from services.web.figures.windows import Window

_FIELDS = Text(
    "Không hiện: số liệu theo lĩnh vực chỉ dành cho người được đọc hồ sơ của đơn vị",
    "Not shown: figures by field are for those who may read the unit's cases",
)
_UNIT = Text(
    "Không hiện: với người không được đọc hồ sơ, chỉ có của cả tỉnh",
    "Not shown: without the right to read cases there are figures of a whole province alone",
)
_FIELD = Text(
    "Không hiện: với người không được đọc hồ sơ, không lọc theo lĩnh vực",
    "Not shown: without the right to read cases there is no choice of a field",
)
_MONTH = Text(
    "Không hiện: với người không được đọc hồ sơ, chỉ có của một tháng dương lịch đã kết thúc",
    "Not shown: without the right to read cases there are figures of one calendar month that is over alone",
)


def why_withheld(panel: Panel, asked: Asked, today: dt.date) -> Text | None:
    """Return why a reader who may not read the cases does not get a panel; nothing where they do.

    Bands of people are one step wide in place, field and time, so that no two answers overlap: from the difference
    of two that do, a small count would follow. For the same reason they are not compared with days before.
    """
    if panel.is_of_case_readers:
        return _FIELDS
    if not panel.keeps_small_back:
        return None
    if unit_level(asked.unit_code) == "commune":
        return _UNIT
    if asked.field or asked.channel:
        return _FIELD
    return None if _is_month(asked.window) and asked.window.last_on < today else _MONTH


def _is_month(window: Window) -> bool:
    first, last = window.first_on, window.last_on
    days = calendar.monthrange(first.year, first.month)[1]
    return first.day == 1 and last == first.replace(day=days)
