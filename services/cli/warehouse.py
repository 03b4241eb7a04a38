"""Commands over a ClickHouse server: its tables and its access rules."""

from __future__ import annotations

from typing import Annotated

import typer


def build_commands() -> typer.Typer:
    """Build `liencap warehouse`."""
    app = typer.Typer(
        help="Set up a ClickHouse server: show its tables, show or apply who may do what.",
        no_args_is_help=True,
    )
    app.command()(tables)
    app.command()(access)
    return app


def tables() -> None:
    """Print the statements that `liencap migrate` runs, for this installation's server or cluster."""
    from services.boot.warehouse_users import clickhouse_cluster_of
    from services.settings import load_settings
    from services.warehouse.migrations import rendered

    settings = load_settings()
    for name, statements in rendered(settings.warehouse_database, clickhouse_cluster_of(settings)):
        typer.echo(f"-- {name}")
        for statement in statements:
            typer.echo(f"{statement};\n")


def access(
    apply: Annotated[
        bool,
        typer.Option(
            "--apply", help="Run them, as the user in LIENCAP_WAREHOUSE_DSN, who must be allowed to."
        ),
    ] = False,
) -> None:
    """Print the statements that create roles, grants, row policies, limits and users; nothing runs without --apply."""
    from services.boot.open import open_warehouse
    from services.boot.warehouse_users import access_of, apply_access
    from services.dated_tables import load_tables
    from services.settings import load_settings

    settings = load_settings()
    wanted = access_of(settings, load_tables(settings.tables).units)
    if not apply:
        for statement in wanted.statements():
            typer.echo(f"{statement};")
        return
    with open_warehouse(settings) as warehouse:
        apply_access(warehouse, wanted)
    typer.echo(f"applied: {len(wanted.roles())} roles, {len(wanted.users)} users")
