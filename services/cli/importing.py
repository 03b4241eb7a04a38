"""The commands `import cases`, `import issues` and `import promises`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol
from uuid import UUID

import typer

from services.cli import inspecting
from services.cli.options import DataFolder

if TYPE_CHECKING:
    import datetime as dt

    from services.connectors.case_importer import ImportStep
    from services.connectors.summary import Summary
    from services.connectors.target import ImportTarget
    from services.dated_tables import DatedTables
    from services.intake.intake import Intake
    from services.store.store import Store


class IntakeParts(Protocol):
    """Collaborators of an import: the intake side of the system, without engine and streams."""

    @property
    def tables(self) -> DatedTables:
        """Return the dated tables."""

    @property
    def store(self) -> Store:
        """Return the operational store."""

    @property
    def intake(self) -> Intake:
        """Return the intake."""

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        """Return the clock."""


_NOT_ONLY_TO_LOOK = False
OpenParts = Callable[[Path | None, bool], AbstractContextManager[IntakeParts]]
"""Opens the collaborators on a data folder; with True only to look, so that nothing is written to it."""

File = Annotated[Path | None, typer.Argument(help="CSV, XLSX, XLS or XES.", show_default=False)]
MappingFile = Annotated[
    Path, typer.Option("--mapping", help="What the columns mean; see examples/.", show_default=False)
]
Unit = Annotated[str | None, typer.Option(help="Five-digit code of the commune that the file is of.")]
Province = Annotated[
    str | None, typer.Option(help="Two-digit code, where one file holds the communes of a province.")
]
UnitColumn = Annotated[
    str | None, typer.Option(help="Column that names the commune; by default columns.unit of the mapping.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")]
Errors = Annotated[Path | None, typer.Option(help="CSV for the rows that are not taken.")]
Resume = Annotated[
    bool, typer.Option("--resume/--restart", help="Go on where an earlier run stopped, or begin again.")
]
SnapshotDay = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day that the snapshot shows.")
]
ReplayFrom = Annotated[
    datetime | None,
    typer.Option(
        "--replay-from",
        formats=["%Y-%m-%d"],
        help="Take back the snapshots of this day and later first; import those again after this one.",
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        help="Take the file although this is implausible about it; its name as the refusal says it."
    ),
]
Watch = Annotated[Path | None, typer.Option(help="Take every file dropped into this folder.")]
Every = Annotated[float, typer.Option(min=0.2, help="Seconds between two looks at the folder.")]


def build_commands(open_parts: OpenParts | None = None) -> typer.Typer:
    """Build `liencap import`.

    Args:
        open_parts: opens the collaborators on a data folder; by default those of this installation.
    """
    opened = open_parts or _open_parts
    app = typer.Typer(help="Take in files of cases and of difficulties.", no_args_is_help=True)

    @app.command("cases")
    def import_cases(
        mapping: MappingFile,
        file: File = None,
        unit: Unit = None,
        province: Province = None,
        unit_column: UnitColumn = None,
        dry_run: DryRun = False,
        accept: Accept = None,
        errors: Errors = None,
        resume: Resume = True,
        on: SnapshotDay = None,
        replay_from: ReplayFrom = None,
        watch: Watch = None,
        every: Every = 30.0,
        data: DataFolder = None,
    ) -> None:
        """Import cases, an event log or a daily snapshot; exit code 0 if every row was taken, 1 if some were not."""
        from services.connectors.case_importer import CaseImporter
        from services.connectors.target import ImportTarget

        path = _one_of(file, watch)
        target = ImportTarget(unit, province, unit_column)
        with opened(data, dry_run) as parts:
            _must_keep(parts, target)
            if watch is not None:
                _watch(parts, watch, mapping, target, every)
                return
            importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
            summary = importer.run(
                path,
                mapping,
                target,
                dry_run=dry_run,
                restart=not resume,
                accept=accept or (),
                errors=errors,
                on_step=_say_step,
                snapshot_on=on.date() if on is not None else None,
                replay_from=replay_from.date() if replay_from is not None else None,
            )
        _finish(summary)

    @app.command("issues")
    def import_issues(
        mapping: MappingFile,
        file: Annotated[Path, typer.Argument(help="CSV, XLSX or XLS.", show_default=False)],
        unit: Unit = None,
        province: Province = None,
        unit_column: UnitColumn = None,
        dry_run: DryRun = False,
        accept: Accept = None,
        errors: Errors = None,
        data: DataFolder = None,
    ) -> None:
        """Import difficulties from a list; the same file again reports nothing twice."""
        from services.connectors.issue_importer import IssueImporter
        from services.connectors.target import ImportTarget

        target = ImportTarget(unit, province, unit_column)
        with opened(data, dry_run) as parts:
            _must_keep(parts, target)
            importer = IssueImporter(parts.intake, parts.tables, parts.clock)
            summary = importer.run(file, mapping, target, dry_run=dry_run, accept=accept or (), errors=errors)
        _finish(summary)

    @app.command("promises")
    def import_promises(
        file: Annotated[Path, typer.Argument(help="CSV, XLSX or XLS.", show_default=False)],
        department: Annotated[
            str, typer.Option(help="In whose register the villages stand, e.g. 38.so_khcn.")
        ],
        mapping: Annotated[
            Path | None, typer.Option(help="What the columns mean; by default the usual headings.")
        ] = None,
        dry_run: DryRun = False,
        accept: Accept = None,
        errors: Errors = None,
        data: DataFolder = None,
    ) -> None:
        """Import villages without signal, power or a fixed line, with their promised days."""
        from reporting.dated.bodies import territory_of
        from services.access.actors import Actor
        from services.acting.promise_acts import PromiseRegister
        from services.connectors.promise_importer import (
            DEFAULT_MAPPING,
            PromiseImporter,
        )
        from services.store.texts import TextStore

        with opened(data, dry_run) as parts:
            parts.intake.must_keep(territory_of(department))
            texts = TextStore(parts.store, parts.clock)
            register = PromiseRegister(parts.store, texts, parts.tables, parts.clock)
            actor = Actor("department_officer", territory_of(department), department, "import")
            summary = PromiseImporter(register, parts.tables, parts.clock).run(
                file,
                department,
                actor,
                mapping_path=mapping or DEFAULT_MAPPING,
                dry_run=dry_run,
                accept=accept or (),
                errors=errors,
            )
        _finish(summary)

    inspecting.add_to(app)
    _add_runs(app, opened)
    return app


def _add_runs(app: typer.Typer, opened: OpenParts) -> None:
    """Add the commands about imports of before."""

    @app.command("undo")
    def undo(
        run: Annotated[
            str, typer.Argument(help="Number of the import, as it was printed.", show_default=False)
        ],
        data: DataFolder = None,
    ) -> None:
        """Take an import back: exit code 0 if all of it was, 1 if later imports or acts touched some cases, which stay."""
        from services.connectors.undoing import ImportUndo

        with opened(data, _NOT_ONLY_TO_LOOK) as parts:
            taken_back = ImportUndo(parts.intake, parts.store, parts.clock).run(_run_id(run))
        for line in taken_back.lines():
            typer.echo(line)
        raise typer.Exit(1 if taken_back.undone.stayed else 0)

    @app.command("runs")
    def runs(
        unit: Annotated[str, typer.Argument(help="Code of the commune or the province.", show_default=False)],
        data: DataFolder = None,
    ) -> None:
        """List the newest imports of a commune or a province."""
        from services.connectors.run_lines import line_of
        from services.store.import_runs import ImportRuns

        with opened(data, _NOT_ONLY_TO_LOOK) as parts:
            found = ImportRuns(parts.store).of_unit(unit)
        for record in found:
            typer.echo(line_of(record))


@contextmanager
def _open_parts(data: Path | None, only_to_look: bool) -> Iterator[IntakeParts]:
    from services.boot.open import open_intake, open_intake_to_look
    from services.settings import load_settings

    if only_to_look:
        with open_intake_to_look(load_settings(data=data)) as side:
            yield side
        return
    with open_intake(load_settings(data=data)) as side:
        yield side
        # A server on the same store may publish these rows first; then nothing is left here.
        side.relay.publish_all()


def _must_keep(parts: IntakeParts, target: ImportTarget) -> None:
    """Check before the first row that the file belongs into this store.

    Raises:
        KeptElsewhere: another store keeps that commune or province.
    """
    if whose := target.unit_code or target.province_code:
        parts.intake.must_keep(whose)


def _one_of(file: Path | None, watch: Path | None) -> Path:
    if (file is None) == (watch is None):
        raise typer.BadParameter("name a FILE, or a folder with --watch")
    return file or Path()


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(
            "a number of an import is a UUID; `liencap import runs` lists them"
        ) from None


def _say_step(step: ImportStep) -> None:
    share = f"{step.share:.0%}, " if step.share is not None else ""
    typer.echo(f"{step.row_count:,} rows, {share}{step.rows_per_second:,.0f} rows/s", err=True)


def _finish(summary: Summary) -> None:
    for line in summary.lines():
        typer.echo(line)
    raise typer.Exit(summary.exit_code)


def _watch(parts: IntakeParts, folder: Path, mapping: Path, target: ImportTarget, every: float) -> None:
    from services.connectors.daily_export import DailyExport

    export = DailyExport(
        folder,
        mapping,
        target,
        intake=parts.intake,
        tables=parts.tables,
        store=parts.store,
        clock=parts.clock,
        echo=typer.echo,
        every_seconds=every,
        on_step=_say_step,
    )
    typer.echo(f"watching {folder}; stop with Ctrl+C", err=True)
    try:
        export.run()
    except KeyboardInterrupt:
        typer.echo("stopped; a file in hand goes on at the next start", err=True)
