"""Lists as files: the rows of the file are those of its pages, no text is a formula, who may not read gets none."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from dashboards.answer import answered
from dashboards.definitions.installation import ROUTES
from services.access.actors import Actor
from services.web.boards.asked import Asked
from services.web.boards.exports import as_csv
from services.web.boards.reading import Answer, Coverage
from services.web.boards.wording import Wording
from services.web.figures.windows import Window
from services.web.shell.csv_file import guarded
from services.web.shell.list_files import FileWriter, ListFile
from tests.services import world as who
from tests.services.world import World

pytestmark = pytest.mark.warehouse

Person = tuple[str, ...]
WORK: tuple[tuple[Person, str], ...] = (
    (who.OFFICER, "/xa/kho-khan"),
    (who.OFFICER, "/xa/kho-khan?severity=high&sort=age"),
    (who.REVIEWER, "/tinh"),
    (who.REVIEWER, "/tinh?tab=late&since=30"),
    (who.REVIEWER, "/tinh?q=song"),
    (who.DEPARTMENT, "/tinh"),
    (who.MINISTRY, "/tw/kien-nghi"),
    (who.AUDITOR, "/tinh?tab=answered"),
)
FORMULA = '=HYPERLINK("http://x","y")'
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_FILE = re.compile(r'href="([^"]+)" download>(?:Excel|CSV)<')


@pytest.fixture(scope="module")
def filled(filled_world: World) -> World:
    """The installation with what somebody typed, of which some begins like a formula."""
    filled_world.report(place="Bản Vịn")
    filled_world.report(kind="staff_shortage", content=FORMULA)
    register(filled_world, "Bản Vịn", "=1+1")
    return filled_world


def register(world: World, *villages: str) -> None:
    for name in villages:
        sent = {"department": "38.so_khcn", "unit_code": who.BAT_MOT, "village": name, "gap": "no_signal"}
        assert world.as_(*who.DEPARTMENT).post("/api/v1/promises", json=sent).status_code == 202
    world.settle()


def page_of(world: World, person: Person, path: str) -> str:
    answer = world.as_(*person).get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def all_pages(world: World, person: Person, path: str) -> str:
    """Return the pages of a list one after the other, as somebody would turn them."""
    found = [page_of(world, person, path)]
    while following := _NEXT.search(found[-1]):
        found.append(page_of(world, person, html.unescape(following[1])))
    return "\n".join(found)


def files_of(world: World, person: Person, path: str) -> tuple[list[list[str]], list[list[Any]]]:
    """Return the lines of the CSV and of the workbook that the page of a list offers."""
    xlsx, plain = (html.unescape(href) for href in _FILE.findall(page_of(world, person, path))[:2])
    client = world.as_(*person)
    text = client.get(plain).content.decode()
    assert text.startswith("\ufeff")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(xlsx).content))
    return list(csv.reader(io.StringIO(text[1:]))), book.get_sheet_by_index(0).to_python()


@pytest.mark.parametrize(("person", "path"), WORK)
def test_a_list_of_work_as_a_file_has_the_rows_of_all_its_pages(
    filled: World, monkeypatch: pytest.MonkeyPatch, person: Person, path: str
) -> None:
    monkeypatch.setattr("services.web.work.lists.PAGE_SIZE", 4)
    pages = all_pages(filled, person, path)
    shown = re.findall(r'data-item="([^"]+)"', pages)
    lines, sheet = files_of(filled, person, path)
    column = lines[0].index("Mã")
    assert [row[column] for row in lines[1:]] == [row[column] for row in sheet[1:]]
    assert sorted(row[column] for row in lines[1:]) == sorted(shown)
    assert f'data-whole="{len(lines) - 1}"' in pages


def test_the_register_the_problems_and_the_cases_as_files_have_the_rows_of_their_pages(filled: World) -> None:
    for person, path, column in (
        (who.DEPARTMENT, "/thon-lom", "Mã"),
        (who.OFFICER, "/thon-lom?gap=no_signal", "Mã"),
        (who.REVIEWER, "/tinh/van-de-chung", "Mã"),
        (who.OFFICER, "/xa/ho-so", "Mã hồ sơ"),
        (who.OFFICER, "/xa/ho-so?due=overdue", "Mã hồ sơ"),
    ):
        pages = all_pages(filled, person, path)
        lines, sheet = files_of(filled, person, path)
        place = lines[0].index(column)
        ids = [row[place] for row in lines[1:]]
        assert ids == [row[place] for row in sheet[1:]], path
        assert all(one in pages for one in ids)
        assert len(ids) == len(re.findall(r"data-row[ >]", pages)), path


def test_a_file_says_when_it_was_read_and_what_was_chosen(filled: World) -> None:
    lines, _ = files_of(filled, who.REVIEWER, "/tinh?severity=high&since=30")
    assert lines[0][-2:] == ["Đọc lúc", "Mục và bộ lọc"]
    for row in lines[1:]:
        assert dt.datetime.fromisoformat(row[-2]).date() >= dt.date(2026, 1, 1)
        assert "Mức độ: Cao" in row[-1]
        assert "Gửi trong: 30 ngày qua" in row[-1]
    answer = filled.as_(*who.REVIEWER).get("/viec/tep.xlsx?severity=high&lang=en")
    about = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(1).to_python()
    assert ["Severity", "High"] in [row[:2] for row in about]
    assert "work_38_" in answer.headers["content-disposition"]


def test_what_somebody_typed_is_a_formula_in_no_file(filled: World) -> None:
    for person, path, typed in (
        (who.OFFICER, "/xa/kho-khan?state=all", FORMULA),
        (who.DEPARTMENT, "/thon-lom", "=1+1"),
    ):
        lines, sheet = files_of(filled, person, path)
        names = [row[0] for row in lines[1:]]
        assert f"'{typed}" in names, names
        assert typed in [row[0] for row in sheet[1:]]
        assert "Bản Vịn" in "".join(names)


def test_who_took_a_list_out_of_the_system_is_among_the_exports_of_the_auditor(filled: World) -> None:
    before = page_of(filled, who.AUDITOR, "/tinh/giam-sat?so=exports").count("data-row")
    files_of(filled, who.OFFICER, "/xa/kho-khan")
    page = page_of(filled, who.AUDITOR, "/tinh/giam-sat?so=exports")
    assert page.count("data-row") == before + 2
    assert "Danh sách việc (XLSX)" in page
    assert page_of(filled, who.OFFICER, "/tong-hop").count("Danh sách việc") >= 2


@given(st.text(alphabet="=+-@＝\t\r\n '\"|!ăđẦ1A(:", min_size=1, max_size=12))
def test_no_cell_of_a_csv_begins_as_a_formula(shared_world: World, written: str) -> None:
    cell = guarded(written)
    assert cell.strip()[:1] not in set("=+-@＝＋－＠")
    assert cell.removeprefix("'") == written.removeprefix("'")
    file = ListFile("work", "", ("a",), [(written,)], (), dt.datetime.now(dt.UTC))
    text = FileWriter(shared_world.parts, "vi", Actor("province_reviewer", "38")).as_csv(file)
    assert next(csv.reader(io.StringIO(text.partition("\r\n")[2], newline="")))[0] == cell


def test_a_code_that_begins_as_a_formula_is_none_in_the_csv_of_a_board(shared_world: World) -> None:
    day = dt.date(2026, 11, 30)
    row = {"route": FORMULA, **dict.fromkeys((key for one in ROUTES.columns for key in one.needs), -1)}
    answer = Answer(ROUTES, Asked("38", Window(day, day)), answered(ROUTES, [row]), None, Coverage(1, 1))
    text = as_csv(answer, Wording(shared_world.parts, "vi"))
    [line] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert (line["route"], line["name"], line["request_count"]) == (f"'{FORMULA}", f"'{FORMULA}", "-1")


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        (who.OFFICER, "/tinh/van-de-chung.csv", 403),
        (who.DEPARTMENT, "/xa/ho-so.csv", 403),
        (who.MINISTRY, "/thon-lom.csv", 403),
        (who.REVIEWER, "/viec/tep.pdf", 422),
        (who.MINISTRY, "/viec/tep.csv", 200),
    ],
)
def test_who_may_not_open_the_page_gets_no_file(
    shared_world: World, person: Person, path: str, status: int
) -> None:
    assert shared_world.as_(*person).get(path).status_code == status
