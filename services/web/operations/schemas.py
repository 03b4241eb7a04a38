"""What operators hear."""

from __future__ import annotations

from typing import Literal

from services.web.shell.schemas import Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(Answer):
    """Every part that is needed is there."""

    status: Literal["ready"] = "ready"
    parts: list[str]
