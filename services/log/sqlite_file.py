"""The file of the embedded log: its tables, its connections, and records packed into chunks.

A chunk holds the records of one append in one partition (at most `CHUNK_RECORDS`). One row per chunk and not per
record: the driver releases the interpreter lock at every row, and beside busy threads each row waits its turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec
import orjson

from events.errors import LogUnavailable
from events.log import Message, Position, Record
from events.topics import TOPICS
from services.errors import SetupError

CHUNK_RECORDS = 500
CHUNK_BYTES = 1_000_000
READ_BYTES = 32_000_000
"""A read stops after the record that crosses this, so that a batch of large events fits into memory."""
BUSY_SECONDS = 10.0

_TABLES = """
CREATE TABLE IF NOT EXISTS chunks (
  topic TEXT NOT NULL, partition INTEGER NOT NULL, last_offset INTEGER NOT NULL,
  appended_us INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (topic, partition, last_offset)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS committed (
  consumer_group TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS topics (topic TEXT PRIMARY KEY, partitions INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quiet_before (partition INTEGER PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('epoch', 1);
"""

# One statement for all partitions, for the same reason. CROSS JOIN keeps the order of the partitions, the primary key
# that of the offsets.
_READ = """
SELECT topic, partition, last_offset, appended_us, body FROM json_each(?) AS lane CROSS JOIN chunks
WHERE topic = json_extract(lane.value, '$[0]') AND partition = json_extract(lane.value, '$[1]')
  AND last_offset >= json_extract(lane.value, '$[2]')
LIMIT ?
"""
# Positions come as one row each, for the same reason: whoever waits for the streams asks for them again and again.
_ENDS = """
SELECT json_group_array(json_array(
    value, (SELECT max(last_offset) FROM chunks WHERE topic = ?1 AND partition = value)
)) FROM json_each(?2)
"""
_COMMITTED = """
SELECT json_group_array(json_array(topic, partition, position)) FROM committed
WHERE consumer_group = ? AND topic IN (SELECT value FROM json_each(?))
"""

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_EPOCH_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[tuple[str, bytes, dict[str, str] | None]]).decode


@contextlib.contextmanager
def transient_errors() -> Iterator[None]:
    """Translate the errors of the file and the driver into the port's.

    Raises:
        LogUnavailable: the file is locked, full, damaged or closed.
    """
    try:
        yield
    except (sqlite3.Error, msgspec.DecodeError, OSError) as error:
        raise LogUnavailable(f"the file of the event log: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open one durable connection: a commit returns after the disk has it."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def prepare(path: Path) -> sqlite3.Connection:
    """Create a missing file, check its table of topics, and return the writing connection.

    Raises:
        SetupError: the file was laid out for another table of topics.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that create one file at once would collide in the switch to WAL, where no timeout helps.
    with path.with_name(f"{path.name}-setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        new = not path.exists()
        connection = connect(path)
        try:
            connection.execute("PRAGMA page_size=8192")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
            connection.executescript(_TABLES)
            _agree_on_topics(connection)
        except BaseException:
            connection.close()
            raise
        if new:
            _sync_folder(path.parent)
    return connection


def _agree_on_topics(connection: sqlite3.Connection) -> None:
    for topic in TOPICS.values():
        connection.execute("INSERT OR IGNORE INTO topics VALUES (?, ?)", (topic.name, topic.partitions))
    for name, partitions in connection.execute("SELECT topic, partitions FROM topics").fetchall():
        expected = TOPICS.get(name)
        if expected is not None and expected.partitions != partitions:
            raise SetupError(
                f"topic {name} has {partitions} partitions in this log and {expected.partitions} in this release; "
                "the count never changes: use the release that made the log, or a new log with a higher epoch"
            )


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the name of a new file survives a power cut as its content does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pack(messages: Sequence[Message]) -> list[tuple[int, bytes]]:
    """Return the chunks of one partition in order: number of records and body of each."""
    chunks: list[tuple[int, bytes]] = []
    waiting: list[tuple[str, bytes, dict[str, str] | None]] = []
    size = 0
    for message in messages:
        if waiting and (len(waiting) >= CHUNK_RECORDS or size + len(message.value) > CHUNK_BYTES):
            chunks.append((len(waiting), _pack(waiting)))
            waiting, size = [], 0
        waiting.append((message.key, message.value, dict(message.headers) if message.headers else None))
        size += len(message.value)
    if waiting:
        chunks.append((len(waiting), _pack(waiting)))
    return chunks


def read_records(
    connection: sqlite3.Connection, starts: Sequence[tuple[str, int, int]], limit: int
) -> list[Record]:
    """Return up to `limit` records of some partitions: (topic, partition, first offset) each, in this order.

    Raises:
        LogUnavailable: an offset is missing, so the file is damaged.
    """
    expected = {(topic, partition): start for topic, partition, start in starts}
    found: list[Record] = []
    size = 0
    rows = connection.execute(_READ, (orjson.dumps(starts).decode(), limit))
    try:
        for topic, partition, last_offset, appended_us, body in rows:
            messages = _unpack(body)
            offset = last_offset + 1 - len(messages)
            wanted = expected[topic, partition]
            if offset > wanted:
                raise LogUnavailable(
                    f"{topic}/{partition} holds nothing between {wanted} and {offset}: damaged"
                )
            expected[topic, partition] = last_offset + 1
            appended_at = _EPOCH_START + dt.timedelta(microseconds=appended_us)
            for key, value, headers in messages[wanted - offset :]:
                position = Position(topic, partition, wanted)
                found.append(Record(position, key, value, headers or _NO_HEADERS, appended_at))
                wanted += 1
            size += len(body)
            if len(found) >= limit or size >= READ_BYTES:
                break
    finally:
        rows.close()  # an unfinished read would block the checkpoint of the WAL
    return found[:limit]


def first_position(connection: sqlite3.Connection, topic: str, partition: int) -> int:
    """Return the offset of the first record of the partition, or of the next one where there is none."""
    row = connection.execute(
        "SELECT last_offset, body FROM chunks WHERE topic = ? AND partition = ? ORDER BY last_offset LIMIT 1",
        (topic, partition),
    ).fetchone()
    return 0 if row is None else int(row[0]) + 1 - len(_unpack(row[1]))


def end_position(connection: sqlite3.Connection, topic: str, partition: int) -> int:
    """Return the offset that the next record of the partition will get."""
    row = connection.execute(
        "SELECT max(last_offset) FROM chunks WHERE topic = ? AND partition = ?", (topic, partition)
    ).fetchone()
    return 0 if row[0] is None else int(row[0]) + 1


def end_positions(connection: sqlite3.Connection, topic: str, partitions: int) -> dict[int, int]:
    """Return, for each partition, the offset that the next record will get."""
    numbers = orjson.dumps(list(range(partitions))).decode()
    (found,) = connection.execute(_ENDS, (topic, numbers)).fetchone()
    return {number: 0 if last is None else last + 1 for number, last in orjson.loads(found)}


def committed_positions(
    connection: sqlite3.Connection, group: str, topics: Sequence[str]
) -> dict[tuple[str, int], int]:
    """Return the offset of the group's next unfinished record, for partitions that have one."""
    (found,) = connection.execute(_COMMITTED, (group, orjson.dumps(topics).decode())).fetchone()
    return {(topic, partition): position for topic, partition, position in orjson.loads(found)}
