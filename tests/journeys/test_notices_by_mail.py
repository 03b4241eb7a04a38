"""A body that registered its mailbox gets each notice once, whatever dies in between."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.installation import Installation, eventually, liencap, serving
from tests.services.notices.mail_server import mail_server

pytestmark = [pytest.mark.process, pytest.mark.warehouse]

BAT_MOT = "15607"
TRIED = "Đã gọi trực ban, chưa có kết quả"


def report(server: Installation) -> str:
    issue_id = str(uuid.uuid4())
    # Urgent, so that it goes at once at whatever hour the test runs.
    body = {
        "id": issue_id,
        "kind": "mobile_dead_spot",
        "severity": "urgent",
        "place": "Bản Vịn",
        "content": TRIED,
        "request": TRIED,
        "tried": TRIED,
    }
    answer = server.as_("commune_officer", BAT_MOT).post(f"/api/v1/communes/{BAT_MOT}/issues", json=body)
    assert answer.status_code == 201, answer.text
    return issue_id


def approve(server: Installation, issue_id: str) -> None:
    chair = server.as_("commune_chair", BAT_MOT)
    seen = chair.get(f"/api/v1/issues/{issue_id}").json()
    one = seen["escalations"][-1]
    sent = {"expected_version": one["version"]}
    assert chair.post(f"/api/v1/escalations/{one['id']}/approve", json=sent).status_code == 200


def states_of_deliveries(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "store.db")) as store:
        return [row[0] for row in store.execute("SELECT state FROM notice_deliveries")]


def test_a_body_hears_once_of_each_thing_though_the_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as mailbox:
        monkeypatch.setenv("LIENCAP_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("LIENCAP_SMTP_PORT", str(mailbox.port))
        monkeypatch.setenv("LIENCAP_SMTP_SECURITY", "none")
        monkeypatch.setenv("LIENCAP_PUBLIC_URL", "https://liencap.example.vn")
        tried = liencap(tmp_path, "notices", "test", "--to", "van-thu@batmot.example")
        assert tried.returncode == 0, tried.stderr
        assert len(mailbox.messages) == 1
        with serving(tmp_path) as server:
            form = {"body": "15607.ubnd", "channel": "email", "address": "van-thu@batmot.example"}
            added = server.as_("commune_chair", BAT_MOT).post("/thong-bao/dia-chi", data=form)
            assert added.status_code == 303
            issue_id = report(server)
            eventually(lambda: states_of_deliveries(tmp_path) == ["sent"], seconds=60)
            assert len(mailbox.messages) == 2
            server.kill()
        with serving(tmp_path) as server:
            approve(server, issue_id)
            eventually(lambda: len(mailbox.messages) == 3, seconds=60)
            server.stop()
    first, second = mailbox.messages[1:]
    assert first["Subject"] == "[LiênCấp] Có đề xuất chờ lãnh đạo duyệt"
    assert second["Subject"] == "[LiênCấp] Đề xuất đã được duyệt, chờ ban hành văn bản"
    assert first["Message-ID"] != second["Message-ID"]
    assert f"https://liencap.example.vn/xa/kho-khan/{issue_id}" in first.get_content()
    assert TRIED not in first.get_content() + second.get_content()


def test_a_trial_that_is_not_taken_says_why(tmp_path: Path) -> None:
    closed = liencap(tmp_path, "notices", "test", "--to", "https://127.0.0.1/hook")
    assert closed.returncode == 1
    assert "neither public nor in LIENCAP_WEBHOOK_NETWORKS" in closed.stderr
    without = liencap(tmp_path, "notices", "test", "--to", "van-thu@batmot.example")
    assert without.returncode != 0
    assert "LIENCAP_SMTP_HOST" in without.stderr + without.stdout
