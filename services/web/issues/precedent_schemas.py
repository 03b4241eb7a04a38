"""Precedents (confirmed answers), for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from events.fields import AnswerKind
from services.web.shell.document_schemas import DocumentView
from services.web.shell.schemas import Answer


class PrecedentView(Answer):
    """A confirmed answer with its document; `stale` is the reason why it may no longer hold."""

    kind: str
    kind_label: str
    source: Literal["issue", "problem"]
    lead_body: str | None
    lead_name: str | None
    answer_kind: AnswerKind
    answer_label: str
    text: str | None
    erased: bool
    document: DocumentView | None
    answered_at: dt.datetime
    confirmed_count: int
    basis: str | None
    row_id: str | None
    source_line: str
    stale: str | None
    stale_label: str | None


class PrecedentList(Answer):
    """The confirmed answers of a province, the latest first."""

    items: list[PrecedentView]
