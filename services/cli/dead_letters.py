"""Commands over dead letters: list, show, replay, skip."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import Annotated

import typer

from services.cli.options import DataFolder

TopicName = Annotated[str, typer.Argument(help="The topic that the record was meant for, e.g. cases.")]


def build_commands() -> typer.Typer:
    """Build `liencap dlq`."""
    app = typer.Typer(
        help="Look at what was set aside, and send it again after the fix.", no_args_is_help=True
    )
    app.command("list")(list_letters)
    app.command("show")(show_letter)
    app.command("replay")(replay_letters)
    app.command("skip")(skip_positions)
    return app


def list_letters(
    data: DataFolder = None, topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None
) -> None:
    """List dead letters: topic, position, reason; and the given-up positions."""
    from services.boot.open import open_log
    from services.consuming.dead_letters import survey
    from services.settings import load_settings

    with open_log(load_settings(data=data)) as log:
        found = survey(log, topic)
    letters = [letter for each in found for letter in each.by_number.values()]
    for letter in letters:
        typer.echo(letter.line())
    for given_up in (one for each in found for one in each.given_up.values()):
        typer.echo(given_up.line())
    typer.echo(f"{len(letters)} dead letters")
    if foreign := sum(each.foreign_count for each in found):
        typer.echo(f"{foreign} records beside them are no letters of this product")


def show_letter(
    topic: TopicName,
    number: Annotated[int, typer.Argument(help="The number that `dlq list` shows.")],
    data: DataFolder = None,
) -> None:
    """Show one dead letter in full: its position, its reason, its bytes."""
    from services.boot.open import open_log
    from services.consuming.dead_letters import show
    from services.settings import load_settings

    with open_log(load_settings(data=data)) as log:
        typer.echo(show(log, topic, number).text())


def replay_letters(
    topic: TopicName,
    number: Annotated[list[int] | None, typer.Argument(help="Numbers to send again; none means all.")] = None,
    data: DataFolder = None,
) -> None:
    """Append dead letters to their topic again; records applied meanwhile are not applied twice."""
    from services.boot.open import open_log
    from services.consuming.dead_letters import replay
    from services.settings import load_settings

    with open_log(load_settings(data=data)) as log:
        typer.echo(f"{replay(log, topic, number or None)} sent again")


def skip_positions(
    position: Annotated[
        list[str],
        typer.Option(help="TOPIC/PARTITION/OFFSET, with /EPOCH for a log before this one; may be repeated."),
    ],
    reason: Annotated[str, typer.Option(help="Why, in a few words; it is kept.")],
    by: Annotated[str | None, typer.Option(help="Who; by default the user of this machine.")] = None,
    data: DataFolder = None,
) -> None:
    """Give up positions that can neither land nor be set aside; audit, replay and rebuild list them and go on."""
    from services.boot.open import open_log
    from services.consuming.dead_letters import skip
    from services.settings import load_settings

    with open_log(load_settings(data=data)) as log:
        marked = skip(
            log, position, reason, by=by or getpass.getuser(), clock=lambda: dt.datetime.now(dt.UTC)
        )
    for one in marked:
        typer.echo(one.line())
    typer.echo(f"{len(marked)} given up")
