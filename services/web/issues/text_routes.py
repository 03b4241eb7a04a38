"""Erase a written text; the log keeps its id and hash and stays valid."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select

from services.access.policy import require
from services.acting.inputs import ErasureInput
from services.errors import NotFound
from services.store.store import TEXTS
from services.web.shell.error_schemas import SENT
from services.web.shell.identity import Here, Who
from services.web.shell.parts import Parts
from services.web.shell.schemas import Answer

router = APIRouter(prefix="/api/v1", tags=["texts"])


class TextErased(Answer):
    """The text is erased for good."""

    id: UUID
    erased: Literal[True] = True


@router.post("/texts/{text_id}/erase", responses=SENT)
def erase_text(text_id: UUID, sent: ErasureInput, parts: Here, actor: Who) -> TextErased:
    """Erase a text for good with a reason; the eraser and the instant are kept."""
    require(actor, "text.erase", _unit_of(parts, text_id), units=parts.tables.units)
    parts.texts.erase(text_id, actor, sent.reason)
    return TextErased(id=text_id)


def _unit_of(parts: Parts, text_id: UUID) -> str:
    with parts.store.read() as conn:
        unit_code: str | None = conn.scalar(select(TEXTS.c.unit_code).where(TEXTS.c.id == text_id))
    if unit_code is None:
        raise NotFound(f"there is no text {text_id}", field="text_id")
    return unit_code
