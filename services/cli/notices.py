"""Commands about notices: send a trial."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from services.cli.options import DataFolder


def build_commands() -> typer.Typer:
    """Build `liencap notices`."""
    app = typer.Typer(help="Notices by e-mail and webhook.", no_args_is_help=True)
    app.command("test")(send_trial)
    app.callback()(lambda: None)
    return app


def send_trial(
    to: Annotated[str, typer.Option(help="An e-mail address, or the https address of a webhook.")],
    unit: Annotated[str, typer.Option(help="The commune that the trial names.")] = "15607",
    secret: Annotated[str | None, typer.Option(help="Secret of the webhook (whsec_…).")] = None,
    data: DataFolder = None,
) -> None:
    """Send one trial notice and print the receiver's answer; exit code 1 where it was refused."""
    from services.boot.collaborators import channels_of
    from services.boot.open import utc_now
    from services.dated_tables import load_tables
    from services.errors import SetupError
    from services.language.labels import load_labels
    from services.notices.channel import Parcel, Undelivered
    from services.notices.words import Wording, WrittenNotice
    from services.settings import load_settings

    settings = load_settings(data=data)
    tables = load_tables(settings.tables)
    channels = channels_of(settings, Wording(load_labels(), tables), utc_now)
    name = "webhook" if "://" in to else "email"
    if name not in channels:
        raise SetupError("no mail server is named: set LIENCAP_SMTP_HOST")
    province = tables.units.province_of(unit)
    office = f"{province}.vp_ubnd"
    trial = WrittenNotice(uuid.uuid4(), "source_recovered", office, province, unit, utc_now())
    try:
        typer.echo(channels[name].send(Parcel(trial.id, to, "vi", [trial], secret)))
    except Undelivered as error:
        typer.echo(f"not delivered: {error.message}", err=True)
        raise typer.Exit(1) from None
