"""Keep the snapshots of the same cases in the order of their days: a later one is taken back, or an earlier one refused."""

from __future__ import annotations

import datetime as dt

from reporting.dated.units import UnitTable
from services.connectors.errors import UnusableFile
from services.connectors.target import ImportTarget
from services.connectors.undoing import ImportUndo
from services.store.import_progress import ImportKey
from services.store.import_runs import ImportRuns, RunRecord


class SnapshotOrder:
    """Compares the day of a snapshot with those that were taken of the same communes, whatever their target."""

    def __init__(self, runs: ImportRuns, undo: ImportUndo, units: UnitTable) -> None:
        self._runs = runs
        self._undo = undo
        self._units = units

    def take_back(self, target: ImportTarget, since: dt.date | None, goes_on: ImportKey | None) -> list[str]:
        """Take back the snapshots from a day on; return the report.

        Args:
            target: of which units; the snapshots of their province, or of its communes, are theirs too.
            since: the day; None takes nothing back.
            goes_on: the import that is being made: what it took before it was interrupted stays.
        """
        lines: list[str] = []
        if since is not None:
            for run in self._runs.snapshots_of(self._scope_of(target), since=since):
                if not _is_interrupted(run, goes_on):
                    lines += self._undo.within_lock(run.id).lines()
        return lines

    def check(self, file_name: str, target: ImportTarget, day: dt.date | None) -> None:
        """Check that no snapshot of a later day stands.

        Raises:
            UnusableFile: names both days.
        """
        if day is None:
            return
        latest = next(iter(self._runs.snapshots_of(self._scope_of(target))), None)
        if latest is not None and latest.snapshot_on is not None and latest.snapshot_on > day:
            raise UnusableFile(
                f"{file_name} shows {day}, and the snapshot of {latest.snapshot_on} ({latest.file_name}) was taken:"
                f" a day that comes late would date its changes wrongly; --replay-from {day} takes the later ones back"
            )

    def _scope_of(self, target: ImportTarget) -> set[str]:
        """Return the units whose snapshots show the same cases: the commune and its province, or all of a province."""
        if target.unit_code:
            return {target.unit_code, self._units.province_of(target.unit_code)}
        province = target.province_code or ""
        return {province, *(one.code for one in self._units.communes_of(province))}


def _is_interrupted(run: RunRecord, key: ImportKey | None) -> bool:
    if key is None or run.finished_at is not None:
        return False
    return (run.file_sha256, run.mapping_sha256, run.target) == (
        key.file_sha256,
        key.mapping_sha256,
        key.target,
    )
