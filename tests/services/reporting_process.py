"""A commune service under load: it records reports in groups and notes each that it acknowledged, until it is killed.

Arguments: the store's address, the folder of its keys, the file of its notes, a seed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import sys
import uuid
from pathlib import Path

from services.dated_tables import load_tables
from services.intake.intake import Intake
from services.intake.issue_input import read_issue
from services.intake.keys import ProvinceKeys
from services.store.store import Store
from tests.services.test_intake import OFFICER, UNIT

CLIENTS = 40


async def _report_for_ever(intake: Intake, notes: int, draw: random.Random) -> None:
    while True:
        body = {
            "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            "kind": "mobile_dead_spot",
            "severity": "high",
            "place": "Bản Vịn",
            "content": "Cả bản không có sóng",
            "request": "Đề nghị kiểm tra, khắc phục",
        }
        now = dt.datetime.now(dt.UTC)
        receipt = await intake.post_issue(UNIT, read_issue(body), actor=OFFICER, now=now)
        # One write of a short line: it is in the file whole or not at all, whenever the process dies.
        os.write(notes, f"{receipt.id}\n".encode())


async def _run(intake: Intake, notes: int, draw: random.Random) -> None:
    clients = [_report_for_ever(intake, notes, random.Random(draw.getrandbits(64))) for _ in range(CLIENTS)]
    await asyncio.gather(*clients)


def main(store_url: str, folder: str, notes: str, seed: str) -> None:
    """Report for ever."""
    intake = Intake(Store(store_url), load_tables(), ProvinceKeys(Path(folder) / "keys"))
    opened = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    asyncio.run(_run(intake, opened, random.Random(seed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
