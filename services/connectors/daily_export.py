"""Import the daily export of a folder while a process runs: in its own thread, since a file takes minutes."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

from services.connectors.case_importer import CaseImporter, ImportStep
from services.connectors.mapping import mapping_for
from services.connectors.snapshot_day import day_in_name
from services.connectors.stopped_files import accepted_about
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.connectors.watched_folder import WatchedFolder, watch_once
from services.dated_tables import DatedTables
from services.errors import NotReady
from services.intake.intake import Intake
from services.store.store import Store

SETTLE_SECONDS = 5.0


class DailyExport:
    """Watch one folder with one mapping. An import that a stop interrupts goes on at the next start."""

    def __init__(
        self,
        folder: Path,
        mapping_path: Path,
        target: ImportTarget,
        *,
        intake: Intake,
        tables: DatedTables,
        store: Store,
        clock: Callable[[], dt.datetime],
        echo: Callable[[str], None],
        every_seconds: float = 30.0,
        on_step: Callable[[ImportStep], None] = lambda _step: None,
    ) -> None:
        """Make the folders; nothing is taken yet.

        Args:
            folder: where files are dropped.
            mapping_path: read again for each file, so that it can be corrected while this runs.
            target: the commune or province of the cases.
            intake: takes the rows.
            tables: finds communes.
            store: holds the progress.
            clock: the current instant, aware, UTC.
            echo: called with each line of the report.
            every_seconds: time between two looks.
            on_step: called after each chunk.
        """
        self._importer = CaseImporter(intake, tables, store, clock)
        self._mapping_path = mapping_path
        self._target = target
        self._echo = echo
        self._every = every_seconds
        self._on_step = on_step
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        settle = min(SETTLE_SECONDS, every_seconds)
        self.watched = WatchedFolder(folder, self._take, clock, settle_seconds=settle, day_of=self._day_of)

    def run(self) -> None:
        """Look at the folder at intervals until `stop`."""
        while not self._stopping.is_set():
            watch_once(self.watched, self._echo)
            self._stopping.wait(self._every)

    def start(self) -> None:
        """Begin in a thread."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self.run, name="daily-export", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop after the chunk in hand; return whether the thread ended in time."""
        self._stopping.set()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _day_of(self, path: Path) -> dt.date | None:
        return day_in_name(path, mapping_for(self._mapping_path, "cases"))

    def _take(self, path: Path, errors: Path) -> Summary:
        return self._importer.run(
            path,
            self._mapping_path,
            self._target,
            accept=accepted_about(path.parent, path),
            errors=errors,
            on_step=self._step,
        )

    def _step(self, step: ImportStep) -> None:
        self._on_step(step)
        if self._stopping.is_set():
            raise NotReady(
                f"stopped after row {step.row_count:,}; the file goes on from there at the next start"
            )
