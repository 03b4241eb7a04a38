"""Take an import back: cases that it made count for nothing, cases that it changed are as before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.access.actors import Actor, label_of
from services.errors import BadInput, Conflict, NotFound
from services.intake.intake import Intake
from services.intake.undo import Undone
from services.store.import_cases import changed_by
from services.store.import_runs import KEPT_DAYS, ImportRuns, RunRecord
from services.store.store import Store

CASES_AT_ONCE = 2_500
_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class UndoneRun:
    """A run that was taken back."""

    run: RunRecord
    undone: Undone

    def lines(self) -> list[str]:
        """Return the report for people."""
        said = self.undone
        lines = [
            f"{self.run.file_name}: {said.retracted_count:,} cases taken back, {said.restored_count:,} as before",
            f"{len(said.stayed):,} cases stay: a later import or act touched them",
        ]
        lines += [
            f"  {one.unit_code} {one.dossier_code or one.case_key}" for one in said.stayed[:_MOST_LISTED]
        ]
        return lines


class ImportUndo:
    """Takes imports back; one at a time per store, and never while another import runs."""

    def __init__(self, intake: Intake, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._intake = intake
        self._store = store
        self._clock = clock
        self._runs = ImportRuns(store)

    def run(self, run_id: UUID, actor: Actor | None = None) -> UndoneRun:
        """Take back what a run changed; what was cut off goes on, and what stayed can be tried again.

        Args:
            actor: who takes it back; by default the unit whose file it was.

        Raises:
            NotFound: there is no such run.
            Conflict: it was taken back already, or an import is running on this store.
            BadInput: the run is too old, and the states before it are forgotten.
        """
        lock = self._store.lock("import")
        if not lock.try_acquire():
            raise Conflict("an import is running on this store; wait for its end")
        try:
            return self.within_lock(run_id, actor)
        finally:
            lock.release()

    def within_lock(self, run_id: UUID, actor: Actor | None = None) -> UndoneRun:
        """Do the same where the caller holds the lock of imports."""
        run = self._runs.get(run_id)
        if run is None:
            raise NotFound(
                f"no import has the number {run_id}; `liencap import runs` lists them", field="run"
            )
        with self._store.read() as conn:
            is_any = bool(changed_by(conn, run_id, "", 1))
        if run.undone_at is not None and not is_any:
            raise Conflict(f"{run.file_name} was taken back on {run.undone_at:%Y-%m-%d %H:%M} UTC")
        if run.began_at < self._clock() - dt.timedelta(days=KEPT_DAYS):
            raise BadInput(
                f"{run.file_name} is older than {KEPT_DAYS} days; correct it by a file", field="run"
            )
        who = actor or _owner(run)
        self._runs.begin_undo(run, label_of(who))
        undone, after = Undone(0, 0, ()), ""
        while True:
            with self._store.read() as conn:
                changed = changed_by(conn, run_id, after, CASES_AT_ONCE)
            if not changed:
                break
            part = self._intake.undo_cases(changed, actor_of=lambda _unit: who, now=self._clock())
            undone = _sum(undone, part)
            after = changed[-1].case_key
        self._runs.end_undo(run, self._clock())
        return UndoneRun(run, undone)


def _owner(run: RunRecord) -> Actor:
    """Return the unit whose file it was, as the sender of its rows was."""
    if len(run.unit_code) == len("15607"):
        return Actor("commune_officer", run.unit_code, f"{run.unit_code}.ubnd", "import")
    return Actor("administrator", run.unit_code, subject="import")


def _sum(one: Undone, other: Undone) -> Undone:
    return Undone(
        one.retracted_count + other.retracted_count,
        one.restored_count + other.restored_count,
        one.stayed + other.stayed,
    )
