"""Commands over the engine: migrate, replay, rebuild, audit, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.options import DataFolder

BOUND = "OFFSET|INSTANT"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (migrate, replay, rebuild, audit, doctor):
        app.command()(command)


def migrate(data: DataFolder = None) -> None:
    """Upgrade store, ClickHouse and topics to this release, and align log and engine; run it alone, first."""
    from services.boot.prepare import bring_in_line
    from services.settings import load_settings

    bring_in_line(load_settings(data=data), typer.echo)


def replay(
    data: DataFolder = None,
    topic: Annotated[str | None, typer.Option(help="One topic, e.g. cases.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every topic that is landed.")] = False,
    start: Annotated[
        str | None, typer.Option("--from", metavar=BOUND, help="Where to begin; by default the beginning.")
    ] = None,
    stop: Annotated[
        str | None, typer.Option("--to", metavar=BOUND, help="Where to end, itself left out; by default now.")
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="DATABASE", help="A database beside the one in use.")
    ] = None,
) -> None:
    """Land a part of the log once more; emits nothing; exit code 0 only if every readable record has its fact."""
    from events.topics import TRUTH_TOPICS
    from services.errors import BadInput
    from services.maintenance.replay import bound_of, topics_named
    from services.maintenance.session import upkeep
    from services.settings import check_database, load_settings

    if (topic is None) is not every:
        raise BadInput("say either --topic TOPIC or --all", field="topic")
    topics = list(TRUTH_TOPICS) if topic is None else topics_named([topic])
    bounds = {"start": bound_of(start, "from"), "stop": bound_of(stop, "to")}
    if into is not None:
        check_database(into)
    with upkeep(load_settings(data=data)) as keeping:
        complete = keeping.replay(topics, typer.echo, into=into, **bounds)
    raise typer.Exit(0 if complete else 1)


def rebuild(data: DataFolder = None) -> None:
    """Recompute every derived table from the facts; emits no event and no notice; exit code 1 if issues were left."""
    from services.maintenance.session import upkeep
    from services.settings import load_settings

    with upkeep(load_settings(data=data)) as keeping:
        complete = keeping.rebuild(typer.echo)
    raise typer.Exit(0 if complete else 1)


def audit(data: DataFolder = None) -> None:
    """Check that no position is missing and that the roll-ups equal a recount; exit code 0 only if both hold."""
    from services.maintenance.session import upkeep
    from services.settings import load_settings

    with upkeep(load_settings(data=data)) as keeping:
        report = keeping.audit()
    for line in report.lines():
        typer.echo(line)
    raise typer.Exit(0 if report.ok else 1)


def doctor(data: DataFolder = None) -> None:
    """Examine each part of this installation and advise where one is not healthy."""
    from services.maintenance.doctor import examine
    from services.settings import load_settings

    findings = examine(load_settings(data=data))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.part}: {finding.sentence}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
