"""Answers of the operators' routes."""

from __future__ import annotations

from typing import Literal

from services.web.shell.schemas import Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(Answer):
    """Every needed part is ready."""

    status: Literal["ready"] = "ready"
    parts: list[str]
