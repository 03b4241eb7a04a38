"""Load the dated tables of law and territory: from the package, or from a folder that replaces them file by file."""

from __future__ import annotations

import functools
import importlib.resources
from dataclasses import dataclass
from pathlib import Path

from reporting.competence.table import CompetenceTable, parse_competence
from reporting.dated.bodies import BodyTable, parse_bodies
from reporting.dated.calendar import WorkingCalendar, build_calendar
from reporting.dated.contacts import ContactTable, parse_contacts
from reporting.dated.decrees import DecreeTable, parse_decrees
from reporting.dated.delegations import DelegationTable, parse_delegations
from reporting.dated.dependencies import Dependencies, parse_dependencies
from reporting.dated.kind_words import KindWords, parse_kind_words
from reporting.dated.late_causes import LateCauses, parse_late_causes
from reporting.dated.newborn_limits import NewbornLimits, parse_newborn_limits
from reporting.dated.notice_hours import NoticeHoursTable, parse_notice_hours
from reporting.dated.pause_reasons import PauseReasons, parse_pause_reasons
from reporting.dated.periods import ReportingPeriods, parse_report_periods
from reporting.dated.place_kinds import PlaceKinds, parse_place_kinds
from reporting.dated.procedures import ProcedureTable, parse_procedures
from reporting.dated.sending import SendingRules, parse_report_sending
from reporting.dated.staff import StaffTable, parse_staff
from reporting.dated.start_rules import StartRules, parse_start_rules
from reporting.dated.thresholds import Thresholds, parse_thresholds
from reporting.dated.tiles import TileTable, parse_tiles
from reporting.dated.units import UnitTable, parse_units
from reporting.dated.vice_chairs import ViceChairTable, parse_vice_chairs
from reporting.dated.working_time import WorkingTime
from reporting.dated.workload_weights import WeightTable, parse_workload_weights
from reporting.errors import TableError
from reporting.forms.rules import FormTable, parse_forms
from reporting.issues.follow_ups import FollowUpTables
from reporting.problems.grouping import GroupingTable, parse_grouping


@dataclass(frozen=True, slots=True)
class DatedTables:
    """Every table that rules read and that changes without a release."""

    units: UnitTable
    calendar: WorkingCalendar
    procedures: ProcedureTable
    bodies: BodyTable
    competence: CompetenceTable
    contacts: ContactTable
    decrees: DecreeTable
    newborn_limits: NewbornLimits
    notice_hours: NoticeHoursTable
    periods: ReportingPeriods
    sending: SendingRules
    grouping: GroupingTable
    thresholds: Thresholds
    pause_reasons: PauseReasons
    dependencies: Dependencies
    place_kinds: PlaceKinds
    kind_words: KindWords
    delegations: DelegationTable
    tiles: TileTable
    forms: FormTable
    staff: StaffTable
    weights: WeightTable
    vice_chairs: ViceChairTable
    start_rules: StartRules
    late_causes: LateCauses

    @property
    def follow_ups(self) -> FollowUpTables:
        """Return the tables that the follow-ups of issues need."""
        return FollowUpTables(self.competence, self.calendar, self.thresholds)

    @property
    def working_time(self) -> WorkingTime:
        """Return the working time: calendar and office hours."""
        return self.follow_ups.working_time


def load_tables(folder: Path | None = None) -> DatedTables:
    """Load and check every table.

    Args:
        folder: files here replace the package's files of the same name.

    Raises:
        TableError: a table cannot be loaded; the error names file, line and column.
    """
    return _shipped() if folder is None else _loaded(folder)


@functools.cache
def _shipped() -> DatedTables:
    return _loaded(None)


def _loaded(folder: Path | None) -> DatedTables:
    text = functools.partial(_text, folder)
    units = parse_units(text("units.csv"), text("succession.csv"))
    bodies = parse_bodies(text("bodies.csv"), units)
    competence = parse_competence(
        text("competence.csv"), text("clock_policies.csv"), text("kind_groups.csv"), bodies
    )
    kinds = {row.kind.key for row in competence.rows()}
    kind_words = parse_kind_words(text("kind_words.csv"), kinds)
    without_text = {row.kind.key for row in competence.rows() if row.kind.lane == "outside"}
    calendar = build_calendar(text("calendar_overrides.csv"))
    procedures = parse_procedures(text("procedures.csv"), text("fields.csv"))
    fields = procedures.fields()
    return DatedTables(
        units=units,
        calendar=calendar,
        procedures=procedures,
        bodies=bodies,
        competence=competence.with_words(kind_words),
        contacts=parse_contacts(text("contacts.csv"), bodies),
        decrees=parse_decrees(text("decrees.csv")),
        newborn_limits=parse_newborn_limits(text("newborn_limits.csv")),
        notice_hours=parse_notice_hours(text("notice_hours.csv")),
        thresholds=parse_thresholds(text("thresholds.csv"), _text(None, "thresholds.csv")),
        pause_reasons=parse_pause_reasons(text("pause_reasons.csv")),
        grouping=parse_grouping(text("grouping.csv")),
        delegations=parse_delegations(text("delegations.csv"), units),
        dependencies=parse_dependencies(text("dependencies.csv"), kinds),
        place_kinds=parse_place_kinds(text("place_kinds.csv"), kinds - without_text),
        kind_words=kind_words,
        periods=parse_report_periods(text("report_periods.csv")),
        sending=parse_report_sending(text("report_sending.csv"), bodies, calendar),
        tiles=parse_tiles(text("tiles.csv"), units),
        forms=parse_forms(text("form_rules.csv"), text("form_columns.csv")),
        start_rules=parse_start_rules(text("start_rules.csv")),
        late_causes=parse_late_causes(text("late_causes.csv")),
        staff=parse_staff(text("staff.csv"), units, fields),
        weights=parse_workload_weights(text("workload_weights.csv"), fields),
        vice_chairs=parse_vice_chairs(text("vice_chair_frames.csv"), text("vice_chair_examples.csv"), units),
    )


def load_competence(path: Path, folder: Path | None = None) -> CompetenceTable:
    """Load the table of competence of another folder of tables, or from a single file of its rows.

    Args:
        path: a folder as `load_tables` takes it, or one `competence.csv`.
        folder: where the other tables are, if `path` is a file.

    Raises:
        TableError: a table cannot be loaded, or the path does not exist.
    """
    if path.is_dir():
        return load_tables(path).competence
    if not path.is_file():
        raise TableError(f"there is neither a file nor a folder of tables at {path}", field="path")
    return parse_competence(
        path.read_text(encoding="utf-8-sig"),
        _text(folder, "clock_policies.csv"),
        _text(folder, "kind_groups.csv"),
        load_tables(folder).bodies,
    )


def _text(folder: Path | None, name: str) -> str:
    if folder is not None and (folder / name).is_file():
        return (folder / name).read_text(encoding="utf-8-sig")
    return (importlib.resources.files("reporting") / "data" / name).read_text(encoding="utf-8")
