"""Make a kept installation with the code of today: five days are lived, one report stays unpublished, all is packed."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import tempfile
from contextlib import closing
from pathlib import Path
from uuid import UUID

from reporting.dated.calendar import LOCAL
from services.boot.open import whole
from services.boot.steps import warm_up
from services.boot.system import Echo
from services.dated_tables import load_tables
from services.intake.intake import Intake
from services.intake.issue_input import IssueInput
from services.intake.keys import ProvinceKeys
from services.settings import Settings
from services.simulate.province import SimulatedClock
from services.store.store import Store
from tests.kept.cast import named, officer
from tests.kept.dump import dump_store
from tests.kept.folder import DUMP, KEYS, STORE, keep, pack
from tests.kept.stories import BAT_MOT
from tests.kept.week import LEFT_AT, LISTED_ON, Week
from tests.postgres import PostgresCluster


def make(folder: Path, say: Echo) -> None:
    """Make a kept installation in a folder; what is there of an older one is overwritten."""
    with tempfile.TemporaryDirectory(prefix="liencap-kept-") as made:
        data = Path(made)
        _live(data, say)
        queued = _leave_one_unpublished(data)
        shipped = importlib.resources.files("reporting") / "data"
        tables = sorted(Path(str(each)) for each in shipped.iterdir() if each.name.endswith(".csv"))
        keep(data, folder, at=LEFT_AT, queued=queued, tables=tables)
        _keep_dump(data, folder)
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        say(f"{file.stat().st_size:>9,} {file.relative_to(folder)}")


def _live(data: Path, say: Echo) -> None:
    start = dt.datetime.combine(LISTED_ON, dt.time(9), LOCAL).astimezone(dt.UTC)
    clock = SimulatedClock(start)
    # Without its timers: what time brings about is said by the week itself, at instants that repeat.
    with whole(Settings(data=data), streams=False, clock=clock) as system:
        warm_up()
        system.runtime.start()
        try:
            week = Week(system, clock)
            week.live()
        finally:
            system.runtime.stop()
        for sentence in week.refused:
            say(f"refused: {sentence}")


def _leave_one_unpublished(data: Path) -> UUID:
    """Take a report in as an intake does that is cut off before its relay comes to it."""
    tables = load_tables()
    with closing(Store(f"sqlite:///{data / STORE}")) as store:
        intake = Intake(store, tables, ProvinceKeys(data / KEYS))
        said = {
            "id": str(named("queued")),
            "kind": "no_fixed_internet",
            "severity": "medium",
            "place": "Bản Đục",
            "content": "Chưa có đường truyền Internet cố định",
            "request": "Đề nghị kéo cáp đến bản",
        }
        report = IssueInput.model_validate(said)
        return intake.report_issue(BAT_MOT, report, actor=officer(BAT_MOT), now=LEFT_AT).event_id


def _keep_dump(data: Path, folder: Path) -> None:
    cluster = PostgresCluster()
    try:
        cluster.start()
        dump = data / DUMP
        dump_store(data / STORE, cluster, dump)
        pack(dump, folder, DUMP)
    finally:
        cluster.remove()
