"""Confirmed answers as the JSON API answers them and as pages show them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from events.fields import AnswerKind
from services.web.shell.document_schemas import DocumentView
from services.web.shell.schemas import Answer


class PrecedentView(Answer):
    """What was answered to a like difficulty, and by which document; `stale` says why it may hold no longer."""

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
