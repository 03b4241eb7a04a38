"""The board of linked data: what stops cases because data do not agree, at whom it lies, for how long."""

from __future__ import annotations

from dashboards.definitions.linked import LINKED_BY_KIND, LINKED_BY_OWNER, LINKED_BY_UNIT, LINKED_LIST
from dashboards.definitions.mismatches import (
    ENTERED_TWICE,
    MISMATCH_BY_DATA,
    MISMATCH_BY_OWNER,
    MISMATCH_BY_UNIT,
)
from dashboards.panel import Board, Question
from dashboards.vocabulary import Text

BOARD = Board(
    name="lien-thong",
    order=5,
    title=Text("Dữ liệu liên thông", "Linked data"),
    levels=("commune", "province"),
    panels=(
        LINKED_BY_KIND,
        LINKED_BY_OWNER,
        LINKED_BY_UNIT,
        LINKED_LIST,
        MISMATCH_BY_OWNER,
        MISMATCH_BY_UNIT,
        MISMATCH_BY_DATA,
        ENTERED_TWICE,
    ),
    questions=(
        Question(
            Text("Dữ liệu nào không khớp nhiều nhất?", "Which data disagree most often?"),
            ("sai-lech-loai",),
        ),
        Question(
            Text("Bao nhiêu hồ sơ, bao nhiêu người bị vướng?", "How many cases and people are held up?"),
            ("sai-lech-loai", "sai-lech-xa"),
        ),
        Question(
            Text("Cơ quan nào đang giữ nhiều nhất?", "Which body has most of it?"),
            ("sai-lech-co-quan",),
        ),
        Question(
            Text("Sai lệch nào chờ lâu nhất?", "Which disagreement has waited longest?"),
            ("sai-lech-loai", "sai-lech-co-quan"),
        ),
        Question(
            Text("Xã, phường nào vướng nhiều nhất?", "Which communes are held up most?"),
            ("sai-lech-xa",),
        ),
        Question(
            Text(
                "Người dân còn bị yêu cầu giấy tờ đã có dữ liệu không?",
                "Are people asked for papers whose data are held?",
            ),
            ("sai-lech-loai",),
        ),
        Question(
            Text(
                "Gửi danh sách nào cho cơ quan quản lý dữ liệu?", "Which list does the owner of the data get?"
            ),
            ("sai-lech-danh-sach",),
        ),
        Question(
            Text(
                "Sai lệch nào đã có trả lời mà xã chưa xác nhận?",
                "What is answered and not confirmed by its commune?",
            ),
            ("sai-lech-danh-sach", "sai-lech-loai"),
        ),
        Question(
            Text("Từng hồ sơ đang chờ dữ liệu của cơ quan nào?", "Whose data does each case wait for?"),
            ("ho-so-sai-lech-co-quan", "ho-so-sai-lech-xa", "ho-so-sai-lech-du-lieu"),
        ),
        Question(
            Text("Dữ liệu đã có nào phải nhập lại?", "Which held data are typed in again?"),
            ("nhap-lai",),
        ),
    ),
)
