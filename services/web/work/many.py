"""One act on many items: what it would do to each, doing it item by item, and taking back what has an inverse."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID, uuid5

from pydantic import ValidationError

from events.errors import LienCapError
from reporting.dated.calendar import local_day
from reporting.issues.need import Item
from reporting.issues.permissions import STANDING
from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, UnjoinInput
from services.acting.contents import TYPE_OF_ESCALATION_ACT
from services.acting.issue_acts import act_on_escalation, act_on_issue
from services.acting.visible import allowed_to, visible_escalation, visible_issue
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict
from services.language.labels import Labels, Lang
from services.web.issues.offers import offers_for
from services.web.shell.form_errors import form_errors_of
from services.web.shell.parts import Parts

ManyAct = Literal["acknowledge", "accept", "approve", "remind"]
MANY_ACTS: tuple[ManyAct, ...] = ("acknowledge", "accept", "approve", "remind")
"""Acts that ask for nothing more, so that one press may take them on many."""
MOST = 100
_WAIT_SECONDS = 5.0


def acts_for(actor: Actor, tables: DatedTables, now: dt.datetime) -> list[ManyAct]:
    """Return the acts on many that somebody may take at all; by a delegation only while it holds."""
    delegated = tables.delegations.find(actor.unit_code, actor.role, local_day(now)) is not None
    standing = {act: STANDING[TYPE_OF_ESCALATION_ACT[act]].get(actor.role, ()) for act in MANY_ACTS}
    return [act for act in MANY_ACTS if any(one != "delegate" or delegated for one in standing[act])]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One item that was ticked: whether the act would go through on it, and at which version it was seen."""

    item: Item
    escalation_id: UUID | None
    version: int
    behalf: str | None
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of the act on one item: done, on its way, or refused with a reason in words."""

    item_id: UUID
    outcome: Literal["done", "queued", "refused"]
    reason: str | None = None


def chosen_of(
    parts: Parts, actor: Actor, ids: Mapping[UUID, int | None], act: ManyAct, lang: Lang, *, of_issues: bool
) -> list[Chosen]:
    """Return the items that were ticked, each with what the act would do.

    Args:
        ids: each with the version at which it was seen; none where it is seen now.

    Raises:
        BadInput: none was ticked, or more than one press takes.
        NotFound, Forbidden: one is no item that the actor may see.
    """
    if not 1 <= len(ids) <= MOST:
        raise BadInput(f"tick between 1 and {MOST} items", field="id")
    found = [_chosen(parts, actor, item_id, act, lang, of_issues=of_issues) for item_id in ids]
    seen = ids.values()
    return [
        one if version is None else replace(one, version=version)
        for one, version in zip(found, seen, strict=True)
    ]


def _chosen(
    parts: Parts, actor: Actor, item_id: UUID, act: ManyAct, lang: Lang, *, of_issues: bool
) -> Chosen:
    if of_issues:
        state = visible_issue(parts, actor, item_id, to_act=True)
        about, item = state.root, Item(state)
    else:
        state, about = visible_escalation(parts, actor, item_id, to_act=True)
        item = Item(state, about)
    at = parts.clock()
    allowed = about is not None and act in allowed_to(actor, state, about, parts.tables, at)
    behalf = None
    if allowed and about is not None:
        offers = offers_for(state, actor, parts.tables, base="", at=at, lang=lang)
        own = (one for one in offers if one.action == act and one.escalation_id == str(about.id))
        behalf = next((one.behalf for one in own), None)
    return Chosen(item, about.id if about is not None else None, state.version, behalf, allowed)


def take_on_many(
    parts: Parts, actor: Actor, found: Sequence[Chosen], act: ManyAct, key: UUID, labels: Labels, lang: Lang
) -> list[Done]:
    """Take the act on each item by itself: one that is refused stops no other, and the same key again repeats nothing.

    Args:
        key: of the whole press; each item's own key follows from it.
    """
    # Waiting once for all is shorter than waiting for each.
    quick = replace(parts, wait_seconds=0.0)
    done, waits = [], {}
    for one in found:
        item_id = one.item.issue.id if one.item.hand_off is None else one.item.hand_off.id
        if not one.is_allowed or one.escalation_id is None:
            done.append(Done(item_id, "refused", labels.text("queue.many.not_now", lang)))
            continue
        members = {"expected_version": one.version, "on_behalf_of": one.behalf}
        sent = ESCALATION_INPUTS[act].model_validate(
            {name: value for name, value in members.items() if value is not None}
        )
        try:
            result = act_on_escalation(
                quick, actor, one.escalation_id, sent, key=uuid5(key, str(one.escalation_id))
            )
        except (LienCapError, ValidationError) as error:
            done.append(Done(item_id, "refused", _why(error, labels, lang)))
            continue
        if result.queued:
            waits[item_id] = (result.event_id, one.item.issue.id)
        done.append(Done(item_id, "queued" if result.queued else "done"))
    return _waited(parts, done, waits, labels, lang)


def _waited(
    parts: Parts, done: list[Done], waits: dict[UUID, tuple[UUID, UUID]], labels: Labels, lang: Lang
) -> list[Done]:
    end = time.monotonic() + _WAIT_SECONDS
    found = []
    for one in done:
        if one.item_id not in waits:
            found.append(one)
            continue
        event_id, subject = waits[one.item_id]
        outcome = parts.arrivals.wait_for(event_id, max(0.0, end - time.monotonic()), subject=subject)
        if outcome is None:
            found.append(one)
        elif outcome.accepted:
            found.append(Done(one.item_id, "done"))
        else:
            reason = f"rejection.{outcome.reason_code}"
            said = labels.text(reason if labels.has(reason) else "rejection.other", lang)
            found.append(Done(one.item_id, "refused", said))
    return found


def take_out_of_problem(
    parts: Parts, actor: Actor, problem_id: UUID, ids: Sequence[UUID], reason: str
) -> int:
    """Take issues out of a problem again, and return how many; the undo of joining them by one press."""
    count = 0
    for issue_id in ids:
        state = visible_issue(parts, actor, issue_id, to_act=True)
        if state.joined is None or state.joined.problem_id != problem_id:
            continue
        sent = UnjoinInput(expected_version=state.version, problem=problem_id, reason=reason)
        act_on_issue(parts, actor, issue_id, sent, key=uuid5(problem_id, f"undo {issue_id}"))
        count += 1
    return count


def _why(error: LienCapError | ValidationError, labels: Labels, lang: Lang) -> str:
    if isinstance(error, Conflict):
        return labels.text("issue_page.conflict_state", lang)
    return next(iter(form_errors_of(error, labels, lang).values()))
