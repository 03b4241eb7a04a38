from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import events

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("events", "reporting", "dashboards", "services")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_UNTYPED = 20
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "core",
    "common",
    "misc",
    "ticket",
    "incident",
    "data",
}


def test_the_generic_top_level_names_are_ours() -> None:
    assert Path(str(events.__file__)).resolve() == ROOT / "events" / "__init__.py"


def test_modules_are_found() -> None:
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_one_reason_and_says_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, f"{path}: say in one line what the module is for"
    assert len(text.splitlines()) <= 400, f"{path}: over 400 lines; split it by reason"
    assert path.stem not in FORBIDDEN_NAMES, f"{path}: the name says nothing"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_identifiers_are_plain_ascii(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert all(name.isascii() for name in names), "Vietnamese belongs in labels and the glossary"


def test_few_dictionaries_of_the_services_say_nothing_of_what_they_hold() -> None:
    untyped = re.compile(r"(?:dict|Mapping)\[str, (?:Any|object)\]")
    services = [path for path in MODULES if path.is_relative_to(ROOT / "services")]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in services
        for line in path.read_text(encoding="utf-8").splitlines()
        if untyped.search(line)
    ]
    assert len(found) <= MOST_UNTYPED, "\n".join(["a TypedDict or a dataclass says it:", *found])


def test_lock_files_name_no_address() -> None:
    locks = [*ROOT.glob("*.lock"), ROOT / "package-lock.json"]
    assert len(locks) == 4
    for lock in locks:
        found = re.search(r"https?://\S+", lock.read_text(encoding="utf-8"))
        assert found is None, f"{lock.name} names {found}"


def test_heavy_libraries_are_not_loaded_by_the_command_line() -> None:
    code = (
        "import sys; from services.cli import build_cli; build_cli(); "
        "print([m for m in ('chdb', 'pandas', 'pyarrow', 'clickhouse_connect', 'fastapi', 'sqlalchemy', 'holidays') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_an_installation_in_one_process_loads_no_driver_of_kafka() -> None:
    code = (
        "import sys, services.boot.open, services.boot.serving; "
        "print([m for m in ('aiokafka', 'faust', 'kafka') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "simulate" in done.stdout


def test_each_dependency_is_justified() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = pyproject.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    names = re.findall(r'"([A-Za-z0-9_-]+)', block)
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert names
    assert [name for name in names if f"| {name} " not in page] == []


def test_each_setting_is_documented() -> None:
    from services.settings import Settings  # noqa: PLC0415 -- the test is about this module

    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`LIENCAP_{name.upper()}`" not in page] == []
