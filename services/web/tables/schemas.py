"""The dated tables that forms need, as the JSON API returns them."""

from __future__ import annotations

import datetime as dt

from events.fields import Lane
from services.web.shell.schemas import Answer


class KindGroup(Answer):
    """A group of kinds of difficulty."""

    key: str
    name_vi: str
    name_en: str


class KindView(Answer):
    """A kind of difficulty; `lane` is what becomes of a report of it."""

    key: str
    name_vi: str
    name_en: str
    group: str
    lane: Lane


class KindTable(Answer):
    """The kinds that hold on a day."""

    version: str
    groups: list[KindGroup]
    items: list[KindView]


class UnitView(Answer):
    """A province or a commune."""

    code: str
    name: str
    full_name: str
    kind: str
    level: str
    parent_code: str | None


class UnitList(Answer):
    """The communes of a province, or the provinces."""

    version: str
    items: list[UnitView]


class ContactView(Answer):
    """One way to reach a body; `confirmed_by` names an office or a document, never a person."""

    channel: str
    address: str
    state: str
    confirmed_on: dt.date | None
    confirmed_by: str | None


class BodyView(Answer):
    """A body to which an escalation may be returned or proposed; an enterprise promises only."""

    id: str
    name_vi: str
    name_en: str
    kind: str
    unit_code: str
    promises_only: bool
    contacts: list[ContactView]


class BodyList(Answer):
    """The bodies of a unit on a day."""

    version: str
    items: list[BodyView]
