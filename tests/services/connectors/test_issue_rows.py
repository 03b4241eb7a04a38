from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.connectors.errors import UnusableMapping
from services.connectors.target import ImportTarget
from services.intake.issue_input import IssueInput
from services.store.store import OUTBOX, TEXTS
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MAPPING = EXAMPLES / "difficulties.toml"
PROVINCE = ImportTarget(province_code="38")
HEADER = [
    "Đơn vị", "Khó khăn, vướng mắc", "Mức độ", "Địa điểm", "Đã làm", "Số người", "Số hồ sơ", "Ngày phát sinh",
]  # fmt: skip
GOOD = ["Xã Bát Mọt", "Điểm lõm sóng di động", "Cao", "Bản Vịn", "", "1.200", "3", "03/11/2026"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def _with(column: str, text: str) -> list[str]:
    return [text if name == column else cell for name, cell in zip(HEADER, GOOD, strict=True)]


def test_rows_become_reports_with_their_texts_apart(here: Installation) -> None:
    assert here.issues.run(EXAMPLES / "difficulties.csv", MAPPING, PROVINCE).counts == {"created": 3}
    with here.store.read() as conn:
        events = [json.loads(value) for value in conn.scalars(select(OUTBOX.c.value).order_by(OUTBOX.c.id))]
        texts = set(conn.scalars(select(TEXTS.c.body)))
    first = events[0]["data"]
    assert (first["kind"], first["severity"], first["intake_channel"]) == (
        "mobile_dead_spot",
        "high",
        "import",
    )
    assert (first["people_affected"], first["cases_blocked"]) == (120, 3)
    assert first["occurred_at"] == "2026-11-02T17:00:00Z"
    assert {"Bản Vịn", "Bản Đục", "Khu 2"} <= texts
    assert not any("Bản Vịn" in json.dumps(event, ensure_ascii=False) for event in events)


def test_a_list_without_content_and_request_is_taken_and_says_neither(
    here: Installation, tmp_path: Path
) -> None:
    assert here.issues.run(xlsx(tmp_path / "a.xlsx", [HEADER, GOOD]), MAPPING, PROVINCE).counts == {
        "created": 1
    }
    with here.store.read() as conn:
        [said] = [json.loads(value)["data"] for value in conn.scalars(select(OUTBOX.c.value))]
    assert not {"content", "request"} & said.keys()


def test_a_list_may_state_every_field_of_the_form(here: Installation, tmp_path: Path) -> None:
    """What the form asks for is what a list may state; only what the intake itself knows has no column."""
    asked = IssueInput.model_fields.keys() - {"written_at", "intake_channel"}
    row = {
        "unit": "15607",
        "id": "6f0e2f3c-5b1c-4d9e-9a37-0f6a4bb1c001",
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        "content": "Cả bản không có sóng.",
        "request": "Đề nghị lắp trạm tại bản.",
        "tried": "Đã gọi nhà mạng.",
        "people_affected": "120",
        "cases_blocked": "3",
        "cases_overdue": "2",
        "amount_dong": "15.000.000",
        "place_type": "village",
        "tried_step": "enterprise_met",
        "occurred_at": "03/11/2026",
    }
    assert row.keys() - {"unit"} == asked
    columns = "\n".join(f'{name} = "{name}"' for name in row)
    mapping = tmp_path / "all.toml"
    mapping.write_text(f'kind = "issues"\n[columns]\n{columns}\n', encoding="utf-8")
    file = xlsx(tmp_path / "all.xlsx", [list(row), list(row.values())])
    summary = here.issues.run(file, mapping, PROVINCE)
    assert summary.counts == {"created": 1}, summary
    with here.store.read() as conn:
        [said] = [json.loads(value)["data"] for value in conn.scalars(select(OUTBOX.c.value))]
        texts = {str(one.id): one.body for one in conn.execute(select(TEXTS.c.id, TEXTS.c.body))}
    for name in ("place", "content", "request", "tried"):
        assert texts[said[name]["id"]] == row[name]
    numbers = {
        name: said[name] for name in ("people_affected", "cases_blocked", "cases_overdue", "amount_dong")
    }
    assert list(numbers.values()) == [120, 3, 2, 15_000_000]
    assert (said["place_type"], said["tried_step"]) == ("village", "enterprise_met")


def test_content_and_request_of_a_list_are_texts_apart(here: Installation) -> None:
    here.issues.run(EXAMPLES / "difficulties.csv", MAPPING, PROVINCE)
    with here.store.read() as conn:
        events = [json.loads(value)["data"] for value in conn.scalars(select(OUTBOX.c.value))]
        texts = {str(row.id): row.body for row in conn.execute(select(TEXTS.c.id, TEXTS.c.body))}
    assert {texts[said["request"]["id"]] for said in events} == {
        "Đề nghị lắp trạm phát sóng tại bản",
        "Đề nghị đưa bản vào dự án cấp điện",
        "Đề nghị sửa đường dây và báo trước lịch cắt điện",
    }
    assert all(texts[said["content"]["id"]] for said in events)


@pytest.mark.parametrize(
    "name",
    [
        "mobile_dead_spot",
        "Thôn, bản không có hoặc yếu sóng di động",
        "Sóng di động yếu, trắng sóng",
        "Điểm lõm sóng di động",
    ],
)
def test_a_kind_is_found_by_its_key_its_names_and_the_name_it_had_before(
    here: Installation, tmp_path: Path, name: str
) -> None:
    rows = [HEADER, _with("Khó khăn, vướng mắc", "no_fixed_internet"), _with("Khó khăn, vướng mắc", name)]
    text = MAPPING.read_text(encoding="utf-8").split("[values.kind]")[0]
    summary = here.issues.run(xlsx(tmp_path / "a.xlsx", rows), mapping_file(tmp_path, text), PROVINCE)
    assert summary.counts == {"created": 2}


@pytest.mark.parametrize(
    ("column", "text", "field"),
    [
        ("Khó khăn, vướng mắc", "Thiếu ghế", "kind"),
        ("Mức độ", "Rất cao", "severity"),
        ("Số người", "vài trăm", "people_affected"),
        ("Ngày phát sinh", "hôm kia", "occurred_at"),
        ("Ngày phát sinh", "03/11/2030", "occurred_at"),
        ("Địa điểm", "", "place"),
        ("Địa điểm", "nhà ông Nguyễn Văn Nam, 0912345678", "place"),
        ("Đơn vị", "Xã Không Có", "unit"),
    ],
)
def test_a_row_that_is_refused_harms_no_other(
    here: Installation, tmp_path: Path, column: str, text: str, field: str
) -> None:
    path, errors = xlsx(tmp_path / "a.xlsx", [HEADER, _with(column, text), GOOD]), tmp_path / "errors.csv"
    dry = here.issues.run(path, MAPPING, PROVINCE, dry_run=True)
    summary = here.issues.run(path, MAPPING, PROVINCE, errors=errors)
    assert dry.counts == summary.counts == {"created": 1, "rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (2, field)
    assert "Nguyễn" not in errors.read_text(encoding="utf-8")


def test_the_same_row_under_another_mapping_is_not_another_difficulty(
    here: Installation, tmp_path: Path
) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEADER, GOOD])
    here.issues.run(path, MAPPING, PROVINCE)
    changed = mapping_file(
        tmp_path, MAPPING.read_text(encoding="utf-8").replace('"Cao" = "high"', '"Cao" = "urgent"')
    )
    summary = here.issues.run(path, changed, PROVINCE)
    assert summary.counts == {"rejected": 1}
    assert summary.examples[0].field == "id"


def test_cases_are_refused_as_difficulties(here: Installation) -> None:
    with pytest.raises(UnusableMapping, match="import cases"):
        here.issues.run(EXAMPLES / "permits.xes", EXAMPLES / "permits.toml", PROVINCE)
