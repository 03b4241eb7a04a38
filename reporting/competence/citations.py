"""Citations of legal texts, written in full as documents write them."""

from __future__ import annotations

import re

_TEXTS = {"NĐ": "Nghị định", "QĐ": "Quyết định", "TT": "Thông tư", "NQ": "Nghị quyết"}
_SPELLED = {
    **_TEXTS,
    "NSNN": "Ngân sách nhà nước",
    "VBQPPL": "văn bản quy phạm pháp luật",
    "BHYT": "Bảo hiểm y tế",
    "CĐS": "chuyển đổi số",
    "BCCI": "bưu chính công ích",
    "Đ.": "Điều ",
}
_ABBREVIATION = re.compile(r"\b(NĐ|QĐ|TT|NQ|NSNN|VBQPPL|BHYT|CĐS|BCCI)(?= |\)|;|,|$)|\bĐ\.(?=\d)")
_SEVERAL = re.compile(r"\b(NĐ|QĐ|TT|NQ) (\d+/\d{4}(?:, \d+/\d{4})+)(/[\wĐ-]+)")


def spelled_out(basis: str) -> str:
    """Write citations as documents do: names in full, "số" before a number, each text by itself."""
    apart = _SEVERAL.sub(
        lambda found: ", ".join(f"{found[1]} {one}{found[3]}" for one in found[2].split(", ")), basis
    )
    full = _ABBREVIATION.sub(lambda found: _SPELLED[found[0]], apart)
    amended = re.sub(r"(?<!được )\bsửa bởi\b", "được sửa đổi, bổ sung bởi", full)
    return _numbered(amended)


def _numbered(text: str) -> str:
    """Put "số" before the number of a decree, a decision, a circular, a resolution or a law."""
    of_government = re.sub(r"(Nghị định|Quyết định|Thông tư|Nghị quyết) (?=\d)", r"\1 số ", text)
    return re.sub(r"(?<!số )(?<![\d/])(\d+/\d{4}/QH\d+)", r"số \1", of_government)
