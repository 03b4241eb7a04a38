"""How days and marks without a rule are said: one wording for every page that names them."""

from __future__ import annotations


def days_vi(days: int, kind: str) -> str:
    """Say a number of days in Vietnamese."""
    return f"{days} ngày{' làm việc' if kind == 'working' else ''}"


def days_en(days: int, kind: str) -> str:
    """Say a number of days in English."""
    return f"{days} {kind} day{'' if days == 1 else 's'}"


def reminder_vi(days: str) -> str:
    """Say in Vietnamese when an answer is asked after that no rule sets a deadline for, and that none does."""
    return (
        f"Mốc nhắc trả lời lần đầu: {days} kể từ khi gửi; đây là mốc nhắc việc, không phải thời hạn do pháp "
        "luật quy định."
    )


def reminder_en(days: str) -> str:
    """Say the same in English."""
    return f"First answer, reminder mark: {days} after sending; a reminder, not a deadline set by law."
