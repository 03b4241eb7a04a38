"""Precedents for readers: the answer, its document, how many confirmed it, and whether the law has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from reporting.dated.calendar import local_day
from reporting.issues.precedents import Precedent, precedent_of, staleness
from reporting.issues.state import IssueState
from services.language.formats import Formats
from services.language.labels import Labels, Lang
from services.web.issues.precedent_schemas import PrecedentView
from services.web.issues.text_views import Texts
from services.web.issues.views import Viewer
from services.web.shell.document_schemas import AnswerView
from services.web.shell.parts import ViewParts

PER_KIND = 3
MOST_ON_A_FORM = 60


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """Row of `precedents`: the latest issue that got an answer, and how many confirmed it."""

    latest: str
    confirmed_count: int


def precedents(
    parts: ViewParts,
    province_code: str,
    lang: Lang,
    *,
    kinds: Sequence[str] = (),
    limit: int = MOST_ON_A_FORM,
) -> list[PrecedentView]:
    """Return the confirmed answers of a province, the latest first; a stale one stays, with its reason.

    Args:
        kinds: only these kinds; empty means every kind.
    """
    rows = parts.warehouse.query_of(
        _Confirmed, "precedents", province=province_code, kinds=list(kinds), per_kind=PER_KIND, limit=limit
    )
    found = [
        (one, row.confirmed_count)
        for row in rows
        if (one := precedent_of(IssueState.from_json(row.latest))) is not None
    ]
    refs = [one.answer.text.id for one, _ in found if one.answer.text is not None]
    texts = parts.texts.fetch(refs)
    viewer = Viewer(parts, lang)
    return [_shown(parts, viewer, lang, one, count, texts) for one, count in found]


def precedents_for(parts: ViewParts, issue: IssueState, lang: Lang) -> list[PrecedentView]:
    """Return the confirmed answers to issues of the same kind, or of the same system, in the issue's province."""
    on, table = local_day(parts.clock()), parts.tables.grouping
    kind = issue.report.kind
    kinds = [one.key for one in parts.tables.competence.kinds(on) if table.same_cause(kind, one.key, on)]
    return precedents(parts, issue.province_code, lang, kinds=kinds or [kind], limit=PER_KIND)


def kept_on_the_device(shown: Sequence[PrecedentView], labels: Labels, lang: Lang) -> str:
    """Return precedents as JSON for the form's script, which shows them without a network: sentences by kind."""
    items = [
        {
            "kind": one.kind,
            "title": f"{one.kind_label}: {one.answer_label}",
            "text": labels.text("term.erased", lang) if one.erased else one.text,
            "source": one.source_line,
            "stale": None
            if one.stale is None
            else f"{labels.text('precedent.stale', lang)}: {one.stale_label}",
        }
        for one in shown
    ]
    return orjson.dumps(items).decode()


def _source_line(
    parts: ViewParts, lang: Lang, lead_name: str | None, answer: AnswerView, confirmed_count: int
) -> str:
    """Return the source of an answer: who answered, by which document or on which day, how many confirmed it."""
    labels, values, document = parts.labels, Formats(lang), answer.document
    if document is not None:
        cited = (
            f"{document.kind_label} {labels.text('document_line.number', lang)} {document.number},"
            f" {labels.text('document_line.on', lang)} {values.day(document.issued_on)}"
        )
    else:
        cited = values.day(answer.at)
    confirmed = labels.text("precedent.confirmed", lang, count=values.number(confirmed_count))
    return " · ".join(part for part in (lead_name, cited, confirmed) if part)


def _shown(
    parts: ViewParts, viewer: Viewer, lang: Lang, one: Precedent, confirmed_count: int, texts: Texts
) -> PrecedentView:
    stale = staleness(one, parts.tables.competence, parts.tables.decrees, local_day(parts.clock()))
    # The signer's name is personal data; the document is the source.
    answer = viewer.answer(one.answer, texts)
    return PrecedentView(
        kind=one.kind,
        kind_label=viewer.kind_label(one.kind),
        source=one.source,
        lead_body=one.lead_body,
        lead_name=viewer.body_name(one.lead_body),
        answer_kind=one.answer.kind,
        answer_label=answer.kind_label,
        text=answer.text,
        erased=answer.erased,
        document=answer.document,
        answered_at=one.answer.at,
        confirmed_count=confirmed_count,
        basis=one.verdict.basis if one.verdict is not None else None,
        row_id=one.verdict.row_id if one.verdict is not None else None,
        source_line=_source_line(parts, lang, viewer.body_name(one.lead_body), answer, confirmed_count),
        stale=stale,
        stale_label=None if stale is None else parts.labels.text(f"stale.{stale}", lang),
    )
