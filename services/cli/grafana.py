"""Commands over the boards in Grafana: `python -m dashboards build | check | diff | publish`."""

from __future__ import annotations

import typer


def build_commands() -> typer.Typer:
    """Assemble the commands."""
    app = typer.Typer(
        name="dashboards",
        help="The boards in Grafana: their files, and their publication to a server.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.command()(build)
    app.command()(check)
    return app


def build() -> None:
    """Write the dashboards of the definitions into dashboards/provisioning/boards."""
    from services.grafana.files import write

    for name in write():
        typer.echo(name)


def check() -> None:
    """Compare the committed dashboards with the definitions, and with the rules; exit code 1 where they differ."""
    from services.grafana.files import dashboards, faults
    from services.grafana.schema import what_is_lost

    found = [*faults(), *what_is_lost(dashboards())]
    for fault in found:
        typer.echo(fault, err=True)
    raise typer.Exit(1 if found else 0)
