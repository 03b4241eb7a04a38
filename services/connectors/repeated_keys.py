"""Find the keys that stand in one file more than once with different content; pure."""

from __future__ import annotations

from collections.abc import Hashable

MOST_LINES = 10


class RepeatedKeys:
    """Notes each row of a file before any is taken; memory holds three numbers per key."""

    def __init__(self, what: str) -> None:
        """Name the key in sentences: a dossier code, an id."""
        self._what = what
        self._seen: dict[int, tuple[int, int]] = {}
        self._lines: dict[int, list[int]] = {}

    def note(self, key: Hashable, content: Hashable, line: int) -> None:
        """Note a row by what is equal for equal keys, and by what is equal for equal content."""
        place, what = hash(key), hash(content)
        first_content, first_line = self._seen.setdefault(place, (what, line))
        if what != first_content:
            self._lines.setdefault(place, [first_line]).append(line)

    def reason(self, key: Hashable) -> str | None:
        """Return why no row of a key is taken, None where all its rows agree."""
        lines = self._lines.get(hash(key))
        if lines is None:
            return None
        shown = ", ".join(map(str, lines[:MOST_LINES])) + (" …" if len(lines) > MOST_LINES else "")
        return (
            f"{self._what} stands in several lines with different content ({shown}); none of them was taken"
        )
