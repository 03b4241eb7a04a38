from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.connectors.mapping import load_mapping
from services.connectors.opening import OpenedFile

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
FILES = {
    "one_stop_2026-11-19.xlsx": "one_stop_snapshot.toml",
    "one_stop_2026-11-20.xls": "one_stop_snapshot.toml",
    "permits.xes": "permits.toml",
    "difficulties.csv": "difficulties.toml",
}


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    subprocess.run(
        [sys.executable, "scripts/build_examples.py", folder], check=True, cwd=ROOT, capture_output=True
    )
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_script_makes_what_is_kept(made_anew: Path, name: str) -> None:
    mapping = load_mapping(EXAMPLES / FILES[name])
    kept = list(OpenedFile(EXAMPLES / name, mapping).records())
    assert kept
    assert list(OpenedFile(made_anew / name, mapping).records()) == kept


def test_the_script_makes_nothing_else(made_anew: Path) -> None:
    assert {path.name for path in made_anew.iterdir()} == set(FILES)


def test_every_example_is_named_in_its_page() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in sorted(set(EXAMPLES.iterdir()) - {EXAMPLES / "README.md"}):
        assert path.name in page


def test_the_mapping_that_the_page_explains_can_be_loaded(tmp_path: Path) -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "page.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.rows.fill_down == ("unit",)
    assert mapping.status.otherwise == 2
