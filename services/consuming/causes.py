"""The members that a log line gets from the error that made a lane try again."""

from __future__ import annotations

from collections.abc import Mapping

from events.errors import LienCapError


def cause_of(error: Exception) -> Mapping[str, str | Exception]:
    """Return the members of a log line: an error of ours by its sentence, an unforeseen one with its traceback.

    Ours name what is missing and pass; a traceback for each of them buries the ones that nobody foresaw.
    """
    return {"reason": str(error)} if isinstance(error, LienCapError) else {"exc_info": error}
