"""The demo lets anybody in: it starts only on loopback, and only on a store that `liencap demo` made."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from sqlalchemy import Table, select

from services.boot.system import Log
from services.errors import SetupError
from services.settings import Settings
from services.store.notes import note, noted
from services.store.store import CASES, IDEMPOTENCY, OUTBOX, TEXTS, Store

MADE_BY = "made_by_demo"
FILLED = "demo_filled"
"""Note of a demo whose first days stand; one of an earlier release has this alone."""
_WORK: tuple[Table, ...] = (CASES, OUTBOX, TEXTS, IDEMPOTENCY)
_TOPICS = ("cases", "issues")


def must_be_loopback(settings: Settings) -> None:
    """Check that only this machine reaches a demo.

    Raises:
        SetupError: it would listen on another address, or people are to come by another.
    """
    addresses = {"LIENCAP_HOST": settings.host}
    if settings.public_url is not None:
        addresses["LIENCAP_PUBLIC_URL"] = urlsplit(settings.public_url).hostname or settings.public_url
    for name, address in addresses.items():
        if not _is_loopback(address):
            raise SetupError(
                f"a demo lets anybody sign in as anybody, so it runs on this machine alone: {name} is {address}; "
                "set it to 127.0.0.1, or run `liencap serve` without LIENCAP_DEMO and make tokens"
            )


def must_be_made_by_demo(store: Store) -> None:
    """Check that a store is one that `liencap demo` made.

    Raises:
        SetupError: it is not.
    """
    if not _is_demo(store):
        raise SetupError(
            "a demo lets anybody sign in as anybody, and this store was not made by `liencap demo`: "
            "take LIENCAP_DEMO away, or start `liencap demo` in a folder of its own"
        )


def claim_for_demo(settings: Settings, store: Store, log: Log) -> None:
    """Mark the store of a new demo, before anything is simulated.

    Raises:
        SetupError: the store or the log holds work already and is of no demo, or a demo would not be on loopback.
    """
    must_be_loopback(settings)
    if _is_demo(store):
        return
    # An empty store takes over at its start what the log beside it holds.
    if _holds_work(store) or _log_holds_work(log):
        raise SetupError(
            f"{settings.data} holds work that no demo made, and a demo lets anybody sign in as anybody: "
            "name another folder with --data, or run `liencap serve`"
        )
    note(store, MADE_BY, "1")


def _is_demo(store: Store) -> bool:
    return any(noted(store, name) is not None for name in (MADE_BY, FILLED))


def _holds_work(store: Store) -> bool:
    with store.read() as conn:
        return any(conn.execute(select(table).limit(1)).first() is not None for table in _WORK)


def _log_holds_work(log: Log) -> bool:
    return any(end > 0 for topic in _TOPICS for end in log.end_positions(topic).values())


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
