"""The board of people helped: who files online alone, who is helped, where, and whether that changes."""

from __future__ import annotations

from dashboards.definitions.fields import CHANNELS
from dashboards.definitions.helped import HELPED_BY_BAND, HELPED_BY_FIELD, HELPED_BY_UNIT, HELPED_BY_WEEK
from dashboards.definitions.lessons import LESSONS_BY_UNIT, LESSONS_BY_WEEK
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="ho-tro",
    order=5,
    title=Text("Người dân tự nộp và được hỗ trợ", "Filed alone and helped"),
    levels=("commune", "province"),
    panels=(
        HELPED_BY_WEEK,
        LESSONS_BY_WEEK,
        HELPED_BY_BAND,
        HELPED_BY_FIELD,
        HELPED_BY_UNIT,
        LESSONS_BY_UNIT,
        CHANNELS,
    ),
    questions=(
        Question(
            Text(
                "Bao nhiêu hồ sơ trực tuyến do người dân tự nộp?",
                "How many online cases do people file alone?",
            ),
            ("tu-nop-tuan", "tu-nop-linh-vuc"),
        ),
        Question(
            Text(
                "Tỷ lệ tự nộp có tăng qua từng tuần không?", "Does the share filed alone grow week by week?"
            ),
            ("tu-nop-tuan",),
        ),
        Question(
            Text(
                "Người dân được hỗ trợ ở đâu: tại quầy hay tại nhà?",
                "Where are people helped, at the counter or at home?",
            ),
            ("tu-nop-tuan", "tu-nop-linh-vuc"),
        ),
        Question(
            Text("Người cao tuổi có tự nộp được không?", "Do people of 60 and more file alone, and others?"),
            ("tu-nop-tuoi",),
        ),
        Question(
            Text("Lĩnh vực nào nên hướng dẫn người dân trước?", "Which field should people be shown first?"),
            ("tu-nop-linh-vuc",),
        ),
        Question(
            Text("Xã, phường nào cần thêm người hỗ trợ?", "Which communes need more helpers?"),
            ("tu-nop-xa",),
        ),
        Question(
            Text("Đơn vị nào hỗ trợ người dân của đơn vị khác?", "Where does another unit help?"),
            ("tu-nop-xa", "tu-nop-linh-vuc"),
        ),
        Question(
            Text(
                "Buổi bình dân học vụ số có làm tỷ lệ tự nộp tăng không?",
                "Do lessons of digital literacy come before a growing share?",
            ),
            ("hoc-vu-so-tuan", "tu-nop-tuan"),
        ),
        Question(
            Text("Xã nào chưa mở buổi bình dân học vụ số?", "Which communes hold no lessons?"),
            ("hoc-vu-so-xa",),
        ),
        Question(
            Text("Bao nhiêu hồ sơ đã nộp trực tuyến?", "How many cases come online at all?"),
            ("kenh",),
        ),
    ),
)
