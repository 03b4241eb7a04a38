"""Each import rule of pyproject.toml notices an import that breaks it, planted in a copy of the code."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PLANTED = {
    "services → dashboards → reporting → events": ("reporting/errors.py", "import dashboards.panel"),
    "every room of services stands above what it imports": (
        "services/access/actors.py",
        "import services.web.app",
    ),
    "every feature of the web stands above what it imports": (
        "services/web/issues/views.py",
        "import services.web.problems.views",
    ),
    "events, reporting and dashboards do no I/O": ("reporting/dated/units.py", "import sqlite3"),
    "the three services know nothing of each other": (
        "services/commune/pages.py",
        "import services.province.pages",
    ),
    "what opens an installation loads no pages": ("services/boot/steps.py", "import services.web.app"),
    "each driver has one home": ("services/web/app.py", "import kafka"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in ("events", "reporting", "dashboards", "services"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> str:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_each_rule_has_an_import_that_it_must_notice() -> None:
    assert [rule["name"] for rule in RULES] == list(PLANTED)


def test_the_copy_breaks_no_rule(copy: Path) -> None:
    assert f"{len(PLANTED)} kept, 0 broken" in lint(copy)


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_import_breaks_the_rule(rule: str, copy: Path) -> None:
    name, statement = PLANTED[rule]
    module = copy / name
    before = module.read_text()
    module.write_text(f"{before}\n{statement}\n")
    try:
        assert f"{rule} BROKEN" in lint(copy)
    finally:
        module.write_text(before)


def test_no_modules_import_each_other_not_even_for_annotations() -> None:
    graph = grimp.build_graph("events", "reporting", "dashboards", "services", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # a CycleError names the circle


def test_a_room_that_nobody_ranked_breaks_the_order(copy: Path) -> None:
    room = copy / "services" / "cellar.py"
    room.write_text("")
    try:
        assert "services.cellar" in lint(copy)
    finally:
        room.unlink()
