"""The commands that look at a file before it is imported, and let one in that was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add `inspect` and `release` to `liencap import`."""

    @app.command("inspect")
    def inspect_file(
        file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS or XES.", show_default=False)],
        sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook, by its name.")] = None,
        save: Annotated[Path | None, typer.Option(help="Where to write the drafted mapping.")] = None,
    ) -> None:
        """Inspect a file before anything is imported, and draft its mapping."""
        from services.connectors.inspecting import inspect

        seen = inspect(file, sheet=sheet, labels=_labels())
        for line in seen.lines():
            typer.echo(line)
        if save is None:
            typer.echo("")
            typer.echo(seen.mapping)
            return
        try:
            with save.open("x", encoding="utf-8") as draft:
                draft.write(seen.mapping)
        except FileExistsError:
            raise typer.BadParameter(f"{save} is there already", param_hint="--save") from None
        typer.echo(f"the drafted mapping is in {save}")

    @app.command("release")
    def release_file(
        folder: Annotated[Path, typer.Argument(help="The watched folder.", show_default=False)],
        name: Annotated[str, typer.Argument(help="The name of the file in its folder `stopped`.")],
        accept: Annotated[
            list[str], typer.Option(help="What is implausible about the file and right all the same.")
        ],
    ) -> None:
        """Let a file of a watched folder in that was stopped as implausible; it is taken at the next look."""
        from services.connectors.stopped_files import release

        typer.echo(f"{release(folder, name, accept).name} is taken at the next look")


def _labels() -> dict[str, str]:
    from reporting.dated.calendar import LOCAL
    from services.boot.open import utc_now
    from services.connectors.inspecting import labels_of
    from services.dated_tables import load_tables
    from services.settings import load_settings

    return labels_of(load_tables(load_settings().tables), utc_now().astimezone(LOCAL).date())
