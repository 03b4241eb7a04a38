"""What names every kind of fact goes by the table of topics; if not, the place that forgot one is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.definitions.pipeline import FRESHNESS
from events.topics import FACT_TOPICS, TRUTH_TOPICS, Topic
from reporting.tables import CASE_EVENTS, FACTS
from services.streams.land import Land, LandBackfill, LandCases
from services.warehouse.named_queries import migration_files, named_query

ROOT = Path(__file__).parents[2]
NAMES = [topic.name for topic in FACT_TOPICS]


def test_every_topic_is_landed_and_says_how_fresh_it_is() -> None:
    landed = [name for step in (Land, LandCases, LandBackfill) for name in step.topics]
    assert sorted(landed) == sorted(topic.name for topic in TRUTH_TOPICS)
    assert re.findall(r"SELECT '(\w+)' AS topic", named_query("freshness")) == NAMES
    assert list(FRESHNESS.rows or ()) == NAMES


def test_every_table_of_facts_is_watched_and_counted_among_the_landed() -> None:
    watched = re.findall(r"SELECT landed_at FROM (\w+)", named_query("audit_watched"))
    assert watched == [table.name for table in FACTS if table is not CASE_EVENTS]
    view = [sql for _, _, sql in migration_files() if "VIEW IF NOT EXISTS landed AS" in sql][-1]
    landed = re.findall(r"toString\(topic\) AS topic, partition, offset FROM (\w+)", view)
    assert sorted(landed) == sorted(table.name for table in FACTS)


@pytest.mark.parametrize("topic", TRUTH_TOPICS, ids=lambda topic: topic.name)
def test_the_documents_name_every_topic(topic: Topic) -> None:
    capacity = (ROOT / "docs/measured/capacity.md").read_text(encoding="utf-8")
    assert f"`{topic.name}` {topic.partitions}" in capacity
    assert topic.name in (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
