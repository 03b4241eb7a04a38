"""Why nothing came from a commune on a day: the five kinds of silence, told apart by one list of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SilenceKind = Literal[
    "reported", "true_zero", "not_reported", "source_broken", "known_outage", "stuck_outbox"
]
"""`reported` is no silence: figures came, or the day still runs and the feed is heard."""

SilenceBasis = Literal[
    "figures",
    "letters_wait",
    "in_outage",
    "never_heard",
    "quiet",
    "no_figures_ever",
    "heard_that_day",
    "day_runs",
    "day_off",
    "no_sign",
]

WITHOUT_FIGURES: tuple[SilenceKind, ...] = ("source_broken", "stuck_outbox", "known_outage", "not_reported")
"""Kinds of which nobody knows what the figures would be; a true zero is a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What is known of one commune and one day.

    Attributes:
        has_figures: a case was filed, received, refused, closed or handed over on the day.
        letters_wait: its outbox said last that something from this day or before has waited for too long.
        in_outage: a confirmed fault on which reports depend covers the commune.
        never_heard: its feed gave no sign until the end of the day.
        quiet: offices worked longer than the rule of silence allows since its last sign.
        no_figures_ever: no case of it counted until the end of the day: no source of cases is connected.
        heard_that_day: its feed gave a sign on the day.
        day_runs: the day is not over.
        day_off: no office works on the day.
    """

    has_figures: bool = False
    letters_wait: bool = False
    in_outage: bool = False
    never_heard: bool = False
    quiet: bool = False
    no_figures_ever: bool = False
    heard_that_day: bool = False
    day_runs: bool = False
    day_off: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """The kind of a commune's day, and the fact that decided it."""

    kind: SilenceKind
    basis: SilenceBasis


# The first fact that holds decides. What explains a silence comes before what only states it, and a zero is only
# believed of a feed that was heard, is not quiet, and has delivered cases before.
RULES: tuple[Silence, ...] = (
    Silence("reported", "figures"),
    Silence("stuck_outbox", "letters_wait"),
    Silence("known_outage", "in_outage"),
    Silence("not_reported", "never_heard"),
    Silence("source_broken", "quiet"),
    Silence("not_reported", "no_figures_ever"),
    Silence("true_zero", "heard_that_day"),
    Silence("reported", "day_runs"),
    Silence("true_zero", "day_off"),
)
OTHERWISE = Silence("not_reported", "no_sign")


def silence_of(facts: DayFacts) -> Silence:
    """Return the one kind of a commune's day."""
    return next((rule for rule in RULES if getattr(facts, _fact(rule.basis))), OTHERWISE)


def kind_in_sql() -> str:
    """Return the same rules over columns named like the facts: the kind."""
    return _in_sql([(rule.basis, rule.kind) for rule in RULES], OTHERWISE.kind)


def basis_in_sql() -> str:
    """Return the same rules over columns named like the facts: the fact that decides."""
    return _in_sql([(rule.basis, rule.basis) for rule in RULES], OTHERWISE.basis)


def _fact(basis: SilenceBasis) -> str:
    return "has_figures" if basis == "figures" else basis


def _in_sql(
    found: list[tuple[SilenceBasis, SilenceKind]] | list[tuple[SilenceBasis, SilenceBasis]], otherwise: str
) -> str:
    conditions = ", ".join(f"{_fact(basis)}, '{said}'" for basis, said in found)
    return f"multiIf({conditions}, '{otherwise}')"
