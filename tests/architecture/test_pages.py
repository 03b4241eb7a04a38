"""The pages of the documentation name files that are there, in lines of prose that fit a screen."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from scripts.wrap_docs import WIDTH, long_lines, pages, wrapped

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs" / "where-things-go.md"
PAGES = [page for page in pages() if page.name != "CHANGELOG.md"]
_SUFFIXES = (".py", ".sql", ".html", ".toml", ".csv", ".md", ".js", ".json", ".yml", "/")
_of_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def paths_in(text: str) -> set[str]:
    """Return the paths that a page names; `{vi,en}` stands for two, and what has a blank or `<…>` is no path."""
    named = re.findall(r"`([\w./*{},-]+)`", text)
    found = {path for each in named for path in _spelled_out(each)}
    return {path for path in found if "/" in path.rstrip("/") and path.endswith(_SUFFIXES)}


def links_in(text: str) -> set[str]:
    """Return the files to which a page links."""
    return {link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in link}


def names_in(text: str) -> set[tuple[str, str]]:
    """Return each name that a page places in a file, as (name, path): `NAME` in `path.py`."""
    return set(re.findall(r"`([A-Za-z_]\w+)` in\s+`([\w/.]+/[\w.]+\.\w+)`", text))


def _spelled_out(path: str) -> list[str]:
    parts = re.split(r"\{([^}]*)\}", path)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def test_the_pages_are_found() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "docs/architecture.md", "docs/decisions/0001-log-as-truth.md"} <= names
    assert len(paths_in(RECIPES.read_text(encoding="utf-8"))) > 1


@_of_every_page
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    named = paths_in(page.read_text(encoding="utf-8"))
    missing = [
        path for path in sorted(named) if not any(ROOT.glob(path)) and not (page.parent / path).exists()
    ]
    assert missing == []


@_of_every_page
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = links_in(page.read_text(encoding="utf-8"))
    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []


@_of_every_page
def test_every_name_that_a_page_places_in_a_file_is_in_it(page: Path) -> None:
    named = names_in(page.read_text(encoding="utf-8"))
    read = {path: (ROOT / path).read_text(encoding="utf-8") for _, path in named}
    assert [(name, path) for name, path in sorted(named) if not re.search(rf"\b{name}\b", read[path])] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_prose_of_a_page_fits_a_screen(page: Path) -> None:
    assert long_lines(page.read_text(encoding="utf-8")) == [], "wrap it: python scripts/wrap_docs.py"


def test_paths_are_read_from_a_page_one_by_one() -> None:
    text = "`a/b.{vi,en}.toml`, `STEPS`, `a/`, `a/<b>/c.py`, `c/d/` and `python a/b.py`"
    assert paths_in(text) == {"a/b.vi.toml", "a/b.en.toml", "c/d/"}


def test_names_are_read_with_their_files() -> None:
    text = "the row in `a/b.py`, `PAGES` in\n`c/d.toml`, `Backend` in `e.py`"
    assert names_in(text) == {("PAGES", "c/d.toml")}


def test_links_are_read_without_their_anchors_and_addresses_are_none() -> None:
    text = "[a](b.md#c), [d](https://example.org/e), ![f](g/h.png), [i](#j)"
    assert links_in(text) == {"b.md", "g/h.png"}


def test_a_recipe_fits_the_width_of_a_screen_even_in_a_table() -> None:
    lines = RECIPES.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > WIDTH] == []


def test_wrapping_keeps_tables_code_bare_links_and_short_blocks() -> None:
    word, wide = "word " * 30, "x" * (WIDTH + 1)
    text = f"| {word} |\n\n```sh\n{word}\n```\n\n{wide}\n\nshort\nlines\n\n## [Unreleased]\n\n- {word}\n"
    assert wrapped(text) == text
    assert long_lines(text) == []


def test_wrapping_breaks_long_prose_and_keeps_items_code_and_links_whole() -> None:
    code, link = "`make demo PORT=9000`", "[two words](docs/running.md)"
    text = f"- {'word ' * 22}{code} {link} end\n  more\n- next\n"
    assert long_lines(text) == [1]
    done = wrapped(text)
    assert done == f"- {'word ' * 22}\n  {code} {link} end more\n- next\n".replace(" \n", "\n")
    assert wrapped(done) == done
