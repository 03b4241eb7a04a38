"""Commands that start the system: demo, serve, worker."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DataFolder


class RoleName(StrEnum):
    """The services that can run alone, as values of an option."""

    commune = "commune"
    province = "province"
    ministry = "ministry"


Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(demo)
    app.command()(serve)
    app.command()(worker)


def demo(
    port: Port = None,
    data: DataFolder = None,
    days: Annotated[
        int, typer.Option(min=1, max=366, help="How many days of work to simulate at the first start.")
    ] = 90,
    seed: Annotated[str, typer.Option(help="The same seed draws the same work.")] = "lien-cap",
    alone: Annotated[
        bool,
        typer.Option(
            "--alone", help="Thanh Hóa alone, all of it before the pages open: for tests, slow machines."
        ),
    ] = False,
) -> None:
    """Start everything in one process, with Thanh Hóa's 166 communes and then the nation at work; a second start keeps its data."""
    from services.boot.demo_mode import claim_for_demo, must_be_loopback
    from services.boot.engine_watch import die_of_fatal_signals
    from services.boot.garbage_collection import spare_collector
    from services.boot.log_lines import set_up_logging
    from services.boot.open import open_log, open_store, whole
    from services.boot.serving import reserve, serve_until_stopped
    from services.settings import load_settings
    from services.simulate.background import filling
    from services.simulate.demo import fill_demo
    from services.simulate.staff import with_staff

    usual = None if "LIENCAP_DATA" in os.environ else Path("demo-data")
    settings = load_settings(port=port, data=data or usual, demo=True)
    set_up_logging(settings.log_format)
    typer.echo(f"liencap: opening store, log and engine in {settings.data}")
    must_be_loopback(settings)
    with ExitStack() as stack:
        listener = stack.enter_context(reserve(settings.host, settings.port))
        with open_log(settings) as log, open_store(settings) as store:
            claim_for_demo(settings, store, log)
        system = stack.enter_context(whole(settings))
        spare_collector()
        die_of_fatal_signals()  # a dead process is started again and goes on; a hanging one is not
        today = dt.datetime.now(dt.UTC)
        fill_demo(system, today=today, days=days, seed=seed, whole_nation=not alone, echo=typer.echo)
        with filling(with_staff(system, seed), echo=typer.echo) as (shown, fill_the_rest):
            serve_until_stopped(
                shown,
                listener,
                echo=typer.echo,
                when_ready=fill_the_rest,
                trusted_proxies=settings.trusted_proxies,
            )


def serve(
    port: Port = None,
    data: DataFolder = None,
    role: Annotated[
        RoleName | None, typer.Option(help="One service alone; its streams run in `liencap worker`.")
    ] = None,
) -> None:
    """Start the three services with their streams in one process, or one service alone, on this installation's data."""
    from services.boot.garbage_collection import spare_collector
    from services.boot.log_lines import set_up_logging
    from services.boot.open import service, whole
    from services.boot.serving import reserve, serve_until_stopped
    from services.settings import load_settings

    settings = load_settings(port=port, data=data)
    set_up_logging(settings.log_format)
    with reserve(settings.host, settings.port) as listener:
        opened = whole(settings) if role is None else service(settings, role.value)
        with opened as system:
            spare_collector()
            serve_until_stopped(system, listener, echo=typer.echo, trusted_proxies=settings.trusted_proxies)


def worker(
    data: DataFolder = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")] = False,
) -> None:
    """Run the streams without the web: land, tally, decide, watch. On Kafka, several workers share the partitions."""
    from services.boot.garbage_collection import spare_collector
    from services.boot.log_lines import set_up_logging
    from services.boot.open import whole
    from services.boot.open import worker as open_worker
    from services.boot.serving import answering_operators, reserve, work_until_stopped
    from services.settings import load_settings

    settings = load_settings(data=data)
    set_up_logging(settings.log_format)
    if settings.kafka_servers is None:
        with whole(settings) as system:
            spare_collector()
            work_until_stopped(system, once=once, echo=typer.echo)
        return
    listener = reserve(settings.host, settings.worker_port) if settings.worker_port is not None else None
    with open_worker(settings) as streams, answering_operators(streams, listener):
        spare_collector()
        work_until_stopped(streams, once=once, echo=typer.echo)
