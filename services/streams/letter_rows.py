"""Copy from the log which records were set aside, so that who reads the warehouse alone sees it too."""

from __future__ import annotations

from collections.abc import Sequence

from events.log import EventLog
from events.topics import TRUTH_TOPICS
from reporting.copied_tables import DEAD_LETTERS
from services.consuming.letters import DeadLetter, letters_from
from services.warehouse.arrow import table_of
from services.warehouse.client import Warehouse


class LetterRows:
    """The rows of `dead_letters`: one for each letter, whoever copies it and however often.

    What was copied is remembered in this process only: the first copy begins with the oldest letter, so that rows that
    were lost with the engine come back.
    """

    def __init__(self, log: EventLog, warehouse: Warehouse) -> None:
        self._log = log
        self._warehouse = warehouse
        self._next: dict[str, int] = {}

    def copy(self) -> int:
        """Write the letters that are new since the last copy, and return how many.

        Raises:
            LogUnavailable: the log does not answer.
            NotReady: the engine cannot be reached; the next copy begins where this one ended.
        """
        count = 0
        for topic in TRUTH_TOPICS:
            for letters, following in letters_from(self._log, topic.name, self._next.get(topic.name, 0)):
                self._write(letters)
                self._next[topic.name] = following
                count += len(letters)
        return count

    def _write(self, letters: Sequence[DeadLetter]) -> None:
        if not letters:
            return
        columns: dict[str, Sequence[object]] = {
            "topic": [one.position.topic for one in letters],
            "epoch": [one.epoch for one in letters],
            "partition": [one.position.partition for one in letters],
            "offset": [one.position.offset for one in letters],
            "number": [one.number for one in letters],
            "reason": [one.reason for one in letters],
            "consumer_group": [one.group for one in letters],
            "first_seen_at": [one.first_seen_at for one in letters],
        }
        self._warehouse.insert(DEAD_LETTERS.name, table_of(DEAD_LETTERS, columns))
