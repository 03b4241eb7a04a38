"""Where the work of each level is listed, and what its reader begins with."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.actors import Actor
from services.web.shell.layout import level_of


@dataclass(frozen=True, slots=True)
class Place:
    """A list of work.

    Attributes:
        base: its address.
        detail: the address under which each item has its page.
        view_name: the name of the view in the address.
        labels: the labels of its views: `<labels>.<view>`.
    """

    base: str
    detail: str
    view_name: str
    labels: str


PLACES: dict[str, Place] = {
    "commune": Place("/xa/kho-khan", "/xa/kho-khan", "state", "issues.tab"),
    "province": Place("/tinh", "/tinh/de-xuat", "tab", "queue.tab"),
    "nation": Place("/tw/kien-nghi", "/tw/de-xuat", "tab", "queue.tab"),
}


def place_of(actor: Actor) -> Place:
    """Return the list of an actor's level."""
    return PLACES[level_of(actor)]


def usual_view(actor: Actor) -> str:
    """Return the view that a reader begins with."""
    if actor.role == "province_leader":
        # A leader signs what goes to a ministry; the others begin with all that waits.
        return "petitions"
    return {"commune": "all", "province": "open", "nation": "unanswered"}[level_of(actor)]
