"""Expand a target as Grafana and its ClickHouse plug-in do: variables by the front end, then macros by the back end."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}")
_MACRO = re.compile(r"\$__(fromTime|toTime)\b")


def expanded(
    sql: str, variables: Mapping[str, str | Sequence[str]], first: dt.datetime, last: dt.datetime
) -> str:
    """Return the SQL that reaches the server."""

    def variable(found: re.Match[str]) -> str:
        value = variables[found[1]]
        values = [value] if isinstance(value, str) else list(value)
        if found[2] == "singlequote":
            return ",".join("'" + one.replace("'", "\\'") + "'" for one in values)
        assert found[2] is None, f"no test knows the format {found[2]}"
        assert len(values) == 1
        return values[0]

    def macro(found: re.Match[str]) -> str:
        at = first if found[1] == "fromTime" else last
        return f"toDateTime({int(at.timestamp())})"

    sql = _MACRO.sub(macro, _VARIABLE.sub(variable, sql))
    assert "$" not in sql, sql
    return sql
