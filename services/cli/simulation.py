"""The command simulate: made-up work through the intake of real users."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DataFolder


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(simulate)


def simulate(
    start: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    province: Annotated[str, typer.Option(help="Two-digit code of the province.")] = "38",
    days: Annotated[int, typer.Option(min=1, max=1100, help="How many days.")] = 30,
    seed: Annotated[str, typer.Option(help="The same seed draws the same work.")] = "lien-cap",
    staff: Annotated[
        Path | None,
        typer.Option(
            help="Write the staff of its communes there, as a staff.csv for the folder of LIENCAP_TABLES."
        ),
    ] = None,
    data: DataFolder = None,
) -> None:
    """Simulate the work of a province's communes, day by day, through the same intake as real users."""
    from services.boot.engine_watch import die_of_fatal_signals
    from services.boot.garbage_collection import spare_collector
    from services.boot.open import whole
    from services.settings import load_settings
    from services.simulate.run import simulate_province
    from services.simulate.staff import staff_csv

    with whole(load_settings(data=data)) as system:
        spare_collector()
        die_of_fatal_signals()  # a dead process is started again and goes on; a hanging one is not
        simulate_province(system, province, start.date(), days, seed, echo=typer.echo)
        if staff is not None:
            units = system.intake_side.tables.units.communes_of(province)
            staff.write_text(staff_csv(units, seed), encoding="utf-8")
