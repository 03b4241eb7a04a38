"""Threads that read their first state at once, in a process of their own: `python -m tests.reporting.first_readers`."""

from __future__ import annotations

import sys
import threading

from reporting.issues.state import IssueState
from tests.reporting.stories import Story

THREADS = 8
READS = 50


def main() -> None:
    """Let threads change places as often as they can, and read until all have read."""
    value = Story().taken_on().state.to_json()
    begin = threading.Barrier(THREADS)

    def read() -> None:
        begin.wait()
        for _ in range(READS):
            IssueState.from_json(value)

    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=read) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
