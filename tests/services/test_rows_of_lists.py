"""Rows of difficulties: one maker for every list, the short name of a kind, each text read once."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.services.world import CHAIR, CLERK, DEPARTMENT, OFFICER, World, tables

PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}


@contextmanager
def counted(world: World, table: str) -> Iterator[list[str]]:
    """Collect the statements of the store that read a table."""
    engine, found = world.parts.store.engine, list[str]()

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if f"FROM {table} " in " ".join(statement.split()) + " ":
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def page_of(world: World, person: tuple[str, ...], path: str) -> str:
    answer = world.as_(*person).get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(page: str, item_id: str) -> tuple[str, ...]:
    """Return the words of a row: name, second line, days."""
    row = page.partition(f'data-item="{item_id}"')[2].partition("</li>")[0]
    assert row, "no such row"
    found = re.findall(r'<p class="lc-row-(?:name|more|end|end-2)[^>]*>(.*?)</p>', row, re.DOTALL)
    return tuple(html.unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found)


@pytest.mark.warehouse
def test_a_home_reads_each_text_of_its_rows_once(world: World) -> None:
    for place in ("Bản Vịn", "Bản Đục", "Bản Khẹo"):
        world.report(place=place)
    on_its_way = world.report(place="Bản Phống")
    world.act(CHAIR, "approve", on_its_way)
    world.report(kind="staff_shortage")
    with counted(world, "texts") as read:
        page = page_of(world, CHAIR, "/xa")
    assert "Bản Phống" in page
    assert len(read) == 1


@pytest.mark.warehouse
def test_a_searched_list_reads_each_text_of_its_rows_once(world: World) -> None:
    for place in ("Bản Vịn", "Bản Đục"):
        world.report(place=place)
    with counted(world, "texts") as read:
        page = page_of(world, OFFICER, "/xa/kho-khan?q=ban")
    assert page.count("data-item=") == 2
    assert len(read) == 1


@pytest.mark.warehouse
def test_a_row_says_the_same_at_home_and_in_the_list(world: World) -> None:
    waiting, answered = world.report(place="Bản Vịn", people_affected=120), world.report(place="Bản Đục")
    world.act(CHAIR, "approve", answered)
    world.act(CLERK, "send", answered, document=PAPER)
    world.act(DEPARTMENT, "accept", answered)
    world.act(DEPARTMENT, "answer", answered, kind="solved", document=PAPER)
    world.settle()
    home, listed = page_of(world, OFFICER, "/xa"), page_of(world, OFFICER, "/xa/kho-khan")
    for one in (waiting, answered):
        assert row_of(home, one) == row_of(listed, one)


@pytest.mark.warehouse
def test_a_row_names_its_kind_by_the_dated_short_name(world: World) -> None:
    today = world.clock().date()
    words = tables().kind_words.on(today)
    for kind in ("one_stop_system_error", "power_unstable", "staff_shortage"):
        issue_id = world.report(kind=kind)
        assert row_of(page_of(world, OFFICER, "/xa/kho-khan"), issue_id)[1].startswith(
            f"{words[kind].short[0]} · "
        )


@pytest.mark.warehouse
def test_a_row_in_english_names_its_kind_in_english(world: World) -> None:
    issue_id = world.report(kind="power_unstable")
    short = tables().kind_words.on(world.clock().date())["power_unstable"].short[1]
    assert row_of(page_of(world, OFFICER, "/xa/kho-khan?lang=en"), issue_id)[1].startswith(f"{short} · ")


_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_GROUP = re.compile(r'href="(/thong-bao\?nhom=[^"]+)"')
_PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')


def items_of(page: str) -> list[str]:
    return re.findall(r'data-item="([^"]+)"', page)


def link_of(found: re.Match[str] | None) -> str:
    assert found is not None, "no such page"
    return html.unescape(found[1])


@pytest.mark.warehouse
@pytest.mark.parametrize("sort", ["need", "severity", "age", "cases", "body"])
def test_pages_of_work_go_on_from_a_row_and_keep_filters_and_order(
    world: World, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("services.web.work.lists.PAGE_SIZE", 2)
    wanted = [world.report(place=f"Bản {number}", severity="high") for number in range(5)]
    world.report(severity="low")
    first = page_of(world, OFFICER, f"/xa/kho-khan?sort={sort}&severity=high")
    assert len(items_of(first)) == 2
    # Meanwhile a row that was shown is gone, and another comes in.
    gone = items_of(first)[0]
    world.act_on_issue(OFFICER, "withdraw", gone, reason="Gửi nhầm.")
    world.settle()
    come = world.report(place="Bản Mới", severity="high")
    second = page_of(world, OFFICER, link_of(_NEXT.search(first)))
    assert f"sort={sort}" in link_of(_NEXT.search(second))
    third = page_of(world, OFFICER, link_of(_NEXT.search(second)))
    seen = [*items_of(first), *items_of(second), *items_of(third)]
    while following := _NEXT.search(third):
        third = page_of(world, OFFICER, link_of(following))
        seen += items_of(third)
    assert len(set(seen) - {gone}) == len([one for one in seen if one != gone])
    assert {*wanted} <= {*seen} <= {*wanted, come}
    assert items_of(page_of(world, OFFICER, link_of(_PREVIOUS.search(second))))[-1] == items_of(first)[-1]


@pytest.mark.warehouse
def test_notices_go_on_from_a_notice_not_from_a_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notices.days.PAGE_SIZE", 2)
    for place in ("Bản Vịn", "Bản Đục", "Bản Khẹo"):
        world.report(place=place)

    def notices(page: str) -> list[str]:
        return re.findall(r'href="/thong-bao/xem/([^"]+)"', page)

    pages = [page_of(world, CHAIR, link_of(_GROUP.search(page_of(world, CHAIR, "/thong-bao"))))]
    first = notices(pages[0])
    world.report(place="Bản Mới")
    while following := _NEXT.search(pages[-1]):
        pages.append(page_of(world, CHAIR, link_of(following)))
    seen = [one for page in pages for one in notices(page)]
    assert len(seen) == len(set(seen)) >= 3
    back = pages[-1]
    while previous := _PREVIOUS.search(back):
        back = page_of(world, CHAIR, link_of(previous))
    assert set(notices(back)).isdisjoint(first) or notices(back)[0] != first[0]


def test_no_query_of_the_store_or_the_engine_counts_rows_to_skip() -> None:
    root = Path(__file__).resolve().parents[2]
    found = [
        path.name
        for folder in ("services", "reporting")
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".sql"}
        and re.search(r"\.offset\(|\bOFFSET\s+[{:?\d]", path.read_text(encoding="utf-8"))
    ]
    assert found == []
