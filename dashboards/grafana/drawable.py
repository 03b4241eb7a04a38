"""Which panels can be drawn from the engine alone, and why another cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboards.grafana.asking import NamedSql, text_of, unbound
from dashboards.lines import always
from dashboards.panel import Panel
from reporting.tables import CASE_EVENTS, ON_DASHBOARDS, TABLES

_WORD = re.compile(r"\w+")
_SMALL = "small counts of sensitive fields are kept back from some readers, and the engine knows no reader"
_DECIDED_ELSEWHERE = {
    "reading": "it is read from the running installation, not from the engine",
    "sensitive": _SMALL,
    "folds": "its rows are folded from facts",
    "is_of_issues": "each row is one difficulty, shown to whoever may read it, and the engine knows no reader",
}
"""What a panel may say of itself that SQL alone cannot keep."""
_NAMED = frozenset({"unit", "kind", "body", "level", "channel", "said", "whole"})
_OPEN = set(ON_DASHBOARDS) - {CASE_EVENTS.name}
"""Tables that the lines of a panel may be made of; of the facts only their age may be read."""


def not_drawn(panel: Panel, sql_of: NamedSql) -> str:
    """Return why a panel cannot be drawn from the engine alone; an empty text where it can."""
    return next(_reasons(panel, sql_of), "")


def _reasons(panel: Panel, sql_of: NamedSql) -> Iterator[str]:
    for attribute, reason in _DECIDED_ELSEWHERE.items():
        if getattr(panel, attribute, None):
            yield reason
    if panel.names == "field":
        yield _SMALL
    if panel.names not in _NAMED:
        yield f"no vocabulary of the warehouse names its rows: {panel.names}"
    if silent := [column.name for column in panel.columns if not column.sql]:
        yield f"nobody has said in SQL what {', '.join(silent)} holds"
    if panel.is_reported is not always and not panel.reported_sql:
        yield "nobody has said in SQL which rows have figures"
    text = text_of(panel.query, sql_of)
    words = set(_WORD.findall(text))
    if closed := sorted((words & set(TABLES)) - _OPEN) + (["body"] if "body" in words else []):
        yield f"the user of the boards may not read {', '.join(closed)}"
    if unknown := unbound(text):
        yield f"there is no variable for {', '.join(unknown)}"
