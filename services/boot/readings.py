"""Read the running installation for the operators' board: parts, streams, dead letters, outbox, routes, disk, back-ups.

`doctor` and `/metrics` read the same places: the log, the store, the registry of this process.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from dashboards.lines import Row
from dashboards.vocabulary import Reading
from events.log import EventLog
from services.boot.backups import PREFIX, UNFINISHED
from services.consuming.dead_letters import survey
from services.consuming.gauges import BATCH_SECONDS, RECORDS, RETRIES
from services.store.outbox import outbox_stats
from services.store.store import Store
from services.web.shell.parts import Read, Readiness
from services.web.shell.request_metrics import REQUESTS, SECONDS

Readers = Sequence[tuple[str, Sequence[str]]]
"""Each reader of the log: its group, and the topics that it reads."""
GIVEN_UP = "given-up"
BACKUPS_SHOWN = 5
_MEGA = 1_000_000
_SLOWEST = 0.95
_Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a process reads about its installation.

    Attributes:
        data: its folder; `backups` is the folder of its back-ups, if the settings name one.
    """

    log: EventLog
    store: Store
    readers: Readers
    registry: CollectorRegistry
    readiness: Mapping[str, Readiness]
    data: Path
    backups: Path | None
    clock: Callable[[], dt.datetime]


def readings_of(one: Installation) -> dict[Reading, Read]:
    """Return every reading of an installation under its name."""
    read: dict[Reading, Callable[[Installation], Iterable[Row]]] = {
        "parts": _parts,
        "stream_lags": _lags,
        "stream_batches": _batches,
        "dead_letters": _dead_letters,
        "outbox": _outbox,
        "routes": _routes,
        "disks": _disks,
        "backups": _backups,
    }
    return {name: partial(_listed, rows, one) for name, rows in read.items()}


def lags_of(log: EventLog, readers: Readers) -> dict[tuple[str, str], dict[int, int]]:
    """Return, for each (group, topic), the partitions with records that the group has not finished, and how many."""
    topics = {topic for _, read in readers for topic in read}
    ends = {topic: log.end_positions(topic) for topic in topics}
    found = {}
    for group, read in readers:
        for topic in read:
            done = log.committed(group, topic)
            behind = {number: end - done.get(number, 0) for number, end in ends[topic].items()}
            found[group, topic] = {number: count for number, count in behind.items() if count > 0}
    return found


def _listed(rows: Callable[[Installation], Iterable[Row]], one: Installation) -> list[Row]:
    return list(rows(one))


def _parts(one: Installation) -> Iterator[Row]:
    for name, check in sorted(one.readiness.items()):
        is_missing = check() is not None
        yield {"part": name, "state": "missing" if is_missing else "ready", "missing_count": int(is_missing)}


def _lags(one: Installation) -> Iterator[Row]:
    now = one.clock()
    for (group, topic), behind in lags_of(one.log, one.readers).items():
        waits_since = None
        if behind:
            most = max(behind, key=lambda number: behind[number])
            first = one.log.read(topic, most, one.log.committed(group, topic).get(most, 0), 1)
            waits_since = first[0].appended_at if first else None
        yield {
            "lane": f"{group} · {topic}",
            "behind_count": sum(behind.values()),
            "waiting_minutes": _minutes(now, waits_since),
        }


def _batches(one: Installation) -> Iterator[Row]:
    records, retries = (_values(one.registry, name) for name in (RECORDS, RETRIES))
    for lane, buckets in sorted(_histograms(one.registry, BATCH_SECONDS, ("group", "topic")).items()):
        group, topic = lane
        of_lane = {"group": group, "topic": topic}
        yield {
            "lane": f"{group} · {topic}",
            "record_count": _sum(records, of_lane),
            "retry_count": _sum(retries, of_lane),
            "slow_ms": _milliseconds(buckets, _SLOWEST),
        }


def _dead_letters(one: Installation) -> Iterator[Row]:
    for found in survey(one.log):
        letters = list(found.by_number.values())
        waiting = Counter((each.position.topic, each.reason) for each in letters if each.replayed_at is None)
        every = Counter((each.position.topic, each.reason) for each in letters)
        for topic, reason in sorted(every):
            last = max(
                each.first_seen_at
                for each in letters
                if (each.position.topic, each.reason) == (topic, reason)
            )
            yield {
                "letter": f"{topic} · {reason}",
                "waiting_count": waiting[topic, reason],
                "replayed_count": every[topic, reason] - waiting[topic, reason],
                "given_up_count": 0,
                "last_at": last,
            }
        given_up = list(found.given_up.values())
        for topic, count in sorted(Counter(each.position.topic for each in given_up).items()):
            yield {
                "letter": f"{topic} · {GIVEN_UP}",
                "waiting_count": 0,
                "replayed_count": 0,
                "given_up_count": count,
                "last_at": max(each.at for each in given_up if each.position.topic == topic),
            }


def _outbox(one: Installation) -> Iterator[Row]:
    stats = outbox_stats(one.store)
    yield {
        "store": "store",
        "waiting_count": stats.depth,
        "waiting_minutes": _minutes(one.clock(), stats.oldest_at),
        "set_aside_count": stats.set_aside_count,
    }


def _routes(one: Installation) -> Iterator[Row]:
    requests = _values(one.registry, REQUESTS)
    for (route,), buckets in _histograms(one.registry, SECONDS, ("route",)).items():
        by = {
            outcome: _sum(requests, {"route": route, "outcome": outcome})
            for outcome in ("answered", "refused", "failed")
        }
        yield {
            "route": route,
            "request_count": sum(by.values()),
            "refused_count": by["refused"],
            "failed_count": by["failed"],
            "median_ms": _milliseconds(buckets, 0.5),
            "slow_ms": _milliseconds(buckets, _SLOWEST),
        }


def _disks(one: Installation) -> Iterator[Row]:
    places = {"data": one.data} | ({"backups": one.backups} if one.backups is not None else {})
    for name, folder in places.items():
        if not folder.is_dir():
            yield {"place": name, "is_read": False}
            continue
        usage = shutil.disk_usage(folder)
        yield {
            "place": name,
            "used_mb": round(sum(size for _, size, _ in _files(folder)) / _MEGA, 1),
            "free_mb": round(usage.free / _MEGA, 1),
            "free_count": usage.free,
            "all_count": usage.total,
        }


def _backups(one: Installation) -> Iterator[Row]:
    if one.backups is None:
        yield {"file": "unset", "is_read": False}
        return
    found: dict[Path, tuple[int, float]] = {}
    for path, size, written in _files(one.backups):
        whole = _backup_of(path, one.backups)
        if not whole.name.endswith(UNFINISHED):
            before = found.get(whole, (0, 0.0))
            found[whole] = (before[0] + size, max(before[1], written))
    newest = sorted(found.items(), key=lambda item: -item[1][1])[:BACKUPS_SHOWN]
    now = one.clock()
    for path, (size, written) in newest:
        at = dt.datetime.fromtimestamp(written, dt.UTC)
        yield {
            "file": str(path.relative_to(one.backups)),
            "written_at": at,
            "old_days": max((now - at).days, 0),
            "used_mb": round(size / _MEGA, 1),
        }


def _backup_of(path: Path, folder: Path) -> Path:
    """Return the back-up that a file belongs to: a folder of `liencap backup`, or the file itself."""
    first = folder / path.relative_to(folder).parts[0]
    return first if first.name.startswith(PREFIX) else path


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Yield each file of a folder, its size, and when it was written; one that goes away meanwhile is left out.

    Raises:
        OSError: there is no such folder, or a part of it may not be read.
    """
    folder.stat()
    for at, _, names in os.walk(folder, onerror=_unless_gone):
        for name in names:
            path = Path(at, name)
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            yield path, found.st_size, found.st_mtime


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _minutes(now: dt.datetime, since: dt.datetime | None) -> float | None:
    return None if since is None else max((now - since).total_seconds(), 0.0) / 60


def _values(registry: CollectorRegistry, name: str) -> list[tuple[Mapping[str, str], float]]:
    """Return the samples of a counter: labels and value."""
    total = f"{name}_total"
    return [
        (sample.labels, sample.value)
        for family in registry.restricted_registry([total]).collect()
        for sample in family.samples
        if sample.name == total
    ]


def _sum(samples: Iterable[tuple[Mapping[str, str], float]], labels: Mapping[str, str]) -> int:
    return int(sum(value for found, value in samples if found == labels))


def _histograms(
    registry: CollectorRegistry, name: str, labels: Sequence[str]
) -> dict[_Labels, list[tuple[float, float]]]:
    """Return the buckets of a histogram by its labels: the upper bound in seconds, and how many lie below it."""
    found: dict[_Labels, list[tuple[float, float]]] = {}
    bucket = f"{name}_bucket"
    for family in registry.restricted_registry([bucket]).collect():
        for sample in family.samples:
            if sample.name == bucket:
                key = tuple(sample.labels[label] for label in labels)
                found.setdefault(key, []).append((float(sample.labels["le"]), sample.value))
    return found


def _milliseconds(buckets: Sequence[tuple[float, float]], part: float) -> float | None:
    seconds = quantile(buckets, part)
    return None if seconds is None else round(seconds * 1_000, 1)


def quantile(buckets: Sequence[tuple[float, float]], part: float) -> float | None:
    """Return how many seconds a part of all took at most: straight within its bucket, as Prometheus reads it.

    Beyond the last bound it is that bound; of nothing it is nothing.
    """
    wanted = part * buckets[-1][1] if buckets else 0
    if not wanted:
        return None
    low, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= wanted and not math.isinf(bound):
            return low + (bound - low) * (wanted - below) / (count - below)
        if not math.isinf(bound):
            low, below = bound, count
    return low
