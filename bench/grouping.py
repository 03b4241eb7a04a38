"""Measure the suggestion of duplicates on labelled texts: precision and recall by threshold, and how long it takes.

Run: .venv/bin/python bench/grouping.py [--open 20000]
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import os
import platform
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from events.log import Position
from reporting.issues.state import IssueState
from reporting.problems.grouping import GroupingTable
from services.access.scope import Scope
from services.acting.suggestions import compared, suggestions_for
from services.dated_tables import load_tables
from services.language.vietnamese import unaccented
from services.store.store import Store
from services.store.texts import TextStore
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from services.warehouse.migrations import migrate
from tests.reporting.stories import Story

TEXTS = Path(__file__).parent / "data" / "grouping_texts.csv"
ON = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)
THRESHOLDS = range(40, 95, 5)
CHOSEN = 65


class Text(NamedTuple):
    """One report's words, with its kind and its true cause; `part` is tune or test."""

    kind: str
    cause: str
    words: str
    part: str


class Pair(NamedTuple):
    """Two texts that the key of their kinds brings together, how alike they are, and whether they have one cause."""

    first: Text
    second: Text
    likeness: int
    same: bool


def read(table: GroupingTable) -> list[Text]:
    """Read the texts; whole groups of kinds go to one part, so that nothing is tuned on what it is tested on."""
    with TEXTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = dict.fromkeys(table.key_of(row["kind"], ON).cause or row["kind"] for row in rows)
    part = {group: ("tune", "test")[number % 2] for number, group in enumerate(groups)}
    return [
        Text(kind, row["cause"], unaccented(row["text"]), part[table.key_of(kind, ON).cause or kind])
        for row in rows
        for kind in (row["kind"],)
    ]


def pairs(texts: Sequence[Text], table: GroupingTable) -> Iterator[Pair]:
    """Yield every two texts that share a grouping key, compared as the product compares them."""
    numbered = {UUID(int=number): text for number, text in enumerate(texts)}
    for (one, first), (_, second) in itertools.combinations(numbered.items(), 2):
        if table.same_cause(first.kind, second.kind, ON):
            likeness = compared({one: first.words}, [second.words])[one]
            yield Pair(first, second, likeness, (first.kind, first.cause) == (second.kind, second.cause))


def scores(found: Sequence[Pair], threshold: int) -> tuple[float, float]:
    """Return precision and recall of what is at least so alike."""
    alike = [one for one in found if one.likeness >= threshold]
    right, all_same = sum(one.same for one in alike), sum(one.same for one in found)
    return right / len(alike) if alike else 1.0, right / all_same if all_same else 1.0


def slipped(text: Text) -> Text:
    """Return a text with two neighbouring letters of every fourth word swapped, as by a hasty hand."""
    rng, words = random.Random(text.words), text.words.split()
    for at in range(rng.randrange(4), len(words), 4):
        word = words[at]
        if len(word) > 2:
            turn = rng.randrange(len(word) - 1)
            words[at] = word[:turn] + word[turn + 1] + word[turn] + word[turn + 2 :]
    return text._replace(words=" ".join(words))


def first_is_right(found: Sequence[Pair]) -> float:
    """Return for how many texts the likest other text of their key has their cause."""
    best: dict[Text, Pair] = {}
    for pair in sorted(found, key=lambda one: one.likeness):
        best[pair.first] = best[pair.second] = pair
    return sum(pair.same for pair in best.values()) / len(best)


def per_kind(found: Sequence[Pair], table: GroupingTable) -> Iterator[tuple[str, float, float]]:
    """Yield precision and recall of each kind at the threshold of its row, the worst recall first."""
    by_kind: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        for kind in {pair.first.kind, pair.second.kind}:
            by_kind[kind].append(pair)
    rated = [(kind, *scores(own, table.key_of(kind, ON).likeness_percent)) for kind, own in by_kind.items()]
    yield from sorted(rated, key=lambda one: (one[2], one[1]))


def against_all(texts: Sequence[Text], count: int) -> list[float]:
    """Return how many milliseconds one text takes against so many, without a key: the same words in other orders."""
    rng, times = random.Random(1), []
    many = {UUID(int=number): _shuffled(rng.choice(texts).words, rng) for number in range(count)}
    for text in rng.sample(list(texts), 15):
        began = time.perf_counter()
        compared(many, [text.words])
        times.append((time.perf_counter() - began) * 1000)
    return times


def _shuffled(words: str, rng: random.Random) -> str:
    some = words.split()
    rng.shuffle(some)
    return " ".join(some)


def whole_suggestion(texts: Sequence[Text], count: int) -> tuple[list[float], list[float]]:
    """Return how many milliseconds the product takes to suggest among so many open issues, rows and texts included.

    Returns:
        The time that passed, and the processor time, of 25 suggestions.
    """
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{folder}")) as warehouse:
        migrate(warehouse)
        store = Store(f"sqlite:///{folder}/store.db")
        parts: Any = SimpleNamespace(
            clock=lambda: NOW, tables=load_tables(), texts=TextStore(store), issue_table=IssueTable(warehouse)
        )
        states = list(_open_issues(parts, store, texts, count))
        for start in range(0, count, 2_000):
            portion = enumerate(states[start : start + 2_000], start)
            parts.issue_table.save(
                [LatestStates(one, Position("issues", 0, number)) for number, one in portion]
            )
        rng, times, busy = random.Random(2), [], []
        for one in rng.sample(states, 25):
            problem: Any = SimpleNamespace(kind=one.report.kind, opened_at=one.reported_at)
            began, worked = time.perf_counter(), time.process_time()
            suggestions_for(parts, problem, Scope(("38",), None), [one])
            times.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - worked) * 1000)
        store.close()
    return times, busy


def _open_issues(parts: Any, store: Store, texts: Sequence[Text], count: int) -> Iterator[IssueState]:
    """Yield open issues with words, spread over half a year and all kinds."""
    rng, like = random.Random(1), Story(name="bench").on_its_way().state
    with store.begin() as conn:
        for number in range(count):
            text = rng.choice(texts)
            tried = parts.texts.put(
                conn, _shuffled(text.words, rng), unit_code=like.unit_code, purpose="tried"
            )
            report = like.report.model_copy(update={"kind": text.kind, "tried": tried})
            at = NOW - dt.timedelta(minutes=rng.randrange(180 * 1440))
            yield replace(like, id=UUID(int=number), report=report, reported_at=at)


def main() -> None:
    """Print precision and recall by threshold for both parts, then by kind, then the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=20_000)
    count = parser.parse_args().open
    table = load_tables().grouping
    texts = read(table)
    found = list(pairs(texts, table))
    print(f"{len(texts)} texts, {len({(one.kind, one.cause) for one in texts})} causes, {len(found)} pairs")
    print("threshold   tune: precision recall   test: precision recall")
    parts = [[pair for pair in found if pair.first.part == part] for part in ("tune", "test")]
    for threshold in THRESHOLDS:
        (p1, r1), (p2, r2) = (scores(part, threshold) for part in parts)
        print(f"{threshold:>9}   {p1:>15.2f} {r1:>6.2f}   {p2:>15.2f} {r2:>6.2f}")
    shares = [first_is_right(part) for part in parts]
    print(f"the likest is right   tune {shares[0]:.2f}   test {shares[1]:.2f}")
    hasty = [pair for pair in pairs([slipped(text) for text in texts], table) if pair.first.part == "test"]
    precision, recall = scores(hasty, CHOSEN)
    print(
        f"test part, a slip in every fourth word, at {CHOSEN}: precision {precision:.2f} recall {recall:.2f}"
    )
    print("by kind at the threshold of its row, worst recall first (precision, recall):")
    for kind, precision, recall in per_kind(found, table):
        print(f"  {kind:<26}{precision:.2f} {recall:.2f}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print_times("comparison alone, without a key", count, against_all(texts, count))
    times, busy = whole_suggestion(texts, count)
    print_times("whole suggestion, rows and texts read", count, times)
    print_times("the same, processor time", count, busy)


def print_times(what: str, count: int, times: Sequence[float]) -> None:
    """Print the median and the worst."""
    print(f"{what}, {count:,} open: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")


if __name__ == "__main__":
    main()
