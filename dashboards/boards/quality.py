"""The board of the figures themselves: who has any, how late they come, what they lack."""

from __future__ import annotations

from dashboards.definitions.checks import CHECKS, UNDATED
from dashboards.definitions.coverage import COMPLETE, FEEDS
from dashboards.definitions.records import CORRECTIONS, DELAYS, DELAYS_BY_UNIT
from dashboards.definitions.silence import DAYS, KINDS, SILENCE
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="chat-luong",
    order=5,
    title=Text("Chất lượng số liệu", "Quality of the figures"),
    levels=("commune", "province", "nation"),
    panels=(COMPLETE, FEEDS, KINDS, SILENCE, DAYS, DELAYS, DELAYS_BY_UNIT, CHECKS, UNDATED, CORRECTIONS),
    questions=(
        Question(
            Text("Bao nhiêu xã có số liệu trong kỳ?", "How many communes have figures in the period?"),
            ("day-du",),
        ),
        Question(
            Text("Nơi nào không có số liệu, từ bao giờ?", "Which places have no figures, and since when?"),
            ("day-du", "im-lang"),
        ),
        Question(
            Text(
                "Nguồn số liệu nào im lặng, nơi nào chưa từng gửi?",
                "Which feeds are silent, which were never heard?",
            ),
            ("nguon-so-lieu", "im-lang"),
        ),
        Question(
            Text(
                "Không có số liệu vì lý do nào: không phát sinh, chưa gửi, mất kết nối, sự cố hay kẹt hàng chờ?",
                "Why are there no figures: nothing happened, not reported, source broken, outage, or stuck?",
            ),
            ("loai-im-lang", "im-lang", "ngay-im-lang"),
        ),
        Question(
            Text(
                "Ở đâu còn bản ghi chờ gửi, chờ bao lâu?",
                "Where do records wait to be sent, and for how long?",
            ),
            ("nguon-so-lieu",),
        ),
        Question(
            Text(
                "Việc diễn ra rồi bao lâu mới được ghi nhận?",
                "How long after it happened is something recorded?",
            ),
            ("ghi-cham",),
        ),
        Question(
            Text("Xã nào ghi nhận chậm nhất?", "Which communes record latest?"),
            ("ghi-cham-theo-xa",),
        ),
        Question(
            Text("Hồ sơ thiếu thông tin gì?", "What do cases lack?"),
            ("kiem-tra",),
        ),
        Question(
            Text(
                "Bao nhiêu hồ sơ không tính được đúng hạn vì không có hạn?",
                "Of how many cases can being on time not be told, as they have no due day?",
            ),
            ("khong-han", "kiem-tra"),
        ),
        Question(
            Text("Bao nhiêu hồ sơ chưa rõ lĩnh vực?", "How many cases have no known field?"),
            ("khong-han", "kiem-tra"),
        ),
        Question(
            Text("Bao nhiêu điều đã ghi phải đính chính, ở đâu?", "How much had to be put right, and where?"),
            ("dinh-chinh",),
        ),
    ),
)
