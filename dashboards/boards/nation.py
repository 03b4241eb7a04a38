"""The board of the nation: load, levels, kinds by province, provinces."""

from __future__ import annotations

from dashboards.definitions.cases import LOAD, PROVINCES
from dashboards.definitions.difficulties import ANSWERS, KINDS, LEVELS
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="ca-nuoc",
    order=1,
    title=Text("Cả nước", "The nation"),
    levels=("nation",),
    panels=(LOAD, LEVELS, KINDS, PROVINCES, ANSWERS),
    questions=(
        Question(
            Text(
                "Số hồ sơ giải quyết có theo kịp số tiếp nhận không?",
                "Does what is resolved keep up with what comes in?",
            ),
            ("tai",),
        ),
        Question(
            Text(
                "Tỷ lệ đúng hạn thay đổi ra sao so với kỳ trước?",
                "How did the share on time change against the period before?",
            ),
            ("tai", "cac-tinh"),
        ),
        Question(
            Text(
                "Bao nhiêu khó khăn đã vượt khỏi cấp xã, cấp tỉnh?",
                "How many difficulties went beyond communes, beyond provinces?",
            ),
            ("theo-cap",),
        ),
        Question(Text("Các khó khăn này đã chờ bao lâu?", "How long have they waited?"), ("theo-cap",)),
        Question(
            Text("Loại nào lan rộng ở nhiều tỉnh?", "Which kinds spread over many provinces?"),
            ("loai-theo-tinh",),
        ),
        Question(
            Text("Tỉnh nào vướng loại nào nặng nhất?", "Which province suffers most from which kind?"),
            ("loai-theo-tinh",),
        ),
        Question(
            Text(
                "Tỉnh nào tồn nhiều, tỉnh nào quá hạn nhiều?", "Which provinces have most open, most overdue?"
            ),
            ("cac-tinh",),
        ),
        Question(
            Text(
                "Số liệu dựa trên bao nhiêu xã, tỉnh nào thiếu?",
                "On how many communes do the figures rest, and who is missing?",
            ),
            ("cac-tinh", "tai"),
        ),
        Question(
            Text("Trả lời có được xã xác nhận không?", "Do communes confirm the answers?"),
            ("tra-loi-xac-nhan",),
        ),
    ),
)
