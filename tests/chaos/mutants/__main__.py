"""Show that the verdict bites: `python -m tests.chaos.mutants [FAULT …]` runs the true build and each broken one.

All go through the same story: the engine falls in the middle of a batch and the worker with it; a batch is landed in
part, the worker falls, and the batch comes again with more behind it; and what was delivered first comes once more, late.
Ends with 0 only if the verdict passes on the true build and fails on every other.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.access.actors import SYSTEM
from services.boot.open import open_intake, utc_now
from services.boot.system import IntakeSide
from services.intake.issue_input import read_issue
from services.settings import load_settings
from services.warehouse.client import Warehouse
from tests.chaos.again import append_again
from tests.chaos.load import Ledger, row_of
from tests.chaos.mutants.launch import FAULTS
from tests.chaos.verdict import findings, settle
from tests.clickhouse_front.process import FrontProcess, running_front
from tests.journeys.installation import eventually
from tests.kafka_broker import Broker
from tests.processes import PROGRAM
from tests.stack import Part, Stack

COMMUNE = "15607"
CASES, DIFFICULTIES = 60, 5
TRUE_BUILD = "true build"
GIVE_UP_SECONDS = 8.0
"""Longer than a broken build needs to commit what it has lost; the true build must pass however long this is."""
PATIENCE = 60.0


@dataclass(slots=True)
class Story:
    """One build and what it goes through."""

    stack: Stack
    side: IntakeSide
    worker: Part
    ledger: Ledger = field(default_factory=Ledger)
    dossiers: list[str] = field(default_factory=list)

    def tell(self) -> None:
        """Go through everything that can show a fault, and let it settle."""
        self.worker.start()
        self._work(2)
        settle(self.stack, PATIENCE)
        first = utc_now()
        self._engine_falls_in_the_middle_of_a_batch()
        self._batch_comes_again_with_more_behind_it()
        with closing(self.stack.open_log()) as log:
            append_again(log, lambda record: record.appended_at < first)
        settle(self.stack, PATIENCE)

    def _engine_falls_in_the_middle_of_a_batch(self) -> None:
        self.stack.front.kill()
        self._work(4)
        time.sleep(GIVE_UP_SECONDS)
        self.worker.kill()
        self.stack.front.start()
        self.worker.start()
        settle(self.stack, PATIENCE)

    def _batch_comes_again_with_more_behind_it(self) -> None:
        with self._one_table_away("rollups_daily"):
            said = self.worker.output.stat().st_size
            self._work(9)
            eventually(
                lambda: b"rollups_daily" in self.worker.output.read_bytes()[said:],
                PATIENCE,
                "the worker did not come to the table that is away",
            )
            self.worker.kill()
            self._work(9)
        self.worker.start()
        settle(self.stack, PATIENCE)

    def _work(self, status: int) -> None:
        """Bring every case to a state, take in new ones, report difficulties, and see them published."""
        rows = [row_of(dossier, status) for dossier in self.dossiers]
        fresh = [f"H56.{COMMUNE}-{uuid.uuid4().int % 10**12:012d}" for _ in range(CASES)]
        rows += [row_of(dossier, 2) for dossier in fresh]
        self.dossiers += fresh
        for result in self.side.intake.sync_cases(COMMUNE, rows, actor=SYSTEM, now=utc_now()):
            if result.outcome == "rejected" or result.dossier_code is None or result.status_code is None:
                self.ledger.refused.append(str(result))
            else:
                self.ledger.cases[result.dossier_code] = result.status_code
        for _ in range(DIFFICULTIES):
            issue = {
                "id": str(uuid.uuid4()),
                "kind": "mobile_dead_spot",
                "severity": "medium",
                "place": "Toàn xã",
                "content": "Mất sóng di động",
                "request": "Đề nghị khắc phục",
                "cases_blocked": 1,
            }
            self.side.intake.report_issue(COMMUNE, read_issue(issue), actor=SYSTEM, now=utc_now())
            self.ledger.issues.add(str(issue["id"]))
        self.side.relay.publish_all()

    @contextmanager
    def _one_table_away(self, table: str) -> Iterator[None]:
        with closing(Warehouse(self.stack.front.dsn, database=self.stack.database)) as warehouse:
            warehouse.command(f"RENAME TABLE {table} TO {table}_away")
            yield
            warehouse.command(f"RENAME TABLE {table}_away TO {table}")


def judged(fault: str, number: int, folder: Path, broker: Broker, front: FrontProcess) -> dict[str, str]:
    """Run one build through the story and return what the verdict found."""
    data = folder / f"data-{number}"
    program = PROGRAM if fault == TRUE_BUILD else ("tests.chaos.mutants.launch", fault)
    stack = Stack(
        data, broker.servers, front, f"sqlite:///{data}/store.db", database=f"build_{number}", program=program
    )
    if not front.runs:
        front.start()
    settings = load_settings(
        data=data,
        kafka_servers=broker.servers,
        kafka_prefix=stack.prefix,
        kafka_replication=1,
        warehouse_dsn=front.dsn,
        warehouse_database=stack.database,
        store_url=stack.store_url,
    )
    try:
        stack.must("migrate")
        with open_intake(settings) as side:
            story = Story(stack, side, stack.worker())
            try:
                story.tell()
            except AssertionError as fault_found:
                return {"everything settles": str(fault_found)}
            return findings(stack, story.ledger)
    finally:
        stack.close()


def main() -> int:
    """Print which check caught each build."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("faults", nargs="*", help=f"by default all: {', '.join(FAULTS)}")
    chosen = [TRUE_BUILD, *(parser.parse_args().faults or FAULTS)]
    right = True
    with tempfile.TemporaryDirectory(prefix="liencap-mutants-") as name:
        folder = Path(name)
        broker = Broker(folder / "kafka").start()
        try:
            with running_front(folder / "engine") as front:
                for number, fault in enumerate(chosen):
                    began = dt.datetime.now(dt.UTC)
                    found = judged(fault, number, folder, broker, front)
                    seconds = (dt.datetime.now(dt.UTC) - began).total_seconds()
                    as_it_must = bool(found) != (fault == TRUE_BUILD)
                    right = right and as_it_must
                    verdict = "caught" if found else "passes"
                    sys.stdout.write(
                        f"{fault:<13} {verdict} {'' if as_it_must else '— WRONG '}({seconds:.0f} s)\n"
                    )
                    for check, said in found.items():
                        sys.stdout.write(f"    {check}: {said[:160]}\n")
                    sys.stdout.flush()
        finally:
            broker.stop()
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
