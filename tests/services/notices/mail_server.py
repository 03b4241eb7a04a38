"""A real mail server on this machine, for tests: plain, STARTTLS or TLS, with or without sign-in."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "liencap", "only-for-tests"


@dataclass(slots=True)
class Mailbox:
    """What arrived; `refuses` answers recipients, `kills` a process as soon as it has its message."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refuses: Callable[[str], str | None] = lambda _: None
    kills: int | None = None

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or answer as the test wants."""
        said = self.refuses(address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- as above
        """Keep a message."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        if self.kills is not None:
            os.kill(self.kills, signal.SIGKILL)
        return "250 taken"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of 127.0.0.1 that signs itself, and its key."""

    certificate: Path
    key: Path

    @property
    def server_side(self) -> ssl.SSLContext:
        """Return what a server needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate with the machine's own openssl."""
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=127.0.0.1",
            ),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(made.key), "-out", str(made.certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return made


def _signs_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and given.password.decode() == PASSWORD
    # Not handled: the server itself says 535.
    return AuthResult(success=known and given.login.decode() == USER, handled=False)


@contextmanager
def mail_server(*, tls: Certificate | None = None, starttls: Certificate | None = None) -> Iterator[Mailbox]:
    """Run one; with STARTTLS it also wants a sign-in."""
    mailbox = Mailbox()
    more: dict[str, Any] = {}
    if starttls is not None:
        more = {
            "tls_context": starttls.server_side,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _signs_in,
        }
    loop = asyncio.new_event_loop()
    serving = loop.create_server(
        lambda: SMTP(mailbox, hostname="127.0.0.1", loop=loop, **more),
        "127.0.0.1",
        0,
        ssl=tls.server_side if tls is not None else None,
    )
    server = loop.run_until_complete(serving)
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="mail server", daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5.0)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close the server and let what is still talking come to its end."""
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
