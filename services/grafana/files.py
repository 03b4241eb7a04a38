"""The committed files of the boards: written from the definitions, and compared with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from dashboards.catalogue import all_boards
from dashboards.grafana.alerts import RUNBOOKS, rules_of
from dashboards.grafana.drawing import UID_PREFIX, dashboard_of
from dashboards.grafana.model import Dashboard, as_json
from dashboards.grafana.rules import faults_of
from dashboards.vocabulary import Level
from services.warehouse.named_queries import named_query

_ROOT = Path(__file__).resolve().parents[2]
FOLDER = _ROOT / "dashboards" / "provisioning"
BOARDS, RULES = "boards", "alerting/rules.yaml"


@cache
def dashboards(product: str = "", levels: frozenset[Level] = frozenset()) -> tuple[Dashboard, ...]:
    """Return the boards as dashboards in their order: those of some levels, or all.

    Args:
        product: where the pages of the product are; by default on this machine.
        levels: of which units a board must be.
    """
    return tuple(
        dashboard_of(board, named_query, product)
        for board in all_boards()
        if not levels or levels & set(board.levels)
    )


def built() -> dict[str, bytes]:
    """Return the content of every file by its place in the folder; the same definitions give the same bytes."""
    boards = {f"{BOARDS}/{one.uid.removeprefix(UID_PREFIX)}.json": as_json(one) for one in dashboards()}
    files = {**boards, RULES: rules_of(named_query, _runbook)}
    # JSON is YAML as well.
    return {
        place: (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
        for place, content in files.items()
    }


def _runbook(uid: str) -> str:
    return (_ROOT / RUNBOOKS / f"{uid}.md").read_text(encoding="utf-8").strip()


def _there(folder: Path) -> dict[str, bytes]:
    found = [*(folder / BOARDS).glob("*.json"), *(folder / RULES).parent.glob(Path(RULES).name)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def write(folder: Path = FOLDER) -> list[str]:
    """Write the files that differ, remove those of boards that are gone, and return their names."""
    wanted, there = built(), _there(folder)
    changed = [place for place, content in wanted.items() if there.get(place) != content]
    for place in changed:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(wanted[place])
    gone = sorted(there.keys() - wanted.keys())
    for place in gone:
        (folder / place).unlink()
    return [*changed, *gone]


def faults(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the files and the dashboards in them, one sentence each."""
    wanted, there = built(), _there(folder)
    found = [fault for one in dashboards() for fault in faults_of(one)]
    found += [
        f"{name} is not what the definitions give: run `python -m dashboards build`"
        for name in sorted(wanted.keys() | there.keys())
        if wanted.get(name) != there.get(name)
    ]
    for name, content in there.items():
        kept = json.loads(content)
        if "elements" in kept or "kind" in kept or "spec" in kept:
            found.append(f"{name} is an export of Grafana 13, which other versions refuse: build it instead")
    return found
