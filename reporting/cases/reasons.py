"""The reasons that a source may name beside a step or a correction of a case."""

from __future__ import annotations

from typing import Literal, get_args

CaseReason = Literal[
    "wrong_date",
    "wrong_status",
    "wrong_procedure",
    "wrong_field",
    "wrong_channel",
    "wrong_unit",
    "entered_twice",
    "late_entry",
    "missing_papers",
    "fee_unpaid",
    "not_competent",
    "not_eligible",
    "applicant_request",
    "data_mismatch",
    "system_error",
    "other",
]
"""Closed, because any other key could be a word about a person, and an event is for good."""
CASE_REASONS: frozenset[str] = frozenset(get_args(CaseReason))
