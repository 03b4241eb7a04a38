"""The recipes of docs/where-things-go.md name files that are there, in lines that fit a screen."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "where-things-go.md"
LONGEST_LINE = 118
_SUFFIXES = (".py", ".sql", ".html", ".toml", ".csv", ".md", ".js", "/")


def paths_in(text: str) -> set[str]:
    """Return the paths that a page names; `{vi,en}` stands for two, and what has a blank or `<…>` is no path."""
    named = re.findall(r"`([\w./*{},-]+)`", text)
    found = {path for each in named for path in _spelled_out(each)}
    return {path for path in found if "/" in path.rstrip("/") and path.endswith(_SUFFIXES)}


def _spelled_out(path: str) -> list[str]:
    parts = re.split(r"\{([^}]*)\}", path)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def test_every_file_that_a_recipe_names_is_there() -> None:
    named = paths_in(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 1
    assert [path for path in sorted(named) if not any(ROOT.glob(path))] == []


def test_paths_are_read_from_a_page_one_by_one() -> None:
    text = "`a/b.{vi,en}.toml`, `STEPS`, `a/`, `a/<b>/c.py`, `c/d/` and `python a/b.py`"
    assert paths_in(text) == {"a/b.vi.toml", "a/b.en.toml", "c/d/"}


def test_a_recipe_fits_the_width_of_a_screen() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []
