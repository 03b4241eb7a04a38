"""The board of newborns: personal numbers within the days set, and who waits at whom."""

from __future__ import annotations

from dashboards.definitions.newborns import BY_STEP, BY_UNIT, WAITING
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="tre-moi-sinh",
    order=6,
    title=Text("Trẻ mới sinh", "Newborns"),
    levels=("commune", "province", "nation"),
    panels=(BY_STEP, BY_UNIT, WAITING),
    questions=(
        Question(
            Text(
                "Trong kỳ có bao nhiêu hồ sơ khai sinh liên thông?",
                "How many linked birth cases came in the period?",
            ),
            ("tre-theo-xa", "tre-theo-buoc"),
        ),
        Question(
            Text("Bao nhiêu trẻ đã có số định danh?", "How many children have their personal number?"),
            ("tre-theo-xa",),
        ),
        Question(
            Text(
                "Một nửa số trẻ có số sau bao nhiêu ngày làm việc?",
                "After how many working days has half of them a number?",
            ),
            ("tre-theo-xa",),
        ),
        Question(
            Text("Tỷ lệ có số trong thời hạn là bao nhiêu?", "Which share had it within the days set?"),
            ("tre-theo-xa", "tre-theo-buoc"),
        ),
        Question(
            Text(
                "Bao nhiêu trẻ đang chờ, bao nhiêu đã quá hạn?",
                "How many wait, and how many beyond the limit?",
            ),
            ("tre-theo-buoc", "tre-cho-ai"),
        ),
        Question(
            Text(
                "Hồ sơ đang chờ cơ quan nào, lâu nhất bao lâu?",
                "For which body do they wait, and how long at most?",
            ),
            ("tre-cho-ai",),
        ),
        Question(
            Text(
                "Xã nào chậm, xã nào chưa ghi các bước?", "Which communes are slow, and which state no steps?"
            ),
            ("tre-theo-xa",),
        ),
        Question(
            Text("Bao nhiêu hồ sơ chưa rõ đang ở bước nào?", "Of how many does nobody know the step?"),
            ("tre-theo-buoc", "tre-theo-xa"),
        ),
    ),
)
