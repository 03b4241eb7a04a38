"""Commands that need no engine and work beside a running server: token, config."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from services.cli.options import DataFolder


def build_token_commands() -> typer.Typer:
    """Build `liencap token`."""
    app = typer.Typer(help="Tokens for scripts.", no_args_is_help=True)
    app.command("create")(create_token)
    app.callback()(lambda: None)
    return app


def build_config_commands() -> typer.Typer:
    """Build `liencap config`."""
    app = typer.Typer(help="The settings of this installation.", no_args_is_help=True)
    app.command("show")(show_config)
    app.callback()(lambda: None)
    return app


def create_token(
    role: Annotated[str, typer.Option(help="e.g. commune_officer, province_reviewer, ministry_officer")],
    unit: Annotated[
        str, typer.Option(help="Five digits for a commune, two for a province, vn for the nation.")
    ],
    body: Annotated[
        str | None,
        typer.Option(help="The body worked in, e.g. 38.so_khcn; needed for departments and ministries."),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            help="A code for the person, the same at each renewal, never a name. Without it the token is a person of its"
            " own, and cannot take a step that tells two persons apart.",
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it holds.")] = 30,
    data: DataFolder = None,
) -> None:
    """Print a signed token for a role at a unit."""
    from services.access.tokens import create_token as sign
    from services.access.tokens import named_actor, of_person
    from services.boot.installation import load_secret
    from services.dated_tables import load_tables
    from services.settings import load_settings

    settings = load_settings(data=data)
    actor = named_actor(role, unit, body, load_tables(settings.tables))
    if person is not None:
        actor = of_person(actor, person)
    typer.echo(sign(load_secret(settings), actor, dt.timedelta(days=days), dt.datetime.now(dt.UTC)))


def show_config(data: DataFolder = None) -> None:
    """Print every setting with its value; secrets are masked."""
    from services.settings import load_settings, shown

    for name, value in shown(load_settings(data=data)).items():
        typer.echo(f"LIENCAP_{name.upper()}={value}")
