"""The server's door: connections are counted, and a client that neither sends nor ends loses its place.

Uvicorn waits for a request's head and body without end. `Doorkeeper` makes protocol classes that do not, for one
server: the numbers of `Limits` hold for all its connections together.
"""

from __future__ import annotations

import asyncio
import ipaddress
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from services.errors import SetupError

if sys.platform != "win32":
    import resource

_log = structlog.get_logger("door")

_TOO_MANY = b"Too many connections here.\n"
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % len(_TOO_MANY)
) + _TOO_MANY
FILES_KEPT = 512
"""Open files that the process keeps for its stores, log and engine."""
MOST_CONNECTIONS = 4_000
LOOPBACK = "127.0.0.1, ::1"
"""Proxies on the same machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how many.

    Attributes:
        head_seconds: from the opening of a connection, or from the first byte of a further request, to the end of
            its headers.
        body_seconds: grace of a body, however small.
        body_bytes_per_second: pace that a body keeps on average after its grace; 1 KB/s is a bad line in the mountains.
        reading_seconds: how long a client may leave unread what was written to it.
        connections: at once, in all.
        of_one_address: at once, from one address that is no trusted proxy.
        look_seconds: seconds between two looks at a connection.
    """

    head_seconds: float = 15.0
    body_seconds: float = 30.0
    body_bytes_per_second: float = 1_000.0
    reading_seconds: float = 60.0
    connections: int = MOST_CONNECTIONS
    of_one_address: int = 200
    look_seconds: float = 2.0


def _nobody(_address: str) -> bool:
    return False


@dataclass(slots=True, eq=False)
class Doorkeeper:
    """Counts the connections of one server, and knows which of them wait for their client.

    Args:
        trusted: whether an address is one of a proxy, which brings many clients.
    """

    limits: Limits = field(default_factory=Limits)
    trusted: Callable[[str], bool] = _nobody
    _open: Counter[str] = field(default_factory=Counter)
    _waiting: dict[BoundedProtocol, None] = field(default_factory=dict)

    def protocol(self) -> type[H11Protocol]:
        """Return the class of protocol for the server's configuration."""
        return type("Bounded", (BoundedProtocol,), {"door": self})

    def admit(self, address: str) -> bool:
        """Count a new connection, in the place of the one that waits longest where all are taken."""
        if not self.trusted(address) and self._open[address] >= self.limits.of_one_address:
            return False
        if self._open.total() >= self.limits.connections:
            longest = next(iter(self._waiting), None)
            if longest is None:
                return False
            longest.end("another client needs the place")
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection no more."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def waits(self, connection: BoundedProtocol) -> None:
        """Note that a connection waits for its client's next head."""
        self._waiting.setdefault(connection)

    def works(self, connection: BoundedProtocol) -> None:
        """Note that a connection waits no more."""
        self._waiting.pop(connection, None)


class BoundedProtocol(H11Protocol):
    """One connection with bounds on the time of its head and the pace of its body."""

    door: Doorkeeper

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection where there is a place, or answer 503 at once."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._head_since: float | None = self.loop.time()
        self._body_since: float | None = None
        self._body_bytes = 0
        self._unread_since: float | None = None
        self._is_counted = self.door.admit(self._address)
        if not self._is_counted:
            transport.write(BUSY)
            transport.close()
            return
        self.door.waits(self)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self.door.works(self)
        if self._is_counted:
            self._is_counted = False
            self.door.leave(self._address)
            self._next_look.cancel()

    def data_received(self, data: bytes) -> None:
        """Note when a head or a body began, and how much of it came."""
        if not self._is_counted:
            return
        if self._is_idle and self._head_since is None:
            self._head_since = self.loop.time()
        self._body_bytes += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle what came; a head that is complete is waited for no more."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self.door.works(self)
            self._head_since, self._body_bytes = None, 0
            self._body_since = self.loop.time()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._body_since = None
        self.door.waits(self)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Note since when the client reads nothing of what was written."""
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client reads on."""
        self._unread_since = None
        super().resume_writing()

    def end(self, why: str) -> None:
        """Close the connection at once, whatever is under way."""
        self.door.works(self)
        _log.info("door.closed", address=self._address, why=why)
        self.transport.abort()

    @property
    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _look_again(self) -> None:
        self._next_look = self.loop.call_later(self.door.limits.look_seconds, self._look)

    def _look(self) -> None:
        why = self._overdue(self.loop.time())
        if why is not None:
            self.end(why)
        else:
            self._look_again()

    def _overdue(self, now: float) -> str | None:
        limits = self.door.limits
        if self._head_since is not None and now - self._head_since > limits.head_seconds:
            return "its headers did not end"
        if self._unread_since is not None and now - self._unread_since > limits.reading_seconds:
            return "its client reads nothing"
        # Where reading is paused, the application is behind and not the client.
        if self._body_since is None or self._is_idle or not self.cycle.more_body or self.flow.read_paused:
            return None
        allowed = limits.body_seconds + self._body_bytes / limits.body_bytes_per_second
        return "its body came too slowly" if now - self._body_since > allowed else None


def open_door(trusted: str) -> Doorkeeper:
    """Return the door of a server, after the process may open as many files as its connections need.

    Args:
        trusted: addresses of proxies, with commas, as the settings have them.
    """
    files = _raise_file_limit(MOST_CONNECTIONS + FILES_KEPT)
    connections = max(64, min(MOST_CONNECTIONS, files - FILES_KEPT))
    if connections < MOST_CONNECTIONS:
        _log.warning("door.narrow", connections=connections, advice=f"raise nofile above {files}")
    return Doorkeeper(Limits(connections=connections), trusted_by(trusted))


def trusted_by(written: str) -> Callable[[str], bool]:
    """Return which addresses are proxies, as uvicorn reads the same setting: addresses, networks, or `*` for all.

    Raises:
        SetupError: a part is none of these.
    """
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if "*" in parts:
        return lambda _address: True
    try:
        networks = [ipaddress.ip_network(part) for part in parts]
    except ValueError as error:
        raise SetupError(f"LIENCAP_TRUSTED_PROXIES: {error}", field="trusted_proxies") from None

    def holds(address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip.version == one.version and ip in one for one in networks)

    return holds


def _raise_file_limit(wanted: int) -> int:
    if sys.platform == "win32":
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else soft
