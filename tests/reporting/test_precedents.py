"""A confirmed answer can be cited; one that the law has superseded stays, marked as stale."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from reporting.competence.table import CompetenceTable
from reporting.dated.csv_rows import Validity
from reporting.dated.decrees import DecreeTable, parse_decrees
from reporting.issues.precedents import Precedent, precedent_of, staleness
from tests.reporting.problem_stories import Shared
from tests.reporting.stories import Story, document, tables

ON = dt.date(2026, 3, 2)
NO_DECREES = DecreeTable(())


def confirmed(kind: str = "mobile_dead_spot") -> Precedent:
    story = Story(kind).taken_on()
    story.answer("solved", document=document("210/SKHCN-VT", "38.so_khcn"))
    story.confirm()
    found = precedent_of(story.state)
    assert found is not None
    return found


class Rows:
    """A table of competence of which only the rows are asked."""

    def __init__(self, *changes: dict[str, object], without: bool = False) -> None:
        one = confirmed()
        assert one.verdict is not None
        row = next(found for found in tables().competence.rows() if found.id == one.verdict.row_id)
        self.found = () if without else tuple(replace(row, **change) for change in (changes or ({},)))  # type: ignore[arg-type]

    def rows(self) -> tuple[object, ...]:
        return self.found


def stale(rows: Rows, on: dt.date = ON, decrees: DecreeTable = NO_DECREES) -> str | None:
    return staleness(confirmed(), rows, decrees, on)  # type: ignore[arg-type]


def test_an_answer_that_was_confirmed_is_citable_with_its_document() -> None:
    found = confirmed()
    assert (found.source, found.kind, found.lead_body) == ("issue", "mobile_dead_spot", "38.so_khcn")
    assert found.answer.document is not None
    assert found.answer.document.number == "210/SKHCN-VT"


def test_what_was_only_answered_or_disputed_or_noted_is_not() -> None:
    answered = Story(name="answered").taken_on()
    answered.answer("solved")
    assert precedent_of(answered.state) is None
    answered.dispute()
    assert precedent_of(answered.state) is None
    refused = Story(name="refused").taken_on()
    refused.answer("refused", document=document())
    refused.close("answered")
    assert precedent_of(refused.state) is None
    solved = Story("digital_illiteracy", name="by itself")
    solved.close("resolved_by_commune")
    assert precedent_of(solved.state) is None


def test_the_answer_of_a_problem_is_cited_as_the_problems() -> None:
    shared = Shared("bat mot")
    shared.open()
    shared.join("bat mot")
    shared.answer("guidance")
    shared.issue("bat mot").confirm()
    found = precedent_of(shared.issue("bat mot").state)
    assert found is not None
    assert (found.source, found.id, found.answer.kind) == ("problem", shared.id, "guidance")


def test_an_answer_of_a_problem_that_was_withdrawn_is_cited_no_more() -> None:
    shared = Shared("bat mot")
    shared.open()
    shared.join("bat mot")
    shared.answer("guidance")
    shared.issue("bat mot").confirm()
    shared.withdraw()
    assert precedent_of(shared.issue("bat mot").state) is None


def test_while_its_row_stands_as_it_stood_a_precedent_holds() -> None:
    assert stale(Rows()) is None
    assert staleness(confirmed(), tables().competence, NO_DECREES, ON) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"version": "another"}, "row_changed"), ({"basis": "Luật khác"}, "row_changed")],
)
def test_a_row_that_reads_otherwise_makes_it_stale(changes: dict[str, object], reason: str) -> None:
    assert stale(Rows(changes)) == reason


def test_a_row_that_is_gone_or_expired_makes_it_stale() -> None:
    assert stale(Rows(without=True)) == "row_gone"
    assert stale(Rows(), dt.date(2020, 1, 1)) == "row_expired"


def test_a_decree_that_lapsed_makes_stale_what_rests_on_it() -> None:
    decrees = parse_decrees(
        "number,subject_vi,subject_en,valid_from,valid_to,confidence,source\n"
        "133/2025,Viễn thông,Telecommunications,2025-07-01,2027-03-01,med,Thử\n"
    )
    one = confirmed()
    assert one.verdict is not None
    verdict = one.verdict.model_copy(update={"basis": "NĐ 133/2025/NĐ-CP"})
    resting = one._replace(verdict=verdict)
    table = Rows({"basis": "NĐ 133/2025/NĐ-CP", "validity": Validity(dt.date(2025, 7, 1))})
    as_table: CompetenceTable = table  # type: ignore[assignment]
    assert staleness(resting, as_table, decrees, dt.date(2027, 2, 28)) is None
    assert staleness(resting, as_table, decrees, dt.date(2027, 3, 1)) == "basis_lapsed"


def test_what_rests_on_no_row_is_not_called_stale() -> None:
    assert staleness(confirmed()._replace(verdict=None), tables().competence, NO_DECREES, ON) is None
