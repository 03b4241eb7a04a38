"""The audit of forks compares whole states: a member that it leaves out could differ unseen."""

from __future__ import annotations

import re

from reporting.tables import CASE_EVENTS
from services.warehouse.named_queries import named_query

ENVELOPE = {
    *("event_id", "event_type", "source", "case_key", "seq", "occurred_at", "recorded_at", "recorded_on"),
    *("actor_role", "actor_unit", "landed_at", "epoch", "topic", "partition", "offset"),
}


def test_every_member_of_a_state_is_compared() -> None:
    found = re.search(r"uniqExact\(tuple\(([^()]+)\)\) AS content_count", named_query("audit_forks"))
    assert found is not None
    compared = [name.strip() for name in found[1].split(",")]
    assert sorted(compared) == sorted({name for name, _ in CASE_EVENTS.columns} - ENVELOPE)
