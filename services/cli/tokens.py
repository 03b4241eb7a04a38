"""Commands that need no engine and work beside a running server: token, config."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from services.cli.options import DataFolder

COMMAND_LINE = "command line"
LONGEST_PURPOSE = 200


def build_token_commands() -> typer.Typer:
    """Build `liencap token`."""
    app = typer.Typer(help="Tokens for scripts.", no_args_is_help=True)
    app.command("create")(create_token)
    app.command("list")(list_tokens)
    app.command("revoke")(revoke_token)
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
    purpose: Annotated[
        str, typer.Option(help="A few words for the list: which script, on which machine; no name.")
    ] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="Narrow it, e.g. cases:write or figures:read; may be repeated. Without: all of the role."
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it holds.")] = 30,
    data: DataFolder = None,
) -> None:
    """Print a signed token for a role at a unit, this once; it is listed without what opens anything."""
    from services.access.tokens import create_token as sign
    from services.access.tokens import named_actor, of_person, read_token
    from services.boot.installation import load_keys
    from services.boot.open import open_store, utc_now
    from services.dated_tables import load_tables
    from services.settings import load_settings
    from services.store.tokens import ApiTokens

    settings, now = load_settings(data=data), utc_now()
    actor = named_actor(role, unit, body, load_tables(settings.tables))
    if person is not None:
        actor = of_person(actor, person)
    keys = load_keys(settings)
    token = sign(keys.current, actor, dt.timedelta(days=days), now, scopes=scope or ())
    with open_store(settings) as store:
        signed = read_token(keys, token, now)
        ApiTokens(store, utc_now).add(signed, purpose=purpose[:LONGEST_PURPOSE], key=keys.current)
    typer.echo(token)


def list_tokens(data: DataFolder = None) -> None:
    """Print the tokens that have not expired: number, role, unit, owner, until when, last use, purpose."""
    from services.boot.open import open_store, utc_now
    from services.settings import load_settings
    from services.store.tokens import ApiTokens

    settings = load_settings(data=data)
    with open_store(settings) as store:
        found = ApiTokens(store, utc_now).of_units(None)
    for one in found:
        state = (
            f"until {one.expires_at:%Y-%m-%d}"
            if one.revoked_at is None
            else f"revoked {one.revoked_at:%Y-%m-%d}"
        )
        used = (
            "never used" if one.last_used_at is None else f"last used {one.last_used_at:%Y-%m-%d %H:%M} UTC"
        )
        parts = (one.id, f"{one.actor.role}@{one.actor.unit_code}", one.actor.subject, state, used)
        typer.echo(
            "  ".join((*parts, " ".join(one.scopes) or "all", f"key {one.key_id}", one.purpose)).rstrip()
        )
    if not found:
        typer.echo("no token")


def revoke_token(
    token: Annotated[
        str, typer.Argument(help="The number that `liencap token list` shows, or the token itself.")
    ],
    data: DataFolder = None,
) -> None:
    """Revoke a token and end the sessions that began with it; within five seconds it opens nothing any more."""
    from services.access.tokens import read_token
    from services.boot.installation import load_keys
    from services.boot.open import open_store, utc_now
    from services.errors import NotFound, Unauthenticated
    from services.settings import load_settings
    from services.store.tokens import ApiTokens

    settings = load_settings(data=data)
    with open_store(settings) as store:
        tokens = ApiTokens(store, utc_now)
        if tokens.one(token) is not None:
            tokens.revoke(token, COMMAND_LINE)
        else:
            keys = load_keys(settings)
            try:
                signed = read_token(keys, token, utc_now())
            except Unauthenticated:
                raise NotFound("no token has this number, and it is no token that holds") from None
            tokens.revoke_unnoted(signed, key=keys.current, by=COMMAND_LINE)
            token = signed.token_id
    typer.echo(f"{token} is revoked")


def show_config(data: DataFolder = None) -> None:
    """Print every setting with its value; secrets are masked."""
    from services.settings import load_settings, shown

    for name, value in shown(load_settings(data=data)).items():
        typer.echo(f"LIENCAP_{name.upper()}={value}")
