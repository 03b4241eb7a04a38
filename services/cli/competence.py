"""Commands over the table of competence: explain a verdict, check the table, compare two, list proposed rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options import DataFolder

if TYPE_CHECKING:
    from reporting.issues.state import IssueState
    from services.settings import Settings


class SeverityName(StrEnum):
    """The severities of the contract, as values of an option."""

    low = "low"
    medium = "medium"
    high = "high"
    urgent = "urgent"


class RoadName(StrEnum):
    """The two legs of an escalation: from the commune to the province, from the province to a ministry."""

    province = "province"
    ministry = "ministry"


Day = Annotated[
    dt.datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="Day on which the law is read; today."),
]


def build_commands() -> typer.Typer:
    """Build `liencap competence`."""
    app = typer.Typer(help="Who may decide what, on which basis.", no_args_is_help=True)
    app.command("explain")(explain)
    app.command("check")(check)
    app.command("diff")(diff)
    app.command("proposals")(proposals)
    app.callback()(lambda: None)
    return app


def explain(
    kind: Annotated[str, typer.Option(help="Key of the kind of difficulty, e.g. mobile_dead_spot.")],
    unit: Annotated[str, typer.Option(help="Five-digit code of the commune.")],
    on: Day = None,
    severity: Annotated[SeverityName, typer.Option(help="How severe it is.")] = SeverityName.medium,
    fact: Annotated[
        list[str] | None,
        typer.Option(
            help="What else is known, e.g. --fact amount_dong=600000000 --fact tried_step=own_means."
        ),
    ] = None,
    to: Annotated[
        RoadName, typer.Option(help="Explain the way to the province or to a ministry.")
    ] = RoadName.province,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    data: DataFolder = None,
) -> None:
    """Explain who is competent for a difficulty on a day, and on which basis."""
    from services.dated_tables import load_tables
    from services.settings import load_settings

    tables, day = load_tables(load_settings(data=data).tables), _day(on)
    facts = _facts(kind, severity.value, day, fact or [])
    commune = tables.units.get(unit, day)
    if to is RoadName.ministry:
        for sentence in tables.competence.petition(facts, commune):
            typer.echo(sentence)
        return
    verdict = tables.competence.assess(facts, commune)
    if as_json:
        typer.echo(json.dumps(verdict.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        typer.echo(verdict.explanation_vi)
        typer.echo(verdict.explanation_en)


def check(
    on: Day = None,
    within: Annotated[
        int, typer.Option(min=1, max=3_660, help="Warn this many days before a row ends.")
    ] = 180,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    data: DataFolder = None,
) -> None:
    """Find gaps, overlaps, dead rows, lapsing law and missing contacts; exit code 1 where there are errors."""
    from reporting.competence.check import CheckTables, summary
    from reporting.competence.check import check as find
    from services.dated_tables import load_tables
    from services.settings import load_settings

    tables, day = load_tables(load_settings(data=data).tables), _day(on)
    found = find(CheckTables(tables.competence, tables.decrees, tables.contacts), day, within_days=within)
    errors = sum(one.weight == "error" for one in found)
    if as_json:
        listed = [{"slug": d.slug, "weight": d.weight, "where": d.where, "told": d.told} for d in found]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        for line in summary(found):
            typer.echo(line)
        rows, version = len(tables.competence.rows()), tables.competence.version
        typer.echo(
            f"{rows} rows of version {version} on {day}: {errors} errors, {len(found) - errors} warnings"
        )
    if errors or (strict and found):
        raise typer.Exit(1)


def diff(
    old: Annotated[Path, typer.Argument(help="The rows in use: a folder of tables, or one competence.csv.")],
    new: Annotated[Path, typer.Argument(help="The rows that are to replace them, likewise.")],
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Read both on this day; else on each issue's own."),
    ] = None,
    data: DataFolder = None,
) -> None:
    """Show which open issues would go to another body if the table changed; nothing is decided again."""
    from reporting.issues.competence_diff import moves
    from services.dated_tables import load_competence
    from services.settings import load_settings

    settings = load_settings(data=data)
    before, after = (load_competence(path, settings.tables) for path in (old, new))
    with _issues(settings) as issues:
        found = moves(issues, before, after, on.date() if on else None)
    for move in found:
        where = "goes elsewhere" if move.elsewhere else "stays, and is owed otherwise"
        typer.echo(f"{move.issue_id} {move.unit_code} {move.kind}: {where} ({move.old_row} → {move.new_row})")
        for change in move.changes:
            typer.echo(f"    {change.part}: {change.old} → {change.new}")
    elsewhere = sum(move.elsewhere for move in found)
    typer.echo(
        f"{elsewhere} open issues would go elsewhere, {len(found) - elsewhere} would be owed otherwise"
    )


def proposals(data: DataFolder = None) -> None:
    """List the rows that provincial offices proposed by naming another lead, as lines of competence.csv.

    A row takes effect when a person copies it into the table with the document that approved it, and ends the row
    that it replaces.
    """
    from reporting.issues.competence_proposals import as_csv
    from reporting.issues.competence_proposals import proposals as find
    from services.dated_tables import load_tables
    from services.settings import load_settings

    settings = load_settings(data=data)
    with _issues(settings) as issues:
        found = find(issues, load_tables(settings.tables).competence)
    typer.echo(as_csv(found), nl=False)
    for one in found:
        ids = ", ".join(map(str, one.issue_ids))
        typer.echo(
            f"{one.lead_body} in place of the lead of {one.replaces}, since {one.first_on}: {ids}", err=True
        )
    typer.echo(f"{len(found)} proposed rows; none holds before a document approves it", err=True)


@contextmanager
def _issues(settings: Settings) -> Iterator[Iterable[IssueState]]:
    """Open the engine and yield its issues one by one."""
    from services.boot.open import open_warehouse
    from services.warehouse.issue_table import IssueTable
    from services.warehouse.migrations import migrate

    with open_warehouse(settings) as warehouse:
        if settings.engine_folder is not None:
            # A new installation has no tables yet; on a server that is for `liencap migrate`.
            migrate(warehouse)
        yield IssueTable(warehouse).every()


def _day(on: dt.datetime | None) -> dt.date:
    from reporting.dated.calendar import local_day

    return on.date() if on else local_day(dt.datetime.now(dt.UTC))


def _facts(kind: str, severity: str, on: dt.date, stated: list[str]) -> Any:
    """Return the facts given as options.

    Raises:
        typer.BadParameter: no fact has that name, or its value is invalid.
    """
    from pydantic import ValidationError

    from events.issues import ConsideredFacts
    from reporting.competence.conditions import MEASURES

    members: dict[str, str | int | dt.date] = {"kind": kind, "severity": severity, "assessed_on": on}
    for one in stated:
        name, _, value = one.partition("=")
        members[name] = int(value) if name in MEASURES and value.isascii() and value.isdigit() else value
    try:
        return ConsideredFacts.model_validate(members)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise typer.BadParameter(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}") from None
