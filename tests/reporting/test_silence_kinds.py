"""Silence has five kinds: each commune and day is of exactly one, in Python and in SQL by the same rules."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.definitions.silence import NAMES, WHAT_TO_DO, WHY
from dashboards.grafana.asking import OUTAGE_KINDS
from reporting.dated.working_time import is_silent
from reporting.silence import (
    OTHERWISE,
    RULES,
    WITHOUT_FIGURES,
    DayFacts,
    SilenceBasis,
    SilenceKind,
    basis_in_sql,
    kind_in_sql,
    silence_of,
)
from services.warehouse.client import Warehouse
from services.web.figures.silence import outage_kinds
from tests.reporting.stories import tables

FACTS = DayFacts.__slots__
EVERY = [dict(zip(FACTS, held, strict=True)) for held in product((False, True), repeat=len(FACTS))]
INSTANTS = st.timedeltas(dt.timedelta(0), dt.timedelta(days=180)).map(
    lambda later: dt.datetime(2025, 9, 1, tzinfo=dt.UTC) + later
)
POLICY = tables().competence.silence(dt.date(2025, 10, 13))


def test_every_combination_of_facts_is_of_exactly_one_kind_and_every_kind_occurs() -> None:
    found = [silence_of(DayFacts(**facts)) for facts in EVERY]
    assert {one.kind for one in found} == set(get_args(SilenceKind))
    assert {one.basis for one in found} == set(get_args(SilenceBasis))
    assert {rule.kind for rule in (*RULES, OTHERWISE)} == {*WITHOUT_FIGURES, "true_zero", "reported"}


@pytest.mark.warehouse
def test_the_engine_makes_the_same_kind_of_every_combination(warehouse_module: Warehouse) -> None:
    columns = ", ".join(f"has({{f{n}:Array(UInt32)}}, number) AS {fact}" for n, fact in enumerate(FACTS))
    holding = {f"f{n}": [at for at, facts in enumerate(EVERY) if facts[fact]] for n, fact in enumerate(FACTS)}
    rows = warehouse_module.rows(
        f"SELECT {kind_in_sql()} AS kind, {basis_in_sql()} AS basis"  # noqa: S608  the rules themselves
        f" FROM (SELECT number, {columns} FROM numbers({len(EVERY)})) ORDER BY number",
        **holding,
    )
    made = [(silence.kind, silence.basis) for silence in (silence_of(DayFacts(**facts)) for facts in EVERY)]
    assert [(row["kind"], row["basis"]) for row in rows] == made


@given(st.sampled_from(EVERY))
def test_a_nought_is_believed_only_of_a_feed_that_is_heard_and_has_delivered_before(
    facts: dict[str, bool],
) -> None:
    kind = silence_of(DayFacts(**facts)).kind
    doubts = ("letters_wait", "in_outage", "never_heard", "quiet", "no_figures_ever")
    if kind == "true_zero":
        assert not any(facts[doubt] for doubt in (*doubts, "has_figures"))
    if facts["has_figures"]:
        assert kind == "reported"


@given(INSTANTS, INSTANTS)
def test_one_instant_tells_for_every_last_sign_whether_it_is_silence(
    seen: dt.datetime, end: dt.datetime
) -> None:
    time = tables().working_time
    assert is_silent(seen, end, time, POLICY) is (seen < time.quiet_before(end, POLICY))


def test_every_kind_says_what_to_do_and_every_basis_why() -> None:
    assert set(NAMES) == set(WHAT_TO_DO) == set(get_args(SilenceKind))
    assert set(WHY) == set(get_args(SilenceBasis))


def test_grafana_excuses_by_the_kinds_of_the_table() -> None:
    assert str(outage_kinds(tables(), dt.date(2026, 11, 30))) == OUTAGE_KINDS
