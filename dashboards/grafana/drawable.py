"""Which panels can be drawn from the engine alone, and why another cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboards.grafana.asking import NamedSql, text_of, unbound
from dashboards.lines import always
from dashboards.panel import Panel
from dashboards.vocabulary import Text
from reporting.dashboard_tables import ON_DASHBOARDS
from reporting.tables import CASE_EVENTS, TABLES

_WORD = re.compile(r"\w+")
_SMALL = Text(
    "số nhỏ của lĩnh vực nhạy cảm được ẩn với một số người xem, mà kho số liệu không biết ai đang xem",
    "small counts of sensitive fields are kept back from some readers, and the engine knows no reader",
)
_DECIDED_ELSEWHERE = {
    "reading": Text(
        "số đọc từ hệ thống đang chạy, không có trong kho số liệu",
        "it is read from the running installation, not from the engine",
    ),
    "computed": Text(
        "số được tính từ kho số liệu và các bảng có ngày hiệu lực, mà kho số liệu không có các bảng đó",
        "it is computed from figures and dated tables, and the engine does not have those tables",
    ),
    "sensitive": _SMALL,
    "keeps_small_back": _SMALL,
    "folds": Text("các dòng được gộp từ từng sự kiện", "its rows are folded from facts"),
    "is_of_issues": Text(
        "mỗi dòng là một khó khăn, chỉ ai được đọc mới thấy, mà kho số liệu không biết ai đang xem",
        "each row is one difficulty, shown to whoever may read it, and the engine knows no reader",
    ),
}
"""What a panel may say of itself that SQL alone cannot keep."""
_NAMED = frozenset({"unit", "kind", "body", "level", "channel", "said", "whole"})
_OPEN = set(ON_DASHBOARDS) - {CASE_EVENTS.name}
"""Tables that the lines of a panel may be made of; of the facts only their age may be read."""


def not_drawn(panel: Panel, sql_of: NamedSql) -> Text | None:
    """Return why a panel cannot be drawn from the engine alone; nothing where it can."""
    return next(_reasons(panel, sql_of), None)


def _reasons(panel: Panel, sql_of: NamedSql) -> Iterator[Text]:
    for attribute, reason in _DECIDED_ELSEWHERE.items():
        if getattr(panel, attribute, None):
            yield reason
    if panel.names == "field":
        yield _SMALL
    if panel.names not in _NAMED:
        yield _of(
            "kho số liệu không có tên của các dòng",
            "no vocabulary of the warehouse names its rows",
            panel.names,
        )
    if silent := [column.name for column in panel.columns if not column.sql]:
        yield _of("cột chưa có cách tính bằng SQL", "nobody has said in SQL what these columns hold", *silent)
    if panel.is_reported is not always and not panel.reported_sql:
        yield Text(
            "chưa có cách nói bằng SQL dòng nào có số liệu", "nobody has said in SQL which rows have figures"
        )
    texts = [text_of(query, sql_of) for query in (panel.query, *(one for one, _ in panel.narrowed.values()))]
    words = {word for text in texts for word in _WORD.findall(text)}
    if closed := sorted((words & set(TABLES)) - _OPEN) + (["body"] if "body" in words else []):
        yield _of("người dùng của bảng không được đọc", "the user of the boards may not read", *closed)
    if unknown := sorted({name for text in texts for name in unbound(text)}):
        yield _of("không có biến cho", "there is no variable for", *unknown)


def _of(vi: str, en: str, *names: str) -> Text:
    said = ", ".join(names)
    return Text(f"{vi}: {said}", f"{en}: {said}")
