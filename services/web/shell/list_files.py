"""A list as a file: all rows that its pages show one after the other, with its choices and the instant of reading."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from services.access.actors import Actor
from services.language.formats import LOCAL
from services.language.labels import Labels, Lang
from services.web.shell.csv_file import csv_text
from services.web.shell.parts import Parts
from services.web.shell.workbook import MEDIA_TYPE, CellValue, SheetLine, workbook

Ending = Literal["csv", "xlsx"]
Kind = Literal["work", "problems", "villages", "cases", "workload"]

_WIDE, _WIDTH = 44, 18


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list to be written.

    Attributes:
        kind: what list it is; the file's name begins with it.
        head: the columns in words.
        chosen: what the list was narrowed to and how it is ordered: (name, value) in words.
        wide: how many of the first columns hold texts.
        note: what a reader must know of the rows as a whole.
    """

    kind: Kind
    title: str
    head: tuple[str, ...]
    rows: list[SheetLine]
    chosen: tuple[tuple[str, str], ...]
    read_at: dt.datetime
    wide: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class FileWriter:
    """Writes lists as files for one reader in one language."""

    parts: Parts
    lang: Lang
    actor: Actor

    def response(self, found: ListFile, ending: Ending) -> Response:
        """Return a list as a file to keep; that it left the system is noted, as with documents."""
        body = self.as_csv(found).encode() if ending == "csv" else self.as_xlsx(found)
        day = found.read_at.astimezone(LOCAL).date()
        self.parts.drafts.note_drawing(
            self.actor,
            found.read_at,
            unit_code=self.actor.unit_code,
            period=f"{day:%Y-%m}",
            kind=found.kind,
            file_format=ending,
            row_count=len(found.rows),
            content=body,
        )
        name = f"{found.kind}_{self.actor.unit_code}_{day}.{ending}"
        media = "text/csv" if ending == "csv" else MEDIA_TYPE
        headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=media, headers=headers)

    def as_csv(self, found: ListFile) -> str:
        """Return a list as CSV; choices and instant of reading stand in the last two columns of each row."""
        chosen = "; ".join(f"{name}: {value}" for name, value in found.chosen)
        return csv_text(
            [*found.head, self._text("read_at"), self._text("chosen")],
            ([_written(value) for value in (*row, found.read_at, chosen)] for row in found.rows),
        )

    def as_xlsx(self, found: ListFile) -> bytes:
        """Return a list as a workbook: the rows, and a sheet with the choices and the instant of reading."""
        out, width = io.BytesIO(), len(found.head)
        widths = [_WIDE if column < found.wide else _WIDTH for column in range(width)]
        with workbook(out, found.title, found.read_at) as sheets:
            sheets.table(self._text("rows"), found.head, widths, [""] * width, found.rows)
            sheets.fill(self._text("about"), list(self._about(found)))
        return out.getvalue()

    def _about(self, found: ListFile) -> Iterator[SheetLine]:
        yield (self._text("list"), found.title)
        yield (self._text("read_at"), found.read_at)
        yield (self._text("count"), len(found.rows))
        yield from found.chosen
        if found.note:
            yield (self._text("note"), found.note)

    def _text(self, name: str) -> str:
        return word_of(self.parts.labels, self.lang, name)


def word_of(labels: Labels, lang: Lang, name: str) -> str:
    """Return a word of files of lists: the head of a column, the name of a choice."""
    return labels.text(f"list_file.{name}", lang)


def _written(value: CellValue) -> str | float | None:
    if isinstance(value, dt.datetime):
        return value.astimezone(LOCAL).isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, dt.date) else value
