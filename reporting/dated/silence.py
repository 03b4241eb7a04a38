"""When a source counts as silent: working hours without a sign of life, nights and days off not counted."""

from __future__ import annotations

import datetime as dt

from reporting.dated.clock_policies import SilencePolicy
from reporting.dated.working_time import WorkingTime


def is_silent(
    last_seen_at: dt.datetime, now: dt.datetime, working_time: WorkingTime, policy: SilencePolicy
) -> bool:
    """Tell whether offices have worked longer than the policy allows since a source was last heard."""
    return working_time.between(last_seen_at, now) > dt.timedelta(hours=policy.hours)
