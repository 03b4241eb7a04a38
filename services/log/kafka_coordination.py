"""Private parts of aiokafka's consumer that have no public access: its connection and its coordination."""

from __future__ import annotations

from typing import Any


def client_of(consumer: Any) -> Any:
    """Return the connection of a consumer, which holds the metadata of the topics."""
    return consumer._client  # noqa: SLF001 -- aiokafka has no public way


def coordination_of(consumer: Any) -> Any:
    """Return the coordination of a consumer, which joins the group and sends heartbeats."""
    return consumer._coordinator  # noqa: SLF001 -- aiokafka has no public way


def ask_again(consumer: Any) -> None:
    """Request new metadata and a rebalance for a member, in its own loop."""
    client_of(consumer).force_metadata_update()
    coordination_of(consumer).request_rejoin()
