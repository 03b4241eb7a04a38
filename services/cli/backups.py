"""Commands over back-ups: make one, check one, put one back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DataFolder


def build_commands() -> typer.Typer:
    """Assemble `liencap backup`."""
    app = typer.Typer(
        help="Back up an installation of one process, check a back-up, put it back.", no_args_is_help=True
    )
    app.command("create")(create)
    app.command("verify")(verify)
    app.command("restore")(restore)
    return app


def create(
    folder: Annotated[
        Path | None, typer.Argument(help="Where back-ups lie; by default LIENCAP_BACKUPS.")
    ] = None,
    data: DataFolder = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Delete all but so many of the newest, after this one.")
    ] = None,
) -> None:
    """Copy store, log, keys, secret and attachments into a new folder, also while the server works."""
    from services.boot.open import utc_now
    from services.errors import BadInput
    from services.maintenance.backup import back_up, faults_of, keep_newest
    from services.settings import load_settings

    settings = load_settings(data=data)
    folder = folder or settings.backups
    if folder is None:
        raise BadInput("name a folder, or set LIENCAP_BACKUPS", field="folder")
    made = back_up(settings, folder, utc_now())
    if faults := faults_of(made):
        raise BadInput(f"{made}: {'; '.join(faults)}", field="folder")
    typer.echo(f"liencap: {made} is written and sound")
    for gone in keep_newest(folder, keep, made) if keep is not None else ():
        typer.echo(f"liencap: deleted {gone}")


def verify(folder: Annotated[Path, typer.Argument(help="One back-up.")]) -> None:
    """Read every byte of a back-up, and name each file that is not the one that was written; exit code 0 if none."""
    from services.boot.backups import read_manifest
    from services.maintenance.backup import faults_of

    faults = faults_of(folder)
    for fault in faults:
        typer.echo(f"liencap: {fault}")
    if not faults:
        manifest = read_manifest(folder)
        size = sum(one.size for one in manifest.files)
        typer.echo(
            f"liencap: sound, of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, {len(manifest.files)} files,"
            f" {size / 1e6:,.1f} MB, release {manifest.release}"
        )
    raise typer.Exit(1 if faults else 0)


def restore(
    folder: Annotated[Path, typer.Argument(help="One back-up.")],
    data: DataFolder = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move what is there aside.")] = False,
) -> None:
    """Check a back-up and put it into the data folder of a server that is stopped."""
    from services.boot.open import utc_now
    from services.maintenance.backup import restore as put_back
    from services.settings import load_settings

    settings = load_settings(data=data)
    aside = put_back(settings, folder, utc_now(), replace=replace)
    if aside is not None:
        typer.echo(f"liencap: what was there lies in {aside}")
    typer.echo(f"liencap: {settings.data} is as it was backed up; start the server, then run `liencap audit`")
