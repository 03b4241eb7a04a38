"""The port of a channel: the message that the sender passes to it, and its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.errors import ServiceError
from services.language.labels import Lang
from services.notices.words import WrittenNotice


class Undelivered(ServiceError):
    """A message could not be delivered; `lasting`: retrying is of no use."""

    slug = "undelivered"

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message: the notices that go to one address together.

    Attributes:
        id: the same when the message is sent again.
        secret: signs the message of a webhook.
    """

    id: UUID
    address: str
    lang: Lang
    notices: Sequence[WrittenNotice]
    secret: str | None = None


class Channel(Protocol):
    """A way to an address."""

    @property
    def gathers(self) -> bool:
        """Return whether all notices due for one address go in one message."""
        ...

    def send(self, parcel: Parcel) -> str:
        """Deliver a message, and return the answer of the other side.

        Raises:
            Undelivered: the message was not taken; gives the reason, without the words of the message.
        """
        ...
