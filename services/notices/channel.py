"""What the sender hands to a channel, and how a channel says that it could not deliver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.errors import ServiceError
from services.language.labels import Lang
from services.notices.words import WrittenNotice


class Undelivered(ServiceError):
    """A message could not be delivered; `lasting` says that trying again is of no use."""

    slug = "undelivered"

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message: the notices that go to one address together.

    Attributes:
        id: the same when the message is sent again.
        secret: signs what goes to a webhook.
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
        """Tell whether all that is due for one address goes in one message."""
        ...

    def send(self, parcel: Parcel) -> str:
        """Deliver, and return what the other side said.

        Raises:
            Undelivered: it was not taken; says why, without the words of the message.
        """
        ...
