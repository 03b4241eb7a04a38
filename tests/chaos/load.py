"""Communes at work while things break: they send cases and difficulties, and keep a ledger of what was acknowledged."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

COMMUNES = ("15607", "15622", "15628", "15643", "15646", "15658", "15661", "15664")
STEPS = (2, 4, 9, 10)
"""Received, in work, finished, handed over: the states that a case of the load goes through."""
ROWS_PER_CALL = 10
ISSUE_SHARE = 0.04
"""One call in twenty-five reports a difficulty."""
PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Ledger:
    """What the communes were told: recorded.

    Attributes:
        words: with which calls failed that were answered at all.
    """

    cases: dict[str, int] = field(default_factory=dict)
    issues: set[str] = field(default_factory=set)
    call_count: int = 0
    event_count: int = 0
    refused: list[str] = field(default_factory=list)
    failed_count: int = 0
    words: set[str] = field(default_factory=set)
    slowest_seconds: float = 0.0


class Load:
    """Several communes that send at a rate, and send again what was not acknowledged.

    Args:
        client_of: a client with the token of a commune's officer.
        rate: events per second of all communes together.
        seed: the same seed sends the same.
    """

    def __init__(self, client_of: Callable[[str], httpx2.Client], *, rate: int, seed: int) -> None:
        self.ledger = Ledger()
        self._clients = {code: client_of(code) for code in COMMUNES}
        self._rate = rate
        self._seed = seed
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._going = threading.Event()
        self._going.set()
        self._threads = [threading.Thread(target=self._work, args=(code,), daemon=True) for code in COMMUNES]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Begin no further call meanwhile; those in hand go on until they are acknowledged."""
        self._going.clear()
        try:
            yield
        finally:
            self._going.set()

    def stop(self) -> None:
        """Finish the calls in hand, each until it is acknowledged."""
        self._stopping.set()
        self._going.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a commune still waits for its acknowledgement"
        for client in self._clients.values():
            client.close()

    def _work(self, code: str) -> None:
        chance = random.Random(f"{self._seed}:{code}")
        open_cases: list[list[Any]] = []
        interval = ROWS_PER_CALL * len(COMMUNES) / self._rate
        due, number = time.monotonic(), 0
        while not self._stopping.is_set():
            if chance.random() < ISSUE_SHARE:
                self._report(code, chance)
            else:
                number = self._sync(code, chance, open_cases, number)
            due = max(
                due + interval, time.monotonic() - 5.0
            )  # what an outage delayed is caught up, not all at once
            time.sleep(max(0.0, due - time.monotonic()))
            self._going.wait()

    def _sync(self, code: str, chance: random.Random, open_cases: list[list[Any]], number: int) -> int:
        """Send ten rows: new cases, and the next step of some that are open."""
        moved = chance.sample(open_cases, min(len(open_cases), ROWS_PER_CALL // 2))
        for case in moved:
            case[1] += 1
        fresh = []
        for _ in range(ROWS_PER_CALL - len(moved)):
            number += 1
            fresh.append([f"H56.{code}-{self._seed % 10**6:06d}-{number:07d}", 0])
        rows = [row_of(dossier, STEPS[step]) for dossier, step in (*moved, *fresh)]
        answer = self._until_acknowledged(code, f"/api/v1/communes/{code}/cases/sync", rows)
        with self._lock:
            for result in answer["results"]:
                if result["outcome"] == "rejected":
                    self.ledger.refused.append(str(result))
                else:
                    self.ledger.cases[result["dossier_code"]] = result["status_code"]
            self.ledger.event_count += len(rows)
        open_cases += fresh
        open_cases[:] = [case for case in open_cases if case[1] < len(STEPS) - 1]
        return number

    def _report(self, code: str, chance: random.Random) -> None:
        issue_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        body = {
            "id": issue_id,
            "kind": "mobile_dead_spot",
            "severity": "medium",
            "place": "Toàn xã",
            "content": "Mất sóng di động",
            "request": "Đề nghị khắc phục",
            "cases_blocked": 1,
        }
        self._until_acknowledged(code, f"/api/v1/communes/{code}/issues", body)
        with self._lock:
            self.ledger.issues.add(issue_id)
            self.ledger.event_count += 1

    def _until_acknowledged(self, code: str, path: str, body: object) -> dict[str, Any]:
        """Send until it is acknowledged, as a device does that keeps what it could not send."""
        while True:
            began = time.monotonic()
            try:
                answer = self._clients[code].post(path, json=body)
            except httpx2.TransportError:
                answer = None
            with self._lock:
                self.ledger.call_count += 1
                if answer is not None and answer.status_code < 300:
                    self.ledger.slowest_seconds = max(self.ledger.slowest_seconds, time.monotonic() - began)
                    return dict(answer.json())
                self.ledger.failed_count += 1
            if answer is not None:
                assert answer.status_code >= 500, f"{path}: {answer.status_code} {answer.text}"
                with self._lock:
                    self.ledger.words.add(answer.json()["detail"])
            time.sleep(PAUSE_SECONDS)


def row_of(dossier: str, status: int) -> dict[str, Any]:
    """Return the row of a case that has come to a state now, as a one-stop system sends it."""
    now = dt.datetime.now(dt.UTC)
    row: dict[str, Any] = {
        "MaHoSo": dossier,
        "MaTTHC": "2.000815",
        "LinhVuc": "chung_thuc",
        "KenhThucHien": "1",
        "NgayTiepNhan": now.isoformat(),
        "TrangThai": status,
    }
    if status >= 9:
        row["NgayKetThucXuLy"] = now.isoformat()
    if status == 10:
        row["NgayTraKetQua"] = now.isoformat()
    return row
