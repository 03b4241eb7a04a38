"""Share links: what opens without sign-in, with whose right, until when; what is forged, changed, ended or lost opens not."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from urllib.parse import quote, unquote
from uuid import UUID

import pytest
from httpx2 import Response
from sqlalchemy import select, update

from services.access.actors import Actor
from services.access.keys import Keys
from services.access.policy import MAY
from services.access.share_tokens import share_token
from services.access.tokens import create_token
from services.store.share_tables import SHARE_LINKS
from services.web.sharing.links import ShareBook, ShareLink
from services.web.sharing.targets import FILES
from tests.services import world as who
from tests.services.world import BAT_MOT, SECRET, World

pytestmark = pytest.mark.warehouse

Person = tuple[str, ...]
BOARD = "/bang/duong-di?unit=38"
SAID = "Cột sóng hỏng từ đêm mưa lớn"


@pytest.fixture(scope="module")
def filled(filled_world: World) -> World:
    """The installation with a difficulty that reached the province, and what was said of it."""
    issue = filled_world.report(content=SAID)
    filled_world.act(who.CHAIR, "approve", issue)
    filled_world.settle()
    return filled_world


def share(world: World, person: Person, to: str = BOARD, days: int = 7) -> Response:
    return world.as_(*person).post("/chia-se", data={"to": to, "days": str(days)}, follow_redirects=False)


def shared(world: World, person: Person, to: str = BOARD, days: int = 7) -> str:
    """Share an address and return the address of the link, as the page says it."""
    asked = world.as_(*person).get(f"/chia-se/moi?to={quote(to, safe='')}", headers={"accept": "text/html"})
    assert asked.status_code == 200, asked.text
    answer = share(world, person, to, days)
    assert answer.status_code == 303, answer.text
    page = world.as_(*person).get(answer.headers["location"], headers={"accept": "text/html"})
    found = re.search(r'id="made" readonly value="http://testserver(/chia-se/[^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def opened(world: World, address: str) -> Response:
    """Open an address as somebody who never signed in."""
    world.client.cookies.clear()
    return world.client.get(address, headers={"accept": "text/html"}, follow_redirects=False)


def rows_of(answer: Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))


def link_of(world: World, address: str) -> ShareLink:
    token = address.rpartition("/")[2]
    [found] = [
        one
        for one in ShareBook(world.parts)._of(SHARE_LINKS.c.id.is_not(None))
        if ShareBook(world.parts).token(one) == token
    ]
    return found


def test_a_board_opens_without_sign_in_with_the_numbers_of_who_shared_it(filled: World) -> None:
    address = shared(filled, who.REVIEWER)
    page = opened(filled, address)
    assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["referrer-policy"] == "no-referrer"
    own = filled.as_(*who.REVIEWER).get(f"{BOARD}&lang=vi", headers={"accept": "text/html"}).text
    panels = re.findall(r'data-panel="([\w-]+)"', page.text)
    assert panels == re.findall(r'data-panel="([\w-]+)"', own)
    cells = re.compile(r'data-column="(\w+)" data-v="([^"]*)"')
    assert cells.findall(page.text) == cells.findall(own)
    for panel in panels:
        mine = filled.as_(*who.REVIEWER).get(f"/bang/so/{panel}.csv?unit=38&lang=vi")
        assert rows_of(opened(filled, f"{address}/so/{panel}.csv")) == rows_of(mine)
    # Nothing of it leads into the system, and nothing that anybody wrote is in it.
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r'<a [^>]*href="(/[^"#?]*)', main)) <= {
        f"{address}/so/{panel}.{ending}" for panel in panels for ending in ("xlsx", "csv", "json")
    }
    assert SAID not in page.text


def test_what_the_sharer_may_read_and_others_may_not_is_kept_back(filled: World) -> None:
    address = shared(filled, who.OFFICER, f"/bang/to-xa?unit={BAT_MOT}")
    own = filled.as_(*who.OFFICER).get("/bang/so/ton-theo-linh-vuc.csv")
    [mine] = [row for row in rows_of(own) if row["field_code"] == "bao_tro_xa_hoi"]
    [theirs] = [
        row
        for row in rows_of(opened(filled, f"{address}/so/ton-theo-linh-vuc.csv"))
        if row["field_code"] == "bao_tro_xa_hoi"
    ]
    assert mine["received"] == "3"
    assert theirs["received"] == ""
    assert "received=suppressed" in theirs["signs"]
    # A panel whose rows are single difficulties is not there, nor can it be shared.
    page = opened(filled, address).text
    assert 'data-panel="tra-loi-cho-xa"' not in page
    assert opened(filled, f"{address}/so/tra-loi-cho-xa.csv").status_code == 404
    assert share(filled, who.OFFICER, "/bang/so/tra-loi-cho-xa.csv").status_code == 422


def test_an_export_opens_as_the_file_that_it_is(filled: World) -> None:
    address = shared(filled, who.REVIEWER, "/bang/so/cho-tra-loi.csv?unit=38")
    mine = filled.as_(*who.REVIEWER).get("/bang/so/cho-tra-loi.csv?unit=38")
    assert rows_of(opened(filled, address)) == rows_of(mine)


def test_a_list_opens_only_for_who_is_signed_in_with_their_own_right(filled: World) -> None:
    address = shared(filled, who.REVIEWER, "/tinh?severity=high&xem=1")
    assert opened(filled, address).status_code == 401
    answer = filled.as_(*who.DEPARTMENT).get(address, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tinh?severity=high")


@pytest.mark.parametrize("file", [f"{base}.{ending}" for base in FILES for ending in ("csv", "xlsx")])
def test_the_file_of_a_list_comes_to_who_is_signed_in_with_the_rows_of_their_own_list(
    filled: World, file: str
) -> None:
    address = shared(filled, who.REVIEWER, f"{file}?severity=high")
    assert opened(filled, address).status_code == 401
    answer = filled.as_(*who.DEPARTMENT).get(address, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{file}?severity=high")


def test_every_list_that_goes_out_as_a_file_offers_the_link_to_it(filled: World) -> None:
    found = set()
    for person, page in (
        (who.REVIEWER, "/tinh"),
        (who.REVIEWER, "/tinh/van-de-chung"),
        (who.MINISTRY, "/tw/van-de-chung"),
        (who.DEPARTMENT, "/thon-lom"),
        (who.OFFICER, "/xa/ho-so"),
        (who.REVIEWER, "/bang/thoi-gian/ho-so?unit=38"),
    ):
        shown = filled.as_(*person).get(page, headers={"accept": "text/html"}).text
        offered = [unquote(one) for one in re.findall(r'href="/chia-se/moi\?to=([^"]+)"', shown)]
        [to] = [one for one in offered if ".xlsx" in one]
        assert share(filled, person, to).status_code == 303, to
        found.add(to.partition(".")[0])
    assert found == set(FILES)


@pytest.mark.parametrize(
    ("person", "to", "status"),
    [
        (who.REVIEWER, "/bang/tinh?unit=01", 403),
        (who.OFFICER, "/bang/duong-di?unit=38", 403),
        (who.REVIEWER, "/bang/ca-nuoc?unit=38", 422),
        (who.REVIEWER, "/bang/tinh?unit=38&all=1", 422),
        (who.REVIEWER, "/viec/tep.pdf", 422),
        (who.REVIEWER, "/viec/nhieu.csv", 422),
        (who.REVIEWER, "/api/v1/issues", 422),
        (who.REVIEWER, "https://example.test/bang/tinh", 422),
        (who.REVIEWER, "//example.test/bang/tinh", 422),
        (who.REVIEWER, "/bang/so/cac-xa.csv?unit=38&kind=mobile_dead_spot", 422),
        (who.ADMINISTRATOR, "/bang/duong-ong", 422),
    ],
)
def test_nobody_shares_what_they_may_not_open(filled: World, person: Person, to: str, status: int) -> None:
    assert share(filled, person, to).status_code == status
    assert filled.as_(*person).get(f"/chia-se/moi?to={quote(to, safe='')}").status_code == status


def test_a_name_that_was_not_signed_here_opens_nothing(filled: World) -> None:
    address = shared(filled, who.REVIEWER)
    link = link_of(filled, address)
    token = address.rpartition("/")[2]
    forged = share_token(Keys("another secret, long enough"), link.id, link.signed)
    session = create_token(SECRET, Actor("province_reviewer", "38"), dt.timedelta(days=1), filled.clock())
    for other in (forged, session, f"{token[:-2]}AA", token.replace(".", "", 1), "x"):
        assert opened(filled, f"/chia-se/{other}").status_code == 404
    assert opened(filled, address).status_code == 200


def test_the_choices_of_a_link_cannot_be_changed(filled: World) -> None:
    address = shared(filled, who.REVIEWER, "/bang/duong-di?unit=38&kind=mobile_dead_spot")
    for query in ("unit=01", "kind=", "from=2020-01-01"):
        assert opened(filled, f"{address}?{query}").status_code == 422
        assert opened(filled, f"{address}/so/theo-cap.csv?{query}").status_code == 422
    assert opened(filled, f"{address}?lang=en").status_code == 200
    row = SHARE_LINKS.c.id == link_of(filled, address).id
    for changed in (
        {"query": "unit=38"},
        {"unit_code": "01"},
        {"role": "administrator"},
        {"path": "/bang/tinh"},
    ):
        with filled.parts.store.begin() as conn:
            before = conn.execute(select(*(SHARE_LINKS.c[name] for name in changed)).where(row)).one()
            conn.execute(update(SHARE_LINKS).where(row).values(**changed))
        assert opened(filled, address).status_code == 404, changed
        with filled.parts.store.begin() as conn:
            conn.execute(update(SHARE_LINKS).where(row).values(**dict(zip(changed, before, strict=True))))
    assert opened(filled, address).status_code == 200


def test_a_link_ends_with_its_day_with_its_desk_and_with_the_right_of_its_sharer(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = shared(filled, who.REVIEWER, days=1)
    link = link_of(filled, address)
    monkeypatch.setattr(filled.clock, "ahead", dt.timedelta(hours=25))
    assert opened(filled, address).status_code == 404
    monkeypatch.setattr(filled.clock, "ahead", dt.timedelta(0))
    assert opened(filled, address).status_code == 200
    with monkeypatch.context() as less:
        less.delitem(MAY["rollups.read"], "province_reviewer")
        assert opened(filled, address).status_code == 404
    end = f"/chia-se/{link.id}/ket-thuc"
    assert filled.as_(*who.DEPARTMENT).post(end, follow_redirects=False).status_code == 403
    assert filled.as_(*who.REVIEWER).post(end, follow_redirects=False).status_code == 303
    ended = opened(filled, address)
    assert ended.status_code == 404
    assert "Hãy hỏi người đã gửi liên kết này." in ended.text
    assert "Về trang làm việc" not in ended.text
    page = filled.as_(*who.REVIEWER).get("/chia-se", headers={"accept": "text/html"}).text
    assert "Đã kết thúc" in page


def test_a_sharer_who_is_locked_shares_nothing_and_their_links_open_nothing(filled: World) -> None:
    address = shared(filled, who.LEADER)
    lock = f"/chia-se/{link_of(filled, address).id}/khoa"
    assert filled.as_(*who.REVIEWER).post(lock, data={"locked": "yes"}).status_code == 403
    client = filled.as_(*who.ADMINISTRATOR)
    assert client.post(lock, data={"locked": "yes"}, follow_redirects=False).status_code == 303
    assert opened(filled, address).status_code == 404
    assert share(filled, who.LEADER).status_code == 403
    assert "bị khóa" in client.get("/chia-se", headers={"accept": "text/html"}).text
    assert client.post(lock, data={"locked": "no"}, follow_redirects=False).status_code == 303
    assert opened(filled, address).status_code == 200


def test_uses_are_counted_and_each_desk_lists_its_own(filled: World) -> None:
    address = shared(filled, who.DEPARTMENT)
    for _ in range(3):
        opened(filled, address)
    opened(filled, f"{address}/so/theo-cap.csv")
    assert link_of(filled, address).use_count == 4
    page = filled.as_(*who.DEPARTMENT).get("/chia-se", headers={"accept": "text/html"}).text
    assert "4 lượt mở" in page
    token = address.rpartition("/")[2]
    assert token not in filled.as_(*who.OFFICER).get("/chia-se").text
    assert token not in filled.as_(*who.REVIEWER).get("/chia-se").text
    assert token in filled.as_(*who.ADMINISTRATOR).get("/chia-se").text
    assert filled.client.get("/chia-se").status_code == 401


def test_a_link_that_is_not_there_ends_nothing(shared_world: World) -> None:
    nothing = UUID(int=1)
    assert shared_world.as_(*who.REVIEWER).post(f"/chia-se/{nothing}/ket-thuc").status_code == 404
