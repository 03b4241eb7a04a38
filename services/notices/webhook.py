"""Deliver notices to a webhook, signed after Standard Webhooks 1.0: id, timestamp, HMAC-SHA256 over both and the body."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

import orjson

from services.errors import BadInput
from services.notices.channel import Parcel, Undelivered
from services.notices.words import Wording

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the prefix that the standard gives to secrets
TIMEOUT_SECONDS = 10.0
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA has given out of IPv6 for hosts: site-local, IPv4-compatible and routing addresses lie outside."""
_NEVER = tuple(
    ipaddress.ip_network(one)
    for one in (
        # Addresses that carry another one: a gateway could lead them back into the house (Teredo, 6to4).
        *("2001::/32", "2002::/16"),
        # Special by the IANA registries, and global to some of the Python versions that this runs on.
        *("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"),
    )
)
_PASSING = frozenset({408, 409, 425, 429})


class WebhookChannel:
    """Send to webhooks, each notice in a request of its own.

    Only public addresses are called, over https, unless the installation names its own internal networks:
    those may be called over http too. The checked address is the one that is called, and redirects are not
    followed, so that no name can lead elsewhere afterwards.

    Args:
        networks: internal networks that may be called.
        resolve: host and port → addresses; `socket.getaddrinfo` by default.
    """

    gathers = False

    def __init__(
        self,
        wording: Wording,
        public_url: str,
        clock: Callable[[], dt.datetime],
        *,
        networks: Sequence[Network] = (),
        resolve: Callable[[str, int], Sequence[str]] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._wording = wording
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._networks = tuple(networks)
        self._resolve = resolve or _resolve
        self._timeout = timeout

    def send(self, parcel: Parcel) -> str:
        """Deliver one notice.

        Raises:
            Undelivered: the address may not be called, cannot be reached, or does not answer 2xx; lasting if
                its status means that it never will.
        """
        url = split_address(parcel.address)
        ip = self._checked_ip(url)
        body = self.compose(parcel)
        headers = sign(parcel.secret or "", str(parcel.id), self._clock(), body) | {
            "content-type": "application/json",
            "user-agent": "LienCap",
        }
        connection = _connection(url, ip, self._timeout)
        # The time-out of a socket begins anew with every byte; the exchange as a whole has this one.
        deadline = threading.Timer(self._timeout, connection.abort)
        deadline.start()
        try:
            connection.request("POST", _target(url), body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            if connection.is_over:
                raise Undelivered(f"{url.hostname} took longer than {self._timeout:g} s") from None
            raise Undelivered(f"{url.hostname}: {type(error).__name__}: {error}"[:300]) from None
        finally:
            deadline.cancel()
            connection.close()
        if not 200 <= status < 300:  # noqa: PLR2004 -- the class of HTTP statuses that means taken
            lasting = 300 <= status < 500 and status not in _PASSING  # noqa: PLR2004 -- as above: redirects and refusals
            raise Undelivered(f"{url.hostname} answered {status}", lasting=lasting)
        return f"{url.hostname} answered {status}"

    def compose(self, parcel: Parcel) -> bytes:
        """Return the body: facts by their identifiers, and the words in the subscription's language."""
        (notice,) = parcel.notices
        said = self._wording.say(notice, parcel.lang)
        content = {
            "type": f"notice.{notice.template}",
            "timestamp": notice.occurred_at,
            "data": {
                "id": notice.id,
                "template": notice.template,
                "body": notice.body,
                "unit_code": notice.unit_code,
                "kind": notice.kind,
                "issue_id": notice.issue_id,
                "escalation_id": notice.escalation_id,
                "spot_id": notice.spot_id,
                "detail": notice.detail,
                "urgent": notice.urgent,
                "title": said.title,
                "about": said.about,
                "link": f"{self._public_url}{said.path}",
            },
        }
        return orjson.dumps(content)

    def _checked_ip(self, url: SplitResult) -> str:
        host, port = url.hostname or "", url.port or _usual_port(url)
        try:
            found = [ipaddress.ip_address(one) for one in self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise Undelivered(f"{host} cannot be found: {error}") from None
        if not found:
            raise Undelivered(f"{host} has no address")
        for ip in found:
            inside = any(ip.version == net.version and ip in net for net in self._networks)
            if not inside and not _is_public(ip):
                raise Undelivered(
                    f"{host} leads to {ip}, which is neither public nor in LIENCAP_WEBHOOK_NETWORKS"
                )
            if url.scheme == "http" and not inside:
                raise Undelivered(f"{host} is outside of the house: call it over https", lasting=True)
        return str(found[0])


def sign(secret: str, message_id: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """Return the three headers; the receiver recomputes the signature and refuses an old timestamp."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def new_secret() -> str:
    """Return a new secret for a subscription."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def split_address(address: str) -> SplitResult:
    """Return the parts of a webhook's address.

    Raises:
        BadInput: not https or http, no host, or with a name or password.
    """
    try:
        url = urlsplit(address)
        usable = bool(url.scheme in {"https", "http"} and url.hostname and url.username is None)
        _ = url.port
    except ValueError:
        usable = False
    if not usable or not address.isascii() or any(sign.isspace() for sign in address):
        raise BadInput(
            "write the address of a webhook as https://host/path", field="address", error_key="webhook"
        )
    return url


def networks_of(written: str) -> tuple[Network, ...]:
    """Return networks written as `10.0.0.0/8, fd00::/8`.

    Raises:
        ValueError: a part is no network.
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in written.split(",") if part.strip())


def _is_public(ip: _Ip) -> bool:
    if ip.version == 6 and ip.ipv4_mapped is not None:  # noqa: PLR2004 -- the version of the protocol
        return _is_public(ip.ipv4_mapped)
    special = any(ip.version == net.version and ip in net for net in _NEVER)
    outside = ip.version == 6 and ip not in _UNICAST  # noqa: PLR2004 -- likewise
    return ip.is_global and not (ip.is_multicast or special or outside)


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def _usual_port(url: SplitResult) -> int:
    return 443 if url.scheme == "https" else 80


def _target(url: SplitResult) -> str:
    path = url.path or "/"
    return f"{path}?{url.query}" if url.query else path


def _connection(url: SplitResult, ip: str, timeout: float) -> _Pinned:
    port = url.port or _usual_port(url)
    host = url.hostname or ""
    if url.scheme == "https":
        return _PinnedTls(host, port, ip=ip, timeout=timeout, context=ssl.create_default_context())
    return _Pinned(host, port, ip=ip, timeout=timeout)


class _Pinned(http.client.HTTPConnection):
    """A connection to a checked address; the name is used in the request only. Of an answer only its head is read."""

    def __init__(self, host: str, port: int, *, ip: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._ip = ip
        self.is_over = False

    def connect(self) -> None:
        """Open the connection to the checked address."""
        self.sock = socket.create_connection((self._ip, self.port), self.timeout)
        if self.is_over:
            raise TimeoutError

    def abort(self) -> None:
        """End the exchange from another thread, wherever it is."""
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):
                # Not TLS's own shutdown, which must not run beside a read.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _PinnedTls(_Pinned):
    """A pinned connection over TLS: the certificate must match the name."""

    def __init__(self, host: str, port: int, *, ip: str, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, ip=ip, timeout=timeout)
        self._context = context

    def connect(self) -> None:
        """Open the connection to the checked address and check the certificate."""
        super().connect()
        secured = self._context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        # Before the handshake, so that it can be aborted.
        self.sock = secured
        secured.do_handshake()
