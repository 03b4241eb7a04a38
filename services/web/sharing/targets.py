"""Targets of share links: a board or an export of a panel without sign-in, a list only for who is signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from dashboards.catalogue import board_named, panel_named
from dashboards.panel import Board, Panel
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.errors import BadInput
from services.language.labels import Lang
from services.web.boards.asked import Asked, asked_from, check_panel
from services.web.shell.parts import Parts

Ending = Literal["csv", "xlsx", "json"]
LISTS = {
    "/xa/kho-khan": "nav.issues",
    "/xa/ho-so": "nav.cases",
    "/tinh": "nav.queue",
    "/tw/kien-nghi": "queue.tab.petitions",
    "/tinh/van-de-chung": "nav.problems",
    "/tw/van-de-chung": "nav.problems",
    "/thon-lom": "nav.promises",
}
"""Lists that a link may lead to, and the label of each; whoever follows one signs in and sees what is theirs."""
FILES = {
    "/viec/tep": "term.queue",
    "/xa/ho-so": "nav.cases",
    "/tinh/van-de-chung": "nav.problems",
    "/tw/van-de-chung": "nav.problems",
    "/thon-lom": "nav.promises",
    "/bang/thoi-gian/ho-so": "boards.cases.title",
}
"""Lists whose file a link may lead to: whoever follows one signs in and gets the rows of their own list."""
SHARED = "rollups.read"
"""The right behind boards and exports that open without sign-in: aggregates of the offices' work."""
_PANEL = re.compile(r"/bang/so/([\w-]+)\.(csv|xlsx|json)")
_FILE = re.compile(r"(/.+)\.(csv|xlsx)")
_BOARD = re.compile(r"/bang/([\w-]+)")
_OF_A_MOMENT = frozenset({"lang", "theme", "done", "of", "xem", "mau", "sau", "truoc"})


@dataclass(frozen=True, slots=True)
class Target:
    """Target of a link: an address of ours with its choices, and what stands there.

    Attributes:
        board: the board of the address; None elsewhere.
        panel: the panel whose export the address is; None elsewhere.
        ending: the form of the export, or of the file of a list.
    """

    path: str
    query: str
    board: Board | None = None
    panel: Panel | None = None
    ending: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether it holds aggregates alone, and so opens without sign-in."""
        return self.board is not None or self.panel is not None

    @property
    def address(self) -> str:
        """Return the address that whoever is signed in would open."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def asked(self, parts: Parts, actor: Actor) -> Asked:
        """Return the choices of the address, checked against the right of an actor.

        Raises:
            UnknownUnit, Forbidden, BadInput: as on the page itself.
        """
        return asked_from(dict(parse_qsl(self.query)), parts, actor)

    def name(self, parts: Parts, lang: Lang) -> str:
        """Return what it is, in words."""
        if self.board is not None:
            return self.board.title.of(lang)
        if self.panel is not None:
            return f"{self.panel.title.of(lang)} ({self.ending.upper()})"
        if (file := _FILE.fullmatch(self.path)) is not None:
            return f"{parts.labels.text(FILES[file[1]], lang)} ({self.ending.upper()})"
        return parts.labels.text(LISTS[self.path], lang)


def target_of(address: str) -> Target:
    """Return what an address of ours opens.

    Raises:
        BadInput: no link may lead there.
    """
    parts = urlsplit(address)
    kept = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] not in _OF_A_MOMENT])
    if parts.scheme or parts.netloc:
        raise BadInput("a link leads to a page of this site", field="to")
    if parts.path in LISTS:
        return Target(parts.path, kept)
    if (file := _FILE.fullmatch(parts.path)) and file[1] in FILES:
        return Target(parts.path, kept, ending=file[2])
    if (found := _PANEL.fullmatch(parts.path)) and (panel := panel_named(found[1])) is not None:
        if panel.see != SHARED:
            raise BadInput("it is for who runs the installation: they sign in", field="to")
        if panel.is_of_issues:
            raise BadInput("its rows are single difficulties: they open for who is signed in", field="to")
        return Target(parts.path, kept, panel=panel, ending=found[2])
    if (found := _BOARD.fullmatch(parts.path)) and (board := board_named(found[1])) is not None:
        if board.see != SHARED:
            raise BadInput("it is for who runs the installation: they sign in", field="to")
        return Target(parts.path, kept, board=board)
    raise BadInput("no link may lead to this address", field="to")


def pinned(target: Target, parts: Parts, actor: Actor) -> Target:
    """Return a target whose unit stands in its address, checked against the right of who shares it.

    Raises:
        UnknownUnit, Forbidden, BadInput: the sharer may not open it.
    """
    if not target.is_open:
        return target
    asked = target.asked(parts, actor)
    if target.panel is not None:
        require(actor, target.panel.see, asked.unit_code, units=parts.tables.units)
        check_panel(target.panel, asked)
    elif target.board is not None and unit_level(asked.unit_code) not in target.board.levels:
        raise BadInput(f"the board is of {' and '.join(target.board.levels)}", field="unit")
    return Target(target.path, asked.query(), target.board, target.panel, target.ending)
