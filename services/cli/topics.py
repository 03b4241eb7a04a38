"""Commands over the topics of a Kafka cluster: create, check."""

from __future__ import annotations

import typer

from services.cli.options import DataFolder


def build_commands() -> typer.Typer:
    """Build `liencap topics`."""
    app = typer.Typer(help="The topics in Kafka, by the topic table.", no_args_is_help=True)
    app.command("create")(create)
    app.command("check")(check)
    return app


def create(data: DataFolder = None) -> None:
    """Create the missing topics, with their partitions, copies and retention; existing ones stay unchanged."""
    from services.boot.prepare import make_topics
    from services.settings import load_settings

    made = make_topics(load_settings(data=data))
    typer.echo(f"created: {', '.join(made)}" if made else "nothing to create: every topic is there")


def check(data: DataFolder = None) -> None:
    """Print each topic whose settings differ from the table; exit code 1 if any."""
    from services.boot.prepare import topic_errors
    from services.settings import load_settings

    errors = topic_errors(load_settings(data=data))
    for error in errors:
        typer.echo(error)
    typer.echo("topics: ok" if not errors else f"topics: {len(errors)} faults")
    raise typer.Exit(1 if errors else 0)
