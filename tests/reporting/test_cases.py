from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import cases as told
from events.cases import CaseDates, CaseEvent, CaseState, Pause
from events.envelope import ALLOWED_SKEW
from reporting.cases.advance import SOURCE_CHANGED, UNKNOWN_FIELD, Advance, Receipt, advance
from reporting.cases.due import CaseRules
from reporting.cases.source_row import CaseRow, Later, Moment
from reporting.cases.status import ALLOWED, reachable
from reporting.errors import IllegalTransition, RuleError
from services.dated_tables import load_tables
from tests.oracles.marks import marks_of, rows_of

TABLES = load_tables()
RULES = CaseRules(TABLES.calendar, TABLES.procedures, TABLES.start_rules)
NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 7, 15)
PROCEDURE = "1.004873"  # three working days


def on(day: int, month: int = 7) -> Moment:
    return Moment(dt.date(2026, month, day))


def receipt(days: int = 0, **kwargs: Any) -> Receipt:
    return Receipt(NOW + dt.timedelta(days=days), "38-a1", "15607", **kwargs)


def row(code: int, /, **said: Any) -> CaseRow:
    return CaseRow("A-1", code, **said)


def step(known: CaseState | None, said: CaseRow, days: int = 0, **kwargs: bool) -> Advance:
    found = advance(known, said, receipt(days, **kwargs), RULES)
    assert found is not None
    return found


def received(**said: Any) -> CaseState:
    return step(None, row(2, received=on(15), **said)).state


def test_first_rows_tell_their_status() -> None:
    said = {"submitted": on(1), "received": on(2), "finished": on(6), "status": on(6)}
    classes = {code: step(None, row(code, **said)).event_cls for code in range(1, 11)}
    assert classes == {
        1: told.CaseSubmitted,
        2: told.CaseReceived,
        3: told.CaseRefused,
        4: told.CaseProcessingStarted,
        5: told.CaseSupplementRequested,
        6: told.CaseFeeRequested,
        7: told.CaseWithdrawn,
        8: told.CaseStopped,
        9: told.CaseResultReady,
        10: told.CaseReturnedResult,
    }


def test_the_ordinary_way_of_a_case() -> None:
    state = step(None, row(1, submitted=on(14), procedure_code=PROCEDURE)).state
    assert (state.received_on, state.due_on, state.field_code) == (None, None, "ho_tich")
    went = step(state, row(2, received=on(15)))
    assert went.event_cls is told.CaseReceived
    assert (went.state.due_on, went.state.calendar_version) == (dt.date(2026, 7, 20), TABLES.calendar.version)
    assert went.state.previous == CaseDates(
        unit_code="15607", field_code="ho_tich", channel="unknown", submitted_on=dt.date(2026, 7, 14)
    )
    working = step(went.state, row(4), 1)
    assert (working.event_cls, working.state.previous) == (told.CaseProcessingStarted, None)
    done = step(working.state, row(9, finished=on(17)), 2)
    assert (done.state.closed_on, done.state.close_kind) == (dt.date(2026, 7, 17), "finished")
    handed = step(done.state, row(10, returned=on(20)), 5)
    assert handed.state.returned_on == dt.date(2026, 7, 20)
    assert handed.state.closed_on == dt.date(2026, 7, 17)


@pytest.mark.parametrize(
    ("code", "due_on"),
    [
        ("1.004873", dt.date(2026, 7, 15)),  # three working days: Monday is the first
        ("1.004873.000.00.00.H56", dt.date(2026, 7, 15)),
        ("2.000986", dt.date(2026, 7, 17)),  # four, linked: as if received on Monday
        ("1.001193", dt.date(2026, 7, 13)),  # the same day, which is the next working one
    ],
)
def test_time_runs_from_a_day_off_by_the_row_of_the_procedure(code: str, due_on: dt.date) -> None:
    saturday = on(11)
    state = step(None, row(2, submitted=saturday, received=saturday, procedure_code=code)).state
    assert (state.received_on, state.due_on) == (dt.date(2026, 7, 11), due_on)
    told_by_source = step(
        None, row(2, submitted=saturday, received=saturday, procedure_code=code, due=on(21))
    ).state
    assert told_by_source.due_on == dt.date(2026, 7, 21)


def test_a_pause_moves_a_due_day_that_we_computed() -> None:
    state = received(procedure_code=PROCEDURE)
    assert state.due_on == dt.date(2026, 7, 20)
    paused = step(state, row(5, status=on(16)), 1).state
    assert paused.pauses == (Pause(reason="supplement", from_on=dt.date(2026, 7, 16)),)
    assert (paused.due_on, paused.supplement_count) == (dt.date(2026, 7, 20), 1)
    went = step(paused, row(4, status=on(21)), 6)
    assert went.event_cls is told.CaseSupplemented
    # Thursday, Friday and Monday stood still; Tuesday counts again.
    assert went.state.due_on == dt.date(2026, 7, 23)
    assert went.state.pauses[-1].to_on == dt.date(2026, 7, 21)


def test_a_pause_on_the_day_of_reception_costs_that_day_nothing() -> None:
    paused = step(received(procedure_code=PROCEDURE), row(5, status=on(15))).state
    assert step(paused, row(4, status=on(17)), 2).state.due_on == dt.date(2026, 7, 21)


def test_a_case_that_was_late_before_it_paused_stays_late() -> None:
    paused = step(received(procedure_code=PROCEDURE), row(6, status=on(24)), 9).state
    assert step(paused, row(4, status=on(28)), 13).state.due_on == dt.date(2026, 7, 20)


def test_a_same_day_case_is_due_on_the_day_it_goes_on() -> None:
    paused = step(received(procedure_code="1.001193"), row(5, status=on(15))).state
    assert paused.due_on == dt.date(2026, 7, 15)
    assert step(paused, row(4, status=on(17)), 2).state.due_on == dt.date(2026, 7, 17)


def test_a_pause_moves_no_due_day_that_the_source_gave() -> None:
    state = received(procedure_code=PROCEDURE, due=on(28))
    assert (state.due_on, state.calendar_version) == (dt.date(2026, 7, 28), None)
    paused = step(state, row(6), 1).state
    went = step(paused, row(4), 6)
    assert went.event_cls is told.CaseResumed
    assert went.state.due_on == dt.date(2026, 7, 28)


def test_reception_after_the_cutoff_counts_from_the_next_working_day() -> None:
    late = Moment(TODAY, dt.datetime(2026, 7, 15, 8, 30, tzinfo=dt.UTC))
    early = Moment(TODAY, dt.datetime(2026, 7, 15, 1, 0, tzinfo=dt.UTC))
    for moment, due in ((late, dt.date(2026, 7, 16)), (early, TODAY)):
        said = row(2, received=moment, procedure_code="1.001193")
        found = advance(None, said, receipt(1), RULES)
        assert found is not None
        assert found.state.due_on == due


def test_an_unknown_procedure_has_no_due_day_and_no_field() -> None:
    state = received(procedure_code="9.999999")
    assert (state.due_on, state.field_code) == (None, UNKNOWN_FIELD)
    assert UNKNOWN_FIELD in TABLES.procedures.fields()


def test_a_new_calendar_moves_no_due_day() -> None:
    state = received(procedure_code=PROCEDURE).model_copy(update={"calendar_version": "vn-older"})
    assert advance(state, row(2, received=on(15), procedure_code=PROCEDURE), receipt(1), RULES) is None


def test_a_corrected_reception_moves_the_due_day_that_rests_on_it() -> None:
    went = step(received(procedure_code=PROCEDURE), row(2, received=on(14)), 1)
    assert went.event_cls is told.CaseCorrected
    assert went.state.reason_code == SOURCE_CHANGED
    assert went.state.due_on == dt.date(2026, 7, 17)
    assert went.state.submitted_on == dt.date(2026, 7, 14)
    assert went.state.previous is not None
    assert went.state.previous.received_on == TODAY


def test_a_later_due_day_alone_is_an_extension_and_an_earlier_one_a_correction() -> None:
    state = received(due=on(20))
    assert step(state, row(2, due=on(22))).event_cls is told.CaseExtended
    assert step(state, row(2, due=on(17))).event_cls is told.CaseCorrected


def test_another_competent_unit_is_a_transfer() -> None:
    went = step(received(), row(2, unit_code="15610"))
    assert (went.event_cls, went.state.unit_code) == (told.CaseTransferred, "15610")
    assert went.state.received_unit_code == "15607"
    assert went.state.previous is not None
    assert went.state.previous.unit_code == "15607"


def test_what_counts_nowhere_changes_without_previous() -> None:
    went = step(received(), row(2, source_overdue=True))
    assert (went.event_cls, went.state.source_overdue, went.state.previous) == (
        told.CaseCorrected,
        True,
        None,
    )


def test_what_a_row_leaves_out_changes_nothing() -> None:
    state = received(
        channel="online", applicant_kind="organisation", helped_unit_code="15610", online_payment=True
    )
    assert advance(state, row(2), receipt(3), RULES) is None


def test_a_snapshot_skips_steps_and_says_that_pauses_are_unknown() -> None:
    went = step(received(), row(10, finished=on(16), returned=on(17)), 3, snapshot=True)
    assert (went.event_cls, went.state.pause_known) == (told.CaseReturnedResult, False)
    assert advance(went.state, row(10), receipt(4, snapshot=True), RULES) is None


def test_somebody_who_takes_one_step_cannot_skip() -> None:
    with pytest.raises(IllegalTransition) as refused:
        step(received(), row(10, finished=on(15)), one_step=True)
    assert (refused.value.current, refused.value.allowed) == ("2", ("4", "5", "6", "7", "8", "9"))
    assert refused.value.field == "TrangThai"


@pytest.mark.parametrize("ended", [3, 8, 10])
def test_what_has_ended_is_not_reopened(ended: int) -> None:
    said = {"submitted": on(10), "received": on(10), "status": on(14), "finished": on(14)}
    state = step(None, row(ended, **said)).state
    for status in set(ALLOWED) - {ended}:
        with pytest.raises(IllegalTransition, match="it has ended"):
            step(state, row(status, **said))


def test_a_withdrawal_ends_the_case_and_can_be_taken_back() -> None:
    gone = step(received(), row(7, status=on(16)), 1)
    assert (gone.event_cls, gone.state.close_kind, gone.state.closed_on) == (
        told.CaseWithdrawn,
        "withdrawn",
        dt.date(2026, 7, 16),
    )
    carried_out = step(gone.state, row(8, status=on(20)), 5).state
    assert (carried_out.close_kind, carried_out.closed_on) == ("withdrawn", dt.date(2026, 7, 16))
    back = step(gone.state, row(4), 2)
    assert (back.event_cls, back.state.closed_on, back.state.close_kind) == (told.CaseResumed, None, None)


def test_what_was_never_taken_in_does_not_end() -> None:
    state = step(None, row(1, submitted=on(10))).state
    gone = step(state, row(7), 1).state
    assert (gone.received_on, gone.closed_on) == (None, None)
    assert {mark.name for mark in marks_of(gone)} == {"submitted"}


def test_a_case_that_ends_while_paused_ends_its_pause() -> None:
    paused = step(received(), row(6, status=on(16)), 1).state
    done = step(paused, row(9, finished=on(20)), 5).state
    assert done.pauses == (Pause(reason="fee", from_on=dt.date(2026, 7, 16), to_on=dt.date(2026, 7, 20)),)
    earlier = step(done, row(9, finished=on(17)), 6).state
    assert earlier.pauses[-1].to_on == dt.date(2026, 7, 17)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (row(2, submitted=on(10), received=on(9)), "NgayTiepNhan"),
        (row(2, received=on(10), due=on(9)), "NgayHenTra"),
        (row(9, received=on(10), finished=on(9)), "NgayKetThucXuLy"),
        (row(10, received=on(10), finished=on(12), returned=on(11)), "NgayTraKetQua"),
        (row(4, received=on(10), status=on(9)), "NgayTrangThai"),
        (row(4, received=on(10), finished=on(9)), "NgayKetThucXuLy"),
        (row(2, received=on(10), returned=on(9)), "NgayTraKetQua"),
        (row(2, submitted=on(10)), "NgayTiepNhan"),
        (row(9, received=on(10)), "NgayKetThucXuLy"),
        (row(3, submitted=on(10)), "NgayTrangThai"),
        (row(1), "NgayNop"),
        (row(2, received=on(17)), "NgayTiepNhan"),
        (row(1, submitted=Moment(TODAY, NOW + ALLOWED_SKEW + dt.timedelta(seconds=1))), "NgayNop"),
    ],
)
def test_a_date_that_cannot_be_is_named(said: CaseRow, field: str) -> None:
    with pytest.raises(RuleError) as refused:
        advance(None, said, receipt(), RULES)
    assert refused.value.field == field


def test_a_clock_may_run_ahead_a_little() -> None:
    ahead = Moment(on(16).day, NOW + ALLOWED_SKEW)
    assert step(None, row(2, received=ahead)).state.received_on == dt.date(2026, 7, 16)


def test_a_clock_does_not_go_on_before_it_stood_still() -> None:
    paused = step(received(), row(5, status=on(17)), 2).state
    with pytest.raises(RuleError) as refused:
        step(paused, row(4, status=on(16)), 3)
    assert refused.value.field == "NgayTrangThai"


def test_a_pause_guessed_from_snapshots_gives_way_to_a_date() -> None:
    paused = step(received(), row(5), 3, snapshot=True).state
    assert paused.pauses[0].from_on == dt.date(2026, 7, 18)
    done = step(paused, row(9, finished=on(17)), 4, snapshot=True).state
    assert done.pauses == (
        Pause(reason="supplement", from_on=dt.date(2026, 7, 17), to_on=dt.date(2026, 7, 17)),
    )


def test_old_facts_take_the_lane_for_history() -> None:
    old = step(None, row(10, received=on(1, 3), finished=on(4, 3), returned=on(5, 3)))
    assert old.state.backfill
    open_and_due_today = step(None, row(4, received=on(1, 3), due=on(15)))
    assert not open_and_due_today.state.backfill
    moved = step(open_and_due_today.state, row(9), 1)
    assert not moved.state.backfill


@pytest.mark.parametrize("column", ["personal_id_sent", "personal_id_issued"])
def test_a_new_step_of_an_old_case_takes_the_live_lane(column: str) -> None:
    old = step(None, row(10, received=on(1, 3), finished=on(4, 3), returned=on(5, 3))).state
    told_late = step(old, row(10, **{column: on(14)}))
    assert not told_late.state.backfill
    assert step(old, row(10, **{column: on(9, 3)})).state.backfill


def test_seq_counts_up_even_where_the_clock_goes_back() -> None:
    state = received()
    again = step(state, row(4), -1)
    assert again.state.seq == state.seq + 1
    later = step(state, row(4), 1)
    assert later.state.seq == int((NOW + dt.timedelta(days=1)).timestamp()) * 1_000_000


def test_every_path_is_reachable_and_ends() -> None:
    assert reachable(2) == {2, 4, 5, 6, 7, 8, 9, 10}
    assert reachable(9) == {10}
    assert 3 not in reachable(2)
    assert all(not reachable(code) for code in (3, 8, 10))


DAYS = st.integers(min_value=-70, max_value=2)


@st.composite
def said_rows(draw: st.DrawFn) -> tuple[int, CaseRow, bool]:
    """Draw a row, the day on which it comes (from 0), and whether it is part of a snapshot."""

    def moment(chance: int) -> Moment | None:
        if draw(st.integers(0, 9)) >= chance:
            return None
        return Moment(TODAY + dt.timedelta(days=draw(DAYS)))

    return (
        draw(st.integers(0, 30)),
        CaseRow(
            "A-1",
            draw(st.sampled_from([1, 2, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9, 9, 10])),
            procedure_code=draw(st.sampled_from([None, PROCEDURE, "1.001193", "1.012812", "9.999999"])),
            field_code=draw(st.sampled_from([None, None, "ho_tich", "chung_thuc"])),
            channel=draw(st.sampled_from([None, None, "online", "post"])),
            submitted=moment(2),
            received=moment(4),
            due=moment(2),
            finished=moment(4),
            returned=moment(3),
            status=moment(3),
            unit_code=draw(st.sampled_from([None, None, None, "15607", "15610"])),
            source_overdue=draw(st.sampled_from([None, None, True, False])),
        ),
        draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(said_rows(), min_size=1, max_size=12), st.integers(0, 40))
def test_any_history_is_idempotent_chained_and_legal(
    history: list[tuple[int, CaseRow, bool]], later: int
) -> None:
    state: CaseState | None = None
    marks: dict[tuple[dt.date, str, str], bool] = {}
    for days, said, snapshot in history:
        try:
            went = advance(state, said, receipt(days, snapshot=snapshot), RULES)
        except RuleError:
            continue
        if went is None:
            continue
        new = went.state
        assert CaseState.model_validate_json(new.model_dump_json()) == new
        if state is not None:
            assert new.seq > state.seq
            assert new.status_code == state.status_code or new.status_code in reachable(state.status_code)
            before, after = (
                CaseDates(**{n: getattr(s, n) for n in CaseDates.model_fields}) for s in (state, new)
            )
            assert new.previous == (before if before != after else None)
        # The same row again, then or any day later, says what is known.
        for again in (days, days + later):
            assert advance(new, replace(said), receipt(again, snapshot=snapshot), RULES) is None
        for mark in rows_of(as_event(went)):
            marks[mark.day, mark.unit_code, mark.mark] = mark.gone
        state = new
    if state is not None:
        held = {place for place, gone in marks.items() if not gone}
        assert held == {(mark.day, state.unit_code, mark.name) for mark in marks_of(state)}


def as_event(went: Advance) -> CaseEvent:
    make: Callable[..., CaseEvent] = went.event_cls
    return make(
        id=UUID(int=1),
        source="/vn/38/15607",
        subject="0" * 64,
        time=NOW,
        recorded_at=NOW,
        partition_key=went.state.unit_code,
        data=went.state,
    )


def test_the_steps_of_a_birth_case_stay_with_it_and_the_number_ends_the_waiting() -> None:
    state = received(procedure_code="2.000986")
    sent = step(state, row(2, personal_id_sent=on(16), waiting_for="38.cong_an"), 2)
    assert (sent.event_cls, sent.state.reason_code) == (told.CaseCorrected, "later_step")
    assert (sent.state.personal_id_sent_on, sent.state.waiting_for) == (dt.date(2026, 7, 16), "38.cong_an")
    assert sent.state.previous is None
    assert advance(sent.state, row(2), receipt(3), RULES) is None
    issued = step(sent.state, row(2, personal_id_issued=on(17)), 4).state
    assert (issued.personal_id_sent_on, issued.personal_id_issued_on, issued.waiting_for) == (
        dt.date(2026, 7, 16),
        dt.date(2026, 7, 17),
        None,
    )


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ({"personal_id_sent": on(1)}, "NgayGuiDinhDanh"),
        ({"personal_id_sent": on(17), "personal_id_issued": on(16)}, "NgayCapDinhDanh"),
        ({"personal_id_issued": on(31)}, "NgayCapDinhDanh"),
        ({"submitted": on(10), "personal_id_issued": on(12)}, "NgayCapDinhDanh"),
        ({"submitted": on(10), "personal_id_sent": on(12)}, "NgayGuiDinhDanh"),
    ],
)
def test_a_step_before_the_one_before_it_or_ahead_of_its_receipt_is_named(
    steps: dict[str, Moment], field: str
) -> None:
    with pytest.raises(RuleError) as error:
        step(received(procedure_code="2.000986"), row(2, **steps), 5)
    assert error.value.field == field


def test_a_channel_that_no_row_names_is_unknown_until_one_names_it() -> None:
    state = step(None, row(2, received=on(15))).state
    assert state.channel == "unknown"
    assert step(state, row(4), 1).state.channel == "unknown"
    named = step(state, row(2, received=on(15), channel="online"), 1)
    assert (named.event_cls, named.state.channel) == (told.CaseCorrected, "online")
    assert step(named.state, row(4), 2).state.channel == "online", (
        "a row that leaves it out changes nothing known"
    )


@pytest.mark.parametrize(
    ("stated", "taken_back", "left"),
    [
        (
            {"personal_id_sent": on(16), "waiting_for": "38.cong_an"},
            "personal_id_sent",
            (None, None, "38.cong_an"),
        ),
        (
            {"personal_id_sent": on(16), "personal_id_issued": on(17)},
            "personal_id_issued",
            (on(16).day, None, None),
        ),
        ({"waiting_for": "38.cong_an"}, "waiting_for", (None, None, None)),
    ],
)
def test_a_wrong_step_of_a_birth_is_taken_back_and_that_is_a_correction(
    stated: dict[str, Any], taken_back: Later, left: tuple[Any, ...]
) -> None:
    wrong = step(received(procedure_code="2.000986"), row(2, **stated), 3).state
    mended = step(wrong, row(2, taken_back=frozenset({taken_back})), 4)
    state = mended.state
    assert (state.personal_id_sent_on, state.personal_id_issued_on, state.waiting_for) == left
    assert (mended.event_cls, state.reason_code) == (told.CaseCorrected, "step_taken_back")
    again = row(2, taken_back=frozenset({taken_back}))
    assert advance(state, again, receipt(5), RULES) is None


def test_another_day_for_a_step_corrects_it_and_a_further_body_does_not() -> None:
    sent = step(received(procedure_code="2.000986"), row(2, personal_id_sent=on(16)), 3).state
    assert step(sent, row(2, personal_id_sent=on(17)), 4).state.reason_code == "source_changed"
    waits = step(sent, row(2, waiting_for="38.cong_an"), 4).state
    assert waits.reason_code == "later_step"
    assert step(waits, row(2, waiting_for="bhxh_vn"), 5).state.reason_code == "later_step"
