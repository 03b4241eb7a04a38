"""Villages of the register as rows and as an item: who promised which day, how far it is, what was measured."""

from __future__ import annotations

import datetime as dt

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.units import UnitTable
from reporting.promises.register import Spot
from services.language.formats import Formats
from services.web.promises.schemas import SpotView
from services.web.promises.views import SpotViewer
from services.web.shell.dues import Due, Tone
from services.web.shell.layout import dues_of
from services.web.shell.leads import Lead
from services.web.shell.parts import Parts
from services.web.shell.rows import Row
from services.web.shell.values import NOTHING

PATH = "/thon-lom"
"""Where the register is."""


def due_of(parts: Parts, viewer: SpotViewer, one: SpotView) -> Due:
    """Return the distance of the promised day, or the state of a village that is served or has no promise."""
    if one.closed_on is not None or one.promised_on is None:
        tone: Tone = "ok" if one.closed_on is not None and one.state == "closed" else "plain"
        return Due(tone, one.state_label)
    dues = dues_of(parts, viewer.lang)
    due, text = dues.on(one.promised_on), parts.labels.text
    note = text("look.promised", viewer.lang, day=dues.short(one.promised_on))
    return Due(
        due.tone, due.words, note, text("look.promised", viewer.lang, day=dues.formats.day(one.promised_on))
    )


def row_of(parts: Parts, viewer: SpotViewer, one: SpotView) -> Row:
    """Return the row of a village: what it lacks, where, how many wait, who promised, what was measured last."""
    text, lang, dues = parts.labels.text, viewer.lang, dues_of(parts, viewer.lang)
    households = one.household_count
    more = [
        one.gap_label,
        one.unit_name,
        text("look.households", lang, count=dues.formats.number(households)) if households else "",
        one.promiser_name or "",
        _measured(parts, viewer, one),
    ]
    return Row(
        name=one.village or text("promises.erased", lang),
        href=f"{PATH}/{one.id}",
        more=tuple(filter(None, more)),
        due=due_of(parts, viewer, one),
    )


def _measured(parts: Parts, viewer: SpotViewer, one: SpotView) -> str:
    if one.measured_on is None:
        return ""
    text = parts.labels.text
    result = text("promises.works_yes" if one.measured_works else "promises.works_no", viewer.lang)
    day = dues_of(parts, viewer.lang).short(one.measured_on)
    return text("look.measured", viewer.lang, day=day, result=result)


def leads_of(parts: Parts, viewer: SpotViewer, one: SpotView) -> list[Lead]:
    """Return who promised, for when, how often it moved, and how many households wait."""
    text, lang, f = parts.labels.text, viewer.lang, Formats(viewer.lang)
    slipped = text("promises.slipped_days", lang, count=f.number(one.slipped_days))
    found = [Lead(text("promises.promiser", lang), one.promiser_name or NOTHING)]
    found.append(Lead(text("promises.promised_on", lang), due=due_of(parts, viewer, one)))
    if one.first_promised_on is not None:
        first = f"{text('promises.first_promised_on', lang)} {f.day(one.first_promised_on)}"
        found.append(Lead(text("promises.slipped", lang), slipped, first))
    households = NOTHING if one.household_count is None else f.number(one.household_count)
    return [*found, Lead(text("promises.households", lang), households)]


def history_of(parts: Parts, viewer: SpotViewer, spot: Spot) -> list[tuple[dt.date, str, str]]:
    """Return what was promised and measured, the latest first: the day, what it was, by whom."""
    text, lang, f = parts.labels.text, viewer.lang, Formats(viewer.lang)
    said = [
        (
            local_day(one.made_at),
            text("promises.promised", lang, who=viewer.body_name(one.promiser), day=f.day(one.promised_on)),
            "",
        )
        for one in spot.promises
    ]
    found = [
        (
            one.measured_on,
            text("promises.works_yes" if one.works else "promises.works_no", lang),
            _who_measured(spot, one.by_unit, viewer, parts.tables.units),
        )
        for one in spot.measurements
    ]
    return sorted([*said, *found], key=lambda entry: entry[0], reverse=True)


def _who_measured(spot: Spot, by_unit: str, viewer: SpotViewer, units: UnitTable) -> str:
    """Name the commune, or else the department: nobody else measures."""
    if by_unit == spot.unit_code:
        return unit_named(units.get(by_unit), viewer.lang)
    return viewer.body_name(spot.department) or spot.department
