"""Whatever wrong value is sent to an act or to the register, the answer is an error that names the field."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.errors import LienCapError
from reporting.issues.state import Escalation
from services.acting.act_inputs import ConfirmFaultInput
from services.acting.contents import ESCALATION_ACTS, ISSUE_ACTS
from services.acting.context import ActContext
from tests.reporting.stories import CAUSE, MORNING, Story, tables
from tests.services.test_offered_acts import ACTORS, STORIES, content_of, model_of, put
from tests.services.world import DEPARTMENT, OFFICER, World

WORDS = st.sampled_from(["Theo tình hình thực tế", "---", ".", "\x00", "0" * 5_000])
DAYS = st.sampled_from(["1066-01-01", "1990-01-01", "2025-10-14", "2099-12-31", "3000-01-01", "9999-12-31"])
INSTANTS = st.sampled_from(["1066-01-01T00:00:00Z", "2025-10-13T01:00:00Z", "9999-12-31T23:59:59-11:00"])
SLUGS = st.sampled_from(["38.so_khcn", "bo_khcn", "15607.ubnd", "waiting_commune", "nobody", "0", "a" * 80])
UNITS = st.sampled_from(["15607", "38", "vn", "99999", "00004"])
DOCUMENTS = st.fixed_dictionaries(
    {"date": DAYS, "number": st.sampled_from(["12/CV-UBND", "số một", "/", "1" * 60])},
    optional={
        "issuer": st.sampled_from(["UBND xã Bát Mọt", "---", "38.ubnd"]),
        "kind": st.sampled_from(["official_letter", "poem"]),
        "urgency": st.sampled_from(["normal", "now"]),
        "capacity": st.sampled_from(["TM.", "kt"]),
    },
)
SENT = st.fixed_dictionaries(
    {"expected_version": st.sampled_from([0, 3, 10**30])},
    optional={
        "reason": WORDS,
        "text": WORDS,
        "kind": st.sampled_from(["solved", "waiting_resources", "refused", "passed_on"]),
        "expected_on": DAYS,
        "proposed_body": SLUGS,
        "lead_body": SLUGS,
        "document": DOCUMENTS,
        "capacity": st.sampled_from(["tm", "kt", "direct"]),
        "on_behalf_of": SLUGS,
        "pause_reason": SLUGS,
        "pause_id": st.uuids(),
        "problem": st.sampled_from([CAUSE]),
        "likeness": st.sampled_from([0, 100]),
        "units": st.lists(UNITS, min_size=1, max_size=3),
        "began_at": INSTANTS,
    },
)
STATES = st.sampled_from(["accepted", "paused", "a fault", "answered solved", "joined", "returned"])


@given(name=STATES, sent=SENT, actor=st.sampled_from(ACTORS), pick=st.integers(0, 100))
def test_an_act_that_is_filled_in_wrongly_is_refused_in_words(
    name: str, sent: dict[str, Any], actor: Any, pick: int
) -> None:
    story = STORIES[name]()
    one: Escalation | None = None if pick % 3 == 0 else story.root
    for act in ISSUE_ACTS if one is None else ESCALATION_ACTS:
        try:
            given_in = model_of(act, one).model_validate(sent)
        except ValidationError:
            continue  # refused at the edge, where the framework names the field
        at = MORNING + dt.timedelta(days=2)
        context = ActContext(story.state, actor, given_in, put, tables(), uuid4(), at)
        with suppress(LienCapError):
            content_of(given_in, one, context)


def test_a_fault_that_began_before_all_records_names_its_field() -> None:
    story = Story("power_unstable")
    sent = ConfirmFaultInput.model_validate({"expected_version": 1, "began_at": "1066-01-01T00:00:00Z"})
    context = ActContext(story.state, ACTORS[7], sent, put, tables(), uuid4(), MORNING)
    with pytest.raises(LienCapError, match="began_at") as refused:
        content_of(sent, story.root, context)
    assert refused.value.field == "began_at"


def village(**more: Any) -> dict[str, Any]:
    return {
        "department": "38.so_khcn",
        "unit_code": "15607",
        "village": "Bản Vịn",
        "gap": "no_signal",
        **more,
    }


@pytest.mark.warehouse
@pytest.mark.parametrize("name", ["---", " ", "\x00", "…", "·" * 200])
def test_a_village_whose_name_has_no_letter_is_refused_in_words(shared_world: World, name: str) -> None:
    answer = shared_world.as_(*DEPARTMENT).post("/api/v1/promises", json=village(village=name))
    assert (answer.status_code, answer.json()["field"]) == (422, "village"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.warehouse
@pytest.mark.parametrize(
    "wrong",
    [
        {"promised_on": "1066-01-01", "promiser": "38.viettel"},
        {"promised_on": "2026-12-31"},
        {"household_count": -1},
        {"gap": "no_water"},
        {"unit_code": "xã"},
        {"promiser": "38.so_khcn.x", "promised_on": "2026-12-31"},
    ],
)
def test_a_wrong_entry_names_its_field(shared_world: World, wrong: dict[str, Any]) -> None:
    answer = shared_world.as_(*DEPARTMENT).post("/api/v1/promises", json=village(**wrong))
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["field"]


@pytest.mark.warehouse
@pytest.mark.parametrize("day", ["0001-01-01", "1066-01-01", "3000-01-01", "9999-12-31", "x", ""])
def test_a_day_that_cannot_be_is_said_beside_its_field_on_the_page(shared_world: World, day: str) -> None:
    department = shared_world.as_(*DEPARTMENT)
    spot = department.post("/api/v1/promises", json=village(village="Bản Đục")).json()["spot_id"]
    shared_world.settle()
    html = {"accept": "text/html"}
    forms = (
        (department, "cam-ket", {"promiser": "38.viettel", "promised_on": day}),
        (shared_world.as_(*OFFICER), "do", {"measured_on": day, "works": "yes"}),
    )
    for client, act, typed in forms:
        answer = client.post(f"/thon-lom/{spot}/{act}", data=typed, headers=html, follow_redirects=False)
        assert answer.status_code == 422, (act, answer.status_code)
