"""The view behind a share link without sign-in: a board or the export of a panel, read-only, with the choices of the link."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from dashboards.panel import Panel
from reporting.dated.calendar import local_day
from services.access.tokens import unit_level
from services.errors import NotFound
from services.web.boards.asked import Asked, for_panel
from services.web.boards.exports import as_csv, as_json
from services.web.boards.links import Links
from services.web.boards.reading import Answer, BoardReader
from services.web.boards.shown import Picture
from services.web.boards.wording import Wording
from services.web.boards.workbook import as_workbook
from services.web.sharing.links import ShareLink
from services.web.sharing.targets import Target
from services.web.shell.layout import body_name, lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.shell.workbook import MEDIA_TYPE

BASE = "/chia-se"
HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex", "referrer-policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class SharedView:
    """Shows what one link opens."""

    request: Request
    parts: Parts
    link: ShareLink
    target: Target
    token: str

    def show(self) -> Response:
        """Return the board, or the file, of the link."""
        if self.target.panel is not None:
            return self._file(self.target.panel, self.target.ending, self._asked)
        return self._board()

    def export(self, name: str, ending: str) -> Response:
        """Return a panel of the shared board as a file.

        Raises:
            NotFound: the link opens no such panel.
        """
        found = next((one for one in self._panels if one.name == name), None)
        if found is None:
            raise NotFound("the link opens no such panel", field="panel")
        return self._file(found, ending, for_panel(found, self._asked))

    @property
    def _asked(self) -> Asked:
        return self.target.asked(self.parts, self.link.actor)

    @property
    def _panels(self) -> tuple[Panel, ...]:
        """Return the panels of the board that hold aggregates alone."""
        if self.target.board is None:
            return ()
        board = self.target.board.at(unit_level(self._asked.unit_code))
        return tuple(panel for panel in board.panels if not panel.is_of_issues)

    def _answer(self, panel: Panel, asked: Asked) -> Answer:
        return BoardReader(self.parts, self.link.actor, anyone=True).answer(panel, asked)

    def _board(self) -> HTMLResponse:
        lang, asked = lang_of(self.request), self._asked
        words, today = Wording(self.parts, lang), local_day(self.parts.clock())
        links = Links(None, "", today, asked)
        reader = BoardReader(self.parts, self.link.actor, anyone=True)
        answers = [reader.on_board(panel, for_panel(panel, asked)) for panel in self._panels]
        board, actor = self.target.board, self.link.actor
        response = layout_of(self.request).render(
            self.request,
            "sharing/board.html",
            board=board,
            board_title=self.target.name(self.parts, lang),
            unit_words=words.unit(asked.unit_code),
            panels=[Picture(answer, words, links).shown() for answer in answers],
            asked=asked,
            base=f"{BASE}/{quote(self.token)}",
            shared=True,
            has_window=any("from" in panel.takes for panel in self._panels),
            language=lang,
            link=self.link,
            by=body_name(self.parts, actor.body, lang) or words.name("unit", actor.unit_code),
            by_words=layout_of(self.request).words_of_unit(self.parts, actor.unit_code, lang),
            taken=lambda panel: for_panel(panel, asked),
        )
        response.headers.update(HEADERS)
        return response

    def _file(self, panel: Panel, ending: str, asked: Asked) -> Response:
        words, answer = Wording(self.parts, lang_of(self.request)), self._answer(panel, asked)
        name = f"{panel.name}_{asked.unit_code}_{asked.window.first_on}_{asked.window.last_on}.{ending}"
        headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
        if ending == "xlsx":
            body = as_workbook(answer, words, self.parts.clock())
            return Response(body, media_type=MEDIA_TYPE, headers=headers)
        if ending == "csv":
            return Response(as_csv(answer, words), media_type="text/csv", headers=headers)
        return Response(as_json(answer, words), media_type="application/json", headers=HEADERS)
