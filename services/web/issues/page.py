"""The page of one issue, for every level: what it shows, and what becomes of an act that its forms send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.tokens import unit_level
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.inputs import ActInput
from services.acting.issue_acts import ActionResult, act_on_escalation, act_on_issue
from services.acting.suggestions import problems_for
from services.errors import Conflict, NotFound
from services.web.issues.offers import Refused, offers_for
from services.web.issues.precedent_views import precedents_for
from services.web.issues.schemas import IssueView
from services.web.issues.views import Viewer
from services.web.problems.schemas import ProblemLine
from services.web.problems.views import ProblemViewer, list_problems
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, uuid_of
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.work.hanging import list_at, next_of, with_done

# Name in the form → name in the document.
_DOCUMENT = {
    "document_kind": "kind",
    "number": "number",
    "issued_on": "date",
    "signer": "signer",
    "document_capacity": "capacity",
    "urgency": "urgency",
}
PROBLEM_PAGES = {"province": "/tinh/van-de-chung", "nation": "/tw/van-de-chung"}
# Faults that belong beside a field of another name.
_BESIDE = {"date": "issued_on", "document": "number", "answer_kind": "kind"}


Sent = TypeVar("Sent", bound=ActInput)


@dataclass(frozen=True, slots=True)
class Road:
    """At which level an issue lies now, and which it has reached."""

    here: str | None
    reached: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One issue as somebody sees it at an address; its acts go to `<address>/<act>`."""

    request: Request
    parts: Parts
    actor: Actor
    address: str

    def show(
        self,
        state: IssueState,
        *,
        refused: Refused | None = None,
        conflict: str | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Render the page; after a refusal with the form that was sent, open and filled."""
        parts, lang = self.parts, lang_of(self.request)
        offers = offers_for(
            state, self.actor, parts.tables, base=self.address, at=parts.clock(), lang=lang, refused=refused
        )
        issue = Viewer(parts, lang, self.actor).issue(state)
        is_placed = refused is None or any(offer.typed is refused.typed for offer in offers)
        layout, asked, hang = layout_of(self.request), self.request.query_params, self._list(refused)
        return layout.render(
            self.request,
            "issue.html",
            status=status,
            address=self.address,
            at=self.address,
            issue=issue,
            offers=offers,
            road=self._road(state),
            conflict=conflict,
            lost=[] if is_placed or refused is None else _words_of(refused.typed),
            subject_id=asked.get("of", ""),
            hang=hang,
            is_next=bool(hang) and asked.get("of", "") not in {"", self.address.rpartition("/")[2]},
            new_key=uuid4,
            problem_base=self._problem_base(issue),
            fitting=self._fitting(state, issue),
            precedents=precedents_for(parts, state, lang) if self._asks_for_precedents(state) else [],
            status_line=self._status_line(issue),
            kind_words=layout.words_of_unit(parts, state.unit_code, lang),
        )

    def _list(self, refused: Refused | None) -> str:
        """Return the address of the list that the item was opened from, as its forms send it along."""
        hang = self.request.query_params.get("hang", "") or (refused.typed["hang"] if refused else "")
        return list_at(self.request, self.parts, self.actor, hang).here if hang else ""

    def take(self, act: str, state: IssueState, typed: dict[str, str]) -> Response:
        """Take the act of a form, and lead back to the page; or show what was wrong, with all that was typed.

        Raises:
            NotFound: there is no such act.
            LienCapError: what is not the person's to mend.
        """
        escalation_id = typed.get("escalation_id")
        following = self._following(typed)
        try:
            result = self._run(act, state.id, escalation_id, typed)
        except Conflict as error:
            now = self.parts.issue_table.get(state.id) or state
            refused = Refused(act, escalation_id, Blank(typed), Blank())
            return self.show(now, refused=refused, conflict=self._who_was_first(error), status=409)
        except (ValidationError, LienCapError) as error:
            errors = form_errors_of(error, self.parts.labels, lang_of(self.request))
            beside = Blank(beside_fields(errors))
            # The form that takes out of a problem stands apart from the acts: what was wrong with it is said above.
            apart = next(iter(beside.values())) if act in {"join", "unjoin"} else None
            refused = Refused(act, escalation_id, Blank(typed), beside)
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
        """Return the address of the problems that this reader may open; a commune sees its problem here alone."""
        base = PROBLEM_PAGES.get(unit_level(self.actor.unit_code))
        belongs = issue.problem
        if belongs is not None and belongs.scope != self.actor.unit_code:
            return None
        return base

    def _asks_for_precedents(self, state: IssueState) -> bool:
        """Tell whether an answer is still looked for, by somebody of the province that the issue lies in."""
        own_province = unit_level(self.actor.unit_code) != "nation"
        return own_province and state.is_open and state.state not in {"solution_claimed", "answered"}

    def _fitting(self, state: IssueState, issue: IssueView) -> list[ProblemLine]:
        """Show the problems that the reader may join this issue to and whose cause it may have."""
        if "join" not in issue.allowed:
            return []
        live = list_problems(self.parts, self.actor, live_only=True)
        lang = lang_of(self.request)
        return ProblemViewer(self.parts, self.actor, lang).lines(problems_for(self.parts, state, live))

    def _road(self, state: IssueState) -> Road:
        """Say at which level the issue lies now, and which it has reached."""
        level_of = self.parts.tables.bodies.level_of
        reached = {"commune", *(one.level for one in state.escalations if one.sent_at is not None)}
        here = None if state.holder_body is None else level_of(state.holder_body)
        return Road(here, frozenset(reached))

    def _status_line(self, issue: IssueView) -> str:
        """Write what may go to a chat group: kind, unit, state, holder, deadline; no text, no name of a person."""
        layout, lang = layout_of(self.request), lang_of(self.request)
        values = layout.formats(lang)
        line = f"{issue.kind_label} – {issue.unit_name}: {issue.state_label}."
        if issue.holder_name:
            line += f" {layout.labels.text('term.holder', lang)}: {issue.holder_name}."
        if issue.due:
            line += f" {issue.due.state_label}, {values.day(issue.due.due_at)}."
        return f"{line} ({values.moment(self.parts.clock())})"

    def _who_was_first(self, error: Conflict) -> str:
        """Say in the reader's language who acted before them, and when."""
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
            unit=unit.full_name,
            event=labels.text(f"event.{first['event']}", lang, **words),
            at=layout_of(self.request).formats(lang).moment(first["recorded_at"]),
        )


def beside_fields(errors: dict[str, str]) -> dict[str, str]:
    """Return each fault under the name of the field that it stands beside."""
    return {_BESIDE.get(name, name): words for name, words in errors.items()}


def sent_of(model: type[Sent], typed: dict[str, str]) -> Sent:
    """Read an act from the fields of a form; a document counts once its number or its day is filled.

    Raises:
        ValidationError: names the field that is wrong.
    """
    members: dict[str, str | dict[str, str]] = {
        name: typed[name] for name in model.model_fields if name != "document" and name in typed
    }
    if "document" in model.model_fields and ("number" in typed or "issued_on" in typed):
        members["document"] = {inside: typed[name] for name, inside in _DOCUMENT.items() if name in typed}
    return model.model_validate(members)


def _words_of(typed: Blank) -> list[str]:
    return [typed[name] for name in ("reason", "text") if typed[name]]
