"""The board of the operators: whether everything that was recorded arrives, and whether the installation holds."""

from __future__ import annotations

from dashboards.definitions.coverage import FEEDS
from dashboards.definitions.installation import BACKUPS, DISKS, ROUTES
from dashboards.definitions.pipeline import BATCHES, DEAD_LETTERS, FRESHNESS, LAGS, OUTBOX, PARTS
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="duong-ong",
    order=6,
    title=Text("Đường ống số liệu", "The pipeline"),
    levels=("province", "nation"),
    see="operations.read",
    panels=(PARTS, FRESHNESS, LAGS, DEAD_LETTERS, OUTBOX, FEEDS, ROUTES, BATCHES, DISKS, BACKUPS),
    questions=(
        Question(Text("Có bộ phận nào chưa sẵn sàng không?", "Is a part not ready?"), ("san-sang",)),
        Question(Text("Số liệu mới đến đâu?", "How new is what has landed?"), ("do-moi",)),
        Question(
            Text(
                "Nhóm đọc nào chậm lại, bao nhiêu, bao lâu?", "Which group lags, by how much, for how long?"
            ),
            ("nhom-doc",),
        ),
        Question(
            Text("Bản ghi nào bị gạt ra, vì sao?", "Which records were set aside, and why?"), ("thu-chet",)
        ),
        Question(
            Text("Bản ghi bị gạt ra đã gửi lại chưa?", "Was what was set aside sent again?"), ("thu-chet",)
        ),
        Question(
            Text("Có gì chưa gửi, từ bao giờ?", "Is anything unsent, and since when?"),
            ("hop-thu-di", "nguon-so-lieu"),
        ),
        Question(
            Text("Nguồn nào của các xã không còn báo?", "Which feeds of communes are no longer heard?"),
            ("nguon-so-lieu",),
        ),
        Question(Text("Đường dẫn nào trả lỗi?", "Which routes answer with errors?"), ("duong-dan",)),
        Question(Text("Đường dẫn nào chậm?", "Which routes are slow?"), ("duong-dan",)),
        Question(
            Text("Luồng nào phải làm đi làm lại?", "Which streams try again and again?"), ("luong-xu-ly",)
        ),
        Question(Text("Đĩa còn chỗ đến đâu?", "How much room is left on the disks?"), ("o-dia",)),
        Question(Text("Bản sao lưu mới nhất từ lúc nào?", "From when is the newest back-up?"), ("sao-luu",)),
    ),
)
