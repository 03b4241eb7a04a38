"""Models of the session: sign-in request, signed-in actor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from events.envelope import Role
from events.fields import Slug
from services.acting.inputs import Input
from services.web.shell.schemas import Answer


class SignInInput(Input):
    """A sign-in: by token, or in a demo as a persona."""

    token: Annotated[str, Field(min_length=10, max_length=2_000)] | None = None
    role: str | None = None
    unit: str | None = None
    body: Slug | None = None


class SessionView(Answer):
    """The signed-in actor, its unit, and the actions of its role."""

    role: Role
    role_label: str
    unit_code: str
    unit_name: str
    body: str | None
    body_name: str | None
    may: list[str]
    demo: bool


class HereView(Answer):
    """The actor whose reports the outbox of a device may send now."""

    subject: str
    unit: str
    role: Role
