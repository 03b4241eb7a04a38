"""Commands over dead letters: list, show, replay."""

from __future__ import annotations

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
    return app


def list_letters(
    data: DataFolder = None, topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None
) -> None:
    """List dead letters: topic, position, reason."""
    from services.bootstrap import open_log  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy
    from services.streams.dead_letters import listing  # noqa: PLC0415 -- heavy

    with open_log(load_settings(data=data)) as log:
        letters = listing(log, topic)
    for letter in letters:
        typer.echo(letter.line())
    typer.echo(f"{len(letters)} dead letters")


def show_letter(
    topic: TopicName,
    number: Annotated[int, typer.Argument(help="The number that `dlq list` shows.")],
    data: DataFolder = None,
) -> None:
    """Show one dead letter whole: where it was, why it was set aside, its bytes."""
    from services.bootstrap import open_log  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy
    from services.streams.dead_letters import show  # noqa: PLC0415 -- heavy

    with open_log(load_settings(data=data)) as log:
        typer.echo(show(log, topic, number).text())


def replay_letters(
    topic: TopicName,
    number: Annotated[list[int] | None, typer.Argument(help="Numbers to send again; none means all.")] = None,
    data: DataFolder = None,
) -> None:
    """Send dead letters to their topic again; what was applied meanwhile is not applied twice."""
    from services.bootstrap import open_log  # noqa: PLC0415 -- heavy
    from services.settings import load_settings  # noqa: PLC0415 -- heavy
    from services.streams.dead_letters import replay  # noqa: PLC0415 -- heavy

    with open_log(load_settings(data=data)) as log:
        typer.echo(f"{replay(log, topic, number or None)} sent again")
