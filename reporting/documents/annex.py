"""The annex "Tổng hợp khó khăn, vướng mắc, kiến nghị": the issues in it, and the first draft of each cell.

A cell is a draft for the officer and holds only facts of the log. An issue of the lane `outside` is in no
document of this system. No count of issues is suppressed: issues are no persons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

from events.fields import Document, TextRef
from reporting.dated.bodies import BodyTable, territory_of, unit_word
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from reporting.dated.units import UnitTable
from reporting.documents import wording
from reporting.errors import UnknownBody
from reporting.issues.state import Escalation, GivenAnswer, IssueState
from reporting.keyset import Key, instant_key

Column = Literal["content", "cause", "done", "proposal", "competent", "result"]
COLUMNS: tuple[Column, ...] = get_args(Column)

Texts = Mapping[UUID, str | None]
"""Text id → text; None where it was erased, no entry where the store never had it."""


@dataclass(frozen=True, slots=True)
class Names:
    """The Vietnamese names of codes.

    Attributes:
        topics: of some kinds, what a letter about them is about.
    """

    units: UnitTable
    bodies: BodyTable
    kinds: Mapping[str, str]
    topics: Mapping[str, str] = field(default_factory=dict)

    def body(self, body_id: str) -> str:
        """Return the name of a body; the key of a body that the table lacks."""
        try:
            return self.bodies.get(body_id).name_vi
        except UnknownBody:
            return body_id

    def body_in_full(self, body_id: str) -> str:
        """Return the name of a body as a document addresses it: Ủy ban nhân dân tỉnh Thanh Hóa."""
        return wording.in_full(self.body(body_id))

    def topic(self, key: str) -> str:
        """Return what a letter about a kind is about, inside a sentence; its name where it has no such words."""
        name = self.kind(key)
        return self.topics.get(key) or (name if name[:2].isupper() else name[:1].lower() + name[1:])

    def kind(self, key: str) -> str:
        """Return the name of a kind of difficulty; the key of a kind that the table lacks."""
        return self.kinds.get(key, key)


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of one cell.

    Attributes:
        rests_on: the texts shown in the cell; once one of them is erased, so is the cell.
        edited: an officer wrote the cell.
    """

    text: str
    rests_on: tuple[UUID, ...] = ()
    erased: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One issue in the annex.

    Attributes:
        is_waiting: a body above the commune has yet to answer, or to look at the issue again.
    """

    issue_id: UUID
    unit_code: str
    unit_name: str
    kind: str
    is_new: bool
    is_answered: bool
    is_settled: bool
    is_waiting: bool
    competent_body: str | None
    cells: Mapping[Column, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of the report: every issue of the annex is either new or carried over, answered or not."""

    whole: int
    new: int
    answered: int
    settled: int

    @property
    def carried_over(self) -> int:
        """Return the number of issues from earlier periods."""
        return self.whole - self.new

    @property
    def unanswered(self) -> int:
        """Return the number of issues without an answer."""
        return self.whole - self.answered


def belongs(state: IssueState, period: Period) -> bool:
    """Return whether an issue, in its state at the end of a period, belongs into the annex of the period.

    It belongs if it was reported by then, and is open or ended within the period; a withdrawn issue, or one
    of the lane `outside`, does not.
    """
    if state.lane == "outside" or state.state == "withdrawn" or local_day(state.reported_at) > period.last_on:
        return False
    return state.is_open or state.ended_at is None or local_day(state.ended_at) >= period.first_on


def reached_province(state: IssueState) -> bool:
    """Return whether an issue ever left its commune; only such issues are in the annex of a province."""
    return any(one.was_sent for one in state.escalations)


def annex_rows(
    states: Iterable[IssueState], period: Period, names: Names, texts: Texts
) -> tuple[AnnexRow, ...]:
    """Return the rows of an annex, by competent body and then by the day of the report."""
    found = [_row(state, period, names, texts) for state in states if belongs(state, period)]
    reported = {row.issue_id: state.reported_at for row, state in found}
    rows = [row for row, _ in found]
    return tuple(sorted(rows, key=lambda row: place_of(row, reported[row.issue_id])))


def place_of(row: AnnexRow, reported_at: dt.datetime) -> Key:
    """Return the place of a row in the annex; no other row has the same."""
    return row.competent_body or "~", instant_key(reported_at), str(row.issue_id)


def count(rows: Sequence[AnnexRow]) -> Counts:
    """Count the rows of an annex."""
    return Counts(
        whole=len(rows),
        new=sum(row.is_new for row in rows),
        answered=sum(row.is_answered for row in rows),
        settled=sum(row.is_settled for row in rows),
    )


def texts_of(state: IssueState) -> tuple[TextRef, ...]:
    """Return the references of the texts that the annex may show of an issue."""
    answer = _answer_of(state)
    found = (
        state.report.place,
        state.report.content,
        state.report.request,
        state.report.tried,
        _question_of(state),
        answer.text if answer else None,
    )
    return tuple(ref for ref in found if ref is not None)


def competent_body_of(state: IssueState) -> str | None:
    """Return the body that leads: the lead of the latest escalation, else of the verdict."""
    root = state.root
    if root is not None:
        return root.lead_body
    return state.verdict.lead_body if state.verdict is not None else None


def _row(state: IssueState, period: Period, names: Names, texts: Texts) -> tuple[AnnexRow, IssueState]:
    row = AnnexRow(
        issue_id=state.id,
        unit_code=state.unit_code,
        unit_name=names.units.get(state.unit_code).full_name,
        kind=state.report.kind,
        is_new=period.holds(local_day(state.reported_at)),
        is_answered=_answer_of(state) is not None,
        is_settled=state.state == "confirmed" or state.closed_reason in {"confirmed", "resolved_by_commune"},
        is_waiting=state.is_open and (_answer_of(state) is None or state.state == "disputed"),
        competent_body=competent_body_of(state),
        cells={
            "content": _content(state, names, texts),
            "cause": _cause(state, texts),
            "done": _done(state, names, texts),
            "proposal": _proposal(state, texts),
            "competent": _competent(state, names),
            "result": _result(state, names, texts),
        },
    )
    return row, state


def _content(state: IssueState, names: Names, texts: Texts) -> Cell:
    report = state.report
    what = names.kind(report.kind)
    place = _text_of(report.place, texts)
    said = _text_of(report.content, texts)
    scale = wording.scale(report.people_affected, report.cases_blocked, is_open=state.is_open)
    text = wording.content(what, place, scale, said)
    return _cell(text, (report.place, place), (report.content, said))


def _cause(state: IssueState, texts: Texts) -> Cell:
    """Return why the commune's means do not suffice, where it said so; a cause that nobody stated stays open."""
    root, question = state.root, _question_of(state)
    trigger = root.trigger if root is not None else None
    # Without a request the words of that proposal stand as the request.
    asked = state.report.request is not None and trigger == "means"
    said = _text_of(question, texts) if asked else None
    return _cell(wording.cause(trigger, said), (question if asked else None, said))


def _done(state: IssueState, names: Names, texts: Texts) -> Cell:
    tried = _text_of(state.report.tried, texts)
    steps = [_asked(one, one.sent_at, names) for one in state.escalations if one.sent_at is not None]
    return _cell(wording.joined_sentences([tried, *steps]), (state.report.tried, tried))


def _asked(one: Escalation, sent_at: dt.datetime, names: Names) -> str:
    if one.trigger == "arbitration":
        province = territory_of(one.lead_body)
        committee, office = names.body(f"{province}.ubnd"), names.body(f"{province}.vp_ubnd")
        return wording.assigned(committee, office, names.body(one.lead_body), local_day(sent_at))
    sender = names.body(one.from_body) if one.parent_id is not None else None
    return wording.asked(names.body(one.lead_body), local_day(sent_at), _number(one.document), sender=sender)


def _proposal(state: IssueState, texts: Texts) -> Cell:
    """Return what the commune asks for, in its own words; nothing is asked in its name."""
    asked = state.report.request or _question_of(state)
    said = _text_of(asked, texts)
    return _cell(wording.sentence(said), (asked, said)) if said else Cell(wording.OPEN_REQUEST)


def _competent(state: IssueState, names: Names) -> Cell:
    body, root = competent_body_of(state), state.root
    petition = state.petition_of(root) if root is not None else None
    found = [] if body is None else [names.body(body)]
    if petition is not None and petition.was_sent:
        found.append(names.body(petition.lead_body))
    return Cell("; ".join(dict.fromkeys(found)))


def _result(state: IssueState, names: Names, texts: Texts) -> Cell:
    word, answer = unit_word(names.units.get(state.unit_code)), _answer_of(state)
    if answer is None:
        root = state.root
        if not state.is_open:
            return Cell(wording.ended(state.closed_reason, word))
        return Cell(wording.without_answer(root.state if root is not None else None))
    said = _text_of(answer.text, texts)
    given = wording.answered(answer.kind, local_day(answer.at), _number(answer.document), answer.expected_on)
    after = wording.decided("confirmed" if state.closed_reason == "confirmed" else state.state, word)
    return _cell(wording.joined_sentences([given, said, after]), (answer.text, said))


def _answer_of(state: IssueState) -> GivenAnswer | None:
    """Return the standing answer: the problem's unless it was disputed, else that of the issue's lead."""
    joined = state.joined
    if joined is not None and joined.answer is not None and joined.decision != "disputed":
        return joined.answer
    root: Escalation | None = state.root
    return root.answer if root is not None else None


def _question_of(state: IssueState) -> TextRef | None:
    """Return the question of the commune; an arbitration by the provincial office is no question."""
    asked = (
        one for one in reversed(state.escalations) if one.parent_id is None and one.trigger != "arbitration"
    )
    latest = next(asked, None)
    return latest.question if latest is not None else None


def _text_of(ref: TextRef | None, texts: Texts) -> str | None:
    """Return a text, or the erasure mark if it was erased; None where the store has no such text."""
    if ref is None or ref.id not in texts:
        return None
    text = texts[ref.id]
    return wording.ERASED if text is None else text.strip()


def _cell(text: str, *shown: tuple[TextRef | None, str | None]) -> Cell:
    refs = tuple(ref.id for ref, said in shown if ref is not None and said is not None)
    return Cell(text, refs, erased=any(said == wording.ERASED for _, said in shown))


def _number(document: Document | None) -> str | None:
    return None if document is None else wording.document(document.kind, document.number, document.issued_on)
