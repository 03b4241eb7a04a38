from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from events import escalations, fields, issues
from events.clocks import CLOCK_EVENTS, ClockName
from events.envelope import Role
from events.faults import FAULT_EVENTS
from events.problems import PROBLEM_EVENTS
from events.signals import Trigger
from reporting.notice import TEMPLATES
from services.errors import SetupError
from services.language.labels import LANGS, Labels, Lang, load_labels
from services.web.shell.error_documents import PROBLEMS

WEB = Path(__file__).resolve().parents[2] / "services" / "web"
FORBIDDEN = ("leo thang", "vượt cấp", "khiếu nại", "thụ lý", "pakn")
# practice.md: the words that offices use; what stands here is what pages show.
EXACT = {
    "term.issue": "Khó khăn, vướng mắc",
    "issue.state.received": "Hệ thống đã nhận",
    "issue.state.solution_claimed": "Chờ xã xác nhận",
    "issue.state.confirmed": "Xã đã xác nhận",
    "issue.state.disputed": "Đề nghị xem xét lại",
    "issue.state.suppressed": "Chờ khắc phục sự cố gốc",
    "issue.state.withdrawn": "Đã rút",
    "issue.state.closed": "Đã kết thúc",
    "issue.state.draft": "Bản nháp",
    "issue.state.queued": "Chờ gửi",
    "issue.state.needs_fix": "Cần sửa",
    "term.escalation": "Đề xuất cấp có thẩm quyền",
    "term.problem": "Vấn đề chung",
    "escalation.state.proposed": "Chờ lãnh đạo duyệt",
    "escalation.state.awaiting_document": "Chờ ban hành văn bản",
    "escalation.state.sent": "Đã gửi",
    "escalation.state.acknowledged": "Đã nhận",
    "escalation.state.accepted": "Đã nhận xử lý",
    "escalation.state.returned": "Chuyển trả",
    "escalation.state.answered": "Đã trả lời",
    "answer.kind.solved": "Đã giải quyết",
    "answer.kind.guidance": "Đã hướng dẫn",
    "answer.kind.passed_on": "Đã chuyển cơ quan khác",
    "answer.kind.not_competent": "Không thuộc thẩm quyền",
    "answer.kind.waiting_resources": "Chờ bố trí nguồn lực",
    "answer.kind.refused": "Không chấp thuận",
    "clock.state.running": "Đang tính thời hạn",
    "clock.state.paused": "Tạm dừng tính thời hạn",
    "clock.state.approaching": "Sắp đến hạn",
    "clock.state.breached": "Quá hạn",
    "clock.state.reminder_passed": "Quá mốc nhắc",
    "term.holder": "Cơ quan đang xử lý",
    "severity.urgent": "Nghiêm trọng",
    "document.urgency.urgent": "Khẩn",
    "term.arbitrate": "Phân công cơ quan chủ trì",
    "action.escalate": "Kiến nghị bộ, ngành",
    "term.join": "Gộp vào vấn đề chung",
    "term.competence": "Bảng phân định thẩm quyền",
    "role.commune_officer": "Công chức xã",
    "role.commune_chair": "Chủ tịch UBND xã",
    "role.province_reviewer": "Chuyên viên Văn phòng UBND tỉnh",
    "role.department_officer": "Chuyên viên sở",
    "role.auditor": "Người kiểm tra, giám sát",
    "term.signal": "Dấu hiệu cần lưu ý",
    "term.new_issue": "Gửi khó khăn, vướng mắc",
    "term.queue": "Việc cần xử lý",
    "term.timeline": "Quá trình xử lý",
    "term.unclear_kind": "Chưa rõ, nhờ tỉnh phân loại",
}


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load_labels()


def test_both_languages_have_the_same_keys(labels: Labels) -> None:
    assert set(labels.catalogues["vi"]) == set(labels.catalogues["en"])


def test_both_languages_have_the_same_places_to_fill(labels: Labels) -> None:
    def places(words: str) -> set[str]:
        return {name.lower() for _, name, _, _ in Formatter().parse(words) if name}

    usual = {"unit_kind", "province_kind"}
    differing = [
        key
        for key, words in labels.catalogues["vi"].items()
        if places(words) - usual != places(labels.catalogues["en"][key]) - usual
    ]
    assert differing == []


def test_words_that_offices_do_not_use_are_absent(labels: Labels) -> None:
    found = [
        (key, word)
        for key, words in labels.catalogues["vi"].items()
        for word in FORBIDDEN
        if word in words.lower()
    ]
    assert found == []


def test_no_button_is_called_a_report(labels: Labels) -> None:
    assert [key for key, words in labels.catalogues["vi"].items() if words == "Báo cáo"] == [
        "document.kind.report"
    ]


@pytest.mark.parametrize(("key", "words"), EXACT.items())
def test_a_label_reads_as_practice_has_it(labels: Labels, key: str, words: str) -> None:
    assert labels.text(key) == words


@pytest.mark.parametrize(
    ("kind", "lang", "words"),
    [
        ("phuong", "vi", "Phường đã xác nhận"),
        ("dac_khu", "vi", "Đặc khu đã xác nhận"),
        ("phuong", "en", "Confirmed by the ward"),
    ],
)
def test_the_units_own_kind_is_said(labels: Labels, kind: str, lang: Lang, words: str) -> None:
    assert labels.text("issue.state.confirmed", lang, **labels.words_of_kind(kind, lang)) == words


def test_a_city_says_that_it_is_one(labels: Labels) -> None:
    words = labels.words_of_kind("thanh_pho", "vi")
    assert labels.text("role.province_reviewer", "vi", **words) == "Chuyên viên Văn phòng UBND thành phố"


def test_every_value_of_the_contract_has_a_label(labels: Labels) -> None:
    wanted = {
        "role": get_args(Role),
        "severity": get_args(fields.Severity),
        "lane": get_args(fields.Lane),
        "level": get_args(fields.Level),
        "deadline_source": get_args(fields.DeadlineSource),
        "days_kind": get_args(fields.DaysKind),
        "document.capacity": get_args(fields.SigningCapacity),
        "answer.kind": get_args(fields.AnswerKind),
        "case.channel": get_args(fields.Channel),
        "case.status": tuple(str(code) for code in range(1, 11)),
        "clock.name": get_args(ClockName),
        "intake_channel": get_args(issues.IntakeChannel),
        "finding": get_args(issues.Finding),
        "document.kind": get_args(fields.Document.model_fields["kind"].annotation),
        "document.urgency": get_args(fields.Document.model_fields["urgency"].annotation),
        "trigger": get_args(escalations.Proposal.model_fields["trigger"].annotation),
        "problem": tuple(PROBLEMS),
        "notice": TEMPLATES,
        "notice_name": TEMPLATES,
        "notice_signal": get_args(Trigger),
        "event": tuple(
            str(event.model_fields["type"].default)
            for event in (
                *issues.ISSUE_EVENTS,
                *escalations.ESCALATION_EVENTS,
                *CLOCK_EVENTS,
                *FAULT_EVENTS,
                *PROBLEM_EVENTS,
            )
        ),
    }
    missing = [
        f"{group}.{value}"
        for group, values in wanted.items()
        for value in values
        if not labels.has(f"{group}.{value}")
    ]
    assert missing == []


def test_every_key_that_a_page_or_a_module_names_exists(labels: Labels) -> None:
    called = re.compile(r"""(?:\bt|labels\.text)\(\s*["']([a-z_]+(?:\.[a-z0-9_-]+)+)["']""")
    files = [*WEB.rglob("*.html"), *WEB.parent.rglob("*.py")]
    missing = [
        f"{file.name}: {key}"
        for file in files
        for key in called.findall(file.read_text(encoding="utf-8"))
        if not labels.has(key)
    ]
    assert missing == []


def test_an_unknown_key_says_what_to_do(labels: Labels) -> None:
    with pytest.raises(SetupError, match="add it to both catalogues"):
        labels.text("issue.state.nowhere")


def test_there_are_two_languages() -> None:
    assert LANGS == ("vi", "en")
