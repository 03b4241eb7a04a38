"""The periodic report of difficulties with its annex, for a commune or a province."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from reporting.dated.bodies import unit_word
from reporting.dated.calendar import LOCAL
from reporting.dated.periods import Period, period_words
from reporting.dated.units import Unit
from reporting.documents.annex import COLUMNS, AnnexRow, Column, Counts, Names, count
from reporting.documents.official import (
    OPEN_DAY,
    OPEN_NUMBER,
    Annex,
    OfficialDocument,
    Paragraph,
    Table,
    committee,
    committee_first,
    committee_in_full,
    issuer_lines,
    place_and_day,
    signature_lines,
)
from reporting.documents.wording import OPEN_RULE, counted, day, ranges

TITLE = "Tổng hợp khó khăn, vướng mắc, kiến nghị"
HEADER: Mapping[Column, str] = {
    "content": "Nội dung khó khăn, vướng mắc",
    "cause": "Nguyên nhân",
    "done": "Việc đã thực hiện",
    "proposal": "Kiến nghị, đề xuất",
    "competent": "Cơ quan, đơn vị giải quyết",
    "result": "Kết quả giải quyết",
}
_WIDTHS: Mapping[Column, float] = {
    "content": 0.20,
    "cause": 0.14,
    "done": 0.19,
    "proposal": 0.17,
    "competent": 0.11,
    "result": 0.14,
}
_NUMBER_WIDTH, _UNIT_WIDTH = 0.05, 0.10
_SYMBOL = "BC-UBND"


def periodic_report(
    unit: Unit, above: Unit | None, period: Period, rows: Sequence[AnnexRow], names: Names, as_of: dt.datetime
) -> OfficialDocument:
    """Return the report of a unit for a period.

    Args:
        above: the unit that receives a commune's report; None leaves the addressee open.
        as_of: the instant up to which the log was read.
    """
    counts = count(rows)
    lying = annex_of(unit, period, rows, with_units=above is None)
    return OfficialDocument(
        issuer=issuer_lines(unit),
        symbol=f"{OPEN_NUMBER}/{_SYMBOL}",
        place_and_day=place_and_day(unit, period.last_on.year),
        name="BÁO CÁO",
        subject=f"{TITLE} ({period_words(period)})",
        addressees=(committee_in_full(above) if above is not None else "……………………………",),
        body=_body(unit, above, period, rows, counts, names),
        recipients=("- Như trên;", "- Các cơ quan nêu tại Phụ lục;", "- Lưu: VT."),
        signature=signature_lines(),
        note=f"Dự thảo lập từ số liệu của hệ thống đến {_moment(as_of)}; người soạn thảo rà soát trước khi trình ký.",
        annex=lying,
    )


def annex_of(
    unit: Unit,
    period: Period,
    rows: Sequence[AnnexRow],
    *,
    with_units: bool,
    of: str = "Báo cáo",
    symbol: str = _SYMBOL,
) -> Annex:
    """Return the annex: one numbered line per issue."""
    return Annex(
        title=("Phụ lục", TITLE.upper()),
        reference=(
            f"(Kèm theo {of} số        /{symbol} {OPEN_DAY}{period.last_on.year} của {committee_in_full(unit)})"
        ),
        table=annex_table(rows, with_units=with_units),
    )


def annex_table(rows: Sequence[AnnexRow], *, with_units: bool) -> Table:
    """Return the table of the annex; `with_units` adds the unit of each line."""
    units = ("Đơn vị",) if with_units else ()
    widths = [_NUMBER_WIDTH, *([_UNIT_WIDTH] if with_units else []), *(_WIDTHS[column] for column in COLUMNS)]
    whole = sum(widths)
    return Table(
        header=("TT", *units, *(HEADER[column] for column in COLUMNS)),
        rows=tuple(
            (
                str(position),
                *((row.unit_name,) if with_units else ()),
                *(row.cells[column].text for column in COLUMNS),
            )
            for position, row in enumerate(rows, start=1)
        ),
        widths=tuple(width / whole for width in widths),
    )


def _body(
    unit: Unit,
    above: Unit | None,
    period: Period,
    rows: Sequence[AnnexRow],
    counts: Counts,
    names: Names,
) -> tuple[Paragraph, ...]:
    opening = (
        f"Thực hiện {OPEN_RULE}, {committee_first(unit)} báo cáo tổng hợp khó khăn, vướng mắc, kiến nghị "
        f"{period_words(period)} (số liệu từ ngày {day(period.first_on)} đến ngày {day(period.last_on)}) như sau:"
    )
    closing = Paragraph(_closing(unit, above, period))
    if not rows:
        return (
            Paragraph(opening),
            Paragraph(
                "Trong kỳ báo cáo không phát sinh khó khăn, vướng mắc; không có nội dung kỳ trước chuyển sang."
            ),
            closing,
        )
    return (
        Paragraph(opening),
        Paragraph("I. TÌNH HÌNH CHUNG", "heading"),
        Paragraph(
            f"Tổng số: {counted(counts.whole)} nội dung; trong đó phát sinh trong kỳ: {counted(counts.new)}, "
            f"kỳ trước chuyển sang: {counted(counts.carried_over)}."
        ),
        Paragraph(
            f"Đã có trả lời: {counted(counts.answered)}; chưa có trả lời: {counted(counts.unanswered)}. "
            f"Đã giải quyết xong, {unit_word(unit) if unit.level == 'commune' else 'cấp xã'} xác nhận: "
            f"{counted(counts.settled)}."
        ),
        Paragraph("II. KHÓ KHĂN, VƯỚNG MẮC VÀ KẾT QUẢ GIẢI QUYẾT", "heading"),
        Paragraph(
            "Nội dung cụ thể, nguyên nhân, việc đã thực hiện và kết quả giải quyết nêu tại Phụ lục kèm theo."
        ),
        Paragraph("III. KIẾN NGHỊ, ĐỀ XUẤT", "heading"),
        *_asked(rows, names),
        closing,
    )


def _closing(unit: Unit, above: Unit | None, period: Period) -> str:
    so_far = f"Trên đây là tổng hợp khó khăn, vướng mắc, kiến nghị {period_words(period)}"
    if above is None:
        return f"{so_far}; {committee(unit)} trân trọng báo cáo./."
    return f"{so_far}; {committee(unit)} kính báo cáo {committee_in_full(above)} xem xét, chỉ đạo./."


def _asked(rows: Sequence[AnnexRow], names: Names) -> list[Paragraph]:
    """Return the paragraphs that list, for each body, the lines that wait for its answer."""
    waiting: dict[str, list[int]] = {}
    for position, row in enumerate(rows, start=1):
        if row.competent_body is not None and row.is_waiting:
            waiting.setdefault(row.competent_body, []).append(position)
    if not waiting:
        return [Paragraph("Không có kiến nghị mới ngoài các nội dung đã được trả lời tại Phụ lục.")]
    lines = [
        Paragraph(f"- {names.body(body)}: {counted(len(found))} nội dung (số thứ tự {ranges(found)});")
        for body, found in waiting.items()
    ]
    lines[-1] = Paragraph(f"{lines[-1].text.removesuffix(';')}.")
    return [
        Paragraph("Kính đề nghị các cơ quan có thẩm quyền xem xét, giải quyết và trả lời bằng văn bản:"),
        *lines,
    ]


def _moment(at: dt.datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local:%H} giờ {local:%M} ngày {day(local.date())}"
