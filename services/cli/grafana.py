"""Commands over the boards in Grafana: `python -m dashboards build | check | diff | publish`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from events.errors import LienCapError

Provinces = Annotated[
    str,
    typer.Option(help="Codes with commas, or all: an organisation for each, as the server's administrator."),
]


def main() -> None:
    """Run the commands; an expected error is one sentence and exit code 2."""
    try:
        build_commands()()
    except LienCapError as error:
        sys.stderr.write(f"liencap: {error.message}\n")
        sys.exit(2)


def build_commands() -> typer.Typer:
    """Assemble the commands."""
    app = typer.Typer(
        name="dashboards",
        help="The boards in Grafana: their files, and their publication to a server.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for command in (build, check, diff, publish):
        app.command()(command)
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


def diff() -> None:
    """Print how each board on the server differs from the definitions; writes nothing, exit code 1 where one does."""
    from services.grafana.files import dashboards
    from services.grafana.opening import server_of
    from services.grafana.publish import standing_of
    from services.settings import load_settings

    settings = load_settings()
    server = server_of(settings)
    server.version()
    differs = False
    for one in (standing_of(server, board) for board in dashboards(settings.public_url or "")):
        differs |= not one.is_same
        state = "is not there" if one.version is None else "is the same" if one.is_same else "differs"
        typer.echo(f"{one.dashboard.uid} {state}")
        for where in (*one.differences, *(["the folder"] if one.is_elsewhere else [])):
            typer.echo(f"  {where}")
        if one.refusal and not one.is_same:
            typer.echo(f"  {one.refusal}")
    raise typer.Exit(1 if differs else 0)


def publish(
    provinces: Provinces = "",
    force: Annotated[bool, typer.Option(help="Overwrite what somebody else edited.")] = False,
) -> None:
    """Write what differs to the Grafana of the settings, and nothing over somebody else's edit."""
    from services.dated_tables import load_tables
    from services.grafana.files import dashboards
    from services.grafana.opening import server_of, source_of
    from services.grafana.organisations import publish_for
    from services.grafana.publish import publish as bring_in_line
    from services.settings import load_settings

    settings = load_settings()
    server, product = server_of(settings), settings.public_url or ""
    if not provinces:
        done = bring_in_line(server, source_of(settings), dashboards(product), force=force)
        _tell("", done)
        return
    units = load_tables(settings.tables).units
    wanted = [one for one in units.provinces() if provinces == "all" or one.code in provinces.split(",")]
    if provinces != "all":
        for code in provinces.split(","):
            units.communes_of(code)
    sources = {one.code: source_of(settings, f"dashboards_{one.code}") for one in wanted}
    boards = dashboards(product, frozenset({"commune", "province"}))
    for province, done in publish_for(server, sources, wanted, boards, force=force):
        _tell(f"{province.code} ", done)


def _tell(where: str, done: Mapping[str, str]) -> None:
    for what, change in done.items():
        typer.echo(f"{where}{what}: {change}")
