"""Commands over the engine: migrate, rebuild, audit, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of this installation's data.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (migrate, rebuild, audit, doctor):
        app.command()(command)


def migrate(data: DataFolder = None) -> None:
    """Bring store, ClickHouse and topics to this release's form, and log and engine into line; run it alone, first."""
    from services.bootstrap import bring_in_line  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy

    bring_in_line(load_settings(data=data), typer.echo)


def rebuild(data: DataFolder = None) -> None:
    """Recompute every derived table from the facts; emits no event and no notice; exit code 1 if issues were left."""
    from services.bootstrap import whole  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy

    with whole(load_settings(data=data), streams=False) as system:
        complete = system.rebuild(typer.echo)
    raise typer.Exit(0 if complete else 1)


def audit(data: DataFolder = None) -> None:
    """Check that no position is missing and that the roll-ups equal a recount; exit code 0 only if both hold."""
    from services.bootstrap import whole  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy

    with whole(load_settings(data=data), streams=False) as system:
        report = system.audit()
    for line in report.lines():
        typer.echo(line)
    raise typer.Exit(0 if report.ok else 1)


def doctor(data: DataFolder = None) -> None:
    """Look at each part of this installation and say what to do where one is not well."""
    from services.doctor import examine  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy

    findings = examine(load_settings(data=data))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.part}: {finding.sentence}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
