"""Issues and escalations for readers: names and labels in one language, texts fetched, erased texts marked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from events.fields import Document
from reporting.dated.bodies import unit_named
from reporting.dated.units import Unit
from reporting.errors import UnknownBody
from reporting.issues.clock import IssueClock, Pause
from reporting.issues.need import open_clock, today_of
from reporting.issues.state import Act, Escalation, GivenAnswer, IssueState
from services.access.actors import Actor
from services.acting.visible import allowed_to
from services.language.labels import Lang
from services.web.issues.amendment_views import amendments_shown
from services.web.issues.clock_schemas import ClockView, PauseView
from services.web.issues.course_views import (
    corrections_shown,
    explanation_shown,
    fault_shown,
    ledger_shown,
    signals_shown,
    suppressions_shown,
)
from services.web.issues.escalation_schemas import EscalationView, HandOff
from services.web.issues.queue import mark_of_clock
from services.web.issues.queue_schemas import EscalationLine, EscalationWithIssue
from services.web.issues.report_words import ReportWords
from services.web.issues.schemas import (
    CommonAnswerView,
    CorrectionView,
    IssueLine,
    IssueView,
    JoinedView,
    RefusedAct,
    TimelineEntry,
)
from services.web.issues.text_views import (
    Texts,
    replaced_shown,
    text_of,
    texts_of,
    texts_of_escalation,
)
from services.web.shell.document_schemas import AnswerView, DocumentView
from services.web.shell.parts import ViewParts

_HANDS_ON = frozenset({"escalation.proposed", "escalation.referred", "escalation.sent"})


class Viewer:
    """Builds views of states for one actor in one language; made per request. `words` are those of their reports.

    Instants, days and UUIDs stay typed; the JSON edge and the pages format them.
    """

    def __init__(self, parts: ViewParts, lang: Lang = "vi", actor: Actor | None = None) -> None:
        self._parts = parts
        self._lang: Lang = lang
        self._actor = actor
        self._now = parts.clock()
        self._today = today_of(self._now, parts.tables.calendar)
        self.words = ReportWords(parts.texts)

    def issue(self, state: IssueState) -> IssueView:
        """Return one whole issue: explanation, escalations, clocks, timeline, refused acts."""
        texts = self._parts.texts.fetch(ref.id for ref in texts_of(state))
        report = state.report
        return IssueView(
            **vars(self.summary(state)),
            place=text_of(report.place, texts),
            content=text_of(report.content, texts),
            request=text_of(report.request, texts),
            tried=text_of(report.tried, texts),
            replaced=replaced_shown(state, texts),
            amended=amendments_shown(state, texts, self._label, self.words_of(state), self.unit_name),
            explanation=explanation_shown(state, self.body_name),
            problem=self._problem(state, texts),
            escalations=[self.escalation(state, one, texts) for one in state.escalations],
            clocks=[self.clock(state, clock, texts) for clock in state.clocks],
            timeline=[self._entry(state, act, texts) for act in state.acts if act.refused is None],
            rejected=[self._refused(act) for act in state.rejected],
            suppressions=suppressions_shown(state, self.kind_label),
            fault=fault_shown(state, self._parts),
            ledger=ledger_shown(state, self._parts, self._now, self.body_name),
            corrections=self._corrections(state),
            closed_reason=state.closed_reason,
            ended_at=state.ended_at,
        )

    def read_ahead(self, states: Iterable[IssueState]) -> None:
        """Fetch the texts of the lines of these issues at once, instead of line by line."""
        self.words.read_ahead(states)

    def summary(self, state: IssueState) -> IssueLine:
        """Return one issue as a line of a list, with the first words of what it is and of what is asked for."""
        report, verdict = state.report, state.verdict
        due = open_clock(state, None)
        return IssueLine(
            id=state.id,
            unit_code=state.unit_code,
            unit_name=self.unit_name(state.unit_code),
            province_code=state.province_code,
            kind=report.kind,
            kind_label=self.kind_label(report.kind),
            severity=report.severity,
            severity_label=self._label("severity", report.severity),
            headline=self.words.headline(state),
            asked_for=self.words.asked_for(state),
            state=state.shown_state,
            state_label=self._label("issue.state", state.shown_state, **self.words_of(state)),
            version=state.version,
            lane=None if verdict is None else verdict.lane,
            lane_label=None if verdict is None else self._label("lane", verdict.lane),
            level=None if verdict is None else verdict.level,
            holder=state.holder_body,
            holder_body=state.holder_body,
            holder_name=self.body_name(state.holder_body),
            reported_at=state.reported_at,
            updated_at=state.updated_at,
            occurred_at=report.occurred_at,
            people_affected=report.people_affected,
            cases_blocked=report.cases_blocked,
            cases_overdue=report.cases_overdue,
            bounce_count=state.bounce_count,
            signals=signals_shown(state, self._label),
            amount_dong=report.amount_dong,
            place_type=report.place_type,
            place_type_label=self._label("place_type", report.place_type) if report.place_type else None,
            tried_step=report.tried_step,
            tried_step_label=self._label("tried_step", report.tried_step) if report.tried_step else None,
            intake_channel=report.intake_channel,
            due=None if due is None else self.clock(state, due),
            allowed=self.allowed(state, None),
        )

    def escalation(self, state: IssueState, one: Escalation, texts: Texts | None = None) -> EscalationView:
        """Return one whole escalation; its `version` is that of its issue, which acts send back."""
        if texts is None:
            texts = self._parts.texts.fetch(ref.id for ref in texts_of_escalation(one))
        return EscalationView(
            **vars(self._hand_off(state, one)),
            question=text_of(one.question, texts),
            document=self._document(one.document, texts),
            answer=None if one.answer is None else self.answer(one.answer, texts),
            return_reason=text_of(one.return_reason, texts),
            correction_reason=text_of(one.correction_reason, texts),
        )

    def escalation_line(self, state: IssueState, one: Escalation) -> EscalationLine:
        """Return one escalation as a line of a queue, with what its issue is about."""
        return EscalationLine(**vars(self._hand_off(state, one)), issue=self.summary(state))

    def escalation_with_issue(self, state: IssueState, one: Escalation) -> EscalationWithIssue:
        """Return one whole escalation, with the line of its issue."""
        return EscalationWithIssue(**vars(self.escalation(state, one)), issue=self.summary(state))

    def _hand_off(self, state: IssueState, one: Escalation) -> HandOff:
        due = open_clock(state, one)
        return HandOff(
            id=one.id,
            issue_id=state.id,
            parent_id=one.parent_id,
            replaces_id=one.replaces_id,
            state=one.state,
            state_label=self._label("escalation.state", one.state),
            version=state.version,
            from_body=one.from_body,
            from_name=self.body_name(one.from_body),
            lead_body=one.lead_body,
            lead_name=self.body_name(one.lead_body),
            level=one.level,
            trigger=one.trigger,
            trigger_label=self._why(state, one),
            formal=one.formal,
            basis=one.basis,
            proposed_body=one.proposed_body,
            proposed_name=self.body_name(one.proposed_body),
            on_behalf_of=one.on_behalf_of,
            awaits_office_since=one.awaits_office_since,
            answer_kind=one.answer.kind if one.answer else None,
            proposed_at=one.proposed_at,
            sent_at=one.sent_at,
            answered_at=one.answer.at if one.answer else None,
            due=None if due is None else self.clock(state, due),
            allowed=self.allowed(state, one),
        )

    def _why(self, state: IssueState, one: Escalation) -> str:
        """Return the reason of an escalation: the lane for support and guidance without a document, else the trigger."""
        if not one.formal and one.trigger == "competence" and state.lane in {"support", "guidance"}:
            return self._label("lane", state.lane)
        return self._label("trigger", one.trigger, **self.words_of(state))

    def clock(self, state: IssueState, clock: IssueClock, texts: Texts | None = None) -> ClockView:
        """Return one deadline; one set by no law, regulation or document is a reminder mark and never overdue."""
        mark = mark_of_clock(clock, self._today)
        return ClockView(
            id=clock.id,
            clock=clock.clock,
            clock_label=self._label("clock.name", clock.clock, **self.words_of(state)),
            escalation_id=clock.escalation_id,
            holder_body=clock.holder_body,
            holder_name=self.body_name(clock.holder_body),
            state=clock.state,
            mark=mark,
            state_label=self._label(self._clock_group(clock, mark), mark),
            is_reminder=clock.is_reminder,
            started_at=clock.started_at,
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
            days=clock.days,
            days_kind=clock.days_kind,
            deadline_source=clock.deadline_source,
            deadline_source_label=self._label("deadline_source", clock.deadline_source),
            calendar_version=clock.calendar_version,
            remind_at=clock.remind_at,
            warn_at=clock.warn_at,
            pauses=[self._pause(pause, texts or {}) for pause in clock.pauses],
        )

    def _pause(self, pause: Pause, texts: Texts) -> PauseView:
        return PauseView(
            id=pause.id,
            reason=pause.reason,
            reason_label=self._parts.tables.pause_reasons.name(pause.reason, self._lang),
            from_at=pause.from_at,
            to_at=pause.to_at,
            note=text_of(pause.note, texts),
            document=self._document(pause.document, texts),
        )

    def unit(self, unit_code: str) -> Unit:
        """Return a unit by its code."""
        return self._parts.tables.units.get(unit_code)

    def unit_name(self, unit_code: str) -> str:
        """Return the name of a unit in the reader's language."""
        return unit_named(self.unit(unit_code), self._lang)

    def body_name(self, body_id: str | None) -> str | None:
        """Return the name of a body; the id itself where the table lacks it."""
        if body_id is None:
            return None
        try:
            body = self._parts.tables.bodies.get(body_id)
        except UnknownBody:
            return body_id
        return body.name_en if self._lang == "en" else body.name_vi

    def _problem(self, state: IssueState, texts: Texts) -> JoinedView | None:
        """Return the problem that the issue belongs to, with the answer that the issue got from it."""
        joined = state.joined
        if joined is None:
            return None
        problem = self._parts.problem_table.get(joined.problem_id)
        titles = self._parts.texts.fetch([problem.title.id]) if problem is not None else {}
        title = text_of(problem.title, titles) if problem is not None else None
        answer = None
        if joined.answer is not None:
            given = self.answer(joined.answer, texts)
            answer = CommonAnswerView(**vars(given), body=joined.body, body_name=self.body_name(joined.body))
        return JoinedView(
            id=joined.problem_id,
            title=title.text if title else None,
            state=problem.state if problem is not None else None,
            scope=problem.scope if problem is not None else None,
            joined_at=joined.at,
            found_by=joined.found_by,
            decision=joined.decision,
            answer=answer,
        )

    def state_label(self, state: IssueState, one: Escalation | None) -> str:
        """Return the state of an issue, or one of its hand-offs while the issue has not ended."""
        if one is None or not state.is_open:
            return self._label("issue.state", state.shown_state, **self.words_of(state))
        return self._label("escalation.state", one.state)

    def kind_label(self, kind: str) -> str:
        """Return the name of a kind of difficulty; the key itself where the table lacks it."""
        return self._parts.tables.competence.name_of(kind, self._lang)

    def _clock_group(self, clock: IssueClock, mark: str) -> str:
        """Return where the words of a mark stand: nobody is on time or late against a mere reminder."""
        own = clock.is_reminder and self._parts.labels.has(f"clock.reminder_state.{mark}")
        return "clock.reminder_state" if own else "clock.state"

    def _corrections(self, state: IssueState) -> list[CorrectionView]:
        events = {act.id: self.event_label(state, act) for act in state.acts}
        return corrections_shown(state, self._parts, self._now, events, self._label)

    def answer(self, answer: GivenAnswer, texts: Texts) -> AnswerView:
        """Return an answer, given by the issue's own body or by its problem."""
        said = text_of(answer.text, texts)
        return AnswerView(
            kind=answer.kind,
            kind_label=self._label("answer.kind", answer.kind),
            text=said.text if said else None,
            erased=bool(said and said.erased),
            document=self._document(answer.document, texts),
            expected_on=answer.expected_on,
            on_behalf_of=answer.on_behalf_of,
            at=answer.at,
        )

    def _document(self, document: Document | None, texts: Texts) -> DocumentView | None:
        if document is None:
            return None
        signer = text_of(document.signer, texts)
        return DocumentView(
            kind=document.kind,
            kind_label=self._label("document.kind", document.kind),
            number=document.number,
            date=document.issued_on,
            issued_on=document.issued_on,
            issuer=document.issuer,
            issuer_name=self.body_name(document.issuer),
            capacity=document.capacity,
            urgency=document.urgency,
            signer=signer.text if signer else None,
        )

    def _entry(self, state: IssueState, act: Act, texts: Texts) -> TimelineEntry:
        said, role = text_of(act.text, texts), act.actor_role
        return TimelineEntry(
            event_id=act.id,
            at=act.at,
            recorded_at=act.recorded_at,
            event=act.type,
            label=self.event_label(state, act),
            escalation_id=act.escalation_id,
            to_name=self._written_to(state, act),
            actor_role=role,
            actor_label=self._label("role", role, **self.words_of(state)) if role else None,
            actor_unit=act.actor_unit,
            actor_body=act.actor_body,
            actor_name=self.body_name(act.actor_body),
            on_behalf_of=act.on_behalf_of,
            on_behalf_name=self.body_name(act.on_behalf_of),
            text=said.text if said else None,
            erased=bool(said and said.erased),
            document=self._document(act.document, texts),
        )

    def _written_to(self, state: IssueState, act: Act) -> str | None:
        """Return the name of the body that a step hands the issue to."""
        about = state.escalation(act.escalation_id) if act.escalation_id else None
        return self.body_name(about.lead_body) if about is not None and act.type in _HANDS_ON else None

    def event_label(self, state: IssueState, act: Act) -> str:
        """Return the name of a step in the timeline."""
        clock = state.clock(act.clock_id) if act.clock_id else None
        if clock is not None and act.type == "clock.breached":
            return self._label("event.clock", "reminder_passed" if clock.is_reminder else "breached")
        about = state.escalation(act.escalation_id) if act.escalation_id else None
        if act.type == "escalation.proposed" and about is not None:
            kind = {"petition": "petitioned", "arbitration": "arbitrated"}.get(about.trigger, "proposed")
            return self._label("event.escalation", kind)
        return self._label("event", act.type, **self.words_of(state))

    def _refused(self, act: Act) -> RefusedAct:
        known = self._parts.labels.has(f"rejection.{act.refused}")
        return RefusedAct(
            event_id=act.id,
            event=act.type,
            reason=act.refused,
            reason_label=self._label("rejection", act.refused if known and act.refused else "other"),
            actor_role=act.actor_role,
            actor_unit=act.actor_unit,
            at=act.recorded_at,
        )

    def allowed(self, state: IssueState, one: Escalation | None = None) -> list[str]:
        """Return the steps that the actor may take on an issue or on one of its escalations."""
        if self._actor is None:
            return []
        return list(allowed_to(self._actor, state, one, self._parts.tables, self._now))

    def _label(self, group: str, value: str, **words: object) -> str:
        return self._parts.labels.text(f"{group}.{value}", self._lang, **words)

    def words_of(self, state: IssueState) -> dict[str, str]:
        """Return the label values for the kinds of the commune and its province (ward or commune, city or province)."""
        found = self._unit_words.get(state.unit_code)
        if found is None:
            units, labels = self._parts.tables.units, self._parts.labels
            codes = (state.province_code, state.unit_code)
            found = {}
            for code in codes:
                found |= labels.words_of_kind(units.get(code).kind, self._lang)
            self._unit_words[state.unit_code] = found
        return found

    @cached_property
    def _unit_words(self) -> dict[str, dict[str, str]]:
        return {}
