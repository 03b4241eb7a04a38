"""The board of routing: where difficulties wait, at whom, how old they are, what became of the answers."""

from __future__ import annotations

from dashboards.definitions.difficulties import ANSWERS, LEVELS, WAITING
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="duong-di",
    order=3,
    title=Text("Đường đi của khó khăn", "Where difficulties wait"),
    levels=("commune", "province", "nation"),
    panels=(WAITING, LEVELS, ANSWERS),
    questions=(
        Question(Text("Cơ quan nào đang giữ nhiều nhất?", "Which body holds most?"), ("cho-tra-loi",)),
        Question(Text("Cơ quan nào giữ lâu nhất?", "Which body holds longest?"), ("cho-tra-loi",)),
        Question(
            Text("Bao nhiêu việc chờ quá 30 ngày, ở đâu?", "How many wait over 30 days, and where?"),
            ("cho-tra-loi", "theo-cap"),
        ),
        Question(
            Text("Bao nhiêu việc chưa có cơ quan chủ trì?", "How many have no lead body?"), ("cho-tra-loi",)
        ),
        Question(
            Text("Cơ quan nào chuyển trả nhiều nhất?", "Who returns many?"),
            ("cho-tra-loi", "tra-loi-xac-nhan"),
        ),
        Question(
            Text("Bao nhiêu việc chờ xã xác nhận?", "How many wait for their commune to confirm?"),
            ("cho-tra-loi",),
        ),
        Question(
            Text("Đã trả lời thì xã có xác nhận không?", "Do communes confirm what was answered?"),
            ("tra-loi-xac-nhan",),
        ),
        Question(
            Text("Bao nhiêu trả lời bị đề nghị xem xét lại?", "How many answers are disputed?"),
            ("tra-loi-xac-nhan",),
        ),
        Question(
            Text("Bao nhiêu khó khăn đã lên tới bộ, ngành?", "How many have reached a ministry?"),
            ("theo-cap",),
        ),
    ),
)
