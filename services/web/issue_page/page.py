"""The page of one issue, for every level, and the acts that its forms send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from events.issues import REPORT_FACTS, REPORT_TEXTS
from reporting.dated.bodies import unit_named
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.tokens import unit_level
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.issue_acts import ActionResult, act_on_escalation, act_on_issue
from services.errors import Conflict, NotFound
from services.language.formats import Formats
from services.language.labels import Lang
from services.web.issues.offers import Offer, RefusedForm, offers_for
from services.web.issues.precedent_views import precedents_for
from services.web.issues.queue import WITH_THE_LEAD
from services.web.issues.schemas import IssueView
from services.web.issues.views import Viewer
from services.web.shell.act_forms import beside_fields, sent_of
from services.web.shell.document_schemas import AnswerView
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, uuid_of
from services.web.shell.layout import dues_of, lang_of, layout_of
from services.web.shell.leads import Lead, Station
from services.web.shell.parts import Parts, ViewParts
from services.web.shell.schemas import Answer
from services.web.shell.values import NOTHING
from services.web.work.hanging import list_at, next_of, with_done

PROBLEM_PAGES = {"province": "/tinh/van-de-chung", "nation": "/tw/van-de-chung"}

Fitting = Callable[[ViewParts, Actor, Lang, IssueState], Sequence[Answer]]
"""Shows the problems that a reader may join an issue to; whoever builds the page brings it, as problems are shown elsewhere."""


_STAYING = frozenset({"amend"})
"""Acts after which the page stays where it is."""


@dataclass(frozen=True, slots=True)
class IssuePage:
    """The page of one issue for a reader, at an address; its acts are sent to `<address>/<act>`.

    Attributes:
        fitting: lists the problems that the issue may be joined to; a commune joins nothing, so its page has none.
    """

    request: Request
    parts: Parts
    actor: Actor
    address: str
    fitting: Fitting | None = None

    def show(
        self,
        state: IssueState,
        *,
        refused: RefusedForm | None = None,
        conflict: str | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Render the page; after a refusal with the sent form unfolded and filled."""
        parts, lang = self.parts, lang_of(self.request)
        offers = offers_for(
            state, self.actor, parts.tables, base=self.address, at=parts.clock(), lang=lang, refused=refused
        )
        issue = Viewer(parts, lang, self.actor).issue(state)
        offers = tuple(_with_words(offer, issue) for offer in offers)
        is_placed = refused is None or any(offer.typed is refused.typed for offer in offers)
        layout, leads = layout_of(self.request), self._leads(issue)
        asked, hang = self.request.query_params, self._list(refused)
        return layout.render(
            self.request,
            "issue.html",
            status=status,
            address=self.address,
            at=self.address,
            issue=issue,
            offers=offers,
            leads=leads,
            lead_tone=leads[1].due.tone if leads[1].due is not None else "plain",
            stations=self._stations(state),
            conflict=conflict,
            errors=refused.errors if refused is not None else Blank(),
            lost=[] if is_placed or refused is None else _words_of(refused.typed),
            subject_id=asked.get("of", ""),
            hang=hang,
            is_next=bool(hang) and asked.get("of", "") not in {"", self.address.rpartition("/")[2]},
            new_key=uuid4,
            problem_base=self._problem_base(issue),
            fitting=self._problems_to_join(state, issue),
            precedents=precedents_for(parts, state, lang) if self._asks_for_precedents(state) else [],
            status_line=self._status_line(issue),
            kind_words=layout.words_of_unit(parts, state.unit_code, lang),
        )

    def _list(self, refused: RefusedForm | None) -> str:
        """Return the address of the list that the item was opened from, as its forms send it along."""
        hang = self.request.query_params.get("hang", "") or (refused.typed["hang"] if refused else "")
        return list_at(self.request, self.parts, self.actor, hang).here if hang else ""

    def take(self, act: str, state: IssueState, typed: dict[str, str]) -> Response:
        """Take the act of a form and redirect to the page; or render the errors with all typed values.

        Raises:
            NotFound: unknown act.
            LienCapError: an error that the sender cannot correct.
        """
        escalation_id = typed.get("escalation_id")
        # A corrected report is read once more before the list goes on.
        following = self.address if act in _STAYING else self._following(typed)
        try:
            result = self._run(act, state.id, escalation_id, typed)
        except Conflict as error:
            now = self.parts.issue_table.get(state.id) or state
            refused = RefusedForm(act, escalation_id, Blank(typed), Blank())
            return self.show(now, refused=refused, conflict=self._who_was_first(error), status=409)
        except (ValidationError, LienCapError) as error:
            errors = form_errors_of(error, self.parts.labels, lang_of(self.request))
            beside = Blank(beside_fields(errors))
            # The unjoin form is not among the offers, so its error is shown at the top of the page.
            apart = next(iter(beside.values())) if act in {"join", "unjoin"} else None
            refused = RefusedForm(act, escalation_id, Blank(typed), beside)
            return self.show(state, refused=refused, conflict=apart, status=422)
        done = "queued" if result.queued else act
        return RedirectResponse(with_done(following, done, escalation_id or state.id), 303)

    def _following(self, typed: dict[str, str]) -> str:
        """Return where the act leads: to the next item of the list that this one was opened from, or back here."""
        hang = typed.get("hang", "")
        if not hang:
            return self.address
        beside = typed.get("beside") == "1"
        item_id = UUID(self.address.rpartition("/")[2])
        return next_of(self.request, self.parts, self.actor, hang, item_id, beside=beside)

    def _run(
        self, act: str, issue_id: UUID, escalation_id: str | None, typed: dict[str, str]
    ) -> ActionResult:
        key = uuid_of(typed.get("key")) or uuid4()
        about = uuid_of(escalation_id)
        if about is not None and act in ESCALATION_INPUTS:
            step = sent_of(ESCALATION_INPUTS[act], typed)
            return act_on_escalation(self.parts, self.actor, about, step, key=key)
        if about is None and act in ISSUE_INPUTS:
            sent = sent_of(ISSUE_INPUTS[act], typed)
            return act_on_issue(self.parts, self.actor, issue_id, sent, key=key)
        raise NotFound(f"there is no act {act!r}")

    def _problem_base(self, issue: IssueView) -> str | None:
        """Return the address of the problem pages that this reader may open; a commune has none."""
        base = PROBLEM_PAGES.get(unit_level(self.actor.unit_code))
        belongs = issue.problem
        if belongs is not None and belongs.scope != self.actor.unit_code:
            return None
        return base

    def _asks_for_precedents(self, state: IssueState) -> bool:
        """Return whether the issue still lacks an answer and the reader belongs to its province."""
        own_province = unit_level(self.actor.unit_code) != "nation"
        return own_province and state.is_open and state.state not in {"solution_claimed", "answered"}

    def _problems_to_join(self, state: IssueState, issue: IssueView) -> Sequence[Answer]:
        if self.fitting is None or "join" not in issue.allowed:
            return []
        return self.fitting(self.parts, self.actor, lang_of(self.request), state)

    def _leads(self, issue: IssueView) -> list[Lead]:
        """Return who has it, until when and for how long: the deadline is the reader's own where they have one."""
        lang, text = lang_of(self.request), self.parts.labels.text
        dues, f = dues_of(self.parts, lang), Formats(lang)
        own = (
            one.due for one in issue.escalations if one.lead_body == self.actor.body and one.due is not None
        )
        clock = next(own, issue.due)
        ended = "look.no_deadline" if issue.ended_at is None else "look.ended"
        deadline = Lead(text("term.deadline", lang), text(ended, lang))
        if clock is not None:
            deadline = Lead(dues.name(clock), due=dues.of(clock))
        sent_on = dues.local(issue.reported_at)
        until = dues.today if issue.ended_at is None else dues.local(issue.ended_at)
        return [
            *(
                self._answered(issue)
                or [Lead(text("term.holder", lang), issue.holder_name or NOTHING), deadline]
            ),
            Lead(
                text("look.sent_for", lang),
                f.days((until - sent_on).days, kind="calendar") if until > sent_on else f.until(0),
                dues.since(sent_on),
            ),
        ]

    def _answered(self, issue: IssueView) -> list[Lead]:
        """Return who answered, when and with which paper once an issue has ended; nothing where nobody answered."""
        given: list[tuple[AnswerView, str | None]] = [
            (one.answer, one.lead_name) for one in issue.escalations if one.answer is not None
        ]
        if issue.problem is not None and issue.problem.answer is not None:
            given.append((issue.problem.answer, issue.problem.answer.body_name))
        if issue.ended_at is None or not given:
            return []
        answer, lead_name = max(given, key=lambda one: one[0].at)
        lang, text = lang_of(self.request), self.parts.labels.text
        paper = answer.document
        note = f"{paper.kind_label} {text('document_line.number', lang)} {paper.number}" if paper else ""
        return [
            Lead(text("look.answered_by", lang), lead_name or NOTHING),
            Lead(text("look.answered_on", lang), Formats(lang).day(answer.at), note),
        ]

    def _stations(self, state: IssueState) -> list[Station]:
        """Return the levels: which an issue has reached, and where it lies now; a petition lies with its ministry."""
        reached = {"commune", *(one.level for one in state.escalations if one.sent_at is not None)}
        asked = any(one.level == "ministry" and one.state in WITH_THE_LEAD for one in state.escalations)
        holder = state.holder_body
        here = "ministry" if asked else holder and self.parts.tables.bodies.level_of(holder)
        lang, text = lang_of(self.request), self.parts.labels.text
        levels = ("commune", "province", "ministry")
        return [
            Station(text(f"level.{one}", lang), is_here=one == here, is_past=one in reached) for one in levels
        ]

    def _status_line(self, issue: IssueView) -> str:
        """Return the line for a chat group: kind, unit, state, holder, deadline; no text and no name of a person."""
        layout, lang = layout_of(self.request), lang_of(self.request)
        values = layout.formats(lang)
        line = f"{issue.kind_label} – {issue.unit_name}: {issue.state_label}."
        if issue.holder_name:
            line += f" {layout.labels.text('term.holder', lang)}: {issue.holder_name}."
        if issue.due:
            line += f" {issue.due.state_label}, {values.day(issue.due.due_at)}."
        return f"{line} ({values.moment(self.parts.clock())})"

    def _who_was_first(self, error: Conflict) -> str:
        """Return, in the reader's language, who acted first and when."""
        lang = lang_of(self.request)
        labels, first = self.parts.labels, error.current.get("latest_act")
        if error.current.get("reason") != "version_conflict" or first is None or first["actor_unit"] is None:
            return labels.text("issue_page.conflict_state", lang)
        unit = self.parts.tables.units.get(first["actor_unit"])
        words = labels.words_of_kind(unit.kind, lang)
        return labels.text(
            "issue_page.conflict_version",
            lang,
            role=labels.text(f"role.{first['actor_role']}", lang, **words),
            unit=unit_named(unit, lang),
            event=labels.text(f"event.{first['event']}", lang, **words),
            at=layout_of(self.request).formats(lang).moment(first["recorded_at"]),
        )


def _with_words(offer: Offer, issue: IssueView) -> Offer:
    """Return the correction form filled with the words of the report, unless values were typed."""
    if offer.action not in {"correct", "amend"} or offer.typed:
        return offer
    said = {name: getattr(issue, name) for name in REPORT_TEXTS}
    words = {name: view.text for name, view in said.items() if view is not None and view.text}
    if offer.action == "amend":
        stated = {name: getattr(issue, name) for name in REPORT_FACTS}
        words |= {name: str(value) for name, value in stated.items() if value is not None}
    return replace(offer, offered=Blank(words))


def _words_of(typed: Blank) -> list[str]:
    return [typed[name] for name in ("reason", "text", *REPORT_TEXTS) if typed[name]]
