"""The board of procedures and fields: what comes and goes, what is late and where, what pauses."""

from __future__ import annotations

from dashboards.definitions.cases import LOAD
from dashboards.definitions.fields import CHANNELS, FIELDS
from dashboards.definitions.lateness import LATE_FIELDS, LATE_PROCEDURES
from dashboards.definitions.procedures import PAUSES, PROCEDURES
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="thu-tuc",
    order=4,
    title=Text("Thủ tục và lĩnh vực", "Procedures and fields"),
    levels=("commune", "province", "nation"),
    panels=(LOAD, FIELDS, LATE_FIELDS, PROCEDURES, LATE_PROCEDURES, CHANNELS, PAUSES),
    questions=(
        Question(
            Text("Lĩnh vực nào tiếp nhận nhiều nhất?", "Which field receives most?"),
            ("linh-vuc",),
        ),
        Question(
            Text(
                "Lĩnh vực nào đúng hạn thấp hơn chung, không phải do ngẫu nhiên?",
                "Which fields are below the whole on time beyond what chance explains?",
            ),
            ("linh-vuc",),
        ),
        Question(
            Text(
                "Tỷ lệ đúng hạn của lĩnh vực tăng hay giảm so với kỳ trước?",
                "Did the share on time of a field rise or fall against the period before?",
            ),
            ("linh-vuc",),
        ),
        Question(
            Text(
                "Lĩnh vực nào đang tồn, đang quá hạn?", "Which fields have a backlog, and which run late now?"
            ),
            ("linh-vuc", "tai"),
        ),
        Question(
            Text(
                "Lĩnh vực nào chậm ở nhiều nơi, nên tìm nguyên nhân chung?",
                "Which fields are late in many places, and so ask for a common cause?",
            ),
            ("cham-o-dau",),
        ),
        Question(
            Text(
                "Nơi nào quá hạn nhiều nhất trong một lĩnh vực?",
                "Which place has most late cases of a field?",
            ),
            ("cham-o-dau",),
        ),
        Question(
            Text("Thủ tục nào mất nhiều ngày nhất?", "Which procedure takes the most days?"),
            ("tung-thu-tuc",),
        ),
        Question(
            Text("Thủ tục nào hay phải bổ sung giấy tờ?", "Which procedures often ask for more papers?"),
            ("tung-thu-tuc",),
        ),
        Question(
            Text(
                "Thủ tục nào chậm ở nhiều xã, thủ tục nào chỉ ở một xã?",
                "Which procedures are late in many communes, and which in one alone?",
            ),
            ("thu-tuc-cham",),
        ),
        Question(
            Text(
                "Bao nhiêu hồ sơ nộp trực tuyến, bưu chính, trực tiếp?",
                "How many cases come online, by post, at the counter?",
            ),
            ("kenh",),
        ),
        Question(
            Text("Kênh nào đúng hạn hơn?", "Which channel is more often on time?"),
            ("kenh",),
        ),
        Question(
            Text("Hồ sơ tạm dừng vì đâu, bao lâu?", "Why do cases pause, and how long?"),
            ("tam-dung",),
        ),
    ),
)
