"""A shortage as a difficulty to report: its kind and its words, filled in from the figures. In Vietnamese, as documents."""

from __future__ import annotations

from reporting.dated.periods import period_words
from reporting.workload.loads import Load
from reporting.workload.shortages import shortage_of
from services.access.actors import Actor
from services.language.formats import Formats
from services.web.prescribed.asked import of_period
from services.web.shell.parts import ViewParts
from services.web.workload.reading import Workload, WorkloadReader

_WORDS = Formats("vi")


def filled_report(parts: ViewParts, actor: Actor, period_key: str) -> dict[str, str]:
    """Return the fields of a report about the shortage of the actor's own commune; empty where its figures show none.

    Raises:
        UnknownPeriod, BadInput: no such period, or it has not begun.
    """
    asked = of_period(parts, actor, actor.unit_code, period_key, "rollups.read")
    found = WorkloadReader(parts).read(asked.unit_code, asked.window, with_single=True)
    load = found.all_loads.of(actor.unit_code)
    kind = None if load is None else shortage_of(load, found.limits)
    if load is None or kind is None or asked.period is None:
        return {}
    text = parts.labels.text
    return {
        "kind": kind,
        "severity": "high" if kind == "staff_shortage" else "medium",
        "content": text(
            "workload.report.content",
            "vi",
            period=period_words(asked.period, "vi"),
            first=_WORDS.day(found.window.first_on),
            last=_WORDS.day(found.window.last_on),
            **_figures(found, load),
            beside=_beside(parts, load),
        ),
        "request": text(
            f"workload.report.{'some' if load.lacks else 'any'}", "vi", lacks=_WORDS.number(load.lacks)
        ),
    }


def _figures(found: Workload, load: Load) -> dict[str, str]:
    cases, number = load.work.cases, _WORDS.number
    return {
        "people": number(load.people),
        "cases": number(cases.to_handle),
        "carried_over": number(cases.carried_over),
        "received": number(cases.received),
        "load": number(round(load.per_day)),
        "officer_day": number(found.limits.officer_day),
        "open": number(cases.open),
        "backlog": number(round(float(load.backlog_days(found.limits.officer_day)), 1)),
    }


def _beside(parts: ViewParts, load: Load) -> str:
    if load.peers_load is None:
        return ""
    median = _WORDS.number(round(load.peers_load))
    return parts.labels.text("workload.report.beside", "vi", median=median)
