"""The acts that a page offers to an actor on an issue, with the contents of each form. Pure; the fold decides."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from reporting.dated.bodies import NATION, BodyTable, unit_named
from reporting.dated.calendar import local_day
from reporting.issues.need import open_clock
from reporting.issues.pauses import open_pauses
from reporting.issues.permissions import OFFICE_ROLES, is_own_house
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.acting.contents import ESCALATION_ACTS, ISSUE_ACTS
from services.acting.pausing import own_reasons
from services.acting.visible import allowed_to
from services.dated_tables import DatedTables
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.shell.forms import Blank

DocumentNeed = Literal["none", "optional", "required"]

# Order of the forms on the page; the first is open, unless it pauses or ends the issue.
ORDER = (
    *(
        "approve",
        "correct",
        "ask_correction",
        "send",
        "acknowledge",
        "accept",
        "answer",
        "escalate",
        "arbitrate",
        "return",
        "remind",
    ),
    *(
        "amend",
        "confirm",
        "dispute",
        "propose",
        "clear_fault",
        "resume",
        "pause",
        "confirm_fault",
        "close",
        "withdraw",
    ),
)
_NAMING_THE_LEAD = frozenset({"approve", "send", "withdraw", "remind"})
_LEADING = frozenset({"acknowledge", "accept", "return", "answer"})
_FOR_REPORTER = frozenset({"confirm", "dispute"})
_OF_ITS_TIME = frozenset({"pause", "resume"})
_GOES_ON = frozenset(
    {"approve", "correct", "send", "acknowledge", "accept", "answer", "arbitrate", "confirm", "clear_fault"}
)
"""Acts that carry a difficulty on: the form of one of these may be unfolded from the start."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One act and its form.

    Attributes:
        url: address to which the form is sent.
        version: of the issue, as the page shows it.
        about: subject of the act: issue, proposal of the commune, help asked without one, petition to a ministry.
        to_name: name of the addressed body, or of the body whose clock is paused.
        behalf: the body on whose behalf the actor would record.
        bodies: (id, name) to choose from; `suggested` is preselected.
        reasons: (key, name) of reasons for a pause, of lasting pauses, or of areas of a fault.
        open: the form is unfolded, because it comes first or was refused.
        anchor: HTML id of the form, unique on the page.
        offered: values that the form begins with; it opens by a press all the same, not as one that was refused.
    """

    action: str
    url: str
    version: int
    issue_id: str
    escalation_id: str | None = None
    about: Literal["issue", "escalation", "help", "petition"] = "issue"
    to_name: str | None = None
    behalf: str | None = None
    behalf_name: str | None = None
    document: DocumentNeed = "none"
    usual_document: str = "official_letter"
    bodies: tuple[tuple[str, str], ...] = ()
    suggested: str | None = None
    reasons: tuple[tuple[str, str], ...] = ()
    primary: bool = False
    open: bool = False
    anchor: str = ""
    typed: Blank = field(default_factory=Blank)
    errors: Blank = field(default_factory=Blank)
    offered: Blank = field(default_factory=Blank)

    @property
    def subject_id(self) -> str:
        """Return the id of the act's subject: an escalation, or the issue itself."""
        return self.escalation_id or self.issue_id


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """A refused act: which act, the typed values, and the error of each field."""

    action: str
    escalation_id: str | None
    typed: Blank
    errors: Blank


def offers_for(
    state: IssueState,
    actor: Actor,
    tables: DatedTables,
    *,
    base: str,
    at: dt.datetime,
    lang: Lang,
    refused: RefusedForm | None = None,
) -> tuple[Offer, ...]:
    """Return the offers in page order; `base` is the address to which the name of each act is appended."""
    found = [
        _offer(state, one, action, actor, tables, f"{base}/{action}", at, lang)
        for one in (None, *state.escalations)
        for action in allowed_to(actor, state, one, tables, at)
        if _is_policy(action, one)
    ]
    # Some reasons only the body itself may give; on its behalf they are recorded over the API alone.
    found = [offer for offer in found if offer.action != "pause" or offer.reasons]
    found.sort(key=lambda offer: ORDER.index(offer.action))
    found = _anchored(found)
    return tuple(_finished(offer, refused, first=index == 0) for index, offer in enumerate(found))


def _anchored(offers: list[Offer]) -> list[Offer]:
    """Set a unique anchor on each offer: an act may be offered on a proposal and on the petition that followed."""
    seen: Counter[str] = Counter()
    placed = []
    for offer in offers:
        seen[offer.action] += 1
        count = seen[offer.action]
        placed.append(replace(offer, anchor=f"act-{offer.action}" + (f"-{count}" if count > 1 else "")))
    return placed


def _is_policy(action: str, one: Escalation | None) -> bool:
    return action in ORDER and action in (ISSUE_ACTS if one is None else ESCALATION_ACTS)


def _offer(
    state: IssueState,
    one: Escalation | None,
    action: str,
    actor: Actor,
    tables: DatedTables,
    url: str,
    at: dt.datetime,
    lang: Lang,
) -> Offer:
    bodies = tables.bodies
    behalf = _behalf(state, one, action, actor)
    return Offer(
        action=action,
        url=url,
        version=state.version,
        issue_id=str(state.id),
        escalation_id=None if one is None else str(one.id),
        about=_about(one),
        to_name=_concerned(state, one, action, bodies, lang),
        behalf=behalf,
        behalf_name=None if behalf is None else _name(bodies, behalf, lang),
        document=_document(one, action, behalf),
        # A commune proposes in the product; a province writes to a ministry by letter.
        usual_document="proposal"
        if action == "send" and one is not None and one.level != "ministry"
        else "official_letter",
        bodies=_choices(state, one, action, bodies, local_day(at), lang),
        suggested=_suggested(state, one, action),
        reasons=_reasons(state, one, action, actor, tables, at, lang),
    )


def _about(one: Escalation | None) -> Literal["issue", "escalation", "help", "petition"]:
    if one is None:
        return "issue"
    if one.level == "ministry":
        return "petition"
    return "escalation" if one.formal else "help"


def _concerned(
    state: IssueState, one: Escalation | None, action: str, bodies: BodyTable, lang: Lang
) -> str | None:
    """Return the name of the body that an act on an escalation concerns, where the act's own name does not show it."""
    if one is None:
        return None
    if action in _NAMING_THE_LEAD:
        return _name(bodies, one.lead_body, lang)
    clock = open_clock(state, one) if action in _OF_ITS_TIME else None
    return None if clock is None else _name(bodies, clock.holder_body, lang)


def _behalf(state: IssueState, one: Escalation | None, action: str, actor: Actor) -> str | None:
    """Return the body on whose behalf the actor would record: one that does not sign in itself."""
    if one is None:
        own = actor.unit_code == state.unit_code
        return None if own or action not in _FOR_REPORTER else state.own_body
    if action not in _LEADING or one.lead_body == actor.body:
        return None
    if actor.role in OFFICE_ROLES:
        return None if is_own_house(one.lead_body, actor.body) else one.lead_body
    return None if actor.body is None else one.lead_body


def _document(one: Escalation | None, action: str, behalf: str | None) -> DocumentNeed:
    if one is None or action not in {"send", "answer", "pause", "confirm_fault"}:
        return "none"
    if action in {"pause", "confirm_fault"}:
        return "optional"
    if action == "send" or behalf is not None or one.level == "ministry":
        return "required"
    return "optional" if one.formal else "none"


def _choices(
    state: IssueState, one: Escalation | None, action: str, bodies: BodyTable, on: dt.date, lang: Lang
) -> tuple[tuple[str, str], ...]:
    if one is None or action not in {"return", "escalate", "arbitrate"}:
        return ()
    if action == "return" and one.level == "ministry":
        return ()
    unit_code = NATION if action == "escalate" else state.province_code
    found: Iterable[tuple[str, str]] = (
        (body.id, body.name_en if lang == "en" else body.name_vi)
        for body in bodies.of_unit(unit_code, on)
        if body.id != one.lead_body
    )
    return tuple(sorted(found, key=lambda choice: collation_key(choice[1])))


def _reasons(
    state: IssueState,
    one: Escalation | None,
    action: str,
    actor: Actor,
    tables: DatedTables,
    at: dt.datetime,
    lang: Lang,
) -> tuple[tuple[str, str], ...]:
    reasons = tables.pause_reasons
    if one is not None and action == "pause":
        found = own_reasons(actor, state, one, reasons, at)
        return tuple((row.reason, row.name_en if lang == "en" else row.name_vi) for row in found)
    if one is not None and action == "resume":
        return tuple((str(pause.id), reasons.name(pause.reason, lang)) for pause in open_pauses(state, one))
    if action == "confirm_fault":
        codes = (state.unit_code, state.province_code)
        return tuple((code, unit_named(tables.units.get(code), lang)) for code in codes)
    return ()


def _suggested(state: IssueState, one: Escalation | None, action: str) -> str | None:
    if action == "escalate":
        before = (one.lead_body for one in reversed(state.escalations) if one.level == "ministry")
        return next(before, state.verdict.ministry_body if state.verdict is not None else None)
    return one.proposed_body if one is not None and action == "arbitrate" else None


def _name(bodies: BodyTable, body_id: str, lang: Lang) -> str:
    body = bodies.get(body_id)
    return body.name_en if lang == "en" else body.name_vi


def _finished(offer: Offer, refused: RefusedForm | None, *, first: bool) -> Offer:
    first = first and offer.action in _GOES_ON
    if refused is None:
        return replace(offer, primary=first, open=first)
    hit = refused.action == offer.action and refused.escalation_id in {None, offer.escalation_id}
    if not hit:
        return replace(offer, primary=first)
    return replace(offer, primary=first, open=True, typed=refused.typed, errors=refused.errors)
