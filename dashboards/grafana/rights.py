"""Who may do what with the boards in Grafana: its teams, its service accounts, the rights on folder and boards.

What is declared here is what `publish` brings about, in each organisation. People are put into teams in Grafana.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Permission = Literal[1, 2]
VIEW: Permission = 1
EDIT: Permission = 2


@dataclass(frozen=True, slots=True)
class Right:
    """What a role of the organisation, or a team, may do; the role Admin may do all in any case."""

    permission: Permission
    role: Literal["Viewer", "Editor", ""] = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """An account of a program; its tokens take the place of API keys, which Grafana has no more."""

    name: str
    role: Literal["Viewer", "Editor", "Admin"]


OPERATIONS, DATA = "LiênCấp vận hành", "LiênCấp số liệu"
TEAMS: tuple[str, ...] = (OPERATIONS, DATA)
"""Who runs the installation; who watches the quality of its figures."""
PUBLISHER = ServiceAccount("liencap-publisher", "Admin")
READER = ServiceAccount("liencap-reader", "Viewer")
SERVICE_ACCOUNTS: tuple[ServiceAccount, ...] = (PUBLISHER, READER)
"""Who publishes; who only looks, as a screen on a wall does."""
ON_FOLDER: tuple[Right, ...] = (
    Right(VIEW, role="Viewer"),
    Right(VIEW, role="Editor"),
    Right(EDIT, team=OPERATIONS),
)
"""Boards have the rights of their folder, beside those of their own."""
ON_BOARDS: dict[str, tuple[Right, ...]] = {"liencap-chat-luong": (Right(EDIT, team=DATA),)}
"""By uid; a board that is not named has none of its own."""
