"""An instance of a service as a process: it writes events and runs a relay, until somebody ends it.

Arguments: the store's address, the log's file, the folder of its notes, the seed of its writer. In the folder it
notes each batch that it published (`published`: its process) and each event that it acknowledged.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from events.log import Message, Position
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay
from services.store.store import Store
from tests.services.test_outbox import put

KEYS = [f"k{number}" for number in range(8)]


class NotedLog(SqliteLog):
    """Notes who publishes, so that the test can kill just that one."""

    def __init__(self, path: Path, notes: Path) -> None:
        super().__init__(path)
        self._notes = notes

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append, and note it."""
        positions = super().append(topic, messages)
        with self._notes.open("a", encoding="ascii") as notes:
            notes.write(f"{os.getpid()}\n")
        return positions


def main(store_url: str, log: str, folder: str, seed: str) -> None:
    """Write and publish for ever."""
    draw = random.Random(int(seed))
    store = Store(store_url)
    Relay(store, NotedLog(Path(log), Path(folder) / "published")).start()
    with (Path(folder) / f"acknowledged-{os.getpid()}").open("a", encoding="ascii") as acknowledged:
        while True:
            for made in put(store, *draw.choices(KEYS, k=draw.randint(1, 40))):
                acknowledged.write(f"{made}\n")
            acknowledged.flush()
            time.sleep(draw.random() * 0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
