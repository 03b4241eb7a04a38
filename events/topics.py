"""The table of topics: the event families, the key and the number of partitions of each."""

from __future__ import annotations

from dataclasses import dataclass

from events.errors import UnknownTopic

MAX_EVENT_BYTES = 900_000
"""Bytes of the largest event of ours: below BATCH_BYTES, with room for headers; a larger one is set aside."""
BATCH_BYTES = 1_048_588
"""Bytes of the largest batch that a topic takes from any sender: the broker's default, so that all agree."""
LETTER_ROOM = 131_072
"""Bytes that a dead letter may add to its record: reason, position, and a prefix on each header."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; its partition count never changes, because the row versions of aggregates depend on it.

    Attributes:
        max_event_bytes: the largest value that we append; other producers may send values up to the batch
            limit.
        max_batch_bytes: the largest batch that a broker takes for it.
    """

    name: str
    partitions: int
    key: str
    families: tuple[str, ...]
    max_event_bytes: int = MAX_EVENT_BYTES
    max_batch_bytes: int = BATCH_BYTES

    @property
    def dead_letters(self) -> str:
        """Return the name of the topic that takes the unreadable records of this one."""
        return f"{self.name}-dlq"


CASES = Topic("cases", 8, "competent unit", ("case",))
CASES_BACKFILL = Topic("cases-backfill", 4, "competent unit", ("case",))
# Problems share this topic, keyed by problem id: one processor folds both and emits the events between them.
ISSUES = Topic(
    "issues", 8, "issue id or problem id", ("issue", "escalation", "clock", "fault", "problem", "signal")
)
SOURCES = Topic("sources", 2, "unit", ("source",))
# Lessons share this topic, keyed by lesson id: both are registers of villages, and a topic of their own would hold little.
PROMISES = Topic("promises", 2, "village and gap, or lesson", ("promise", "lesson"))
PERIODS = Topic("periods", 2, "unit and period", ("period",))

TRUTH_TOPICS: tuple[Topic, ...] = (CASES, CASES_BACKFILL, ISSUES, SOURCES, PROMISES, PERIODS)
FACT_TOPICS: tuple[Topic, ...] = tuple(topic for topic in TRUTH_TOPICS if topic is not CASES_BACKFILL)
"""The topics by what they are about: backfilled cases are cases. What names every kind of fact goes by this list."""
# A dead-letter topic takes every value of its topic: an unreadable record may exceed an event of ours.
DEAD_LETTER_TOPICS: tuple[Topic, ...] = tuple(
    Topic(t.dead_letters, 1, t.key, (), t.max_batch_bytes, t.max_batch_bytes + LETTER_ROOM)
    for t in TRUTH_TOPICS
)
TOPICS: dict[str, Topic] = {t.name: t for t in (*TRUTH_TOPICS, *DEAD_LETTER_TOPICS)}


def topic_named(name: str) -> Topic:
    """Return the topic of that name.

    Raises:
        UnknownTopic: the table has no such topic.
    """
    try:
        return TOPICS[name]
    except KeyError:
        known = ", ".join(sorted(TOPICS))
        raise UnknownTopic(f"there is no topic {name!r}; known are {known}", field="topic") from None


LARGEST_BATCH_BYTES = max(topic.max_batch_bytes for topic in TOPICS.values())


def topic_of(event_type: str, *, backfill: bool = False) -> Topic:
    """Return the topic that carries events of this type; for a backfilled case, `cases-backfill`.

    Raises:
        UnknownTopic: no topic carries the family.
    """
    family = event_type.split(".", 1)[0]
    if family == "case":
        return CASES_BACKFILL if backfill else CASES
    for topic in TRUTH_TOPICS:
        if family in topic.families:
            return topic
    raise UnknownTopic(f"no topic carries events of type {event_type!r}", field="type")


def partition_for(key: str, partitions: int) -> int:
    """Return the partition of a key as Kafka's default partitioner does (murmur2); so both logs agree."""
    return (_murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    """Hash as the Java client does; 32-bit arithmetic, seed 0x9747b28c (Kafka's own constant)."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ (k >> 24)) * m & mask
        h = (h * m & mask) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ (h >> 13)) * m & mask
    return h ^ (h >> 15)
