"""An act is whole: what a person may emit can be asked for, has its place on the page, its fields and its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from reporting.issues.permissions import STANDING
from services.acting.contents import (
    ESCALATION_ACTS,
    ISSUE_ACTS,
    TYPE_OF_ESCALATION_ACT,
    TYPE_OF_ISSUE_ACT,
)
from services.language.labels import load_labels
from services.web.issues.offers import ORDER

ACTS = tuple(dict.fromkeys((*ISSUE_ACTS, *ESCALATION_ACTS)))
TEMPLATES = Path(__file__).resolve().parents[2] / "services" / "web" / "templates"
WITHOUT_ACT = {
    "issue.reported": "a difficulty is reported by the form: services/commune/report_form.py",
    "issue.attachment_added": "a file comes by itself, in pieces: services/acting/attaching.py",
    "issue.attachment_erased": "a file is erased as a text is: services/acting/attaching.py",
}
"""Types of event that people may emit and that are no act on an issue, each with its door."""
APART = {
    "join": "issue.html lists the problems that fit, problem.html the issues",
    "unjoin": "problem_parts.html has its form, for both pages",
}
"""Acts that stand apart from the others, each with its place."""
ONLY_A_BUTTON = frozenset({"send", "acknowledge", "accept", "close"})
"""Acts whose form has no field but those of the document."""


def missing(
    event_types: Mapping[str, object], acts: tuple[str, ...], types_of_acts: frozenset[str], forms: str
) -> Iterator[str]:
    """Yield what an act lacks, each time with the file that is next in docs/where-things-go.md."""
    for event_type in event_types:
        if event_type not in types_of_acts | WITHOUT_ACT.keys():
            yield (
                f"{event_type}: people may emit it and no act does; next: `TYPE_OF_…` and a builder in "
                "services/acting/contents.py"
            )
    labels = load_labels()
    for act in acts:
        if act not in (*ORDER, *APART):
            yield f"{act}: no page offers it; next: `ORDER` in services/web/issues/offers.py"
        elif act not in (*APART, *ONLY_A_BUTTON) and f'"{act}"' not in forms:
            yield f"{act}: its form has no field; next: services/web/templates/acts.html"
        for key in (f"action.{act}", f"act.hint.{act}", f"done.{act}"):
            if not labels.has(key):
                yield f"{act}: it has no words {key}; next: services/language/labels/"


def types_of_people() -> dict[str, object]:
    return {event_type: roles for event_type, roles in STANDING.items() if set(roles) != {"system"}}


def types_of_acts() -> frozenset[str]:
    return frozenset((*TYPE_OF_ISSUE_ACT.values(), *TYPE_OF_ESCALATION_ACT.values()))


def forms() -> str:
    return (TEMPLATES / "acts.html").read_text(encoding="utf-8")


def of(name: str, told: Iterable[str]) -> list[str]:
    """Keep what is told of one event or act."""
    return [line for line in told if line.startswith(f"{name}:")]


def test_what_people_may_emit_is_an_act_and_each_act_is_on_the_page() -> None:
    assert list(missing(types_of_people(), ACTS, types_of_acts(), forms())) == []


@pytest.mark.parametrize("act", ISSUE_ACTS)
def test_each_act_on_an_issue_names_its_event(act: str) -> None:
    assert act in TYPE_OF_ISSUE_ACT


@pytest.mark.parametrize("act", ESCALATION_ACTS)
def test_each_act_on_an_escalation_names_its_event(act: str) -> None:
    assert act in TYPE_OF_ESCALATION_ACT


def test_an_event_that_people_may_emit_without_an_act_is_led_to_its_builder() -> None:
    planted = {**types_of_people(), "issue.forgotten": {"commune_chair": ("reporter",)}}
    (told,) = of("issue.forgotten", missing(planted, ACTS, types_of_acts(), forms()))
    assert told.startswith("issue.forgotten: people may emit it and no act does")
    assert "services/acting/contents.py" in told


def test_an_act_that_no_page_offers_is_led_to_the_order_and_to_its_words() -> None:
    told = of("forget", missing(types_of_people(), (*ACTS, "forget"), types_of_acts(), forms()))
    assert told[0] == "forget: no page offers it; next: `ORDER` in services/web/issues/offers.py"
    assert [line.split(";")[0] for line in told[1:]] == [
        f"forget: it has no words {key}.forget" for key in ("action", "act.hint", "done")
    ]


def test_an_act_without_a_field_is_led_to_its_form() -> None:
    without = re.sub(r'"dispute"', "", forms())
    told = of("dispute", missing(types_of_people(), ACTS, types_of_acts(), without))
    assert told == ["dispute: its form has no field; next: services/web/templates/acts.html"]


def test_what_stands_apart_or_has_only_a_button_is_an_act() -> None:
    assert {*APART, *ONLY_A_BUTTON} <= set(ACTS)
    assert all(f'"{act}" in' in (TEMPLATES / "issue.html").read_text(encoding="utf-8") for act in APART)
