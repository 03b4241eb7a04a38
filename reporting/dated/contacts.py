"""Contacts of bodies: an office's telephone, address or system, and whether somebody there confirmed it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reporting.dated.bodies import BodyTable, territory_of
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.errors import UnknownBody

ContactChannel = Literal["phone", "email", "portal", "document_system"]
ContactState = Literal["confirmed", "unconfirmed", "wrong"]

_COLUMNS = (
    *("body", "channel", "address", "state", "confirmed_on", "confirmed_by", "source"),
    *("valid_from", "valid_to"),
)
_OWNED = re.compile(r"\{(commune|province)\}\.")


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a body; `confirmed_by` names an office or a document, never a person."""

    body: str
    channel: ContactChannel
    address: str
    state: ContactState
    confirmed_on: dt.date | None
    confirmed_by: str | None
    source: str
    validity: Validity


class ContactTable:
    """The contacts of bodies; built by `parse_contacts`."""

    def __init__(self, found: Iterable[Contact], bodies: BodyTable) -> None:
        self._contacts = tuple(found)
        self._bodies = bodies

    def of(self, body_id: str, on: dt.date) -> tuple[Contact, ...]:
        """Return the contacts of a body on a day: its own, then those of its pattern."""
        territory = territory_of(body_id)
        keys = [body_id]
        if "." in body_id:
            level = self._bodies.units.get(territory).level
            keys.append(f"{{{level}}}.{body_id.partition('.')[2]}")
        held = [one for one in self._contacts if one.validity.holds_on(on)]
        return tuple(one for key in keys for one in held if one.body == key)

    def confirmed(self, body_id: str, on: dt.date) -> bool:
        """Return whether somebody has confirmed, by that day, a contact of this very body."""
        return any(
            one.state == "confirmed" and one.body == body_id and (one.confirmed_on or on) <= on
            for one in self.of(body_id, on)
        )


def parse_contacts(contacts_csv: str, bodies: BodyTable) -> ContactTable:
    """Read the contacts and check them against the bodies.

    Raises:
        TableError: names file, line and column.
    """
    found, dated = [], []
    for row in rows("contacts.csv", contacts_csv, _COLUMNS):
        contact = _contact(row, bodies)
        found.append(contact)
        dated.append(((contact.body, contact.channel, contact.address), contact.validity, row))
    check_apart(dated)
    return ContactTable(found, bodies)


def _contact(row: Row, bodies: BodyTable) -> Contact:
    body = row.text("body")
    sample = body
    if pattern := _OWNED.match(body):
        commune, province = bodies.samples[0]
        sample = body.format(province=province.code, commune=commune.code)
    try:
        bodies.get(sample)
    except UnknownBody as missing:
        row.refuse("body", missing.message)
    state = cast("ContactState", row.choice("state", get_args(ContactState)))
    confirmed_on, confirmed_by = row.optional_day("confirmed_on"), row.optional("confirmed_by")
    if state == "confirmed":
        if confirmed_on is None:
            row.refuse("confirmed_on", "is empty: a confirmed contact says when")
        if confirmed_by is None:
            row.refuse("confirmed_by", "is empty: a confirmed contact says by which office or document")
        if pattern:
            row.refuse("body", "a pattern confirms nobody: name the body of one unit")
    return Contact(
        body=body,
        channel=cast("ContactChannel", row.choice("channel", get_args(ContactChannel))),
        address=row.text("address"),
        state=state,
        confirmed_on=confirmed_on,
        confirmed_by=confirmed_by,
        source=row.text("source"),
        validity=row.validity(),
    )
