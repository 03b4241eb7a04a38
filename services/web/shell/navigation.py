"""The places of each level's workplace: what the rail at a desk and the bar at the foot of a phone lead to."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.policy import Action

MOST_IN_BAR = 5
"""A bar at the foot of a phone has room for so many places; one of them is "more" where there are others."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place: `nav.<key>` names it in the rail, `nav_short.<key>` in the bar; `needs` is what its readers may do."""

    url: str
    key: str
    icon: str
    needs: Action | None = None


# Where each role starts; the navigation shows these in its order.
NAVIGATION: dict[str, tuple[Place, ...]] = {
    "commune": (
        Place("/xa", "today", "calendar"),
        Place("/xa/kho-khan", "issues", "message-2"),
        Place("/xa/ho-so", "cases", "folders"),
        Place("/thon-lom", "promises", "antenna-bars-off"),
        Place("/bang", "boards", "chart-bar"),
        Place("/tong-hop", "annex", "file-text", "annex.read"),
        Place("/ky-bao-cao", "filings", "calendar", "filings.read"),
        Place("/bieu/ii-06a", "form", "checks", "cases.read"),
        Place("/khoi-luong", "workload", "scale"),
    ),
    "province": (
        Place("/tinh", "queue", "inbox"),
        Place("/tinh/van-de-chung", "problems", "stack-2"),
        Place("/tinh/tong-quan", "overview", "map-2"),
        Place("/bang", "boards", "chart-bar"),
        Place("/thon-lom", "promises", "antenna-bars-off"),
        Place("/tong-hop", "annex", "file-text", "annex.read"),
        Place("/ky-bao-cao", "filings", "calendar", "filings.read"),
        Place("/bieu/ii-06a", "form", "checks", "cases.read"),
        Place("/khoi-luong", "workload", "scale"),
    ),
    "nation": (
        Place("/tw", "nation", "inbox"),
        Place("/tw/van-de-chung", "problems", "stack-2"),
        Place("/bang", "boards", "chart-bar"),
    ),
}


def in_bar(places: tuple[Place, ...]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return the places that stand in the bar, and those behind "more"."""
    if len(places) <= MOST_IN_BAR:
        return places, ()
    return places[: MOST_IN_BAR - 1], places[MOST_IN_BAR - 1 :]
