"""Five readers walk through the figures that an office files, in both languages: nothing fails, refuses or overflows."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.staff import parse_staff
from tests.browser.conftest import PHONE, Site, Visitor
from tests.services.test_api_figures import row
from tests.services.test_filings import (
    accept_van_xuan,
    file_and_move,
    file_anew,
    say_that_nothing_occurred,
    sum_up,
    sync,
)
from tests.services.test_page_language import strange
from tests.services.test_watch import _land, heartbeat
from tests.services.world import BAT_MOT, OFFICER, VAN_XUAN, World, labels, tables

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

Visit = Callable[..., Visitor]
PERIOD = "2026-10"
VILLAGE = "Bản Vịn"
BOARDS = ("khoi-luong", "tre-moi-sinh", "ho-tro", "lien-thong", "thoi-gian", "chat-luong")
"""Workload, newborns, people helped, linked data, processing time, and silence."""
_OF_COMMUNE = (
    f"/ky-bao-cao/{BAT_MOT}?ky={PERIOD}",
    f"/bieu/ii-06a?ky={PERIOD}",
    f"/bieu/ii-06a?ky={PERIOD}&da_chot=1",
    f"/khoi-luong?ky={PERIOD}",
    f"/xa/ho-so/qua-han?ky={PERIOD}&tat_ca=1",
    "/hoc-vu-so",
    f"/bang/to-xa?period={PERIOD}",
)
_OF_OFFICE = (
    f"/ky-bao-cao?ky={PERIOD}",
    f"/ky-bao-cao/{BAT_MOT}?ky={PERIOD}",
    f"/ky-bao-cao/tong-hop/38?ky={PERIOD}",
    f"/bieu/ii-06a?ky={PERIOD}&don_vi=38",
    f"/bieu/ii-06a?ky={PERIOD}&don_vi=38&da_chot=1",
    f"/khoi-luong?ky={PERIOD}",
    f"/tinh/tong-quan?ky={PERIOD}",
    f"/bang/tinh?period={PERIOD}",
)
PAGES = {
    "commune_officer-15607": _OF_COMMUNE,
    "commune_chair-15607": _OF_COMMUNE,
    "province_reviewer-38": _OF_OFFICE,
    "department_officer-38.so_noi_vu": (f"/khoi-luong?ky={PERIOD}", f"/bang/tinh?period={PERIOD}"),
    "auditor-38": (*_OF_OFFICE, f"/ky-bao-cao?ky={PERIOD}&sua=1", "/tinh/giam-sat"),
}
"""Who walks where; each also through the boards of these figures, over the list of boards."""
BOARDS_OF_A_COMMUNE = ("commune_chair-15607", "department_officer-38.so_noi_vu")
"""Who also looks at the boards of the commune that has cases, in the period after the one that it closed."""


@pytest.fixture(scope="module")
def figures(site: Site) -> Site:
    """A province whose pages of figures have something to show: filed, moved since, and one line in each board."""
    world = site.world
    file_and_move(world)
    say_that_nothing_occurred(world)
    file_anew(world)
    sum_up(world)
    accept_van_xuan(world)
    sum_up(world, reason_code="late_data")
    more: dict[str, Any] = {
        "NgayHenTra": "2026-10-12",
        "TrangThai": 9,
        "NgayKetThucXuLy": "2026-10-13",
        "KenhThucHien": 2,
    }
    sync(
        world,
        BAT_MOT,
        row(6, "2026-10-08", **more, HoTroNopHoSo=1, NhomTuoi=1),
        row(7, "2026-10-08", MaTTHC="2.000986", NgayGuiDinhDanh="2026-10-09", CoQuanDangCho="38.cong_an"),
        row(8, "2026-10-09", MaTTHC="2.000986", NgayCapDinhDanh="2026-10-12"),
        row(9, "2026-10-09", SaiLechDuLieu=2, CoQuanDuLieu="38.cong_an", NgaySaiLech="2026-10-10"),
    )
    _live(world)
    lesson = {"id": str(uuid4()), "village": VILLAGE, "held_on": "2026-10-10", "people_count": 12}
    taken = world.as_(*OFFICER).post("/api/v1/lessons", json=lesson)
    assert taken.status_code == 202, taken.text
    world.report(kind="digital_illiteracy")
    world.settle()
    return site


def _live(world: World) -> None:
    """Give both communes a feed with signs of life, and their people."""
    first, today = dt.date(2026, 9, 10), local_day(world.clock())
    days = [first + dt.timedelta(days=number) for number in range((today - first).days)]
    beats = [dt.datetime.combine(day, dt.time(17), LOCAL).astimezone(dt.UTC) for day in days]
    _land(world.parts.warehouse, *(heartbeat(at, code) for code in (BAT_MOT, VAN_XUAN) for at in beats))
    head = "unit_code,role,field_code,people,confidence,source,valid_from,valid_to\n"
    rows = "".join(f"{code},centre,,4,low,Số liệu thử,2025-07-01,\n" for code in (BAT_MOT, VAN_XUAN))
    staff = parse_staff(head + rows, tables().units, tables().procedures.fields())
    world.parts = replace(world.parts, tables=replace(world.parts.tables, staff=staff))
    world.app.state.parts = world.parts


def _walk(visitor: Visitor, persona: str, lang: str) -> Iterator[str]:
    """Go to each page of a reader, the boards by pressing their link in the list of boards; yield its address."""
    for at in PAGES[persona]:
        visitor.go(f"{at}{'&' if '?' in at else '?'}lang={lang}")
        yield at
    for board in BOARDS:
        visitor.go(f"/bang?lang={lang}")
        visitor.page.click(f"main a[href^='/bang/{board}']")
        visitor.page.wait_for_url(f"**/bang/{board}**")
        yield f"/bang/{board}"
        if persona in BOARDS_OF_A_COMMUNE:
            visitor.go(f"/bang/{board}?unit={BAT_MOT}&period=2026-11&lang={lang}")
            yield f"/bang/{board}?unit={BAT_MOT}"


def _keys(page: Page) -> list[str]:
    """Return what stands on a page and is a key of a label instead of its words."""
    known = labels().catalogues["vi"].keys()
    words = re.findall(r"[a-z_]+(?:\.[a-z0-9_-]+)+", page.inner_text("body"))
    return [word for word in words if word in known]


def _links(page: Page) -> list[str]:
    """Return where the links of a page lead."""
    hrefs: list[str] = page.eval_on_selector_all(
        "a[href]", "found => found.map(one => one.getAttribute('href'))"
    )
    return [
        href.partition("#")[0]
        for href in hrefs
        if urlsplit(href).scheme in {"", "http", "https"} and not href.startswith("#")
    ]


def _kind(address: str) -> str:
    """Return of which kind a link is: what differs in numbers, boards, panels or what was chosen alone is asked for once."""
    parts = urlsplit(address)
    path = re.sub(r"\d+|(?<=/bang/so/)[^.]+|(?<=/bang/)(?!so/)[^/.]+(?=$|\.pdf)", "0", parts.path)
    # Whoever opens a board opens its exports with every choice; of a list the choices decide whose it is.
    chosen = "" if path.startswith(("/bang/0", "/bang/so", "/chia-se")) else parts.query
    return f"{path}?{'&'.join(sorted(parse_qs(chosen)))}"


def _refused(visitor: Visitor, seen: set[str]) -> list[str]:
    """Return which links of the page refuse its reader, each kind asked for once."""
    found = []
    for href in _links(visitor.page):
        address = visitor.page.evaluate("href => new URL(href, location.href).href", href)
        if _kind(address) in seen or not address.startswith(visitor.site.address):
            continue
        seen.add(_kind(address))
        status = visitor.context.request.get(address, headers={"accept": "text/html,*/*"}).status
        if status >= 400:
            found.append(f"{href}: {status}")
    return found


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("persona", PAGES)
def test_a_reader_walks_through_the_figures_and_nothing_fails_refuses_overflows_or_speaks_another_language(
    visit: Visit, persona: str, lang: str
) -> None:
    visitor = visit()
    visitor.sign_in(persona)
    page, seen = visitor.page, set[str]()
    statuses: dict[str, int] = {}
    page.on("response", lambda one: statuses.update({one.url: one.status}))
    faults: dict[str, Any] = {}
    for at in _walk(visitor, persona, lang):
        resized: list[str] = []
        for width in (1280, PHONE["width"]):
            page.set_viewport_size({"width": width, "height": PHONE["height"]})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                resized.append(f"{needed} at {width}")
        page.set_viewport_size({"width": 1280, "height": PHONE["height"]})
        found = {
            "width": resized,
            "words": strange(page.content(), lang, (VILLAGE, "Số liệu thử")),
            "keys": _keys(page),
            # A link refuses its reader in either language, and looking at all of them takes most of the time.
            "links": _refused(visitor, seen) if lang == "vi" else [],
            "answers": [f"{url}: {status}" for url, status in statuses.items() if status >= 400],
        }
        statuses.clear()
        assert page.locator("html").get_attribute("lang") == lang
        if wrong := {what: said for what, said in found.items() if said}:
            faults[at] = wrong
    assert faults == {}, json.dumps(faults, ensure_ascii=False, indent=1)
    assert visitor.complaints == []
