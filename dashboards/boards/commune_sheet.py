"""The sheet of a commune for its weekly meeting: one page."""

from __future__ import annotations

from dashboards.definitions.sheet import ANSWERED, FIELDS, FIVE, HOLDERS, SUPPLEMENTS
from dashboards.definitions.silence import SHEET
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="to-xa",
    order=0,
    title=Text("Phiếu giao ban", "Sheet for the weekly meeting"),
    levels=("commune",),
    is_sheet=True,
    panels=(FIVE, FIELDS, SUPPLEMENTS, HOLDERS, ANSWERED, SHEET),
    questions=(
        Question(
            Text(
                "Kỳ này tiếp nhận, giải quyết hơn kém kỳ trước bao nhiêu?",
                "What came in and was resolved, against the period before?",
            ),
            ("nam-so",),
        ),
        Question(
            Text(
                "Đơn vị đứng đâu so với mức giữa của các xã, phường trong tỉnh?",
                "Where do we stand to the middle commune of the province?",
            ),
            ("nam-so", "bo-sung"),
        ),
        Question(
            Text(
                "Tỷ lệ đúng hạn thật sự khác, hay chỉ do ít hồ sơ?",
                "Is the share on time really different, or are there just few cases?",
            ),
            ("nam-so", "ton-theo-linh-vuc"),
        ),
        Question(Text("Bao nhiêu hồ sơ đang quá hạn?", "How many cases are overdue now?"), ("nam-so",)),
        Question(
            Text(
                "Lĩnh vực nào tồn nhiều, lĩnh vực nào chậm?", "Which fields have a backlog, which are slow?"
            ),
            ("ton-theo-linh-vuc",),
        ),
        Question(
            Text("Người dân có phải bổ sung nhiều không?", "Do people have to bring more papers often?"),
            ("bo-sung",),
        ),
        Question(Text("Việc nào đang chờ chính đơn vị mình?", "What waits for ourselves?"), ("viec-cho-ai",)),
        Question(
            Text("Việc nào chờ tỉnh, chờ bộ, bao lâu rồi?", "What waits for those above, and for how long?"),
            ("viec-cho-ai",),
        ),
        Question(
            Text("Trả lời nào xã chưa xác nhận?", "Which answers have we not confirmed?"),
            ("tra-loi-cho-xa",),
        ),
        Question(
            Text(
                "Số liệu của xã có thiếu ngày nào không, vì sao?", "Are days missing in our figures, and why?"
            ),
            ("so-lieu-cua-xa",),
        ),
    ),
)
