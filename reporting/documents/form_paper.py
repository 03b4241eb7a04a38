"""A prescribed form as it is drawn: form number, title and period, the two units, heads that span, rows, the total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL
from reporting.dated.units import Unit
from reporting.documents.official import committee_in_full
from reporting.documents.wording import day
from reporting.forms.placing import APART, Apart, FormLine, sum_of
from reporting.forms.rules import HONEST, Column, FormDefinition, RuleSetKey

UNIT_OF_COUNT = "Đơn vị tính: Số hồ sơ TTHC"
TOTAL = "Tổng cộng"
_BESIDE = "Tính trong tổng số, không có cột trong mẫu"
_APART = {
    "resolved_undated": "Đã xong, không có hạn",
    "resolved_withdrawn": "Đã rút",
    "resolved_stopped": "Dừng xử lý",
    "pending_undated": "Đang giải quyết, không có hạn",
    "pending_waiting": "Đang tạm dừng, chờ",
}
_RULES = {
    "in_use": "Số liệu tính theo cách hệ thống một cửa đang dùng",
    "honest": "Số liệu tính theo sự việc; hồ sơ không có hạn, đã rút, dừng, tạm dừng để riêng",
}
_FIRST, _SECOND, _WIDTH_OF_ALL = 0.045, 0.205, 1.0
_SECOND_OF_WIDE = 0.155
_OF_SUM = 1.25
_USUAL_COLUMNS = 13
OPEN_DAY = "......, ngày ...... tháng ...... năm ......"
SIGNED_BY = ("(Ký, ghi rõ họ tên)", "(Ký, đóng dấu, ghi rõ họ tên)")


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One head over columns: where it begins, and over how many rows and columns it stretches."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class FormPaper:
    """One form, ready to be drawn.

    Attributes:
        reporter: who reports; `receiver` is who receives.
        numbering: the row of column numbers under the heads.
        rows: number, field and the counts of each; `total` likewise.
        widths: shares of the page.
        notes: what the reader must know of the numbers.
        signers: who signs, from left to right; day, names and seal stay open.
    """

    number: str
    title: str
    period: str
    window: str
    reporter: str
    receiver: str
    head: tuple[HeadCell, ...]
    head_rows: int
    numbering: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    total: tuple[str | int, ...]
    widths: tuple[float, ...]
    notes: tuple[str, ...]
    signers: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Return whether there are so many columns that letters and cells have to be smaller."""
        return len(self.widths) > _USUAL_COLUMNS


def form_paper(
    form: FormDefinition,
    rule_set: RuleSetKey,
    lines: Sequence[tuple[str, FormLine]],
    *,
    unit: Unit,
    above: Unit | None,
    period: str,
    days: tuple[dt.date, dt.date],
    as_of: dt.datetime | None,
    filed: str = "",
    causes: str = "",
) -> FormPaper:
    """Return the form of a unit by one rule.

    Args:
        lines: the name of each field, and what the rule counts of it.
        above: the unit that receives a commune's form; a province's goes to the body that the layout names.
        period: the period in words.
        as_of: when the newest event behind the numbers was recorded; when they were confirmed, of a form as filed.
        filed: that the form is drawn as filed, and why it was corrected; nothing of a form as known now.
        causes: how many cases ended late for each cause, which the layout has no column for.
    """
    beside = APART if rule_set == HONEST else ()
    heads = [column.heads for column in form.columns] + [(_BESIDE, _APART[key]) for key in beside]
    depth = max(len(one) for one in heads)
    columns = form.columns
    second = _SECOND_OF_WIDE if beside else _SECOND
    # A sum has more digits than its parts.
    weights = [*(_OF_SUM if column.sums else 1.0 for column in columns), *(1.0 for _ in beside)]
    share = (_WIDTH_OF_ALL - _FIRST - second) / sum(weights)

    def counts(line: FormLine) -> tuple[int, ...]:
        return (
            *(line.number(column, columns) for column in columns),
            *(line.apart(key) for key in beside),
        )

    return FormPaper(
        number=form.layout["number"].value,
        title=form.layout["title"].value.upper(),
        period=f"Kỳ báo cáo: {period}",
        window=f"(Từ ngày {day(days[0])} đến ngày {day(days[1])})",
        reporter=committee_in_full(unit),
        receiver=committee_in_full(above) if above is not None else form.layout["receiver"].value,
        head=(
            HeadCell("STT", 0, 0, depth),
            HeadCell("Lĩnh vực, công việc giải quyết theo cấp", 0, 1, depth),
            *_heads(heads, depth),
        ),
        head_rows=depth,
        numbering=(
            "(1)",
            "(2)",
            *(_numbered(column, beside) for column in columns),
            *(f"({_letter(key)})" for key in beside),
        ),
        rows=tuple((place, name, *counts(line)) for place, (name, line) in enumerate(lines, start=1)),
        total=("", TOTAL, *counts(sum_of(line for _, line in lines))),
        widths=(_FIRST, second, *(share * weight for weight in weights)),
        notes=(*filter(None, (filed, causes)), *_notes(form, rule_set, as_of)),
        signers=tuple(form.layout["signers"].value.split(";")) if "signers" in form.layout else (),
    )


def _heads(heads: Sequence[tuple[str, ...]], depth: int) -> list[HeadCell]:
    """Return the heads over columns; neighbours under one name share its cell."""
    found = []
    for level in range(depth):
        column = 0
        while column < len(heads):
            path = heads[column]
            if level >= len(path):
                column += 1
                continue
            last = level == len(path) - 1
            width = 1 if last else _alike(heads, column, level)
            found.append(HeadCell(path[level], level, column + 2, depth - level if last else 1, width))
            column += width
    return found


def _alike(heads: Sequence[tuple[str, ...]], column: int, level: int) -> int:
    wanted = heads[column][: level + 1]
    width = 1
    while column + width < len(heads) and heads[column + width][: level + 1] == wanted:
        width += 1
    return width


def _numbered(column: Column, beside: Sequence[Apart]) -> str:
    """Return the number of a column, and of what it is the sum: (7) = (8) + (9) + (10)."""
    own = [_letter(key) for key in beside if key.split("_")[0] == column.key.split("_")[0]]
    parts = [*map(str, column.sums), *own] if column.sums else []
    sums = " + ".join(f"({part})" for part in parts)
    return f"({column.number}) = {sums}" if sums else f"({column.number})"


def _letter(key: Apart) -> str:
    return "abcde"[APART.index(key)]


def _notes(form: FormDefinition, rule_set: RuleSetKey, as_of: dt.datetime | None) -> tuple[str, ...]:
    read = "chưa có số liệu" if as_of is None else f"số liệu nhận đến {_moment(as_of)}"
    said = form.rules(rule_set).rows[0]
    return (
        f"{_RULES[rule_set]} (bản quy tắc {form.version}; {read}).",
        f"Căn cứ của cách tính: {said.source}.",
        f"Căn cứ của biểu mẫu: {form.layout['title'].source}.",
    )


def _moment(at: dt.datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local:%H} giờ {local:%M} ngày {day(local.date())}"
