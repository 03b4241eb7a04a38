"""Every number on a home opens a list with exactly so many rows: over random states, through the real pages."""

from __future__ import annotations

import datetime as dt
import html
import random
import re
import uuid
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from starlette.testclient import TestClient

from events.log import Position
from events.sources import Heartbeat, SourceHeartbeat
from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.store.outbox import enqueue
from services.warehouse.folded import LatestStates
from tests.reporting.stories import LEADER as LEADER_FIELDS
from tests.reporting.stories import MINISTRY as MINISTRY_FIELDS
from tests.reporting.stories import REVIEWER as OFFICE_FIELDS
from tests.reporting.stories import Story, document
from tests.services import world as who
from tests.services.world import BAT_MOT, VAN_XUAN, World

pytestmark = pytest.mark.warehouse

HOMES = {
    who.OFFICER: ("/xa", "/xa/kho-khan"),
    who.CHAIR: ("/xa",),
    who.REVIEWER: ("/tinh", "/tinh?since=7&severity=high"),
    who.DEPARTMENT: ("/tinh",),
    who.MINISTRY: ("/tw", "/tw/kien-nghi"),
    who.AUDITOR: ("/tinh",),
    who.ADMINISTRATOR: ("/tinh",),
}
KINDS = ("mobile_dead_spot", "one_stop_system_error", "unclear", "digital_illiteracy", "lgsp_outage")
_NUMBER = re.compile(r'data-number="(\w+)" data-value="(\d+)" data-href="([^"]*)"')
_ROW = re.compile(r'data-item="|data-row[ >]')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
positions = count(1)


def petitioned(story: Story) -> Story:
    story.petition_ministry()
    story.approve(LEADER_FIELDS, story.petition)
    story.send(OFFICE_FIELDS, story.petition)
    return story


def _returned(story: Story) -> Story:
    story.on_its_way().give_back()
    return story


def _answered(story: Story, kind: str = "solved") -> Story:
    story.taken_on().answer(kind, document=document())
    return story


STEPS: tuple[Callable[[Story], object], ...] = (
    Story.on_its_way,
    Story.taken_on,
    _answered,
    lambda story: _answered(story, "waiting_resources"),
    lambda story: _answered(story, "refused"),
    lambda story: _answered(story).dispute(),
    lambda story: _answered(story).confirm(),
    _returned,
    lambda story: _returned(story).arbitrate("38.so_cong_thuong"),
    lambda story: _returned(story).withdraw(),
    lambda story: petitioned(story.taken_on()),
    lambda story: petitioned(story.taken_on()).answer(
        "guidance", MINISTRY_FIELDS, story.petition, document=document()
    ),
    lambda story: story.taken_on().pause(),
    Story.approve,
    lambda story: story.close("resolved_by_commune"),
    lambda story: story,
)
SENT_ALREADY: tuple[Callable[[Story], object], ...] = (
    lambda story: story,
    Story.acknowledge,
    Story.accept,
    Story.withdraw,
)


def an_issue(r: random.Random, now: dt.datetime) -> IssueState:
    """Tell a random story that began in the last 20 days, of one of two communes, due by law or by a reminder."""
    at = now - dt.timedelta(minutes=r.randrange(120, 20 * 24 * 60))
    story = Story(
        r.choice(KINDS), severity=r.choice(("low", "medium", "high", "urgent")), name=str(uuid.uuid4()), at=at
    )
    root = story.state.root
    if root is not None:
        # What needs no document is sent by itself.
        r.choice(STEPS if root.state == "proposed" else SENT_ALREADY)(story)
    law = r.random() < 0.3
    clocks = tuple(replace(clock, deadline_source="law") if law else clock for clock in story.state.clocks)
    return replace(story.state, clocks=clocks, unit_code=r.choice((BAT_MOT, BAT_MOT, VAN_XUAN)))


def fill(world: World, seed: int) -> None:
    """Put random difficulties, cases, feeds and villages into the installation, beside what it holds."""
    r, now = random.Random(seed), world.clock()
    states = [an_issue(r, now) for _ in range(r.randint(1, 12))]
    world.parts.issue_table.save(
        [LatestStates(one, Position("issues", 0, next(positions))) for one in states]
    )
    today = local_day(now)

    def day(back: int) -> str:
        return (today - dt.timedelta(days=back)).isoformat()

    rows = [
        {
            "MaHoSo": f"S{seed}-{number}",
            "MaTTHC": "1.001193",
            "NgayTiepNhan": day(r.randint(4, 9)),
            "NgayHenTra": day(r.randint(-2, 3)),
            "TrangThai": r.choice((2, 4, 5)),
            "KenhThucHien": 1,
        }
        for number in range(r.randint(0, 6))
    ]
    if rows:
        sent = world.as_(*who.OFFICER).post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": rows})
        assert sent.status_code == 200, sent.text
    for _ in range(r.randint(0, 3)):
        draw(world, BAT_MOT)
    with world.parts.store.begin() as conn:
        for commune in r.sample([one.code for one in who.tables().units.communes_of("38")], 3):
            heard = now - dt.timedelta(days=r.choice((0, 0, 30)))
            enqueue(conn, heartbeat(commune, heard))
    world.settle()


def draw(world: World, unit_code: str) -> None:
    """Note that a letter left a commune as a file."""
    world.parts.drafts.note_drawing(
        Actor("commune_officer", unit_code),
        world.clock(),
        unit_code=unit_code,
        period="2026-11",
        kind="letter",
        file_format="docx",
        row_count=2,
        content=b"",
    )


def heartbeat(unit_code: str, at: dt.datetime) -> SourceHeartbeat:
    said = Heartbeat(unit_code=unit_code, outbox_count=0, oldest_unsent_at=None, release="0")
    return SourceHeartbeat(
        id=uuid.uuid4(),
        source=f"/vn/38/{unit_code}",
        subject=unit_code,
        partition_key=unit_code,
        time=at,
        recorded_at=at,
        data=said,
    )


def numbers_of(page: str) -> Iterator[tuple[str, int, str]]:
    for key, value, href in _NUMBER.findall(page):
        yield key, int(value), html.unescape(href)


def rows_behind(client: TestClient, href: str) -> int:
    """Follow a number as a person would, to the last page."""
    following, _, part = href.partition("#")
    found = 0
    while following:
        page = client.get(following, headers={"accept": "text/html"})
        assert page.status_code == 200, following
        shown = page.text.partition(f'id="{part}"')[2] if part else page.text
        found += len(_ROW.findall(shown))
        more = _NEXT.search(page.text)
        following = html.unescape(more[1]) if more else ""
    return found


@pytest.mark.parametrize("examples", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_number_opens_exactly_the_rows_that_it_counts(world: World, examples: int) -> None:
    seen: set[str] = set()

    @settings(max_examples=examples, deadline=None)
    @given(seed=st.integers(0, 1_000_000))
    def holds(seed: int) -> None:
        fill(world, seed)
        for person, homes in HOMES.items():
            seen.update(counted_right(world, person, homes))

    holds()
    assert {
        "near",
        "unassigned",
        "waiting_confirmation",
        "overdue_cases",
        "silent_units",
        "unanswered",
        "recorded_on_behalf",
        "pauses_without_basis",
        "exports",
    } <= seen


def counted_right(world: World, person: tuple[str, ...], homes: tuple[str, ...]) -> set[str]:
    """Follow every number of somebody's homes, and return their names."""
    client, counted, seen = world.as_(*person), dict[str, int](), set()
    for home in homes:
        page = client.get(home, headers={"accept": "text/html"})
        assert page.status_code == 200, home
        for key, value, href in numbers_of(page.text):
            seen.add(key)
            if href not in counted:
                counted[href] = rows_behind(client, href)
            assert counted[href] == value, (person, home, key, href)
    return seen


def test_an_auditor_reads_which_acts_answers_pauses_and_files_are_counted(world: World) -> None:
    now = world.clock()
    office = {**OFFICE_FIELDS, "on_behalf_of": "38.so_khcn"}
    recorded = Story(name=str(uuid.uuid4()), at=now - dt.timedelta(days=3)).on_its_way()
    assert recorded.acknowledge(office).accepted
    paused = Story(name=str(uuid.uuid4()), at=now - dt.timedelta(days=3)).taken_on()
    assert paused.pause().accepted
    bare = Story(name=str(uuid.uuid4()), at=now - dt.timedelta(days=3)).taken_on()
    assert bare.answer("solved", document=document()).accepted
    unsigned = replace(
        bare.state, escalations=tuple(replace(one, document=None) for one in bare.state.escalations)
    )
    states = (recorded.state, paused.state, unsigned)
    world.parts.issue_table.save(
        [LatestStates(one, Position("issues", 0, next(positions))) for one in states]
    )
    draw(world, BAT_MOT)
    counted = dict[str, int]()
    client = world.as_(*who.AUDITOR)
    for key, value, href in numbers_of(client.get("/tinh", headers={"accept": "text/html"}).text):
        if href.startswith("/tinh/giam-sat"):
            assert rows_behind(client, href) == value, key
            counted[key] = value
            said = client.get(href, headers={"accept": "text/html"}).text
            links = re.findall(r'class="lc-row-name"><a href="(/tinh/de-xuat/[^"]+)"', said)
            assert [client.get(one, headers={"accept": "text/html"}).status_code for one in links] == [
                200
            ] * len(links)
            assert client.get(f"{href}&lang=en", headers={"accept": "text/html"}).status_code == 200
    assert counted == {
        "recorded_on_behalf": 1,
        "missing_document_numbers": 1,
        "pauses_without_basis": 1,
        "exports": 1,
    }


def test_what_is_due_today_or_on_the_next_working_day_is_near_for_everybody_who_has_it(world: World) -> None:
    now = world.clock()
    calendar = who.tables().calendar
    next_on = calendar.add_working_days(local_day(now), 1)
    story = Story(name=str(uuid.uuid4()), at=now - dt.timedelta(days=3)).taken_on()
    clocks = tuple(
        replace(clock, due_at=calendar.day_end(next_on)) if clock.stopped_at is None else clock
        for clock in story.state.clocks
    )
    state = replace(story.state, clocks=clocks)
    world.parts.issue_table.save([LatestStates(state, Position("issues", 0, next(positions)))])
    for person, href in (
        (who.REVIEWER, "/tinh?tab=near"),
        (who.DEPARTMENT, "/tinh?tab=near"),
        (who.OFFICER, "/xa/kho-khan?state=near"),
    ):
        assert rows_behind(world.as_(*person), href) == 1, person
    assert world.issue(str(state.id))["due"]["mark"] == "approaching"
