"""Time notices: writing them down, the bell of every page, the list, with a year of them in the store.

Run: .venv/bin/python bench/notices.py [--notices 100000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from reporting.notices import Notice, Recipient
from services.access.actors import Actor
from services.dated_tables import load_tables
from services.notices.book import NoticeBook
from services.notices.inbox import entries_for, unread_count
from services.store.store import Store

BATCH, REPEAT = 500, 50
RECIPIENTS = tuple(Recipient(body) for body in ("38.so_khcn", "38.vp_ubnd", "15607.ubnd"))


def main() -> None:
    """Fill a store, and print how fast that went and the p50 of what pages ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=100_000)
    count = parser.parse_args().notices
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    tables, now = load_tables(), dt.datetime.now(dt.UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Store(f"sqlite:///{Path(folder) / 'store.db'}")) as store,
    ):
        book = NoticeBook(store, tables.calendar, tables.notice_hours)
        started = time.perf_counter()
        for written in range(0, count, BATCH):
            at = now - dt.timedelta(days=365 * (count - written) / count)
            book.write([_notice(number, at) for number in range(BATCH)], at)
        print(f"written: {count / (time.perf_counter() - started):,.0f} notices/s")
        officer = Actor("department_officer", "38", "38.so_khcn", "an officer")
        auditor = Actor("auditor", "38", None, "an auditor")
        _print("the bell of an officer", lambda: unread_count(store, officer, now))
        _print("the bell of an auditor", lambda: unread_count(store, auditor, now))
        _print("the list of an officer", lambda: entries_for(store, officer))


def _notice(number: int, at: dt.datetime) -> Notice:
    recipient = RECIPIENTS[number % len(RECIPIENTS)]
    return Notice(
        id=uuid4(),
        cause=uuid4(),
        template="arrived",
        recipient=recipient,
        urgent=False,
        occurred_at=at,
        unit_code="15607",
        kind="mobile_dead_spot",
        issue_id=uuid4(),
        escalation_id=uuid4(),
    )


def _print(name: str, ask: Callable[[], object]) -> None:
    taken = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - started)
    print(f"{name}: p50 {statistics.median(taken) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
