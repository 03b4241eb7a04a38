"""Limit how often an address may fail to sign in: in this process alone, and forgotten with it."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

from services.errors import TooManyAttempts

MOST_FAILURES = 30
"""So many failures an address has in one window; many offices stand behind one address."""
WINDOW_SECONDS = 60.0
_MOST_ADDRESSES = 10_000
_NETWORK_BITS = 64


class Attempts:
    """Counts failed sign-ins by address, IPv6 by its network of 64 bits. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Address → when its window began, and how often it failed since.
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def check(self, address: str) -> None:
        """Check that an address may try.

        Raises:
            TooManyAttempts: it failed too often; the error holds the seconds to wait.
        """
        with self._lock:
            began, count = self._failures.get(_place(address), (0.0, 0))
        left = began + WINDOW_SECONDS - time.monotonic()
        if count >= MOST_FAILURES and left > 0:
            raise TooManyAttempts(
                "too many failed sign-ins from this address: wait, then try again", retry_after=int(left) + 1
            )

    def failed(self, address: str) -> None:
        """Count a failure."""
        now, place = time.monotonic(), _place(address)
        with self._lock:
            began, count = self._failures.pop(place, (now, 0))
            self._failures[place] = (now, 1) if now - began > WINDOW_SECONDS else (began, count + 1)
            while len(self._failures) > _MOST_ADDRESSES:
                self._failures.popitem(last=False)


def _place(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 -- the version of the protocol
        return str(found)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
