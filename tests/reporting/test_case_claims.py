from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.cases import CaseState
from reporting.cases.advance import Receipt, advance, take_over
from reporting.cases.claims import Sender, claim, unit_in
from reporting.cases.due import CaseRules
from reporting.cases.source_row import CaseRow, Moment
from reporting.errors import NotOwnCase, RuleError
from services.dated_tables import load_tables

TABLES = load_tables()
RULES = CaseRules(TABLES.calendar, TABLES.procedures, TABLES.start_rules)
NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)
UNITS = ("15106", "15607", "15610")
A, B, C = UNITS
CODES = (*(f"H56.{unit}-260715-0001" for unit in UNITS), "H56.20-260715-0001", "plain-1")

senders = st.builds(Sender, st.sampled_from(UNITS), st.booleans())
maybe_unit = st.none() | st.sampled_from(UNITS)
rows = st.builds(
    CaseRow,
    dossier_code=st.sampled_from(CODES),
    status_code=st.integers(1, 10),
    received=st.just(Moment(dt.date(2026, 7, 1))),
    finished=st.just(Moment(dt.date(2026, 7, 14))),
    status=st.just(Moment(dt.date(2026, 7, 14))),
    received_unit_code=maybe_unit,
    unit_code=maybe_unit,
    helped_unit_code=maybe_unit,
)


def named_in(code: str) -> frozenset[str]:
    unit = unit_in(code)
    return frozenset({unit} if unit is not None else ())


def taken(row: CaseRow, known: CaseState | None, sender: Sender) -> CaseState | None:
    """Return the state that a row leaves behind; raise where it is refused."""
    receipt = Receipt(NOW, "38-a1", sender.unit_code)
    claimed = claim(row, known, sender, named_in(row.dossier_code))
    if known is not None and claimed.takes_over:
        return take_over(known, claimed.row, receipt, RULES).state
    step = advance(known, claimed.row, receipt, RULES)
    return known if step is None else step.state


def plain(unit: str, received_by: str | None = None) -> CaseRow:
    received = Moment(dt.date(2026, 7, 1))
    return CaseRow("plain-1", 2, received=received, unit_code=unit, received_unit_code=received_by)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(rows, senders), max_size=12))
@example([(plain(A), Sender(B))])
@example([(plain(B, received_by=A), Sender(A, from_above=True)), (plain(B), Sender(A))])
@pytest.mark.slow
def test_no_row_of_a_commune_moves_a_case_of_another_unit(sent: list[tuple[CaseRow, Sender]]) -> None:
    cases: dict[str, CaseState] = {}
    for row, sender in sent:
        known = cases.get(row.dossier_code)
        try:
            after = taken(row, known, sender)
        except RuleError:
            continue
        assert after is not None
        if not sender.from_above:
            assert after.unit_code == sender.unit_code
            named = named_in(row.dossier_code)
            claimed = known is not None and not named & {known.unit_code, known.received_unit_code}
            assert known is None or known.unit_code == sender.unit_code or (claimed and named)
            assert not named or sender.unit_code in named or known is not None
        cases[row.dossier_code] = after


@settings(max_examples=300, deadline=None)
@given(rows, st.sampled_from(UNITS), st.booleans())
def test_a_refusal_about_what_others_have_is_one_sentence_whether_they_have_it_or_not(
    row: CaseRow, unit: str, one_step: bool
) -> None:
    owner = next(one for one in UNITS if one != unit)
    theirs = CaseRow(
        row.dossier_code,
        2,
        received=row.received,
        unit_code=owner,
        received_unit_code=owner,
    )
    held = advance(None, theirs, Receipt(NOW, "38-a1", owner), RULES)
    assert held is not None

    def refusal_of(known: CaseState | None) -> tuple[str, str | None] | None:
        try:
            claim(row, known, Sender(unit), named_in(row.dossier_code), one_step=one_step)
        except NotOwnCase as error:
            return error.message, error.field
        return None

    unknown = refusal_of(None)
    if unknown is not None or one_step:
        assert refusal_of(held.state) == unknown is not None


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("H56.15106-261201-0001", "15106"),
        (" h56.15106-1", "15106"),
        ("H56.15106.02-261201-0001", "15106"),
        ("H56.20-260715-0001", None),
        ("000.17.22.H56-260715-0001", None),
        ("H56.151067-1", None),
        ("A-1", None),
    ],
)
def test_a_code_names_a_unit_only_in_the_national_form(code: str, unit: str | None) -> None:
    assert unit_in(code) == unit


def test_a_case_that_others_brought_under_a_units_code_is_that_units_to_take_over_as_its_row_tells_it() -> (
    None
):
    theirs = advance(
        None,
        CaseRow(CODES[0], 10, received=Moment(dt.date(2026, 7, 1)), finished=Moment(dt.date(2026, 7, 2))),
        Receipt(NOW, "38-a1", B),
        RULES,
    )
    assert theirs is not None
    mine = CaseRow(CODES[0], 2, received=Moment(dt.date(2026, 7, 13)))
    state = taken(mine, theirs.state, Sender(A))
    assert state is not None
    assert (state.unit_code, state.received_unit_code, state.status_code) == (A, A, 2)
    assert (state.closed_on, state.seq > theirs.state.seq) == (None, True)
    assert state.previous is not None
    assert (state.previous.unit_code, state.previous.closed_on) == (B, dt.date(2026, 7, 2))
    with pytest.raises(NotOwnCase, match=f"{A}, and {B} sends"):
        taken(mine, state, Sender(B))
    with pytest.raises(NotOwnCase):
        claim(mine, theirs.state, Sender(A), frozenset({A}), one_step=True)


def test_a_case_that_the_named_unit_received_for_another_is_not_taken_back() -> None:
    handed = taken(
        CaseRow(CODES[0], 2, received=Moment(dt.date(2026, 7, 1)), received_unit_code=A, unit_code=B),
        None,
        Sender(B, from_above=True),
    )
    row = CaseRow(CODES[0], 4, received=Moment(dt.date(2026, 7, 1)))
    with pytest.raises(NotOwnCase, match="feed of the province"):
        taken(row, handed, Sender(A))
    moved = taken(row, handed, Sender(B))
    assert moved is not None
    assert (moved.unit_code, moved.received_unit_code, moved.status_code) == (B, A, 4)


def test_the_feed_of_the_province_takes_over_what_a_commune_took_first_under_a_code_that_names_none() -> None:
    squatted = CaseRow("000.17.22.H56-260715-0001", 10, received=Moment(dt.date(2026, 7, 1)))
    known = taken(replace(squatted, finished=Moment(dt.date(2026, 7, 2))), None, Sender(B))
    feed = CaseRow(squatted.dossier_code, 2, received=Moment(dt.date(2026, 7, 13)), unit_code=A)
    state = taken(feed, known, Sender(A, from_above=True))
    assert state is not None
    assert (state.unit_code, state.received_unit_code, state.status_code) == (A, A, 2)
    assert state.closed_on is None
    with pytest.raises(NotOwnCase):
        taken(squatted, state, Sender(B))


def test_what_counts_elsewhere_is_told_to_the_feed_of_the_province_with_the_way_to_move_it() -> None:
    known = taken(plain(B), None, Sender(B))
    unsaid = replace(plain(A), unit_code=None)
    with pytest.raises(NotOwnCase, match=f"counts for {B}: to move it, send the row for {B} with {A} in MaD"):
        taken(unsaid, known, Sender(A, from_above=True))
    with pytest.raises(NotOwnCase) as told:
        taken(unsaid, known, Sender(A))
    assert B not in told.value.message
