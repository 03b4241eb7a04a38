"""Import a list of villages and promises, once it was judged as a whole; repeats are harmless."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from reporting.dated.bodies import territory_of
from reporting.dated.calendar import LOCAL
from reporting.errors import RuleError
from services.access.actors import Actor
from services.acting.promise_acts import SpotInput, village_key
from services.connectors.errors import BrokenRow, UnusableFile
from services.connectors.judgement import Judgement, accepted_names, must_be_plausible
from services.connectors.mapping import Mapping, Scalar, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record
from services.connectors.summary import ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
from services.connectors.unit_names import UnitNames
from services.connectors.values import moment, whole_number
from services.errors import BadInput, Conflict, Forbidden
from services.input_errors import naming_the_field
from services.language.vietnamese import folded

if TYPE_CHECKING:
    from services.acting.promise_acts import PromiseRegister
    from services.dated_tables import DatedTables

MOST_VILLAGES = 100_000
DEFAULT_MAPPING = Path(__file__).with_name("dead_spots.toml")


class PromiseImporter:
    """Import the spreadsheets of a department's register."""

    def __init__(
        self, register: PromiseRegister, tables: DatedTables, clock: Callable[[], dt.datetime]
    ) -> None:
        self._register = register
        self._tables = tables
        self._clock = clock

    def run(
        self,
        path: Path,
        department: str,
        actor: Actor,
        *,
        mapping_path: Path = DEFAULT_MAPPING,
        dry_run: bool = False,
        accept: Collection[str] = (),
        errors: Path | None = None,
    ) -> Summary:
        """Import one file.

        Args:
            path: the file.
            department: the department whose register lists the villages, e.g. 38.so_khcn.
            actor: the person who imports the file.
            mapping_path: the meaning of the columns.
            dry_run: only report the result; nothing is written but the error file.
            accept: findings about the file that a person accepts.
            errors: where to list the rows that were not taken.

        Raises:
            UnusableFile: the file as a whole cannot be used; nothing of it was taken.
            ImplausibleFile: the file as a whole is implausible, and nobody accepted that; nothing was taken.
            UnusableMapping: the mapping is wrong, or is not for promises.
            UnknownBody: the department does not exist.
        """
        mapping = mapping_for(mapping_path, "promises")
        self._tables.bodies.get(department)
        target = ImportTarget(province_code=territory_of(department))
        mapping = target.applied_to(mapping)
        today = self._clock().astimezone(LOCAL).date()
        names = target.unit_names(self._tables.units, mapping, today)
        promisers = self._promisers(territory_of(department))
        began, summary, error_file = time.monotonic(), Summary(path.name, dry_run=dry_run), ErrorFile(errors)
        opened = OpenedFile(path, mapping)
        judgement, accepted = Judgement(), accepted_names(accept)
        rows: list[tuple[Record, str, SpotInput | Rejection]] = []
        for record in opened.records():
            if len(rows) >= MOST_VILLAGES:
                raise UnusableFile(
                    f"{path.name}: over {MOST_VILLAGES:,} rows, more than a country has villages"
                )
            unit_code, spot = _read(record, mapping, promisers, target, names)
            rows.append((record, unit_code, spot))
            row = None if isinstance(spot, Rejection) else spot.model_dump()
            key = None if isinstance(spot, Rejection) else f"{unit_code} {spot.village_key} {spot.gap}"
            judgement.note(record.number, unit_code, record.values.values(), key, row)
        judgement.unreadable_lines(opened.observed.lost)
        if not dry_run:
            must_be_plausible(path.name, judgement.findings(self._tables.thresholds, today), accepted)
        for record, unit_code, spot in rows:
            rejection = spot if isinstance(spot, Rejection) else None
            if not isinstance(spot, Rejection):
                try:
                    done = self._register.add(actor, department, spot, dry_run=dry_run)
                    summary.counts["created" if done.event_ids else "unchanged"] += 1
                except (BadInput, Conflict, Forbidden, RuleError) as error:
                    reason = record.placed(error.message)
                    rejection = Rejection(record.number, unit_code, error.field or "", reason)
                    judgement.reject(record.number)
            if rejection is not None:
                summary.add_rejections([rejection])
                error_file.write([rejection])
        opened.observed.report_to(summary)
        summary.judge(judgement.findings(self._tables.thresholds, today), judgement.said(), accepted)
        summary.seconds = time.monotonic() - began
        return summary

    def _promisers(self, province_code: str) -> dict[str, str]:
        """Return the enterprises of a province, by name and by the last part of the key."""
        bodies = [body for body in self._tables.bodies.of_unit(province_code) if body.promises_only]
        keys = {folded(body.id.partition(".")[2].replace("_", " ")): body.id for body in bodies}
        return (
            keys | {folded(body.name_vi): body.id for body in bodies} | {body.id: body.id for body in bodies}
        )


def _read(
    record: Record, mapping: Mapping, promisers: dict[str, str], target: ImportTarget, names: UnitNames
) -> tuple[str, SpotInput | Rejection]:
    unit_code = ""
    try:
        unit_code = target.unit_of(record, names, mapping.dates)
        return unit_code, _spot(record, unit_code, mapping, promisers)
    except (BadInput, RuleError) as error:
        return unit_code, Rejection(record.number, unit_code, error.field or "", record.placed(error.message))


def _spot(record: Record, unit_code: str, mapping: Mapping, promisers: dict[str, str]) -> SpotInput:
    """Return the village of a row.

    Raises:
        BrokenRow, BadInput: names the field.
    """
    cells = {**{name: str(value) for name, value in mapping.constants.items()}, **record.values}
    if not cells.get("village"):
        raise BrokenRow("the row names no village", field="village")
    members: dict[str, Scalar | dt.date | None] = {
        "unit_code": unit_code,
        "village": cells["village"],
        "village_key": village_key(cells["village"], cells.get("village_code")),
        "gap": mapping.values.get("gap", {}).get(folded(cells.get("gap", "")), cells.get("gap", "")),
    }
    if "household_count" in cells:
        members["household_count"] = whole_number(cells["household_count"])
        if members["household_count"] is None:
            raise BrokenRow("not a whole number", field="household_count")
    if "promiser" in cells:
        members["promiser"] = promisers.get(folded(cells["promiser"]))
        if members["promiser"] is None:
            raise BrokenRow("no enterprise of this province has this name", field="promiser")
    if "promised_on" in cells:
        rules = mapping.dates
        found = moment(cells["promised_on"], rules.forms, rules.zone, excel_serial=rules.excel_serial)
        if found is None:
            raise BrokenRow(f"no day in any of the forms {', '.join(rules.forms)}", field="promised_on")
        members["promised_on"] = found.date() if isinstance(found, dt.datetime) else found
    with naming_the_field():
        return SpotInput.model_validate(members)
