"""Write docs/events.md anew from the registries of the code: run it after a change of events, folds, permissions or notices.

With `--check` it writes nothing, prints how the page differs, and exits with 1.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path

from events.registry import EVENT_TYPES
from reporting.consequences import CONSEQUENCES, NOTHING
from reporting.event_readers import KEPT_ONLY, reader_of
from reporting.filings.register import ROLES as ON_PERIODS
from reporting.issues.permissions import PROPOSING, STANDING, Relation
from reporting.lessons.register import ROLES as ON_LESSONS
from reporting.problems.fold import ROLES as ON_PROBLEMS
from reporting.promises.register import ROLES as ON_PROMISES
from services.access.policy import MAY

PAGE = Path(__file__).resolve().parent.parent / "docs" / "events.md"
HEAD = """# Events

Written by `python scripts/event_table.py` from the registries of the code; do not edit it by hand.

- *Read by*: the fold of its aggregate (`STEPS`), or the table that keeps its latest state
  (`reporting/event_readers.py`).
- *Who may emit it*: `STANDING` and `PROPOSING` in `reporting/issues/permissions.py`, where the words in brackets
  are explained; `ROLES` in `reporting/problems/fold.py`,
  `reporting/promises/register.py` and `reporting/filings/register.py`; `cases.sync` in
  `services/access/policy.py`. `system` is the product itself.
- *What follows* and *who is notified*: `reporting/consequences.py`. What time alone brings about (`clock.reached`,
  `clock.breached`, `source.silent`, `promise.missed` and others) is emitted by `services/streams/watch.py`.
"""


def page() -> str:
    """Return the page as the code has it now; neighbours that agree in every column share a row."""
    families: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for event_type in EVENT_TYPES:
        rows = families.setdefault(event_type.partition(".")[0], [])
        named, cells = f"`{event_type}`", _cells(event_type)
        if rows and rows[-1][1] == cells:
            named = f"{rows.pop()[0]}, {named}"
        rows.append((named, cells))
    tables = (
        f"\n## `{family}.*`\n\n"
        "| event | read by | who may emit it | what follows | who is notified |\n|---|---|---|---|---|\n"
        + "".join(f"| {' | '.join((named, *cells))} |\n" for named, cells in rows)
        for family, rows in families.items()
    )
    return HEAD + "".join(tables)


def _cells(event_type: str) -> tuple[str, ...]:
    consequence = CONSEQUENCES.get(event_type, NOTHING)
    follows = ", ".join(f"`{each}`" for each in consequence.follows)
    notices = ", ".join(f"`{each}`" for each in consequence.notices)
    told = f"{notices}: {consequence.whom}" if notices else ""
    reader = reader_of(EVENT_TYPES[event_type]) or f"nothing; {KEPT_ONLY.get(event_type, 'no reason given')}"
    return reader, _emitters(event_type), follows or "–", told or "–"


def _emitters(event_type: str) -> str:
    if event_type == "escalation.proposed":
        return "; ".join(f"*{trigger}*: {_roles(who)}" for trigger, who in PROPOSING.items())
    if event_type in STANDING:
        return _roles(STANDING[event_type])
    if event_type.startswith("case."):
        return _listed(MAY["cases.sync"])
    if event_type.startswith("source."):
        return "system"
    return _listed({**ON_PROBLEMS, **ON_PROMISES, **ON_PERIODS, **ON_LESSONS}.get(event_type, ())) or "nobody"


def _roles(who: dict[str, tuple[Relation, ...]]) -> str:
    return ", ".join(
        role if relations == ("product",) else f"{role} ({', '.join(relations)})"
        for role, relations in who.items()
    )


def _listed(roles: Iterable[str]) -> str:
    return ", ".join(sorted(roles))


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    differs = difflib.unified_diff(
        there.splitlines(), wanted.splitlines(), "docs/events.md", "the code", lineterm=""
    )
    print("\n".join(differs))
    return int(there != wanted)


if __name__ == "__main__":
    sys.exit(main())
