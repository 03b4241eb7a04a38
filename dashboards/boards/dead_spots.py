"""The board of dead spots and power: where they are missing, what was promised and measured, how late news arrives."""

from __future__ import annotations

from dashboards.definitions.supply import BY_UNIT, DELAYS, GAPS, OUTAGES, REGISTER, SUPPLY_KINDS
from dashboards.definitions.villages import PROMISES, VILLAGES
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="lom-song",
    order=4,
    title=Text("Sóng và điện", "Signal and power"),
    levels=("commune", "province", "nation"),
    kinds=SUPPLY_KINDS,
    panels=(GAPS, VILLAGES, PROMISES, BY_UNIT, REGISTER, OUTAGES, DELAYS),
    questions=(
        Question(
            Text(
                "Còn bao nhiêu khó khăn về sóng, Internet, điện chưa được trả lời?",
                "How many difficulties about signal, Internet and power are not answered?",
            ),
            ("noi-thieu",),
        ),
        Question(
            Text("Bao nhiêu người, bao nhiêu hồ sơ bị ảnh hưởng?", "How many people and cases are affected?"),
            ("noi-thieu", "noi-thieu-theo-don-vi"),
        ),
        Question(
            Text("Bao nhiêu thôn, bản còn thiếu, thiếu gì?", "How many villages lack something, and what?"),
            ("so-thon",),
        ),
        Question(
            Text("Nơi nào chưa ai cam kết?", "Where has nobody promised anything?"), ("so-thon", "cam-ket")
        ),
        Question(
            Text(
                "Cam kết nào đã quá ngày mà chưa đo đạt, của ai?",
                "Which promises are past their day and not measured, and whose?",
            ),
            ("cam-ket",),
        ),
        Question(
            Text("Đơn vị nào thực hiện đúng cam kết ban đầu?", "Who keeps what was promised first?"),
            ("cam-ket",),
        ),
        Question(
            Text("Xã, tỉnh nào thiếu nhiều nhất?", "Which commune or province lacks most?"),
            ("noi-thieu-theo-don-vi",),
        ),
        Question(
            Text(
                "Từng nơi đang ở bước nào, ai đang giữ?",
                "How does each place stand, and who has the next step?",
            ),
            ("so-noi-thieu",),
        ),
        Question(
            Text(
                "Đã trả lời bao nhiêu mà xã chưa xác nhận?", "How many answers have communes not confirmed?"
            ),
            ("noi-thieu", "so-noi-thieu"),
        ),
        Question(
            Text(
                "Mất sóng và mất điện: bao lâu thì có lại?",
                "How soon are signal and power back, each by itself?",
            ),
            ("song-dien",),
        ),
        Question(
            Text(
                "Báo cáo từ nơi thiếu sóng đến chậm bao lâu?", "How late do reports from such places arrive?"
            ),
            ("do-tre",),
        ),
    ),
)
