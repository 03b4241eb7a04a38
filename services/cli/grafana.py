"""Commands over the boards in Grafana: `python -m dashboards build | check | diff | publish | token`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from events.errors import LienCapError

if TYPE_CHECKING:
    from dashboards.vocabulary import Level
    from reporting.dated.units import Unit
    from services.grafana.publish import Source
    from services.grafana.standing import Standing
    from services.settings import Settings

Provinces = Annotated[
    str,
    typer.Option(help="Codes with commas, or all: an organisation for each, as the server's administrator."),
]

_OF_PROVINCES: frozenset[Level] = frozenset({"commune", "province"})
_MOST = 12
"""Differences of one board that are printed."""


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
    for command in (build, check, diff, publish, token):
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


def diff(provinces: Provinces = "") -> None:
    """Print how everything on the server differs from what `publish` would write; writes nothing, exit code 1 where it does."""
    from services.errors import SetupError
    from services.grafana.files import dashboards
    from services.grafana.opening import server_of, source_of
    from services.grafana.organisations import organisation_of
    from services.grafana.publish import standings
    from services.settings import load_settings

    settings = load_settings()
    server, product = server_of(settings), settings.public_url or ""

    def source(role: str) -> Source | None:
        try:
            return source_of(settings, role)
        except SetupError as error:
            typer.echo(f"the data source is not compared: {error.message}", err=True)
            return None

    if not provinces:
        found = standings(server, source("dashboards"), dashboards(product))
        raise typer.Exit(1 if _show("", found) else 0)
    boards, differs = dashboards(product, _OF_PROVINCES), False
    for province in _chosen(settings, provinces):
        within = organisation_of(server, province)
        if within is None:
            typer.echo(f"{province.code} organisation is not there")
            differs = True
            continue
        found = standings(within, source(f"dashboards_{province.code}"), boards)
        differs |= _show(f"{province.code} ", found)
    raise typer.Exit(1 if differs else 0)


def publish(
    provinces: Provinces = "",
    force: Annotated[bool, typer.Option(help="Overwrite what somebody else edited.")] = False,
) -> None:
    """Write what differs to the Grafana of the settings, and nothing over somebody else's edit."""
    from services.grafana.files import dashboards
    from services.grafana.opening import server_of, source_of
    from services.grafana.organisations import organisation_of, publish_for
    from services.grafana.publish import health_of_source
    from services.grafana.publish import publish as publish_to
    from services.settings import load_settings

    settings = load_settings()
    server, product = server_of(settings), settings.public_url or ""
    if not provinces:
        _tell("", publish_to(server, source_of(settings), dashboards(product), force=force))
        raise typer.Exit(_ailing("", health_of_source(server)))
    wanted = _chosen(settings, provinces)
    sources = {one.code: source_of(settings, f"dashboards_{one.code}") for one in wanted}
    code = 0
    for province, done in publish_for(
        server, sources, wanted, dashboards(product, _OF_PROVINCES), force=force
    ):
        _tell(f"{province.code} ", done)
        within = organisation_of(server, province)
        code |= _ailing(f"{province.code} ", health_of_source(within) if within else "")
    raise typer.Exit(code)


def token(
    name: Annotated[str, typer.Argument(help="The name of the token, such as the day.")],
    provinces: Provinces = "",
    reader: Annotated[bool, typer.Option(help="Of the account that only looks.")] = False,
) -> None:
    """Make a token of the publisher's service account, or the reader's, and print it; Grafana shows it only once."""
    from dashboards.grafana.rights import PUBLISHER, READER
    from services.errors import NotFound
    from services.grafana.access import new_token
    from services.grafana.opening import server_of
    from services.grafana.organisations import organisation_of
    from services.settings import load_settings

    settings, account = load_settings(), READER if reader else PUBLISHER
    server = server_of(settings)
    if not provinces:
        typer.echo(new_token(server, account, name))
        return
    for province in _chosen(settings, provinces):
        within = organisation_of(server, province)
        if within is None:
            raise NotFound(f"province {province.code} has no organisation: publish to it first")
        typer.echo(f"{province.code} {new_token(within, account, name)}")


def _chosen(settings: Settings, provinces: str) -> list[Unit]:
    """Return the provinces of an option: codes with commas, or all."""
    from services.dated_tables import load_tables

    units = load_tables(settings.tables).units
    if provinces == "all":
        return list(units.provinces())
    codes = provinces.split(",")
    for code in codes:
        units.communes_of(code)
    return [one for one in units.provinces() if one.code in codes]


def _tell(where: str, done: Mapping[str, str]) -> None:
    for what, change in done.items():
        typer.echo(f"{where}{what}: {change}")


def _ailing(where: str, reason: str) -> int:
    """Print that the data source does not answer; return the exit code."""
    if reason:
        typer.echo(f"{where}Grafana cannot ask the data source: {reason}", err=True)
    return int(bool(reason))


def _show(where: str, found: Iterable[Standing]) -> bool:
    """Print how things stand; return whether one differs."""
    differs = False
    for one in found:
        if one.is_left_over:
            typer.echo(f"{where}{one.what} (“{one.title}”) is no board of this release, and stays as it is")
            continue
        if one.is_unseen:
            typer.echo(f"{where}{one.what} is not for these credentials to see")
            continue
        differs |= not one.is_same
        state = "is not there" if not one.is_there else "is the same" if one.is_same else "differs"
        typer.echo(f"{where}{one.what} {state}")
        for difference in one.differences[:_MOST]:
            typer.echo(f"  {difference}")
        if len(one.differences) > _MOST:
            typer.echo(f"  and {len(one.differences) - _MOST} more")
        if one.refusal:
            typer.echo(f"  {one.refusal}")
    return differs
