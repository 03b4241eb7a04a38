"""The defects that `liencap competence check` finds: each by the smallest table that has it, and the shipped one."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.competence.check import CheckTables, Defect, check, summary
from reporting.competence.table import CompetenceTable
from reporting.dated.bodies import parse_bodies
from reporting.dated.contacts import parse_contacts
from reporting.dated.decrees import parse_decrees
from reporting.errors import TableError
from tests.reporting.competence_tables import BEYOND, row, table_of
from tests.reporting.stories import tables
from tests.reporting.tables import altered, lines, shipped

TODAY = dt.date(2026, 11, 25)
CONTACTS = "body,channel,address,state,confirmed_on,confirmed_by,source,valid_from,valid_to\n"


def found(table: CompetenceTable, on: dt.date = TODAY, *, contacts: str = CONTACTS) -> list[Defect]:
    every = CheckTables(table, tables().decrees, parse_contacts(contacts, table.bodies))
    return check(every, on)


def of(slug: str, defects: list[Defect]) -> list[str]:
    return [one.where for one in defects if one.slug == slug]


def test_the_shipped_table_has_no_error_and_warns_of_what_is_true() -> None:
    shipped_tables = tables()
    every = CheckTables(shipped_tables.competence, shipped_tables.decrees, shipped_tables.contacts)
    defects = check(every, TODAY)
    assert [one for one in defects if one.weight == "error"] == []
    in_force = [one for one in shipped_tables.competence.rows() if one.validity.holds_on(TODAY)]
    assert set(of("not_approved", defects)) >= {one.id for one in in_force if one.approved_by is None}
    assert {one.slug for one in defects} <= {
        *("expires", "expires_soon", "no_confirmed_contact", "no_ministry", "not_approved", "overlap_same")
    }


def test_the_day_the_decrees_of_june_2025_lapse_is_told_as_an_error_once_it_is_there() -> None:
    shipped_tables = tables()
    every = CheckTables(shipped_tables.competence, shipped_tables.decrees, shipped_tables.contacts)
    lapsed = dt.date(2027, 3, 1)
    rows = shipped_tables.competence.rows()
    held = {row.kind.key for row in rows if row.validity.holds_on(lapsed - dt.timedelta(days=1))}
    wanted = held - {row.kind.key for row in rows if row.validity.holds_on(lapsed)}
    assert "mobile_dead_spot" in wanted
    assert wanted <= set(of("expired", check(every, lapsed)))


def test_facts_without_a_row_are_a_gap() -> None:
    table = table_of(row("small", amount_dong_below="10"), row("large", amount_dong_from="20", **BEYOND))
    gaps = [one for one in found(table) if one.slug == "gap"]
    assert [one.weight for one in gaps] == ["error"]
    assert "amount_dong" in gaps[0].told


def test_a_general_row_beneath_its_exceptions_leaves_no_gap_and_no_overlap() -> None:
    defects = found(table_of(row(), row("large", amount_dong_from="20", **BEYOND)))
    assert of("gap", defects) + of("overlap", defects) + of("row_never_reached", defects) == []


def test_two_rows_that_match_the_same_facts_overlap() -> None:
    large = row("large", amount_dong_from="20", **BEYOND)
    school = row("school", place_types="school", **BEYOND | {"province_bodies": "{province}.so_gddt"})
    assert of("overlap", found(table_of(row(), large, school))) == [
        "equipment_lack.large@2025-07-01 and equipment_lack.school@2025-07-01"
    ]


def test_two_rows_that_send_an_issue_the_same_way_overlap_harmlessly() -> None:
    large, school = (
        row("large", amount_dong_from="20", **BEYOND),
        row("school", place_types="school", **BEYOND),
    )
    defects = found(table_of(row(), large, school))
    assert (len(of("overlap", defects)), len(of("overlap_same", defects))) == (0, 1)


def test_the_same_conditions_twice_overlap_and_the_later_row_is_never_reached() -> None:
    first, second = row("a", amount_dong_from="20", **BEYOND), row("b", amount_dong_from="20")
    defects = found(table_of(row(), first, second))
    assert of("row_never_reached", defects) == ["equipment_lack.b@2025-07-01"]
    assert len(of("overlap", defects)) == 1


def test_a_hole_between_two_rows_in_time_is_told_before_it_comes() -> None:
    table = table_of(row(valid_to="2027-01-01"), row(valid_from="2027-02-01"))
    soon = [one for one in found(table) if one.slug == "expires_soon"]
    assert "2027-01-01 (37 days from 2026-11-25)" in soon[0].told
    assert of("expires_soon", found(table, dt.date(2027, 2, 1))) == []


def test_a_row_that_took_over_without_a_hole_is_no_defect() -> None:
    table = table_of(row(valid_to="2027-01-01"), row(valid_from="2027-01-01"))
    assert of("expires_soon", found(table)) + of("expired", found(table)) + of("gap", found(table)) == []


def test_a_row_that_outlives_the_decree_it_rests_on_is_an_error() -> None:
    resting = row(basis="NĐ 132/2025, 133/2025/NĐ-CP")
    assert of("outlives_its_basis", found(table_of(resting))) == ["equipment_lack@2025-07-01"] * 2
    assert of("outlives_its_basis", found(table_of(resting | {"valid_to": "2027-03-01"}))) == []


def test_a_body_that_ends_while_a_row_names_it_is_told() -> None:
    number = 2 + [line["id"] for line in lines("bodies.csv")].index("bo_tai_chinh")
    bodies = parse_bodies(altered("bodies.csv", number, "valid_to", "2028-01-01"), tables().units)
    defects = [one for one in found(table_of(row(), bodies=bodies)) if one.slug == "unknown_body"]
    assert [one.told for one in defects] == ["bodies.csv has no bo_tai_chinh on 2028-01-01"]


def test_a_row_without_a_ministry_or_an_approving_document_is_told() -> None:
    defects = found(table_of(row(ministry_bodies="", approved_by="")))
    assert of("no_ministry", defects) == of("not_approved", defects) == ["equipment_lack@2025-07-01"]


def test_a_body_is_reachable_for_sure_only_where_its_own_contact_was_confirmed() -> None:
    pattern = "{province}.so_tai_chinh,phone,02373852000,unconfirmed,,,Thử,2025-07-01,\n"
    own = "38.so_tai_chinh,email,stc@thanhhoa.gov.vn,confirmed,2026-10-01,Văn phòng sở,Thử,2025-07-01,\n"
    table = table_of(row())
    told = {one.where: one.told for one in found(table, contacts=CONTACTS + pattern + own)}
    assert told["{province}.so_tai_chinh"] == "no confirmed contact in 33 of 34 provinces"
    contacts = parse_contacts(CONTACTS + pattern + own, table.bodies)
    assert [one.address for one in contacts.of("38.so_tai_chinh", TODAY)] == [
        "stc@thanhhoa.gov.vn",
        "02373852000",
    ]
    assert not contacts.confirmed("38.so_tai_chinh", dt.date(2026, 9, 30))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("bo_ma_thuat,phone,1,unconfirmed,,,Thử,2025-07-01,", "body"),
        ("bo_khcn,pigeon,1,unconfirmed,,,Thử,2025-07-01,", "channel"),
        ("bo_khcn,phone,,unconfirmed,,,Thử,2025-07-01,", "address"),
        ("bo_khcn,phone,1,confirmed,,Vụ,Thử,2025-07-01,", "confirmed_on"),
        ("bo_khcn,phone,1,confirmed,2026-01-01,,Thử,2025-07-01,", "confirmed_by"),
        ("{province}.so_khcn,phone,1,confirmed,2026-01-01,Sở,Thử,2025-07-01,", "body"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_by_its_place(line: str, column: str) -> None:
    with pytest.raises(TableError, match=f"contacts.csv line 2, column {column}"):
        parse_contacts(CONTACTS + line + "\n", tables().bodies)


def test_decrees_are_found_in_a_basis_by_number_and_year() -> None:
    decrees = parse_decrees(shipped("decrees.csv"))
    cited = decrees.cited("Luật Viễn thông 24/2023/QH15; NĐ 132/2025, 133/2025/NĐ-CP")
    assert [decree.number for decree in cited] == ["132/2025", "133/2025"]
    with pytest.raises(TableError, match="column number"):
        parse_decrees(shipped("decrees.csv").replace("132/2025", "NĐ 132"))


def test_the_summary_says_once_what_holds_in_several_places() -> None:
    told = summary([Defect("gap", "error", kind, "no row") for kind in ("a", "b")])
    assert told == ["error gap: no row\n    a, b"]
