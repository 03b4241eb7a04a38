"""The one chooser of a reporting period: the same periods, in the same order, wherever figures are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.periods import Period, ReportingPeriods, period_words
from services.language.labels import Lang

_MONTHS_SHOWN = 6


def periods_offered(periods: ReportingPeriods, today: dt.date) -> Sequence[Period]:
    """Return the running month and those before it, and of each longer kind the last that ended and the running one."""
    found = [periods.containing("month", today)]
    while len(found) < _MONTHS_SHOWN:
        found.append(periods.previous(found[-1]))
    longer = [*periods.latest_ended(today), *periods.holding(today)]
    return found + sorted(
        (one for one in longer if one.kind != "month"),
        key=lambda one: (one.last_on - one.first_on, one.last_on),
    )


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The periods that a page offers, and the one that it shows.

    Attributes:
        key: the period that is shown; empty where days are.
        words: its name.
        options: key and name of each period that is offered, the one that is shown among them.
    """

    key: str
    words: str
    options: tuple[tuple[str, str], ...]

    @staticmethod
    def of(periods: ReportingPeriods, today: dt.date, lang: Lang, chosen: Period | None) -> PeriodChoice:
        """Return the choice of a page that shows a period, or days."""
        offered = list(periods_offered(periods, today))
        if chosen is not None and chosen.key not in {one.key for one in offered}:
            offered.append(chosen)
        return PeriodChoice(
            key=chosen.key if chosen is not None else "",
            words=period_words(chosen, lang) if chosen is not None else "",
            options=tuple((one.key, period_words(one, lang)) for one in offered),
        )
