from __future__ import annotations

import datetime as dt

import pytest
from pydantic import TypeAdapter

from events.fields import ProcedureCode
from reporting.dated.calendar import LOCAL, build_calendar
from reporting.dated.procedures import ProcedureTable, parse_procedures
from reporting.errors import TableError, UnknownProcedure
from tests.reporting.tables import altered, lines, shipped

TODAY = dt.date(2026, 11, 23)
THREE_PM = dt.time(15)


@pytest.fixture(scope="module")
def procedures() -> ProcedureTable:
    return parse_procedures(shipped("procedures.csv"), shipped("fields.csv"))


def test_the_table_knows_the_fields_of_all_procedures(procedures: ProcedureTable) -> None:
    everything = procedures.all(TODAY)
    assert {found.level for found in everything} >= {"cong_an_xa"}
    assert {found.field_code for found in everything} <= procedures.fields().keys()
    assert procedures.fields()["ho_tich"] == "Hộ tịch"
    assert procedures.fields("en")["chung_thuc"] == "Certification"


@pytest.mark.parametrize("suffix", ["", ".H56", ".000.00.00.H56", ".H56.01", ".000.00.00.H56.01", ".01"])
def test_a_provincial_suffix_is_the_same_procedure(procedures: ProcedureTable, suffix: str) -> None:
    found = procedures.get(f"1.001193{suffix}", TODAY)
    assert (found.code, found.name_vi, found.field_code) == ("1.001193", "Đăng ký khai sinh", "ho_tich")


@pytest.mark.parametrize(
    "code", ["1.999999", "9.001193", "1.001193.X", "1001193", "", "1.001193 ", "1.001193\n"]
)
def test_an_unknown_code_is_refused(procedures: ProcedureTable, code: str) -> None:
    with pytest.raises(UnknownProcedure):
        procedures.get(code, TODAY)


def test_a_procedure_is_unknown_before_its_first_day(procedures: ProcedureTable) -> None:
    with pytest.raises(UnknownProcedure, match="on 2025-06-30"):
        procedures.get("1.001193", dt.date(2025, 6, 30))


def test_codes_are_those_that_events_carry() -> None:
    form = TypeAdapter(ProcedureCode)
    for row in lines("procedures.csv"):
        assert form.validate_python(row["code"]) == row["code"]


def test_certification_and_registers_of_the_same_day_close_at_three_pm(procedures: ProcedureTable) -> None:
    same_day = {
        found.code: found.same_day_cutoff for found in procedures.all(TODAY) if not found.working_days
    }
    assert same_day["2.000635"] == same_day["2.000908"] == same_day["1.001193"] == THREE_PM
    assert {code for code, cutoff in same_day.items() if cutoff is None} == {"2.001159", "2.001909"}
    assert all(found.same_day_cutoff is None for found in procedures.all(TODAY) if found.working_days)


def test_land_conciliation_and_complaints_run_in_calendar_days(procedures: ProcedureTable) -> None:
    calendar_days = {found.code for found in procedures.all(TODAY) if found.days_kind == "calendar"}
    assert {"1.012812", "2.002409"} <= calendar_days
    assert "1.012783" not in calendar_days


def test_a_deadline_follows_from_procedure_and_calendar(procedures: ProcedureTable) -> None:
    calendar = build_calendar(shipped("calendar_overrides.csv"))
    received_at = dt.datetime(2026, 11, 23, 15, 10, tzinfo=LOCAL)

    def due_on(code: str) -> dt.date:
        found = procedures.get(code, TODAY)
        return calendar.due(
            received_at, found.working_days, days_kind=found.days_kind, cutoff=found.same_day_cutoff
        ).due_on

    assert due_on("2.000815") == dt.date(2026, 11, 25)
    assert due_on("1.004873") == dt.date(2026, 11, 27)
    assert due_on("1.012812") == dt.date(2026, 12, 23)


def test_civil_status_is_due_for_review_when_the_new_law_holds(procedures: ProcedureTable) -> None:
    assert procedures.to_review(dt.date(2027, 2, 28)) == ()
    due = procedures.to_review(dt.date(2027, 3, 1))
    assert {found.field_code for found in due} == {"ho_tich", "lien_thong"}
    assert {found for found in procedures.all(TODAY) if found.field_code == "ho_tich"} <= set(due)


def test_sensitive_fields_are_known_and_unlisted_ones_are_taken_as_such(procedures: ProcedureTable) -> None:
    assert procedures.is_sensitive("nguoi_co_cong")
    assert procedures.is_sensitive("bao_tro_xa_hoi")
    assert procedures.is_sensitive("nobody_listed_this")
    assert not procedures.is_sensitive("chung_thuc")


def test_without_a_table_of_fields_each_is_labelled_by_its_code() -> None:
    procedures = parse_procedures(shipped("procedures.csv"))
    assert procedures.fields()["ho_tich"] == "ho_tich"
    assert procedures.is_sensitive("chung_thuc")


def test_a_new_version_follows_the_old_one_on_its_day() -> None:
    old, new = shipped("procedures.csv").splitlines()[1:3]
    assert old.startswith("1.001193,")
    head = shipped("procedures.csv").splitlines()[0]
    ended = old.replace("2025-07-01,,", "2025-07-01,2027-03-01,")
    renewed = old.replace(",0,working,15:00,", ",1,working,,").replace("2025-07-01,,", "2027-03-01,,")
    procedures = parse_procedures(f"{head}\n{ended}\n{renewed}\n{new}")
    assert procedures.get("1.001193", dt.date(2027, 2, 28)).working_days == 0
    assert procedures.get("1.001193", dt.date(2027, 3, 1)).working_days == 1
    with pytest.raises(
        TableError, match=r"procedures\.csv line 3, column valid_from: 1\.001193 already holds"
    ):
        parse_procedures(f"{head}\n{old}\n{renewed}")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("code", "1.1193"),
        ("code", "1.001193.H56"),
        ("name_vi", ""),
        ("field_code", "gibberish"),
        ("level", "huyen"),
        ("working_days", "-1"),
        ("working_days", "soon"),
        ("days_kind", "weeks"),
        ("same_day_cutoff", "15h"),
        ("online_level", "4"),
        ("confidence", "med"),
        ("valid_from", ""),
        ("valid_to", "2025-01-01"),
        ("review_on", "2027"),
    ],
)
def test_a_broken_procedure_is_named(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"^procedures\.csv line 4, column {column}: "):
        parse_procedures(altered("procedures.csv", 4, column, cell), shipped("fields.csv"))


def test_a_cutoff_stands_only_with_the_same_day() -> None:
    line = next(n for n, row in enumerate(lines("procedures.csv"), 2) if row["working_days"] == "3")
    with pytest.raises(TableError, match=rf"line {line}, column same_day_cutoff"):
        parse_procedures(altered("procedures.csv", line, "same_day_cutoff", "15:00"), shipped("fields.csv"))


@pytest.mark.parametrize(
    ("column", "cell"),
    [("field_code", "Hộ tịch"), ("field_code", "ho_tich"), ("label_en", ""), ("sensitive", "no")],
)
def test_a_broken_field_is_named(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"^fields\.csv line 3, column {column}: "):
        parse_procedures(shipped("procedures.csv"), altered("fields.csv", 3, column, cell))
