"""What the events of a log mean for their case: two ends, every pause, transitions, statuses of several columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from events.cases import CaseState
from services.connectors.errors import UnusableMapping
from services.connectors.target import ImportTarget
from services.store.store import CASES
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, mapping_of

COMMUNE = ImportTarget(unit_code="15607")
EVENTS = """
kind = "events"
[columns]
MaHoSo = "ma"
activity = "viec"
timestamp = "luc"
MaTTHC = "tthc"
[status]
otherwise = 2
[status.by_activity]
"Tiếp nhận" = 2
"Yêu cầu bổ sung" = 5
"Đã bổ sung" = 4
"Yêu cầu nộp phí" = 6
"Xử lý xong" = 9
"Trả kết quả" = 10
"""
HEAD = "ma,viec,luc,tthc"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def log_of(folder: Path, *events: str, head: str = HEAD, name: str = "ev.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *events]) + "\n", encoding="utf-8")
    return path


def event(case: str, what: str, when: str) -> str:
    return f"{case},{what},2026-{when}:00+07:00,1.001612"


def states(here: Installation) -> dict[str, CaseState]:
    with here.store.read() as conn:
        rows = conn.execute(select(CASES.c.dossier_code, CASES.c.state)).all()
    return {row.dossier_code: CaseState.model_validate_json(row.state) for row in rows}


H1 = (
    event("H1", "Tiếp nhận", "10-01T08:30"),
    event("H1", "Yêu cầu bổ sung", "10-02T09:00"),
    event("H1", "Đã bổ sung", "10-12T09:00"),
    event("H1", "Xử lý xong", "10-13T10:00"),
    event("H1", "Trả kết quả", "10-20T10:00"),
)
H2 = (
    event("H2", "Tiếp nhận", "10-01T08:30"),
    event("H2", "Xử lý xong", "10-05T10:00"),
    event("H2", "Trả kết quả", "10-20T10:00"),
)
H3 = (event("H3", "Tiếp nhận", "10-01T08:30"), event("H3", "Yêu cầu nộp phí", "10-02T09:00"))


def test_processing_ends_and_the_result_is_handed_over_on_two_days(
    here: Installation, tmp_path: Path
) -> None:
    here.cases.run(log_of(tmp_path, *H2), mapping_file(tmp_path, EVENTS), COMMUNE)
    case = states(here)["H2"]
    assert (str(case.due_on), str(case.closed_on), str(case.returned_on)) == (
        "2026-10-06",
        "2026-10-05",
        "2026-10-20",
    )


def test_a_pause_that_ended_is_kept_with_its_cause_and_moves_the_due_day(
    here: Installation, tmp_path: Path
) -> None:
    here.cases.run(log_of(tmp_path, *H1, *H3), mapping_file(tmp_path, EVENTS), COMMUNE)
    first, third = states(here)["H1"], states(here)["H3"]
    assert [(one.reason, str(one.from_on), str(one.to_on)) for one in first.pauses] == [
        ("supplement", "2026-10-02", "2026-10-12")
    ]
    assert (str(first.due_on), str(first.closed_on), first.supplement_count) == (
        "2026-10-14",
        "2026-10-13",
        1,
    )
    assert [(one.reason, str(one.from_on), one.to_on) for one in third.pauses] == [
        ("fee", "2026-10-02", None)
    ]
    assert (first.pause_known, third.pause_known) == (True, True)


def test_the_same_log_again_and_a_longer_one_state_the_same_case(here: Installation, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, EVENTS)
    for length in range(1, len(H1) + 1):
        here.cases.run(log_of(tmp_path, *H1[:length]), mapping, COMMUNE)
    grown = states(here)["H1"]
    assert here.cases.run(log_of(tmp_path, *H1), mapping, COMMUNE).counts == {"unchanged": 1}
    other = tmp_path / "other"
    other.mkdir()
    with Installation(other) as anew:
        anew.cases.run(log_of(tmp_path, *reversed(H1)), mapping, COMMUNE)
        whole = states(anew)["H1"]
    own = {"seq", "previous", "reason_code", "key_id", "backfill"}
    assert grown.model_dump(exclude=own) == whole.model_dump(exclude=own)


@pytest.mark.parametrize(
    ("known", "activities"),
    [
        (True, '"Nhận" = 2\n"Bổ sung" = 5\n"Nộp" = 4'),
        (True, '"Nhận" = 2\n"Phí" = 6\n"Xong" = 9'),
        (False, '"Nhận" = 2\n"Xong" = 9'),
        (False, '"Bổ sung" = 5'),
    ],
)
def test_that_pauses_are_known_follows_from_the_activities(
    tmp_path: Path, known: bool, activities: str
) -> None:
    head = EVENTS.partition("[status]")[0]
    assert mapping_of(tmp_path, f"{head}[status.by_activity]\n{activities}\n").shows_pauses is known


def test_that_pauses_are_known_cannot_be_claimed(tmp_path: Path) -> None:
    with pytest.raises(UnusableMapping, match="is derived"):
        mapping_of(tmp_path, "pauses_known = true\n" + EVENTS)


LIFE = "ma,viec,luc,tthc,lifecycle:transition"


def _transitions() -> list[str]:
    return [
        f"{H2[0]},complete",
        event("H2", "Xử lý xong", "10-02T09:00") + ",schedule",
        event("H2", "Xử lý xong", "10-02T10:00") + ",start",
        event("H2", "Xử lý xong", "10-05T10:00") + ",COMPLETE",
        event("H2", "Xử lý xong", "10-09T10:00") + ",withdraw",
    ]


def test_only_completed_transitions_count(here: Installation, tmp_path: Path) -> None:
    summary = here.cases.run(
        log_of(tmp_path, *_transitions(), head=LIFE), mapping_file(tmp_path, EVENTS), COMMUNE
    )
    assert str(states(here)["H2"].closed_on) == "2026-10-05"
    assert any("3 events are of a transition that does not count" in line for line in summary.lines())


def test_the_mapping_may_name_the_transitions_that_count(here: Installation, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, EVENTS + '\n[events]\nlifecycle = ["complete", "start"]\n')
    here.cases.run(log_of(tmp_path, *_transitions()[:3], head=LIFE), mapping, COMMUNE)
    assert str(states(here)["H2"].closed_on) == "2026-10-02"


def test_events_read_and_cases_made_are_both_told(here: Installation, tmp_path: Path) -> None:
    path = log_of(tmp_path, *H1, *H2, event("H2", "Gọi điện", "10-03T09:00"))
    said = here.cases.run(path, mapping_file(tmp_path, EVENTS), COMMUNE).lines()
    assert "9 events read, 2 cases made of them or known" in said
    assert any("1 events are of an activity that status.by_activity does not name" in line for line in said)


TWO_COLUMNS = """
kind = "cases"
[columns]
MaHoSo = "ma"
NgayTiepNhan = "nhan"
NgayTrangThai = "luc"
TrangThai = "trang_thai"
outcome = "ket_qua"
[values.TrangThai]
"Đang xử lý" = 4
[[status.when]]
status = 8
cells = { TrangThai = "Đã xử lý", outcome = ["Từ chối", "Trả lại"] }
[[status.when]]
status = 9
cells = { TrangThai = "Đã xử lý", outcome = ["Đồng ý", ""] }
[[rows.leave_out]]
cells = { outcome = "Thử nghiệm" }
"""


def test_a_status_may_rest_on_two_columns_and_rows_are_left_out_by_a_rule(
    here: Installation, tmp_path: Path
) -> None:
    head = "ma,nhan,luc,trang_thai,ket_qua"
    rows = [
        f"T{n},2026-10-01,2026-10-06,{status},{outcome}"
        for n, (status, outcome) in enumerate(
            [
                ("Đã xử lý", "Đồng ý"),
                ("Đã xử lý", "từ chối"),
                ("Đã xử lý", ""),
                ("Đang xử lý", "Đồng ý"),
                ("Đang xử lý", "Thử nghiệm"),
                ("Đã xử lý", "Lạ"),
            ]
        )
    ]
    path = log_of(tmp_path, *rows, head=head)
    summary = here.cases.run(path, mapping_file(tmp_path, TWO_COLUMNS), COMMUNE, accept=["no_due_day"])
    assert {code: case.status_code for code, case in states(here).items()} == {
        "T0": 9,
        "T1": 8,
        "T2": 9,
        "T3": 4,
    }
    assert summary.left_out_count == 1
    assert [(one.line, one.field) for one in summary.examples] == [(7, "TrangThai")]


def test_a_rule_names_only_fields_that_exist(tmp_path: Path) -> None:
    with pytest.raises(UnusableMapping, match=r"rows\.leave_out\.ket_qua: no such field"):
        mapping_of(tmp_path, TWO_COLUMNS.replace('cells = { outcome = "Thử', 'cells = { ket_qua = "Thử'))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("supplement 2026-10-05/2026-10-03", "write each pause as"),
        ("holiday 2026-10-05/", "write each pause as"),
        ("fee 2026-10-05/; supplement 2026-10-07/2026-10-08", "only the last pause"),
        ("fee 2026-10-05/2026-10-09; supplement 2026-10-07/2026-10-08", "a pause of this case began"),
        ("; ".join(["fee 2026-10-05/2026-10-05"] * 41), "41 pauses"),
    ],
)
def test_a_cell_of_pauses_that_hang_together_badly_is_refused_by_name(
    here: Installation, tmp_path: Path, cell: str, reason: str
) -> None:
    mapping = mapping_file(
        tmp_path,
        'kind = "cases"\n[columns]\nMaHoSo = "ma"\nNgayTiepNhan = "nhan"\nTamDung = "dung"\n[status]\notherwise = 4\n',
    )
    path = log_of(tmp_path, f'"P1",2026-10-01,"{cell}"', head="ma,nhan,dung")
    [rejection] = here.cases.run(path, mapping, COMMUNE).examples
    assert rejection.field == "TamDung"
    assert reason in rejection.reason
    assert not states(here)
