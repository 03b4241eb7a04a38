"""Rules for templates, styles and scripts, checked without a request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from services.access.sessions import How
from services.acting.contents import ESCALATION_ACTS, ISSUE_ACTS
from services.language.labels import load_labels
from services.language.vietnamese import collation_key, unaccented
from services.web.issues.queue import COMMUNE, DEPARTMENT, MINISTRY, OFFICE
from services.web.shell.icon_names import ICONS
from services.web.sign_in.personas import PERSONAS

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "services" / "web"


def test_words_sort_as_in_a_dictionary() -> None:
    words = ["Đông", "Dân", "Ân", "Ăn", "An", "Ba", "Bà", "Bá", "Ơn", "Ôn", "On", "Bát Mọt", "Bạt"]
    expected = ["An", "Ăn", "Ân", "Ba", "Bà", "Bá", "Bạt", "Bát Mọt", "Dân", "Đông", "On", "Ôn", "Ơn"]
    assert sorted(words, key=collation_key) == expected


def test_a_search_needs_no_accents() -> None:
    assert unaccented("Điểm lõm sóng; ƯỚC") == "diem lom song; uoc"


SOURCES = [
    path
    for folder in (WEB / "templates", WEB / "static", ROOT / "services" / "language" / "labels")
    for path in sorted(folder.rglob("*"))
    if path.suffix in {".html", ".css", ".js", ".svg", ".toml", ".webmanifest"}
]
# The name of a vocabulary; nobody fetches it.
NAMES_ONLY = ("http://www.w3.org/2000/svg",)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "services")))
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"(?:https?|wss?)://[^\s\"'<>)]+|(?:src|href|url)\s*[=(]\s*[\"']?//[\w.]+", text)
    assert [url for url in found if not url.startswith(NAMES_ONLY)] == []


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.suffix == ".html"], ids=lambda path: path.name
)
def test_no_template_holds_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:", text) == []


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.suffix == ".html"], ids=lambda path: path.name
)
def test_no_field_of_a_form_is_left_out_when_the_browser_brings_the_others_back(path: Path) -> None:
    """By Back a browser fills every field but those with autocomplete="off": the form stands there without them."""
    tags = re.findall(r"<(?:input|select|textarea)\b[^>]*", path.read_text(encoding="utf-8"))
    named = [tag for tag in tags if " name=" in tag]
    assert [tag for tag in named if 'autocomplete="off"' in tag] == []


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    # Where a maker may be thanked is no place that a package comes from.
    assert re.findall(r'^(?!\s*"url": "https://github\.com/sponsors/).*http.*$', text, re.MULTILINE) == []


def test_the_sprite_holds_the_icons_that_pages_use_and_no_other() -> None:
    in_use = "".join(
        path.read_text(encoding="utf-8")
        for folder, pattern in ((WEB / "templates", "*.html"), (WEB, "*.py"))
        for path in folder.rglob(pattern)
        if path.name != "icon_names.py"
    )
    assert [name for name in ICONS if f'"{name}"' not in in_use] == []
    assert sorted(set(ICONS)) == list(ICONS)
    if not (WEB / "static" / "vendor" / "icons.svg").is_file():
        pytest.skip("the web assets are not installed (python3 dev.py setup)")
    drawn = (WEB / "static" / "vendor" / "icons.svg").read_text(encoding="utf-8")
    assert tuple(re.findall(r'<symbol id="([^"]+)" viewBox="0 0 24 24"><path', drawn)) == ICONS


def test_every_group_of_labels_that_a_page_puts_together_is_whole() -> None:
    labels = load_labels()

    wanted = [
        f"{group}.{act}"
        for group in ("action", "done", "act.hint")
        for act in (*ISSUE_ACTS, *ESCALATION_ACTS)
    ]
    wanted += [f"queue.tab.{view}" for view in {*OFFICE, *DEPARTMENT, *MINISTRY}]
    wanted += [f"issues.tab.{view}" for view in COMMUNE]
    wanted += [f"sign_in.does.{persona.actor.role}" for persona in PERSONAS]
    wanted += [f"sign_in.level.{persona.level}" for persona in PERSONAS]
    wanted += [f"sessions.how.{how}" for how in get_args(How)]
    assert [key for key in wanted if not labels.has(key)] == []
