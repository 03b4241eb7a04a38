"""What aiokafka keeps to itself of a member of a group and nobody else can tell: its connection and its coordination."""

from __future__ import annotations

from typing import Any


def client_of(consumer: Any) -> Any:
    """Return the connection of a consumer, which holds what the brokers have told of the topics."""
    return consumer._client  # noqa: SLF001 -- aiokafka has no public way


def coordination_of(consumer: Any) -> Any:
    """Return what joins the group and tells that the member is alive."""
    return consumer._coordinator  # noqa: SLF001 -- aiokafka has no public way


def ask_again(consumer: Any) -> None:
    """Let a member ask for the metadata, and for the partitions of its group to be shared out again; in its own loop."""
    client_of(consumer).force_metadata_update()
    coordination_of(consumer).request_rejoin()
