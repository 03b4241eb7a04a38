"""Topics and partitions: the same key lies in the same place in every log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.errors import UnknownTopic
from events.registry import EVENT_TYPES
from events.topics import (
    CASES,
    DEAD_LETTER_TOPICS,
    TOPICS,
    TRUTH_TOPICS,
    _murmur2,
    partition_for,
    topic_named,
    topic_of,
)

# From the tests of Kafka's own Java client, as signed 32-bit numbers.
JAVA_CLIENT = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "signed"), JAVA_CLIENT.items())
def test_the_hash_is_that_of_the_java_client(key: str, signed: int) -> None:
    unsigned = _murmur2(key.encode())
    assert (unsigned ^ 0x80000000) - 0x80000000 == signed


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 64))
def test_every_key_has_one_place_within_the_topic(key: str, partitions: int) -> None:
    assert 0 <= partition_for(key, partitions) < partitions
    assert partition_for(key, partitions) == partition_for(key, partitions)


def test_the_communes_of_a_province_spread_over_the_partitions() -> None:
    placed = [partition_for(f"{code:05d}", CASES.partitions) for code in range(14_800, 14_966)]
    assert all(placed.count(partition) >= 8 for partition in range(CASES.partitions))


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_type_has_the_topic_of_its_family(event_type: str) -> None:
    assert event_type.split(".", maxsplit=1)[0] in topic_of(event_type).families


def test_only_cases_have_a_lane_for_what_is_brought_in_later() -> None:
    assert topic_of("case.received", backfill=True).name == "cases-backfill"
    assert topic_of("issue.reported", backfill=True).name == "issues"


def test_every_truth_topic_has_dead_letters_in_one_partition() -> None:
    assert {t.dead_letters for t in TRUTH_TOPICS} == {t.name for t in DEAD_LETTER_TOPICS}
    assert {t.partitions for t in DEAD_LETTER_TOPICS} == {1}
    assert len(TOPICS) == len(TRUTH_TOPICS) + len(DEAD_LETTER_TOPICS)


def test_an_unknown_topic_or_family_is_named_in_the_refusal() -> None:
    with pytest.raises(UnknownTopic, match="'tickets'; known are cases,"):
        topic_named("tickets")
    with pytest.raises(UnknownTopic, match=r"ticket\.opened"):
        topic_of("ticket.opened")
