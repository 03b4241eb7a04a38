"""The board of the workload per person: who has too much, who could lend, which weeks are peaks."""

from __future__ import annotations

from dashboards.definitions.workload import FIELDS, LOADS, VICE_CHAIRS, WEEKS
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="khoi-luong",
    order=7,
    title=Text("Khối lượng công việc", "Workload"),
    levels=("commune", "province"),
    panels=(LOADS, FIELDS, WEEKS, VICE_CHAIRS),
    questions=(
        Question(
            Text(
                "Mỗi người phải xử lý bao nhiêu việc mỗi ngày, so với kỳ trước?",
                "How much work has each person to handle per day, against the period before?",
            ),
            ("tai-moi-nguoi",),
        ),
        Question(
            Text("Đơn vị nào quá tải so với đơn vị tương tự?", "Which units have far more than like units?"),
            ("tai-moi-nguoi",),
        ),
        Question(
            Text("Đơn vị nào có thể điều động, biệt phái người?", "Which units could lend people?"),
            ("tai-moi-nguoi",),
        ),
        Question(
            Text("Mất bao lâu để làm hết hồ sơ tồn?", "How long would it take to finish the backlog?"),
            ("tai-moi-nguoi",),
        ),
        Question(
            Text(
                "Đơn vị nào chưa có số liệu về số người?",
                "Which units have not given their number of people?",
            ),
            ("tai-moi-nguoi",),
        ),
        Question(
            Text("Lĩnh vực nào chiếm nhiều công nhất?", "Which fields take most of the work?"),
            ("viec-theo-linh-vuc",),
        ),
        Question(
            Text("Tuần nào là tuần cao điểm?", "Which weeks are peak weeks?"),
            ("tuan-cao-diem",),
        ),
        Question(
            Text(
                "Tổng số Phó Chủ tịch của tỉnh còn chỗ hay không?",
                "Has the province's total of vice-chairs room?",
            ),
            ("so-pho-chu-tich",),
        ),
    ),
)
