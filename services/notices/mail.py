"""Deliver notices by e-mail: one plain text per address, over SMTP with STARTTLS, TLS or neither."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from services.language.formats import Formats
from services.notices.channel import Parcel, Undelivered
from services.notices.words import Wording

Security = Literal["starttls", "tls", "none"]
_LASTING_FROM = 500


@dataclass(frozen=True, slots=True)
class MailServer:
    """The connection to the office's mail server.

    Attributes:
        ca_file: the only certificates to trust, where the office signs its own.
        timeout: seconds for each step of the conversation.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    timeout: float = 20.0


class MailChannel:
    """Send by e-mail: all notices due for one address go in one message, whether a digest or a burst."""

    gathers = True

    def __init__(
        self, server: MailServer, wording: Wording, public_url: str, clock: Callable[[], dt.datetime]
    ) -> None:
        self._server = server
        self._wording = wording
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def send(self, parcel: Parcel) -> str:
        """Deliver one message.

        Raises:
            Undelivered: the server cannot be reached or refuses; lasting if it refuses the address or the
                message.
        """
        return deliver(self._server, self.compose(parcel))

    def compose(self, parcel: Parcel) -> EmailMessage:
        """Return the message as plain text."""
        lang, formats = parcel.lang, Formats(parcel.lang)
        text = self._wording.text
        said = [(notice, self._wording.say(notice, lang)) for notice in parcel.notices]
        lines = [text("notice_text.greeting", lang), ""]
        for notice, words in said:
            urgent = f"[{text('severity.urgent', lang)}] " if notice.urgent else ""
            lines += [
                f"- {urgent}{words.title}",
                f"  {words.about}",
                f"  {formats.moment(notice.occurred_at)}",
            ]
            lines += [f"  {self._public_url}{words.path}", ""]
        lines += [text("notice_text.no_content", lang), text("notice_text.why_you", lang)]
        message = EmailMessage(policy=SMTP)
        only = said[0][1] if len(said) == 1 else None
        subject = only.title if only else text("notice_text.several", lang, count=len(said))
        message["Subject"] = f"[{text('term.product', lang)}] {subject}"
        message["From"] = Address(text("term.product", lang), addr_spec=self._server.sender)
        message["To"] = Address(addr_spec=parcel.address)
        message["Date"] = format_datetime(self._clock())
        # The id is the same for a message sent again, so that a mailbox may recognise the repetition.
        message["Message-ID"] = f"<{parcel.id}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(lines))
        return message


def deliver(server: MailServer, message: EmailMessage) -> str:
    """Deliver one message, and return the answer of the server.

    Raises:
        Undelivered: the server cannot be reached or refuses; lasting if it refuses the address or the message.
    """
    try:
        with _connect(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        raise Undelivered(_reply_of(code, said), lasting=code >= _LASTING_FROM) from None
    except smtplib.SMTPDataError as refused:
        code = refused.smtp_code
        raise Undelivered(_reply_of(code, refused.smtp_error), lasting=code >= _LASTING_FROM) from None
    except smtplib.SMTPResponseException as refused:
        # A refused sign-in, sender or greeting: the operator corrects that, and then the message is sent.
        raise Undelivered(_reply_of(refused.smtp_code, refused.smtp_error)) from None
    except UnicodeError:
        raise Undelivered("LIENCAP_SMTP_USER and LIENCAP_SMTP_PASSWORD may hold ASCII only") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Undelivered(f"{server.host}:{server.port}: {type(error).__name__}: {error}") from None
    return f"taken by {server.host}"


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user is not None:
            connection.login(server.user, server.password or "")
    except BaseException:
        connection.close()
        raise
    return connection


def _reply_of(code: int, said: bytes | str) -> str:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:200]
