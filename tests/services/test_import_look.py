"""A file on its page: looked at, its mapping corrected, tried, imported in the name of the person; held for its sender alone."""

from __future__ import annotations

import html
import os
import time

import pytest
from starlette.testclient import TestClient

from services.connectors import uploads
from tests.services.world import BAT_MOT, OFFICER, VAN_XUAN, World

pytestmark = pytest.mark.warehouse
ADMINISTRATOR, REVIEWER = ("administrator", "38"), ("province_reviewer", "38")
HEAD = "Mã hồ sơ,Trạng thái,Ngày tiếp nhận,Ngày hẹn trả,Lĩnh vực,Ghi chú\n"
ROWS = "".join(f"LOOK-{n},Đang xử lý,2026-10-{n:02},2026-10-20,Hộ tịch,\n" for n in range(1, 9))
PATH = "/nhap-lieu/moi"


def sent(client: TestClient, content: str | bytes, name: str = "danh sách.csv") -> str:
    """Send a file and return the address of its page."""
    answer = client.post(PATH, files={"file": (name, content)}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def drafted(page: str) -> str:
    """Return the mapping in the form of a page."""
    return html.unescape(page.partition('name="mapping"')[2].partition(">")[2].partition("</textarea>")[0])


def test_a_commune_looks_tries_and_imports_in_the_name_of_its_officer(world: World) -> None:
    client = world.as_(*OFFICER)
    at = sent(client, HEAD + ROWS)
    page = client.get(at).text
    assert page.count("data-column") == 6
    assert "LinhVuc" in page
    assert "8 × “Hộ tịch”" in page
    assert "LOOK-1" not in page
    mapping = drafted(page)
    assert mapping in client.get(f"{at}/mapping.toml").text
    tried = client.post(at, data={"mapping": mapping, "act": "try"})
    assert tried.status_code == 200, tried.text
    assert "Sẽ nhận mới 8" in tried.text
    assert client.get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"] == []
    done = client.post(at, data={"mapping": mapping, "act": "import"}, follow_redirects=False)
    assert done.headers["location"] == "/nhap-lieu?done=imported"
    world.settle()
    assert len(world.as_(*OFFICER).get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"]) == 8
    listed = client.get("/nhap-lieu").text
    assert "danh sách.csv" in listed
    assert client.get(at).status_code == 404


def test_what_is_implausible_stops_it_until_it_is_ticked_by_name(world: World) -> None:
    client = world.as_(*OFFICER)
    twice = ROWS + "LOOK-1,Đang xử lý,2026-10-09,2026-10-21,Hộ tịch,\n"
    at = sent(client, HEAD + twice)
    mapping = drafted(client.get(at).text)
    stopped = client.post(at, data={"mapping": mapping, "act": "import"})
    assert stopped.status_code == 422
    assert 'name="accept" value="repeated_keys"' in stopped.text
    assert "đánh dấu từng điều" in stopped.text
    done = client.post(
        at, data={"mapping": mapping, "act": "import", "accept": "repeated_keys"}, follow_redirects=False
    )
    assert done.status_code == 303
    world.settle()
    assert len(world.as_(*OFFICER).get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"]) == 7


def test_a_broken_mapping_is_said_with_its_detail_and_kept_as_typed(world: World) -> None:
    client = world.as_(*OFFICER)
    at = sent(client, HEAD + ROWS)
    refused = client.post(
        at, data={"mapping": 'kind = "cases"\n[columns]\nMaHoSo = "Không có"', "act": "try"}
    )
    assert refused.status_code == 422
    assert "Không có" in refused.text
    assert "Không có" in client.get(at).text


def test_a_province_looks_and_tries_and_its_administrator_imports(world: World) -> None:
    rows = HEAD.replace("Ghi chú", "Xã") + "".join(
        f"P-{n},Đang xử lý,2026-10-{n:02},2026-10-20,Hộ tịch,{BAT_MOT if n % 2 else VAN_XUAN}\n"
        for n in range(1, 9)
    )
    reviewer = world.as_(*REVIEWER)
    at = sent(reviewer, rows)
    mapping = drafted(reviewer.get(at).text)
    tried = reviewer.post(at, data={"mapping": mapping, "act": "try"})
    assert "Sẽ nhận mới 8" in tried.text
    assert 'value="import"' not in tried.text
    assert reviewer.post(at, data={"mapping": mapping, "act": "import"}).status_code == 403
    administrator = world.as_(*ADMINISTRATOR)
    assert administrator.get(at).status_code == 404
    own = sent(administrator, rows)
    done = administrator.post(own, data={"mapping": mapping, "act": "import"}, follow_redirects=False)
    assert done.status_code == 303, done.text
    world.settle()
    assert len(world.as_(*OFFICER).get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"]) == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"PK\x03\x04 no archive"), ("x.csv", b""), ("x.xes", b"<log><event>"), ("x.exe", b"MZ\x00")],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_held(
    world: World, name: str, content: bytes
) -> None:
    client = world.as_(*OFFICER)
    refused = client.post(PATH, files={"file": (name, content)})
    assert refused.status_code == 422
    assert list(world.parts.uploads._folders()) == []


def test_names_of_senders_lead_nowhere_and_an_hour_later_the_file_is_gone(world: World) -> None:
    client = world.as_(*OFFICER)
    at = sent(client, HEAD + ROWS, "../../../etc/pass wd<b>.csv")
    [folder] = world.parts.uploads._folders()
    [held] = (folder / "file").iterdir()
    assert held.name == "pass wd_b_.csv"
    assert held.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    old = time.time() - uploads.HOURS_KEPT * 3_600 - 1
    os.utime(folder, (old, old))
    assert client.get(at).status_code == 404
    assert list(world.parts.uploads._folders()) == []


def test_one_sender_holds_only_so_many_and_none_too_large(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.as_(*OFFICER)
    for number in range(uploads.MOST_OF_ONE + 2):
        sent(client, HEAD + ROWS, f"{number}.csv")
    assert len(list(world.parts.uploads._folders())) == uploads.MOST_OF_ONE
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    assert client.post(PATH, files={"file": ("x.csv", HEAD + ROWS)}).status_code == 422
