"""Panels of the installation itself: requests, disks, back-ups; and what all panels of a reading share."""

from __future__ import annotations

from functools import partial

from dashboards.columns import count, share, shown
from dashboards.lines import UNREAD, Answered, Finding, was_read
from dashboards.panel import Panel
from dashboards.vocabulary import Level, Text

ABOVE_COMMUNES: tuple[Level, ...] = ("province", "nation")
NOT_READ = {UNREAD: Text("không đọc được", "cannot be read")}
of_installation = partial(
    Panel,
    version=1,
    picture="bars",
    coverage=("installation", "is_read"),
    is_reported=was_read,
    levels=ABOVE_COMMUNES,
    see="operations.read",
)
"""What all panels share that are read from the installation; their coverage is whether they could be."""


def _answers(found: Answered) -> Finding:
    most = found.most("failed_count")
    if most is not None:
        return Finding(
            Text(
                "{failed} yêu cầu hỏng trong {all}, nhiều nhất ở {route}",
                "{failed} of {all} requests failed, most at {route}",
            ),
            {
                "failed": ("count", found.total("failed_count")),
                "all": ("count", found.total("request_count")),
                "route": ("code", most.key),
            },
            {"route": found.level_with(most, "failed_count")},
        )
    slowest = max(found.lines, key=lambda line: line.number("slow_ms") or 0, default=None)
    if slowest is None:
        return Finding(Text("Chưa có yêu cầu nào", "There was no request yet"))
    return Finding(
        Text("Không yêu cầu nào hỏng; chậm nhất là {route}", "No request failed; slowest is {route}"),
        {"route": ("code", slowest.key)},
        {"route": found.level_with(slowest, "slow_ms")},
    )


ROUTES = of_installation(
    name="duong-dan",
    title=Text("Yêu cầu theo đường dẫn", "Requests by route"),
    description=Text(
        "Từ lúc tiến trình này khởi động, theo mẫu đường dẫn, không theo địa chỉ. Hỏng là 5xx; bị từ chối là 4xx. Thời gian tính đến"
        " lúc bắt đầu trả lời, đọc từ các ngăn của /metrics.",
        "Since the start of this process, by route and not by address. Failed is 5xx, refused 4xx. The time runs until the answer"
        " begins, read from the buckets of /metrics.",
    ),
    question=Text("Đường dẫn nào lỗi, đường dẫn nào chậm?", "Which routes fail, which are slow?"),
    reading="routes",
    unit=Text("yêu cầu", "requests"),
    key="route",
    names="code",
    heading=Text("Đường dẫn", "Route"),
    rows={"(none)": Text("Tệp, địa chỉ không có", "Files, unknown addresses"), **NOT_READ},
    columns=(
        count("request_count", Text("Yêu cầu", "Requests")),
        count("failed_count", Text("Hỏng", "Failed"), is_late=True),
        share("failed_share", Text("Tỷ lệ hỏng", "Share failed"), ("failed_count",), ("request_count",)),
        count("refused_count", Text("Bị từ chối", "Requests refused")),
        shown("median_ms", Text("Một nửa dưới (ms)", "Half below (ms)"), "milliseconds"),
        shown("slow_ms", Text("95 % dưới (ms)", "95 % below (ms)"), "milliseconds"),
    ),
    finding=_answers,
    orders="request_count",
)


def _room(found: Answered) -> Finding:
    tightest = min(found.lines, key=lambda line: line.number("free_share") or 0, default=None)
    if tightest is None:
        return Finding(Text("Không có thư mục nào để đo", "There is no folder to measure"))
    return Finding(
        Text("Nơi chật nhất còn trống {free}", "The tightest place has {free} free"),
        {"free": ("share", tightest.number("free_share"))},
    )


DISKS = of_installation(
    name="o-dia",
    title=Text("Chỗ trống trên đĩa", "Room on the disks"),
    description=Text(
        "Thư mục dữ liệu của bản cài đặt (nhật ký, kho, máy phân tích khi cùng tiến trình) và nơi để bản sao lưu: đã dùng bao nhiêu,"
        " ổ đĩa chứa nó còn trống bao nhiêu.",
        "The data folder of the installation (log, store, and the engine where it is in the process) and the place of back-ups: what"
        " each takes, and what is free where it lies.",
    ),
    question=Text("Đĩa còn đủ chỗ không?", "Is there room on the disks?"),
    reading="disks",
    unit=Text("MB", "MB"),
    key="place",
    names="said",
    heading=Text("Thư mục", "Folder"),
    rows={
        "data": Text("Dữ liệu", "Data"),
        "backups": Text("Bản sao lưu", "Back-ups"),
        **NOT_READ,
    },
    columns=(
        shown("used_mb", Text("Đã dùng (MB)", "Taken (MB)"), "megabytes"),
        shown("free_mb", Text("Ổ đĩa còn trống (MB)", "Free there (MB)"), "megabytes"),
        share("free_share", Text("Tỷ lệ trống", "Share free"), ("free_count",), ("all_count",)),
    ),
    finding=_room,
)


def _backed_up(found: Answered) -> Finding:
    if not found.lines:
        return Finding(Text("Chưa có bản sao lưu nào trong thư mục", "The folder holds no back-up yet"))
    written = found.lines[0].cells["written_at"].value
    return Finding(
        Text("Bản sao lưu mới nhất ghi lúc {at}", "The newest back-up was written at {at}"),
        {"at": ("moment", written)},
    )


BACKUPS = of_installation(
    name="sao-luu",
    title=Text("Bản sao lưu mới nhất", "Newest back-ups"),
    description=Text(
        "Năm tệp mới nhất trong thư mục mà LIENCAP_BACKUPS chỉ ra. Trang này không mở tệp: chỉ phục hồi thử mới biết bản sao lưu"
        " dùng được.",
        "The five newest files in the folder that LIENCAP_BACKUPS names. Nothing here opens them: only a restore that was tried"
        " tells that a back-up is of use.",
    ),
    question=Text("Sao lưu lần cuối lúc nào?", "When was the last back-up?"),
    reading="backups",
    unit=Text("ngày", "days"),
    key="file",
    names="code",
    heading=Text("Tệp", "File"),
    rows={"unset": Text("chưa đặt LIENCAP_BACKUPS", "LIENCAP_BACKUPS is not set"), **NOT_READ},
    columns=(
        shown("old_days", Text("Đã bao nhiêu ngày", "Days old"), "days"),
        shown("written_at", Text("Ghi lúc", "Written"), "moment"),
        shown("used_mb", Text("Cỡ (MB)", "Size (MB)"), "megabytes"),
    ),
    finding=_backed_up,
)
