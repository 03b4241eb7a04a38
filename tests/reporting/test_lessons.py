"""The register of lessons: each commune its own, once for a village and day, and no lesson in the future."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.lessons import LessonHeld, LessonStruck, lesson_id
from reporting.lessons.register import fold, fold_all

NOW = dt.datetime(2026, 11, 16, 3, tzinfo=dt.UTC)
ID = lesson_id("15607", "2026-11-14", "ban vin")


def held(people: int = 30, **more: Any) -> LessonHeld:
    data = {
        "unit_code": more.pop("unit_code", "15607"),
        "held_on": more.pop("held_on", dt.date(2026, 11, 14)),
        "village": {"id": UUID(int=7), "sha256": "a" * 64},
        "people_count": people,
    }
    return LessonHeld.model_validate({**_frame(**more), "data": data})


def struck(**more: Any) -> LessonStruck:
    return LessonStruck.model_validate({**_frame(**more), "data": {"reason_code": "not_held"}})


def _frame(unit: str = "15607", role: str = "commune_officer") -> dict[str, Any]:
    return {
        "id": uuid4(),
        "source": f"/vn/38/{unit}",
        "subject": str(ID),
        "time": NOW,
        "recorded_at": NOW,
        "partition_key": str(ID),
        "actor_role": role,
        "actor_unit": unit,
        "actor_body": f"{unit}.ubnd",
    }


def test_recorded_again_it_states_the_count_anew_and_struck_it_counts_no_more() -> None:
    [lesson] = fold_all([held(30), held(32)])
    assert (lesson.people_count, lesson.struck) == (32, False)
    assert fold_all([held(30), struck()])[0].struck
    assert not fold_all([held(30), struck(), held(31)])[0].struck


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (held(held_on=dt.date(2026, 11, 17)), "held_in_future"),
        (held(unit="15622"), "actor_not_entitled"),
        (held(role="province_reviewer"), "actor_not_entitled"),
        (struck(), "not_recorded"),
    ],
)
def test_what_the_register_refuses(event: Any, reason: str) -> None:
    assert fold(None, event) == (None, reason)


def test_another_commune_strikes_nothing() -> None:
    lesson, _ = fold(None, held())
    assert fold(lesson, struck(unit="15622")) == (lesson, "actor_not_entitled")
