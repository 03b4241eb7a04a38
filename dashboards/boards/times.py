"""The board of processing time: how long results take, what holds cases up, how they come in and are paid."""

from __future__ import annotations

from dashboards.definitions.fields import CHANNELS
from dashboards.definitions.lateness import LATE_BY_CAUSE
from dashboards.definitions.procedures import PAUSES
from dashboards.definitions.times import FIELDS_BY_CHANNEL, PAYMENTS, TIMES_BY_FIELD, TIMES_BY_PROCEDURE
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="thoi-gian",
    order=5,
    title=Text("Thời gian giải quyết", "Processing time"),
    levels=("commune", "province"),
    panels=(TIMES_BY_FIELD, TIMES_BY_PROCEDURE, LATE_BY_CAUSE, PAUSES, FIELDS_BY_CHANNEL, CHANNELS, PAYMENTS),
    questions=(
        Question(
            Text("Lĩnh vực nào mất nhiều ngày làm việc nhất?", "Which field takes the most working days?"),
            ("thoi-gian-linh-vuc",),
        ),
        Question(
            Text("Thủ tục nào mất nhiều ngày làm việc nhất?", "Which procedure takes the most working days?"),
            ("thoi-gian-thu-tuc",),
        ),
        Question(
            Text(
                "Thời gian giải quyết dài ra hay ngắn lại so với kỳ trước?",
                "Did the time grow or shrink against the period before?",
            ),
            ("thoi-gian-linh-vuc", "thoi-gian-thu-tuc"),
        ),
        Question(
            Text("Hồ sơ nào lâu nhất?", "Which cases took longest?"),
            ("thoi-gian-linh-vuc", "thoi-gian-thu-tuc"),
        ),
        Question(
            Text("Hồ sơ nào phải bổ sung hơn một lần?", "Where are people asked for papers more than once?"),
            ("thoi-gian-linh-vuc", "thoi-gian-thu-tuc"),
        ),
        Question(
            Text("Hồ sơ quá hạn vì nguyên nhân nào?", "Why do cases end late?"),
            ("nguyen-nhan-qua-han",),
        ),
        Question(
            Text("Nguyên nhân nào làm hồ sơ dừng lâu?", "Which cause holds cases up for long?"),
            ("tam-dung",),
        ),
        Question(
            Text(
                "Lĩnh vực nào nộp trực tiếp, lĩnh vực nào nộp trực tuyến?",
                "Which fields are filed at the counter, which online?",
            ),
            ("linh-vuc-kenh", "kenh"),
        ),
        Question(
            Text(
                "Bao nhiêu hồ sơ thanh toán trực tuyến?",
                "How many cases are paid online, where that is told?",
            ),
            ("thanh-toan",),
        ),
    ),
)
