"""One letter for several issues of one competent body, with its annex and the legal basis of competence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.competence.citations import spelled_out
from reporting.dated.bodies import place_vi, unit_word
from reporting.dated.calendar import local_day
from reporting.dated.units import Unit
from reporting.documents.annex import AnnexRow, Names, competent_body_of
from reporting.documents.official import (
    OPEN_DAY,
    OPEN_NUMBER,
    Annex,
    OfficialDocument,
    Paragraph,
    committee,
    issuer_lines,
    place_and_day,
    signature_lines,
)
from reporting.documents.report import annex_table
from reporting.documents.wording import counted, day
from reporting.errors import NoOneLetter
from reporting.issues.state import IssueState

_SYMBOL = "UBND-……"
_MOST, _MOST_TOPICS = 100, 3


@dataclass(frozen=True, slots=True)
class Basis:
    """One legal basis of the verdicts, with the table's confidence in it.

    Attributes:
        approved_by: the document that approved the row; without one nobody compared it with the text of the law.
    """

    text: str
    confidence: str | None
    approved_by: str | None = None


def addressee_of(states: Sequence[IssueState], *, to_ministry: bool) -> str:
    """Return the one body to which all these issues go.

    Args:
        to_ministry: a province asks the ministry that each verdict names; otherwise a commune asks the lead
            body.

    Raises:
        NoOneLetter: no issues, too many, or several bodies; the message names which.
    """
    if not states:
        raise NoOneLetter("choose at least one issue", field="issue")
    if len(states) > _MOST:
        raise NoOneLetter(f"a letter takes at most {_MOST} issues", field="issue")
    found = {_asked(state, to_ministry=to_ministry) for state in states}
    if len(found) > 1 or None in found:
        named = ", ".join(sorted(body or "none" for body in found))
        raise NoOneLetter(f"these issues do not go to one body: {named}", field="issue")
    (body,) = found
    assert body is not None  # noqa: S101 -- None was refused above
    return body


def bases_of(states: Sequence[IssueState]) -> tuple[Basis, ...]:
    """Return the legal bases of the verdicts, each once and in order, with their confidence."""
    found: dict[str, Basis] = {}
    for state in states:
        verdict = state.verdict
        if verdict is not None and verdict.basis:
            found.setdefault(verdict.basis, Basis(verdict.basis, verdict.confidence, verdict.approved_by))
    return tuple(found[text] for text in sorted(found))


def draft_letter(
    unit: Unit,
    states: Sequence[IssueState],
    rows: Sequence[AnnexRow],
    names: Names,
    *,
    addressee: str,
    as_of: dt.datetime,
    with_units: bool,
) -> OfficialDocument:
    """Return the letter; number, day, signer and the letters of the drafting unit stay open."""
    about = _about(list(dict.fromkeys(names.topic(row.kind) for row in rows)))
    body = names.body(addressee)
    return OfficialDocument(
        issuer=issuer_lines(unit),
        symbol=f"{OPEN_NUMBER}/{_SYMBOL}",
        place_and_day=place_and_day(unit, local_day(as_of).year),
        name=None,
        subject=f"V/v đề nghị giải quyết khó khăn, vướng mắc về {about}",
        addressees=(names.body_in_full(addressee),),
        body=(
            *_on_which_basis(bases_of(states)),
            Paragraph(
                f"Qua theo dõi, tổng hợp, trên địa bàn {place_vi(unit)} có {counted(len(rows))} nội dung khó khăn, vướng mắc "
                f"về {about} vượt thẩm quyền hoặc khả năng giải quyết của Ủy ban nhân dân (UBND) {unit_word(unit)} "
                f"(chi tiết tại Phụ lục kèm theo)."
            ),
            *_asked_alone(rows),
            Paragraph(
                f"{committee(unit)} kính đề nghị {body} xem xét, giải quyết và trả lời bằng văn bản đối với từng nội dung "
                f"tại Phụ lục để UBND {unit_word(unit)} tổ chức thực hiện./."
            ),
        ),
        recipients=("- Như trên;", f"- Chủ tịch, các PCT UBND {unit_word(unit)};", "- Lưu: VT, ……."),
        signature=signature_lines(),
        note=(
            f"Dự thảo lập từ số liệu của hệ thống đến ngày {day(local_day(as_of))}; người soạn thảo rà soát trước khi trình ký."
            f"{_not_seen(bases_of(states))}"
        ),
        annex=Annex(
            title=("Phụ lục", f"DANH MỤC KHÓ KHĂN, VƯỚNG MẮC VỀ {about.upper()}"),
            reference=f"(Kèm theo Công văn số        /{_SYMBOL} {OPEN_DAY}{local_day(as_of).year} của {committee(unit)})",
            table=annex_table(rows, with_units=with_units),
        ),
    )


def _asked(state: IssueState, *, to_ministry: bool) -> str | None:
    if to_ministry:
        return state.verdict.ministry_body if state.verdict is not None else None
    return competent_body_of(state)


def _about(topics: Sequence[str]) -> str:
    """Return the subject of the letter, for use inside a sentence: up to three topics, else that there are several."""
    if len(topics) > _MOST_TOPICS:
        return "một số lĩnh vực"
    return topics[0] if len(topics) == 1 else f"{'; '.join(topics[:-1])} và {topics[-1]}"


def _asked_alone(rows: Sequence[AnnexRow]) -> list[Paragraph]:
    """Return what the difficulty is and what is asked for, where the letter is about one; of several the annex tells."""
    if len(rows) != 1:
        return []
    cells = rows[0].cells
    return [
        Paragraph(f"Nội dung khó khăn, vướng mắc: {cells['content'].text}"),
        Paragraph(f"Kiến nghị, đề xuất: {cells['proposal'].text}"),
    ]


def _on_which_basis(bases: Sequence[Basis]) -> list[Paragraph]:
    return [Paragraph(f"Căn cứ {spelled_out(basis.text)};", "basis") for basis in bases]


def _not_seen(bases: Sequence[Basis]) -> str:
    """Tell the drafter, outside the text that is signed, which bases nobody compared with the text of the law."""
    unseen = [basis for basis in bases if basis.approved_by is None]
    if not unseen:
        return ""
    doubtful = [spelled_out(basis.text) for basis in unseen if basis.confidence == "low"]
    which = f" Số hiệu, hiệu lực chưa chắc chắn: {'; '.join(doubtful)}." if doubtful else ""
    return f" Căn cứ chưa đối chiếu văn bản gốc: đối chiếu trước khi trình ký.{which}"
