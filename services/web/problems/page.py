"""Pages of common problems, for a province and a ministry: the list with its counts, and one problem with its acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from reporting.issues.permissions import OFFICE_ROLES, is_own_house
from reporting.issues.state import IssueState
from reporting.keyset import Turn
from reporting.problems.fold import ProblemState, may_act
from reporting.problems.owed import member_added_id
from services.access.actors import Actor
from services.acting.act_inputs import ISSUE_INPUTS, PROBLEM_INPUTS
from services.acting.inputs import OpeningInput
from services.acting.issue_acts import act_on_issue
from services.acting.problem_acts import (
    act_on_problem,
    open_problem,
    visible_problem,
)
from services.errors import Conflict, NotFound
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.issues.listing import issues_within
from services.web.issues.offers import DocumentNeed, Offer
from services.web.problems.schemas import ProblemCounts
from services.web.problems.views import LinkedProblem, ProblemViewer, problems_of
from services.web.shell.act_forms import beside_fields, sent_of
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, uuid_of
from services.web.shell.layout import body_name, lang_of, layout_of
from services.web.shell.list_files import ListFile, word_of
from services.web.shell.paging import PAGE_SIZE, turn_of
from services.web.shell.parts import Parts
from services.web.shell.rows import View

# Act → name of its form, in page order.
_FORMS = {
    "answer": "answer_all",
    "rename": "rename",
    "close": "close_problem",
    "withdraw": "withdraw_problem",
}


@dataclass(frozen=True, slots=True)
class SpreadKind:
    """A kind that is open in several communes, and the address at which a problem of it is opened."""

    label: str
    units: int
    href: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """The problem pages of one level; `base` is the address of the list, each problem lies under it."""

    request: Request
    parts: Parts
    actor: Actor
    base: str

    def show_list(
        self, *, typed: Blank | None = None, errors: Blank | None = None, status: int = 200
    ) -> HTMLResponse:
        """Render the list, with the opening form for actors who may open a problem."""
        lang, query = lang_of(self.request), self.request.query_params
        live_only = query.get("state") == "live"
        table = self.parts.problem_table
        tally = table.tally(problems_of(self.actor))
        turn = turn_of(query.get("sau", ""), query.get("truoc", ""))
        found = table.page(problems_of(self.actor, live_only=live_only), turn, PAGE_SIZE)
        filled = typed or Blank({"kind": query.get("loai", "")})
        return layout_of(self.request).render(
            self.request,
            "problems.html",
            status=status,
            address=self.base,
            rows=[
                LinkedProblem(**vars(line), href=f"{self.base}/{line.id}")
                for line in ProblemViewer(self.parts, self.actor, lang).lines(found.rows)
            ],
            views=self._views(tally.whole, tally.live, lang),
            live_only=live_only,
            previous_url=self._turned(found.previous),
            next_url=self._turned(found.next),
            spread=self._spread(tally.live_kinds, lang),
            may_open=self._may_open(),
            kinds=self._kinds(lang),
            bodies=self._bodies(lang),
            base=self.base,
            file_query="state=live" if live_only else "",
            typed=filled,
            errors=errors or Blank(),
            is_open=bool(filled["kind"] or errors),
            new_key=uuid4,
        )

    def whole_list(self) -> ListFile:
        """Return every problem of the view that is asked for, in the order of the page."""
        lang, parts = lang_of(self.request), self.parts
        live_only = self.request.query_params.get("state") == "live"
        found = parts.problem_table.list(problems_of(self.actor, live_only=live_only))
        text = partial(word_of, parts.labels, lang)
        counts = tuple(ProblemCounts.model_fields)
        return ListFile(
            kind="problems",
            title=parts.labels.text("term.problem", lang),
            head=tuple(map(text, ("name", "kind", "holder", "state", "opened", *counts, "item"))),
            rows=[
                (
                    *(line.title or parts.labels.text("term.erased", lang), line.kind_label),
                    *(line.lead_name, line.state_label, local_day(line.opened_at)),
                    *(getattr(line.counts, name) for name in counts),
                    str(line.id),
                )
                for line in ProblemViewer(parts, self.actor, lang).lines(found)
            ],
            chosen=(
                (text("view"), parts.labels.text(f"shared_page.tab.{'live' if live_only else 'all'}", lang)),
            ),
            read_at=parts.clock(),
            wide=2,
        )

    def _turned(self, turn: Turn | None) -> str | None:
        if turn is None:
            return None
        state = self.request.query_params.get("state", "")
        query = {"state": state, "sau": turn.after, "truoc": turn.before}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{self.base}?{kept}" if kept else self.base

    def _views(self, every: int, live: int, lang: Lang) -> list[View]:
        text = self.parts.labels.text
        return [
            View("", text("shared_page.tab.all", lang), self.base, every),
            View("live", text("shared_page.tab.live", lang), f"{self.base}?state=live", live),
        ]

    def open(self, typed: dict[str, str]) -> Response:
        """Open a problem from the form and redirect to it; or render the errors."""
        try:
            sent = OpeningInput.model_validate(
                {name: typed[name] for name in ("kind", "title", "lead_body") if name in typed}
            )
            result = open_problem(self.parts, self.actor, sent, key=uuid_of(typed.get("key")))
        except (ValidationError, LienCapError) as error:
            errors = form_errors_of(error, self.parts.labels, lang_of(self.request))
            return self.show_list(typed=Blank(typed), errors=Blank(errors), status=422)
        if result.queued:
            return RedirectResponse(f"{self.base}?done=queued", 303)
        return RedirectResponse(f"{self.base}/{result.problem_id}?done=open_problem", 303)

    def show(
        self,
        problem_id: UUID,
        *,
        refused: tuple[str, Blank, Blank] | None = None,
        conflict: str | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Render one problem; after a refusal with the sent form unfolded and filled."""
        lang = lang_of(self.request)
        state = visible_problem(self.parts, self.actor, problem_id)
        viewer = ProblemViewer(self.parts, self.actor, lang)
        shown = viewer.whole(state)
        return layout_of(self.request).render(
            self.request,
            "problem.html",
            status=status,
            problem=shown,
            offers=self._offers(state, shown.allowed, refused),
            suggestions=viewer.suggestions(state),
            address=f"{self.base}/{problem_id}",
            at=f"{self.base}/{problem_id}",
            conflict=conflict,
            errors=refused[2] if refused is not None else Blank(),
            new_key=uuid4,
        )

    def take(self, problem_id: UUID, act: str, typed: dict[str, str]) -> Response:
        """Take the act of a form on the problem, or join or unjoin one issue.

        Raises:
            NotFound: unknown act.
        """
        address = f"{self.base}/{problem_id}"
        try:
            queued = self._run(problem_id, act, typed)
        except Conflict:
            sentence = self.parts.labels.text("issue_page.conflict_state", lang_of(self.request))
            refused = (act, Blank(typed), Blank())
            return self.show(problem_id, refused=refused, conflict=sentence, status=409)
        except (ValidationError, LienCapError) as error:
            if isinstance(error, NotFound):
                raise
            errors = beside_fields(form_errors_of(error, self.parts.labels, lang_of(self.request)))
            # The join and unjoin forms are rows of lists, so their error is shown at the top of the page.
            above = None if act in _FORMS else next(iter(errors.values()))
            refused = (act, Blank(typed), Blank(errors))
            return self.show(problem_id, refused=refused, conflict=above, status=422)
        done = "queued" if queued else _FORMS.get(act, act)
        return RedirectResponse(f"{address}?done={done}", 303)

    def _run(self, problem_id: UUID, act: str, typed: dict[str, str]) -> bool:
        key = uuid_of(typed.get("key")) or uuid4()
        if act in PROBLEM_INPUTS:
            step = sent_of(PROBLEM_INPUTS[act], typed)
            return act_on_problem(self.parts, self.actor, problem_id, step, key=key).queued
        issue_id = uuid_of(typed.get("issue_id"))
        if act not in {"join", "unjoin"} or issue_id is None:
            raise NotFound(f"there is no act {act!r}")
        sent = sent_of(ISSUE_INPUTS[act], {**typed, "problem": str(problem_id)})
        queued = act_on_issue(self.parts, self.actor, issue_id, sent, key=key).queued
        if act == "unjoin":
            return queued
        if not queued:
            # The issue is folded; the next page shows the problem, so wait until the problem is folded too.
            self.parts.arrivals.wait_for(
                member_added_id(key), self.parts.wait_seconds, subject=problem_id, family="problem"
            )
        return queued

    def _offers(
        self, state: ProblemState, allowed: list[str], refused: tuple[str, Blank, Blank] | None
    ) -> list[Offer]:
        behalf = self._behalf(state)
        behalf_name = body_name(self.parts, behalf, lang_of(self.request))
        document: DocumentNeed = "optional" if behalf is None else "required"
        found = [
            Offer(
                action=form,
                url=f"{self.base}/{state.id}/{act}",
                version=state.version,
                issue_id=str(state.id),
                behalf=behalf if act == "answer" else None,
                behalf_name=behalf_name if act == "answer" else None,
                document=document if act == "answer" else "none",
                primary=act == "answer",
                # A problem without members has nobody to answer.
                open=act == "answer" and state.state == "open" and bool(state.members),
                anchor=f"act-{form}",
            )
            for act, form in _FORMS.items()
            if act in allowed
        ]
        if refused is None:
            return found
        act, typed, errors = refused
        return [
            replace(one, open=True, typed=typed, errors=errors) if one.action == _FORMS.get(act) else one
            for one in found
        ]

    def _behalf(self, state: ProblemState) -> str | None:
        """Return the body on whose behalf the provincial office answers: a lead that is not the office's own house."""
        office = self.actor.role in OFFICE_ROLES
        return state.lead_body if office and not is_own_house(state.lead_body, self.actor.body) else None

    def _may_open(self) -> bool:
        who = self.actor
        lead_body = who.body or ""
        return may_act(who.role, who.unit_code, who.body, None, scope=who.unit_code, lead_body=lead_body)

    def _kinds(self, lang: Lang) -> list[tuple[str, str]]:
        kinds = self.parts.tables.competence.kinds(local_day(self.parts.clock()))
        return [(kind.key, kind.name_en if lang == "en" else kind.name_vi) for kind in kinds]

    def _bodies(self, lang: Lang) -> list[tuple[str, str]]:
        """Return the bodies that may lead: for a province any of its bodies, for other actors their own."""
        on = local_day(self.parts.clock())
        found = (
            (body.id, body.name_en if lang == "en" else body.name_vi)
            for body in self.parts.tables.bodies.of_unit(self.actor.unit_code, on)
            if self.actor.role.startswith("province") or body.id == self.actor.body
        )
        return sorted(found, key=lambda choice: collation_key(choice[1]))

    def _spread(self, followed: Collection[str], lang: Lang) -> list[SpreadKind]:
        """Return the kinds that are open in several communes and have no live problem: perhaps one cause."""
        if self.actor.unit_code == NATION:
            return []
        issues = issues_within(self.parts, self.actor, open_only=True)
        names = dict(self._kinds(lang))
        tables = self.parts.tables
        least = tables.thresholds.get("common_communes", local_day(self.parts.clock())).value
        return [
            SpreadKind(names.get(kind, kind), units, f"{self.base}?loai={kind}#act-open")
            for kind, units in spread_kinds(issues, least).items()
            if kind not in followed
        ]


def spread_kinds(issues: list[IssueState], least: int) -> dict[str, int]:
    """Return the kinds of unjoined open issues in at least `least` communes: kind → communes, the widest first."""
    places: dict[str, set[str]] = {}
    for issue in issues:
        if issue.is_open and issue.joined is None and issue.lane != "outside":
            places.setdefault(issue.report.kind, set()).add(issue.unit_code)
    wide = {kind: len(units) for kind, units in places.items() if len(units) >= least}
    return dict(sorted(wide.items(), key=lambda pair: (-pair[1], pair[0])))
