"""From rows of a query to the lines of a panel: cells, signs, the sum of what has figures, the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dashboards.lines import KNOWN, Answered, Cell, Line, Row
from dashboards.panel import Column, Panel

_NOT_REPORTED = Cell(sign="not_reported")
_NO_SUM = Cell(sign="not_applicable")


def answered(
    panel: Panel, rows: Sequence[Row], before: Sequence[Row] | None = None, medians: Row | None = None
) -> Answered:
    """Return the lines of a panel, the largest first or as they came, and the sum of those that have figures.

    Args:
        before: the rows of the period before, where the panel compares.
        medians: column → the median of the communes of the province.
    """
    reported = [row for row in rows if panel.is_reported(row)]
    whole = _summed(panel, reported)
    old = None if before is None else [row for row in before if panel.is_reported(row)]
    old_whole = None if old is None else _summed(panel, old)
    old_of = {_key(panel, row): row for row in old or ()}
    lines = [
        Line(
            str(row[panel.key]),
            _cells(panel, row, whole, old_of.get(_key(panel, row)), old_whole)
            if panel.is_reported(row)
            else dict.fromkeys((column.name for column in panel.columns), _NOT_REPORTED),
            str(row[panel.across]) if panel.across else "",
            str(row[panel.named]) if panel.named else "",
            {name: str(row[name] or "") for name in panel.refs},
        )
        for row in rows
    ]
    if panel.orders:
        lines.sort(key=lambda line: _rank(line.number(panel.orders)))
    line = _whole_line(panel, whole, bool(reported), old_whole, bool(old))
    return Answered(tuple(lines), line if medians is None else _beside(line, medians))


def _beside(line: Line, medians: Row) -> Line:
    """Put the medians of the province beside the figures."""
    found = {name: medians.get(name) for name in line.cells}
    return replace(
        line,
        cells={
            name: replace(cell, median=median) if isinstance(median := found[name], int | float) else cell
            for name, cell in line.cells.items()
        },
    )


def _key(panel: Panel, row: Row) -> tuple[str, str]:
    return str(row[panel.key]), str(row[panel.across]) if panel.across else ""


def _rank(figure: float | None) -> tuple[bool, float]:
    """Put the largest first and what has no figure last."""
    return figure is None, -(figure or 0)


def _cells(panel: Panel, row: Row, whole: Row, old: Row | None, old_whole: Row | None) -> Mapping[str, Cell]:
    return {
        column.name: _with_before(
            column.of(row, whole),
            None if old is None or old_whole is None else column.of(old, old_whole),
        )
        for column in panel.columns
    }


def _whole_line(
    panel: Panel, whole: Row, has_figures: bool, old_whole: Row | None, had_figures: bool
) -> Line:
    def cell(column: Column) -> Cell:
        if not has_figures:
            return _NOT_REPORTED
        if not column.has_sum:
            return _NO_SUM
        old = column.of(old_whole, old_whole) if old_whole is not None and had_figures else None
        return _with_before(column.of(whole, whole), old)

    return Line("", {column.name: cell(column) for column in panel.columns})


def _with_before(cell: Cell, old: Cell | None) -> Cell:
    return cell if old is None else replace(cell, before=old.value)


def _summed(panel: Panel, rows: Iterable[Row]) -> Row:
    """Add up the counts that the columns need; a count that was kept back makes its sum one that is kept back.

    Beside each sum stands, under KNOWN, that of the rows of which nothing was kept back.
    """
    needed = {key for column in panel.columns if column.has_sum for key in column.needs}
    needed |= {key for column in panel.columns if column.words for key in column.needs}
    stated = {key for column in panel.columns if column.adds_known for key in column.needs}
    sums: dict[str, object] = dict.fromkeys(needed, 0) | dict.fromkeys(stated)
    known: Counter[str] = Counter()
    for row in rows:
        counts = {key: value for key in needed if isinstance(value := row[key], int)}
        for key in needed:
            so_far = sums[key]
            if key in stated and (key not in counts or so_far is None):
                sums[key] = counts.get(key, so_far)
            else:
                sums[key] = so_far + counts[key] if key in counts and isinstance(so_far, int) else None
        if all(row[key] is not None for key in needed - stated):
            known.update(counts)
    return {**sums, **{f"{KNOWN}{key}": known[key] for key in needed}}
