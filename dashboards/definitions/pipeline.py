"""Panels of the way from the intake to the figures, for who runs an installation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

from dashboards.columns import count, shown
from dashboards.definitions.installation import ABOVE_COMMUNES, NOT_READ, of_installation
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import Text
from events.topics import FACT_TOPICS


def _ready(found: Answered) -> Finding:
    missing = found.total("missing_count")
    if not missing:
        return Finding(Text("Mọi bộ phận của tiến trình đều sẵn sàng", "Every part of this process is ready"))
    return Finding(
        Text("{missing} bộ phận chưa sẵn sàng", "{missing} parts are not ready"),
        {"missing": ("count", missing)},
    )


PARTS = of_installation(
    name="san-sang",
    title=Text("Bộ phận của tiến trình", "Parts of this process"),
    description=Text(
        "Kết quả các phép thử của /readyz trong tiến trình đã trả lời trang này; lý do ghi ở /readyz.",
        "What the checks of /readyz say in the process that answered this page; the reason stands in /readyz.",
    ),
    question=Text("Có bộ phận nào chưa sẵn sàng không?", "Is a part not ready?"),
    reading="parts",
    unit=Text("bộ phận", "parts"),
    key="part",
    names="said",
    rows={
        "engine": Text("Máy phân tích", "Engine"),
        "relay": Text("Chuyển sự kiện vào nhật ký", "Relay from the outbox to the log"),
        "store": Text("Kho vận hành", "Operational store"),
        "streams": Text("Các luồng xử lý", "Streams"),
        **NOT_READ,
    },
    columns=(
        count("missing_count", Text("Chưa sẵn sàng", "Not ready"), is_late=True),
        shown(
            "state",
            Text("Tình trạng", "State"),
            "word",
            words={"ready": Text("sẵn sàng", "ready"), "missing": Text("chưa sẵn sàng", "not ready")},
        ),
    ),
    finding=_ready,
)


def _lagging(found: Answered) -> Finding:
    most = found.most("behind_count")
    if most is None:
        return Finding(Text("Không nhóm đọc nào chậm lại", "No group is behind"))
    return Finding(
        Text(
            "{all} bản ghi chờ xử lý, nhiều nhất là {lane}: {count}",
            "{all} records wait to be processed, most at {lane}: {count}",
        ),
        {
            "all": ("count", found.total("behind_count")),
            "lane": ("code", most.key),
            "count": ("count", most.number("behind_count")),
        },
        {"lane": found.level_with(most, "behind_count")},
    )


_of_lanes = partial(
    of_installation,
    unit=Text("bản ghi", "records"),
    key="lane",
    names="code",
    heading=Text("Nhóm · chủ đề", "Group · topic"),
    rows=NOT_READ,
)
"""What panels share whose rows are the readers of the log: a group and one of its topics."""

LAGS = _of_lanes(
    name="nhom-doc",
    title=Text("Bản ghi chờ xử lý theo nhóm đọc", "Records behind, by group"),
    description=Text(
        "Mỗi nhóm đọc một chủ đề của nhật ký; chờ là đã ghi vào nhật ký mà nhóm chưa xử lý xong. Thời gian chờ là của bản ghi chờ"
        " đầu tiên trong phân vùng chậm nhất.",
        "Each group reads a topic of the log; behind is what was appended and the group has not finished. How long it waits is told"
        " of the first such record in the partition that is most behind.",
    ),
    question=Text(
        "Nhóm nào chậm lại, bao nhiêu, bao lâu?", "Which group is behind, by how much, for how long?"
    ),
    reading="stream_lags",
    columns=(
        count("behind_count", Text("Bản ghi chờ", "Records behind")),
        shown("waiting_minutes", Text("Chờ", "Waits"), "minutes"),
    ),
    finding=_lagging,
    orders="behind_count",
)


def _repeated(found: Answered) -> Finding:
    if not found.lines:
        return Finding(
            Text("Tiến trình này chưa chạy luồng xử lý nào", "This process has run no stream so far")
        )
    most = found.most("retry_count")
    if most is None:
        return Finding(Text("Không luồng nào phải làm lại", "No stream had to try again"))
    return Finding(
        Text("{all} lần phải làm lại, nhiều nhất ở {lane}", "{all} attempts were repeated, most at {lane}"),
        {"all": ("count", found.total("retry_count")), "lane": ("code", most.key)},
        {"lane": found.level_with(most, "retry_count")},
    )


BATCHES = _of_lanes(
    name="luong-xu-ly",
    title=Text("Nhịp của các luồng xử lý", "Pace of the streams"),
    description=Text(
        "Từ lúc tiến trình này khởi động. Thời gian là của mẻ chậm nhất trong 95 % số mẻ, từ lúc đọc đến lúc chốt. Nơi luồng chạy ở"
        " tiến trình riêng thì xem /metrics của tiến trình đó.",
        "Since the start of this process. The time is that of the slowest batch among 95 % of them, from its reading to its commit."
        " Where streams run in workers of their own, ask /metrics of those.",
    ),
    question=Text("Luồng nào phải làm lại, luồng nào chậm?", "Which stream has to try again, which is slow?"),
    reading="stream_batches",
    columns=(
        count("record_count", Text("Bản ghi đã xử lý", "Records finished")),
        count("retry_count", Text("Lần làm lại", "Attempts repeated"), is_late=True),
        shown("slow_ms", Text("95 % số mẻ dưới (ms)", "95 % of batches below (ms)"), "milliseconds"),
    ),
    finding=_repeated,
    orders="record_count",
)


def _newest(found: Answered) -> Finding:
    aged = [line for line in found.lines if line.number("old_minutes") is not None]
    if not aged:
        return Finding(Text("Chưa có số liệu nào", "Nothing has landed yet"))
    newest = min(aged, key=lambda line: line.number("old_minutes") or 0)
    return Finding(
        Text("Mới nhất là {what}: {age} trước", "Newest are {what}: {age} ago"),
        {"what": ("said", newest.key), "age": ("minutes", newest.number("old_minutes"))},
        {"what": found.level_with(newest, "old_minutes")},
    )


_TOPICS: Mapping[str, Text] = {
    "cases": Text("Hồ sơ", "Cases"),
    "issues": Text("Khó khăn, vướng mắc", "Difficulties"),
    "promises": Text("Sổ thôn, bản", "Register of villages"),
    "periods": Text("Kỳ báo cáo", "Reporting periods"),
    "sources": Text("Nguồn còn báo", "Feeds that are heard"),
}
"""What the facts of each topic are about."""

FRESHNESS = Panel(
    name="do-moi",
    version=2,
    title=Text("Độ mới của số liệu", "Age of the figures"),
    description=Text(
        "Bản ghi mới nhất đã vào máy phân tích được ghi nhận lúc nào, so với lúc mở bảng. Im ắng có thể chỉ vì không có việc: nguồn"
        " còn báo là đường truyền còn thông.",
        "When the newest record that has landed was recorded, against the moment at which the board is opened. Quiet may mean that"
        " nothing happened: a feed that is heard shows that the way is open.",
    ),
    question=Text("Số liệu đang mới đến đâu?", "How new are the figures?"),
    query="freshness",
    asks=("units", "at"),
    picture="bars",
    unit=Text("thời gian", "time"),
    key="topic",
    names="said",
    rows={topic.name: _TOPICS[topic.name] for topic in FACT_TOPICS},
    columns=(
        shown("old_minutes", Text("Cách đây", "Age"), "minutes", missing="not_reported"),
        shown("newest_at", Text("Ghi nhận lúc", "Recorded"), "moment", missing="not_reported"),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_newest,
    levels=ABOVE_COMMUNES,
    see="operations.read",
)


def _letters(found: Answered) -> Finding:
    waiting = found.total("waiting_count")
    if not found.lines:
        return Finding(Text("Không bản ghi nào bị gạt ra", "No record was set aside"))
    if not waiting:
        return Finding(
            Text(
                "Mọi bản ghi bị gạt ra đã gửi lại hoặc đã bỏ",
                "All that was set aside was sent again or given up",
            )
        )
    return Finding(
        Text(
            "{waiting} bản ghi bị gạt ra chưa gửi lại",
            "{waiting} records were set aside and not sent again",
        ),
        {"waiting": ("count", waiting)},
    )


DEAD_LETTERS = of_installation(
    name="thu-chet",
    title=Text("Bản ghi bị gạt ra theo lý do", "Records set aside, by reason"),
    description=Text(
        "Bản ghi của nhật ký mà một bước xử lý không nhận được, theo chủ đề và lý do, như `liencap dlq` liệt kê. Chưa gửi lại là còn"
        " phải xem; đã bỏ là người vận hành quyết định không xử lý.",
        "Records of the log that a step could not take, by topic and reason, as `liencap dlq` lists them. What was not sent again"
        " is to be looked at; given up is what an operator decided to leave.",
    ),
    question=Text(
        "Bản ghi nào bị gạt ra, vì sao, đã gửi lại chưa?", "What was set aside, why, and was it sent again?"
    ),
    reading="dead_letters",
    unit=Text("bản ghi", "records"),
    key="letter",
    names="code",
    heading=Text("Chủ đề · lý do", "Topic · reason"),
    rows=NOT_READ,
    columns=(
        count("waiting_count", Text("Chưa gửi lại", "Not sent again"), is_late=True),
        count("replayed_count", Text("Đã gửi lại", "Sent again")),
        count("given_up_count", Text("Đã bỏ", "Given up")),
        shown("last_at", Text("Lần cuối", "Last"), "moment"),
    ),
    finding=_letters,
    orders="waiting_count",
)


def _unsent(found: Answered) -> Finding:
    waiting, aside = found.total("waiting_count"), found.total("set_aside_count")
    values: dict[str, tuple[Literal["count"], float]] = {
        "waiting": ("count", waiting),
        "aside": ("count", aside),
    }
    if aside:
        return Finding(
            Text(
                "{waiting} sự kiện chờ vào nhật ký; {aside} không bao giờ vào được",
                "{waiting} events wait for the log; {aside} it can never take",
            ),
            values,
        )
    if not waiting:
        return Finding(Text("Không sự kiện nào chờ vào nhật ký", "No event waits for the log"))
    return Finding(Text("{waiting} sự kiện chờ vào nhật ký", "{waiting} events wait for the log"), values)


OUTBOX = of_installation(
    name="hop-thu-di",
    title=Text("Hộp thư đi của kho", "Outbox of the store"),
    description=Text(
        "Sự kiện đã ghi trong kho vận hành của tiến trình này mà chưa vào nhật ký. Không vào được là nhật ký không thể nhận: xem"
        " liencap doctor.",
        "Events recorded in the operational store of this process and not yet in the log. What it can never take is set aside here:"
        " see liencap doctor.",
    ),
    question=Text("Có gì chưa gửi vào nhật ký, từ bao giờ?", "Is anything unsent, and since when?"),
    reading="outbox",
    unit=Text("sự kiện", "events"),
    key="store",
    names="said",
    rows={"store": Text("Kho của tiến trình này", "The store of this process"), **NOT_READ},
    columns=(
        count("waiting_count", Text("Sự kiện chờ gửi", "Unsent")),
        shown("waiting_minutes", Text("Sự kiện chờ lâu nhất", "Oldest"), "minutes"),
        count("set_aside_count", Text("Không vào được", "Can never be sent"), is_late=True),
    ),
    finding=_unsent,
)
