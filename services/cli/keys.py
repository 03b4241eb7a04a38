"""Commands of the signing keys: list, rotate, drop the one before."""

from __future__ import annotations

import datetime as dt
import time

import typer

from services.cli.options import DataFolder


def build_commands() -> typer.Typer:
    """Build `liencap keys`."""
    app = typer.Typer(help="The keys that sign tokens and share links.", no_args_is_help=True)
    app.command("list")(list_keys)
    app.command("rotate")(rotate)
    app.command("drop")(drop)
    return app


def list_keys(data: DataFolder = None) -> None:
    """Print the names of the keys: the one that signs, and the one before it while it still holds."""
    from services.access.keys import key_id
    from services.boot.installation import load_keys
    from services.settings import load_settings

    keys = load_keys(load_settings(data=data))
    typer.echo(f"{key_id(keys.current)} signs")
    if keys.previous is not None:
        typer.echo(f"{key_id(keys.previous)} holds until `liencap keys drop`")


def rotate(data: DataFolder = None) -> None:
    """Make a new key; what the old one signed holds until it is dropped. Running servers take it within seconds."""
    from services.access.keys import key_id
    from services.boot.installation import rotate_keys
    from services.settings import load_settings

    keys = rotate_keys(load_settings(data=data))
    before = "" if keys.previous is None else f"; {key_id(keys.previous)} holds until `liencap keys drop`"
    typer.echo(f"{key_id(keys.current)} signs from now on{before}")


def drop(data: DataFolder = None) -> None:
    """Drop the key before: tokens and share links that it signed end, and the sessions that began with such a token."""
    from services.access.keys import key_id
    from services.boot.installation import LOOK_SECONDS, drop_previous_key
    from services.boot.open import open_store
    from services.settings import load_settings
    from services.store.tokens import ApiTokens

    settings = load_settings(data=data)
    with open_store(settings) as store:
        gone = drop_previous_key(settings)
        # Until a running server looks again, a token of the old key still begins a session.
        time.sleep(LOOK_SECONDS + 1)
        ended = ApiTokens(store, lambda: dt.datetime.now(dt.UTC)).end_sessions_of_key(gone, "keys drop")
    typer.echo(f"{key_id(gone)} is dropped; {ended} sessions ended")
