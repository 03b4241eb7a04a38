"""The board of a province: load, communes by backlog and by late share, silent feeds, levels."""

from __future__ import annotations

from dashboards.definitions.cases import COMMUNES, LOAD
from dashboards.definitions.difficulties import LEVELS
from dashboards.definitions.silence import KINDS, SILENCE
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="tinh",
    order=2,
    title=Text("Toàn tỉnh", "The province"),
    levels=("province",),
    panels=(LOAD, COMMUNES, LEVELS, KINDS, SILENCE),
    questions=(
        Question(
            Text(
                "Trong kỳ tiếp nhận, giải quyết bao nhiêu, hơn kém kỳ trước?",
                "How much came in and was resolved, against the period before?",
            ),
            ("tai",),
        ),
        Question(Text("Tồn toàn tỉnh tăng hay giảm?", "Does the backlog of the province grow?"), ("tai",)),
        Question(Text("Xã nào tồn nhiều nhất?", "Which communes have most open?"), ("cac-xa",)),
        Question(Text("Xã nào đang có hồ sơ quá hạn?", "Which communes have overdue cases?"), ("cac-xa",)),
        Question(
            Text(
                "Xã nào chậm hơn chung một cách rõ rệt, không phải do ngẫu nhiên?",
                "Which are late beyond what chance explains?",
            ),
            ("cac-xa",),
        ),
        Question(Text("Xã nào chưa có số liệu?", "Which communes have no figures?"), ("cac-xa", "im-lang")),
        Question(
            Text(
                "Thiếu số liệu vì lý do nào, cần làm gì?",
                "For which reasons are figures missing, and what is to be done?",
            ),
            ("loai-im-lang", "im-lang"),
        ),
        Question(Text("Xã nào im lặng, từ bao giờ?", "Which are silent, and since when?"), ("im-lang",)),
        Question(
            Text(
                "Khó khăn đang nằm ở cấp xã, cấp tỉnh hay ở bộ?",
                "Do difficulties wait at communes, in the province or at ministries?",
            ),
            ("theo-cap",),
        ),
        Question(
            Text("Lĩnh vực hay kênh nào gây tồn?", "Which field or channel makes the backlog?"),
            ("tai",),
        ),
    ),
)
