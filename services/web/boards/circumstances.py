"""The circumstances of an answer in words: its data time, from how many units, by which definition."""

from __future__ import annotations

from dashboards.panel import Panel
from services.web.boards.reading import Answer
from services.web.boards.wording import Wording


def data_time(answer: Answer, words: Wording) -> str:
    """Return up to when the figures are."""
    text = words.parts.labels.text
    if answer.as_of is None:
        return text("boards.nothing_landed", words.lang)
    return text("boards.as_of", words.lang, at=words.formats.moment(answer.as_of))


def coverage(answer: Answer, words: Wording) -> str:
    """Return from how many units figures came, and of how many."""
    return words.parts.labels.text(
        f"boards.covers.{answer.panel.coverage[0]}",
        words.lang,
        reported=words.formats.number(answer.coverage.reported),
        whole=words.formats.number(answer.coverage.whole),
    )


def foot(answer: Answer, words: Wording) -> str:
    """Return the line under a panel: data time, coverage, version of the definition."""
    version = words.parts.labels.text("boards.version", words.lang, number=answer.panel.version)
    found = (data_time(answer, words), coverage(answer, words), compared_with(answer, words), version)
    return " · ".join(filter(None, found))


def compared_with(answer: Answer, words: Wording) -> str:
    """Return that the figures before are those with which their period was closed, or why they are those of today.

    Nothing where days are compared with the days before: what was filed belongs to a period.
    """
    if answer.why_running is not None:
        return words.parts.labels.text(f"boards.against_running.{answer.why_running}", words.lang)
    if answer.filed_at is None:
        return ""
    at = words.formats.moment(answer.filed_at)
    return words.parts.labels.text("boards.against_filed", words.lang, at=at)


def heading(panel: Panel, words: Wording) -> str:
    """Return the head of the column that names the rows."""
    if panel.heading is not None:
        return panel.heading.of(words.lang)
    return words.parts.labels.text(f"boards.who.{panel.names}", words.lang)
