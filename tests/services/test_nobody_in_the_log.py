"""After a whole story, neither log nor analytics holds a word that somebody wrote, a signer, or a dossier code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from events.issues import REPORT_TEXTS
from events.topics import TOPICS
from tests.services.world import (
    BAT_MOT,
    CHAIR,
    CLERK,
    DEPARTMENT,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    World,
)

pytestmark = pytest.mark.warehouse

# One word each that stands nowhere else, in every field that takes a text.
WRITTEN = {
    "place": "vănphòngthônvịn",
    "content": "bảnmấtsóng",
    "request": "lắptrạmmới",
    "tried": "đãgọinhàmạng",
    "correction": "ghirõtừngàynào",
    "corrected": "mấtsóngtừđầutháng",
    "approval": "đồngýtrình",
    "dispatch": "gửikèmbảnđồ",
    "question": "cầnkinhphíquỹ",
    "ministry_answer": "đưavàochươngtrình",
    "answer": "đãlắptrạmphát",
    "dispute": "sóngvẫnyếulắm",
    "second_answer": "đãchỉnhlạianten",
    "confirmation": "sóngđãtốtrồi",
    "signer": "Lườngthịngọc",
    "other_signer": "Vivănchiến",
    "dossier": "H56.15607-999-7777",
}


def record_everything(world: World) -> None:
    letter = {"number": "15/TTr-UBND", "date": "2026-11-20", "signer": WRITTEN["signer"]}
    reply = {"number": "88/BKHCN-CVT", "date": "2026-11-21", "signer": WRITTEN["other_signer"]}
    rows = [{"MaHoSo": WRITTEN["dossier"], "TrangThai": 2, "NgayTiepNhan": "2026-11-20", "KenhThucHien": 1}]
    sync = f"/api/v1/communes/{BAT_MOT}/cases/sync"
    assert world.as_(*OFFICER).post(sync, json=rows).json()["counts"]["created"] == 1
    issue_id = world.report(**{name: WRITTEN[name] for name in REPORT_TEXTS})
    world.act(CHAIR, "ask_correction", issue_id, reason=WRITTEN["correction"])
    world.act(OFFICER, "correct", issue_id, content=WRITTEN["corrected"])
    world.act(CHAIR, "approve", issue_id, reason=WRITTEN["approval"])
    world.act(CLERK, "send", issue_id, document=letter, reason=WRITTEN["dispatch"])
    world.act(DEPARTMENT, "accept", issue_id)
    world.act(REVIEWER, "escalate", issue_id, reason=WRITTEN["question"])
    world.act(LEADER, "approve", issue_id)
    world.act(REVIEWER, "send", issue_id, document=letter)
    said: dict[str, Any] = {"kind": "solved", "document": reply}
    world.act(MINISTRY, "answer", issue_id, text=WRITTEN["ministry_answer"], **said)
    world.act(DEPARTMENT, "answer", issue_id, index=0, text=WRITTEN["answer"], **said)
    world.act_on_issue(OFFICER, "dispute", issue_id, reason=WRITTEN["dispute"])
    world.settle()
    if world.issue(issue_id)["escalations"][0]["state"] == "sent":
        world.act(DEPARTMENT, "accept", issue_id, index=0)
    world.act(DEPARTMENT, "answer", issue_id, index=0, text=WRITTEN["second_answer"], **said)
    world.act_on_issue(OFFICER, "confirm", issue_id, text=WRITTEN["confirmation"])
    world.settle()
    shown = json.dumps(world.issue(issue_id), ensure_ascii=False)
    kept = {name for name, words in WRITTEN.items() if words in shown}
    assert kept == set(WRITTEN) - {"dossier"}, "what people wrote is shown to them"


def logged(world: World) -> str:
    log = world.log
    found = [
        each.key.encode() + each.value
        for name, topic in TOPICS.items()
        for partition in range(topic.partitions)
        for each in log.read(name, partition, 0, 10_000)
    ]
    assert len(found) > 20
    return b"\n".join(found).decode()


def analysed(world: World) -> str:
    """Return every row of every table of the engine as text."""
    warehouse = world.parts.warehouse
    tables = warehouse.rows("SELECT name FROM system.tables WHERE database = currentDatabase()")
    whole = [f"SELECT * FROM {table['name']}" for table in tables]  # noqa: S608 -- the engine's own names
    lines = [repr(row) for query in whole for row in warehouse.rows(query)]
    assert len(lines) > 20
    return "\n".join(lines)


def test_what_people_wrote_is_in_the_text_store_alone(world: World) -> None:
    record_everything(world)
    for held in (logged(world), analysed(world)):
        plain = held + re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), held)
        assert [name for name, words in WRITTEN.items() if words in plain] == []
