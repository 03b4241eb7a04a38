"""Draw a board as a dashboard: for each panel its data time and coverage, its lines, and its days where it has any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dashboards.grafana.asking import (
    CLOSED_KEYS,
    EVERYTHING,
    PRODUCT_VARIABLE,
    PROVINCE_VARIABLE,
    UNIT_VARIABLE,
    NamedSql,
    closed_of,
    days_of,
    narrowing_of,
    options_of,
    rows_of,
    standing_of,
)
from dashboards.grafana.drawable import not_drawn
from dashboards.grafana.fields import fields_of, standing_fields
from dashboards.grafana.model import (
    Dashboard,
    Drawn,
    FieldConfig,
    Json,
    Link,
    Place,
    Source,
    Target,
    Variable,
)
from dashboards.panel import Board, Panel
from dashboards.vocabulary import Filter

WIDTH = 24
UID_PREFIX = "liencap-"
TAGS = ("liencap",)
_PORTS = {"nation": 8003, "province": 8002, "commune": 8001}
_HEIGHTS = {"cards": 4, "bars": 10, "heat": 12, "tiles": 10}
_CLOSED_WORDS = (
    "Số liệu đã chốt của kỳ kết thúc ngay trước khoảng thời gian đang xem và dài bằng nó (tháng 15–14, quý, …). Trống khi có"
    " đơn vị chưa chốt kỳ đó, khi khoảng đang xem không phải một kỳ báo cáo, hoặc khi chọn lĩnh vực hay kênh.\n\n"
    "The figures with which the period was closed that ends just before the time range and is as long (a month from 15 to 14,"
    " a quarter, …). Empty where a unit has not closed it, where the range is no reporting period, or where a field or a"
    " channel is chosen."
)
_NOT_CLOSED_WORDS = (
    "Số đã chốt không có số này; so với kỳ trước theo số liệu hiện nay: xem trang LiênCấp. / What was filed does not hold"
    " this; against the figures of today of the period before: on the page of LiênCấp."
)
_UNNARROWED = "Theo ngày chỉ có tổng: chọn lĩnh vực hay kênh thì hình này trống. / Day by day there is only the whole: a field or a channel empties it."
_ALL: dict[str, Json] = {"text": ["All"], "value": ["$__all"]}


@dataclass(frozen=True, slots=True)
class Row:
    """A panel before it has a number and a place: all but these two."""

    drawn: Drawn
    height: int


def dashboard_of(board: Board, sql_of: NamedSql, product: str = "") -> Dashboard:
    """Return a board as a dashboard; what cannot be drawn from the engine alone is named in its description.

    Args:
        product: where the pages of the product are; by default on this machine.
    """
    panels: list[Drawn] = []
    y = 0
    drawn = [panel for panel in board.panels if not_drawn(panel, sql_of) is None]
    rows = [row for panel in drawn for row in _rows(panel, sql_of)]
    for row in (*rows, *_elsewhere(board, sql_of)):
        place = Place(0, y, WIDTH, row.height)
        panels.append(replace(row.drawn, id=len(panels) + 1, grid_pos=place))
        y += row.height
    return Dashboard(
        uid=f"{UID_PREFIX}{board.name}",
        title=board.title.vi,
        description=_described(board, sql_of),
        tags=TAGS,
        templating={"list": _variables(board, drawn, product)},
        panels=tuple(panels),
        time={"from": "now-29d/d", "to": "now"},
        links=(_page_of(board),),
    )


def _rows(panel: Panel, sql_of: NamedSql) -> Iterator[Row]:
    words = f"{panel.description.vi}\n\n{panel.description.en}"
    if panel.thresholds:
        words += f"\n\nNgưỡng / thresholds: {', '.join(panel.thresholds)} (thresholds.csv)"
    if panel.compares and panel.query not in CLOSED_KEYS:
        words += f"\n\n{_NOT_CLOSED_WORDS}"
    words += f"\n\n{panel.name}, v{panel.version}; {panel.unit.vi} / {panel.unit.en}"
    nowhere = Place(0, 0, 0, 0)
    yield Row(
        Drawn(
            0,
            "stat",
            f"{panel.title.vi}: số liệu đến khi nào, từ bao nhiêu xã",
            f"{panel.question.vi}\n\n{panel.question.en}",
            nowhere,
            (Target(standing_of(panel, sql_of)),),
            standing_fields(),
            _stat("horizontal", text="value_and_name"),
        ),
        3,
    )
    is_cards = panel.names == "whole"
    yield Row(
        Drawn(
            0,
            "stat" if is_cards else "table",
            panel.title.vi,
            words,
            nowhere,
            (Target(rows_of(panel, sql_of)),),
            fields_of(panel),
            _stat("vertical", text="value_and_name")
            if is_cards
            else {"showHeader": True, "cellHeight": "sm"},
            _matrix(panel),
            _links(panel),
        ),
        _HEIGHTS["cards"] if is_cards else _HEIGHTS.get(panel.picture, _HEIGHTS["bars"]),
    )
    if panel.compares and panel.query in CLOSED_KEYS:
        yield Row(
            Drawn(
                0,
                "stat" if is_cards else "table",
                f"{panel.title.vi}: kỳ trước, số liệu đã chốt",
                _CLOSED_WORDS,
                nowhere,
                (Target(closed_of(panel)),),
                fields_of(panel),
                _stat("vertical", text="value_and_name")
                if is_cards
                else {"showHeader": True, "cellHeight": "sm"},
            ),
            _HEIGHTS["cards"] if is_cards else _HEIGHTS.get(panel.picture, _HEIGHTS["bars"]),
        )
    if panel.series:
        yield Row(
            Drawn(
                0,
                "timeseries",
                f"{panel.title.vi}: từng ngày",
                f"{_UNNARROWED}\n\n{words}" if panel.narrowed else words,
                nowhere,
                (Target(days_of(panel, sql_of), format=0),),
                fields_of(panel),
                {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
            ),
            8,
        )


def _elsewhere(board: Board, sql_of: NamedSql) -> Iterator[Row]:
    """Yield the panel that names what is not drawn here, with the reason and the place where it stands."""
    left = [(panel, reason) for panel in board.panels if (reason := not_drawn(panel, sql_of)) is not None]
    if not left:
        return
    unit = {"province": PROVINCE_VARIABLE, "commune": UNIT_VARIABLE}.get(_level_of(board), "")
    query = f"?unit=${{{unit}}}" if unit else ""
    lines = [
        f"- [{panel.title.vi} / {panel.title.en}](${{{PRODUCT_VARIABLE}}}/bang/{board.name}{query}#{panel.name})"
        f" – {reason.vi} / {reason.en}"
        for panel, reason in left
    ]
    yield Row(
        Drawn(
            0,
            "text",
            "Xem trong LiênCấp",
            "Những hình không vẽ được ở đây; mỗi dòng dẫn tới trang có nó.\n\n"
            "Panels that cannot be drawn here; each line leads to the page that has it.",
            Place(0, 0, 0, 0),
            (),
            FieldConfig({}),
            {"mode": "markdown", "content": "\n".join(lines)},
            datasource=None,
        ),
        2 + 2 * len(left),
    )


def _level_of(board: Board) -> str:
    return "nation" if "nation" in board.levels else board.levels[0]


def _stat(orientation: str, text: str) -> dict[str, Json]:
    return {
        "orientation": orientation,
        "textMode": text,
        "colorMode": "value",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "/.*/", "values": False},
    }


def _matrix(panel: Panel) -> tuple[Json, ...]:
    """Return the turn from lines to a matrix, where a panel has two keys; what has no line is not a nought."""
    if not panel.across:
        return ()
    options: Json = {
        "rowField": "name",
        "columnField": f"{panel.across}_name",
        "valueField": panel.columns[0].name,
        "emptyValue": "null",
    }
    return ({"id": "groupingToMatrix", "options": options},)


def _links(panel: Panel) -> tuple[Link, ...]:
    """Return where one acts: the pages of the product, as far as they need no key of a row."""
    return tuple(
        Link(f"{act.words.vi} / {act.words.en}", f"${{{PRODUCT_VARIABLE}}}{act.drill.path}")
        for act in panel.act
        if "{" not in act.drill.path
    )


def _page_of(board: Board) -> Json:
    return {
        "title": f"{board.title.vi}: trang của LiênCấp",
        "type": "link",
        "url": f"${{{PRODUCT_VARIABLE}}}/bang/{board.name}",
        "icon": "external link",
        "targetBlank": True,
        "asDropdown": False,
        "includeVars": False,
        "keepTime": False,
        "tags": [],
        "tooltip": "",
    }


def _described(board: Board, sql_of: NamedSql) -> str:
    lines = [f"{one.words.vi} / {one.words.en}" for one in board.questions]
    lines += [
        f"Không vẽ ở đây / not drawn here: {panel.title.vi} ({panel.name}): {reason.vi} / {reason.en}"
        for panel in board.panels
        if (reason := not_drawn(panel, sql_of)) is not None
    ]
    return "\n".join(lines)


def _variables(board: Board, drawn: Sequence[Panel], product: str) -> tuple[Variable, ...]:
    """Return the choices of a board: provinces, then the communes of those chosen, then what a drawn panel takes."""
    level = _level_of(board)
    of_nation, of_commune = level == "nation", level == "commune"
    takes = {name for panel in drawn for name in panel.takes}
    return (
        Variable(
            PRODUCT_VARIABLE,
            "LiênCấp",
            "constant",
            product or f"http://localhost:{_PORTS[level]}",
            hide=2,
            skip_url_sync=True,
        ),
        _choice(PROVINCE_VARIABLE, "Tỉnh / province", options_of("unit", "province"), of_many=of_nation),
        _choice(
            UNIT_VARIABLE,
            "Xã / commune",
            options_of("unit", "commune", within=PROVINCE_VARIABLE),
            of_many=not of_commune,
        ),
        *(_narrowing(name, *_NARROWINGS[name]) for name in _NARROWINGS if name in takes),
    )


_NARROWINGS: dict[Filter, tuple[str, str]] = {
    "kind": ("Loại / kind", "Mọi loại / all kinds"),
    "field": ("Lĩnh vực / field", "Mọi lĩnh vực / all fields"),
    "channel": ("Kênh / channel", "Mọi kênh / all channels"),
}
"""Choices of one or of all: the label, and the word for all."""


def _narrowing(name: Filter, label: str, everything: str) -> Variable:
    found = _choice(name, label, narrowing_of(name, everything), of_many=False)
    return replace(found, current={"text": everything, "value": EVERYTHING})


def _choice(name: str, label: str, sql: str, *, of_many: bool) -> Variable:
    return Variable(
        name,
        label,
        "query",
        sql,
        definition=sql,
        datasource=Source(),
        include_all=of_many,
        multi=of_many,
        current=_ALL if of_many else {},
    )
