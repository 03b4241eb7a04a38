"""The command line: one file per family of commands; heavy modules are imported only by the command that needs them."""

from __future__ import annotations

import typer

from services.cli import (
    backups,
    competence,
    dead_letters,
    engine,
    importing,
    keys,
    notices,
    running,
    simulation,
    topics,
    warehouse,
)
from services.cli import tokens as standing


def build_cli() -> typer.Typer:
    """Assemble the command `liencap`."""
    app = typer.Typer(
        name="liencap",
        help="Carries cases and difficulties between commune, province and ministry, and brings one accountable answer back.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    running.add_to(app)
    engine.add_to(app)
    simulation.add_to(app)
    app.add_typer(importing.build_commands(), name="import")
    app.add_typer(backups.build_commands(), name="backup")
    app.add_typer(dead_letters.build_commands(), name="dlq")
    app.add_typer(topics.build_commands(), name="topics")
    app.add_typer(warehouse.build_commands(), name="warehouse")
    app.add_typer(notices.build_commands(), name="notices")
    app.add_typer(standing.build_token_commands(), name="token")
    app.add_typer(keys.build_commands(), name="keys")
    app.add_typer(standing.build_config_commands(), name="config")
    app.add_typer(competence.build_commands(), name="competence")
    return app
