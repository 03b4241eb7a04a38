"""The item beside the list: what was written, what is asked, the main act as one press, and who comes before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from reporting.issues.need import Item
from services.acting.visible import visible_escalation, visible_issue
from services.language.labels import Lang
from services.web.issues.offers import Offer, offers_for
from services.web.issues.schemas import IssueView
from services.web.issues.views import Viewer
from services.web.shell.forms import Blank
from services.web.shell.rows import Row
from services.web.work.lists import WorkList

ONE_PRESS = ("acknowledge", "accept", "approve", "confirm")
"""Acts that ask for nothing more: a press takes them."""
TEMPLATES = ("solved", "guidance")
"""Kinds of answers that a template begins; the others need a day or a document of their own."""


@dataclass(frozen=True, slots=True)
class Template:
    """Words that an answer may begin with."""

    kind: str
    label: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Peek:
    """One item as it stands beside the list.

    Attributes:
        number: its place in the list; none where it is not in it.
        press: the act that a press takes.
        others: acts that have a form on the item's page.
        answer: the form of an answer, filled from a template.
        back: the address of the list, which the act leads back to.
    """

    row: Row
    issue: IssueView
    number: int | None
    whole: int
    before_url: str | None
    after_url: str | None
    page_url: str
    press: Offer | None
    others: tuple[Offer, ...]
    answer: Offer | None
    templates: tuple[Template, ...]
    back: str

    @property
    def key(self) -> UUID:
        """Make a key for the act of a form."""
        return uuid4()


def peek_of(found: WorkList, item_id: UUID, template: str = "", *, alone: bool = False) -> Peek:
    """Return what stands beside a list.

    Args:
        alone: without its place in the list, which whoever has the list before them knows; reading it again is dear.

    Raises:
        NotFound: there is no such item.
        Forbidden: the reader may not see it.
    """
    parts, actor, lang = found.parts, found.actor, found.lang
    if found.is_of_issues:
        item = Item(visible_issue(parts, actor, item_id))
    else:
        item = Item(*visible_escalation(parts, actor, item_id))
    offers = offers_for(
        item.issue,
        actor,
        parts.tables,
        base=f"{found.place.detail}/{item_id}",
        at=parts.clock(),
        lang=lang,
    )
    press = next((one for one in offers if one.action in ONE_PRESS and one.document == "none"), None)
    answers = [one for one in offers if one.action == "answer" and one.document != "required"]
    ids = [] if alone else found.ids()
    place = ids.index(str(item_id)) if str(item_id) in ids else None
    maker = found.maker()
    [row] = maker.rows([(found.need(item), item)], found.page_link)
    chosen = template if template in TEMPLATES else ""
    return Peek(
        row=row,
        issue=Viewer(parts, lang, actor).issue(item.issue),
        number=None if place is None else place + 1,
        whole=len(ids),
        before_url=None if not place else found.peek_link(ids[place - 1]),
        after_url=None if place is None or place + 1 >= len(ids) else found.peek_link(ids[place + 1]),
        page_url=found.page_link(str(item_id)),
        press=press,
        others=tuple(one for one in offers if one is not press),
        answer=replace(answers[0], typed=Blank(_filled(found, chosen, lang))) if answers and chosen else None,
        templates=_templates(found, str(item_id), lang) if answers else (),
        back=found.here,
    )


def _filled(found: WorkList, kind: str, lang: Lang) -> dict[str, str]:
    return {"kind": kind, "text": found.parts.labels.text(f"queue.template.{kind}", lang)}


def _templates(found: WorkList, item_id: str, lang: Lang) -> tuple[Template, ...]:
    text = found.parts.labels.text
    return tuple(
        Template(
            kind,
            text(f"answer.kind.{kind}", lang),
            text(f"queue.template.{kind}", lang),
            found.peek_link(item_id, mau=kind),
        )
        for kind in TEMPLATES
    )
