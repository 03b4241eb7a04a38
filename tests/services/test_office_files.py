"""Exports of boards in LibreOffice: each cell is that of the panel, numbers as numbers, Vietnamese letter by letter."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboards.catalogue import all_boards
from dashboards.panel import Board
from services.access.tokens import unit_level
from services.language.formats import LOCAL
from tests.services import world as who
from tests.services.world import BAT_MOT, World

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

Person = tuple[str, ...]
ASKED: tuple[tuple[str, Person, str], ...] = (
    ("nation", who.MINISTRY, "vn"),
    ("province", who.REVIEWER, "38"),
    ("commune", who.OFFICER, BAT_MOT),
)
PATIENCE_SECONDS = 240
VIETNAMESE = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")


@dataclass(frozen=True)
class Export:
    """The exports of one panel, and the lines that the interface has."""

    name: str
    rows: list[dict[str, Any]]
    files: dict[str, bytes]


def reader_of(board: Board) -> tuple[Person, str]:
    """Who reads a board here: its widest level but the nation, where a province has the same panels."""
    level = next(one for one in ("province", "nation", "commune") if one in board.levels)
    person, unit = next((person, unit) for name, person, unit in ASKED if name == level)
    return (who.AUDITOR, unit) if board.see == "operations.read" else (person, unit)


def exports_of(world: World) -> Iterator[Export]:
    """Yield of each board the panel with most lines, as its reader gets it."""
    for board in all_boards():
        person, unit = reader_of(board)
        client = world.as_(*person)
        answers = [
            (panel, client.get(f"/bang/so/{panel.name}.json?unit={unit}").json()["rows"])
            for panel in board.at(unit_level(unit)).panels
        ]
        panel, rows = max(answers, key=lambda one: len(one[1]))
        files = {}
        for ending in ("csv", "xlsx"):
            answer = client.get(f"/bang/so/{panel.name}.{ending}?unit={unit}")
            assert answer.status_code == 200, answer.text
            files[ending] = answer.content
        yield Export(f"{board.name}--{panel.name}", rows, files)


def converted(folder: Path, files: list[Path]) -> dict[str, list[list[str]]]:
    """Open files in LibreOffice, once for all, and return the first sheet of each as it writes it to CSV."""
    program = shutil.which("soffice")
    assert program is not None
    out = folder / "out"
    # Comma, quotation mark, UTF-8, cells as they are and not as they are shown.
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"
    own = f"-env:UserInstallation=file://{folder}/profile"
    as_csv = ["--infilter=CSV:44,34,76,1", "--convert-to", form, "--outdir", str(out)]
    subprocess.run(
        [program, own, "--headless", "--norestore", *as_csv, *map(str, files)],
        check=True,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    return {
        one.name: list(csv.reader(one.read_text(encoding="utf-8").splitlines(keepends=True)))
        for one in out.iterdir()
    }


def assert_same(found: list[list[str]], export: Export, ending: str) -> None:
    """Compare the lines under the head cell by cell, in the order of the interface."""
    lines = [line for line in found[1:] if any(line)]
    assert len(lines) == len(export.rows), (export.name, ending)
    for line, row in zip(lines, export.rows, strict=True):
        for cell, (name, value) in zip(line, row.items(), strict=False):
            assert_cell(cell, value, f"{export.name}.{ending} {name}")


def assert_cell(cell: str, value: object, where: str) -> None:
    if isinstance(value, dict):
        assert cell == ";".join(f"{name}={sign}" for name, sign in value.items()), where
    elif value is None:
        assert cell == "", where
    elif isinstance(value, int | float):
        assert number(cell) == pytest.approx(value, rel=1e-9, abs=1e-12), where
    elif isinstance(value, str) and (found := moment(value)) is not None:
        assert moment(cell) == found, where
    elif isinstance(value, str) and value.isdigit() and ".csv " in where:
        # A CSV has no types: a spreadsheet reads the code of a unit as a number, and a workbook keeps its noughts.
        assert int(cell) == int(value), where
    else:
        assert unicodedata.normalize("NFC", cell) == cell == str(value), where


def number(cell: str) -> float:
    return float(cell.removesuffix("%")) / 100 if cell.endswith("%") else float(cell)


def moment(written: str) -> dt.datetime | None:
    """Return the local minute of an instant or a day, as the interface or LibreOffice writes it; nothing for a text."""
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y"):
        with suppress(ValueError):
            return dt.datetime.strptime(written, form).replace(second=0)  # noqa: DTZ007 -- a cell has no zone
    if re.match(r"\d{4}-\d\d-\d\d(T|$)", written) is None:
        return None
    at = dt.datetime.fromisoformat(written)
    local = at.astimezone(LOCAL).replace(tzinfo=None) if at.tzinfo else at
    return local.replace(second=0, microsecond=0)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed (soffice)")
def test_exports_of_every_board_open_in_libreoffice_with_the_cells_of_the_panel(
    filled_world: World, tmp_path: Path
) -> None:
    exports = list(exports_of(filled_world))
    assert {one.name.partition("--")[0] for one in exports} == {one.name for one in all_boards()}
    files = []
    for export in exports:
        for ending, content in export.files.items():
            files.append(tmp_path / f"{export.name}--{ending}.{ending}")
            files[-1].write_bytes(content)
    opened = converted(tmp_path, files)
    for export in exports:
        for ending in export.files:
            assert_same(opened[f"{export.name}--{ending}.csv"], export, ending)
    letters = {letter for found in opened.values() for line in found for cell in line for letter in cell}
    assert not {"\ufffd", "Ã", "Ä", "áº"} & letters
    assert len(VIETNAMESE & {letter.lower() for letter in letters}) > 30
