"""The engine behind the front: connections to one chDB folder, lent out one request at a time."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlencode

Settings = tuple[tuple[str, str], ...]

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_SETTINGS = re.compile(r"(?=\bSETTINGS\b)", re.IGNORECASE)
_REPLICATED = re.compile(r"Replicated(\w*MergeTree)\('[^']*', '\{replica\}'(?:, )?")
_LEAVES_A_TRACE = re.compile(r"^\s*(SET|USE)\b", re.IGNORECASE)
IDLE_CONNECTIONS = 24


class EngineError(Exception):
    """What the engine said no to, in its own words: `Code: 60. DB::Exception: …`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave back."""

    body: bytes
    format: str | None
    summary: Mapping[str, str]


class _Connection:
    """One handle of the engine, with the settings it was opened with and the database it is in."""

    def __init__(self, address: str, settings: Settings) -> None:
        import chdb  # noqa: PLC0415 -- half a second, and the helper that starts the front does not need it

        self.raw = chdb.connect(address)
        self.settings = settings
        self.database = ""
        last = [pair for pair in settings if pair[0] == "readonly"]
        for some in ([pair for pair in settings if pair[0] != "readonly"], last):
            if some:  # nothing can be set after `readonly`
                self.run("SET " + ", ".join(f"{_name(name)} = {_text(value)}" for name, value in some))

    def run(self, sql: str, params: Mapping[str, str] | None = None, output: str = "TabSeparated") -> Any:
        try:
            return self.raw.query(sql, output, params=dict(params or {}))
        except Exception as error:
            raise EngineError(_message(error)) from error

    def use(self, database: str) -> None:
        if database != self.database:
            self.run("USE `" + database.replace("`", "``") + "`")
            self.database = database


class Engine:
    """One chDB folder. Every request borrows a connection with exactly its settings; at most `lanes` at a time."""

    def __init__(
        self, path: Path, *, memory_bytes: int, threads: int, lanes: int, cluster: str | None = None
    ) -> None:
        options = {
            "max_server_memory_usage": str(memory_bytes),
            "max_threads": str(threads),
            "max_thread_pool_size": "200",
            "background_pool_size": "2",
            "mark_cache_size": str(64 * 1024 * 1024),
            "config-file": str(_config_file(path.resolve(), cluster)),
        }
        self._cluster = cluster
        self._address = f"{path.resolve()}?{urlencode(options)}"
        self._lanes = threading.BoundedSemaphore(lanes)
        self._lock = threading.Lock()
        self._idle: OrderedDict[int, _Connection] = OrderedDict()
        self._keeper = _Connection(self._address, ())
        zone = self._keeper.run("SELECT timezone()").bytes()
        self.timezone = zone.decode().strip()

    def execute(self, sql: str, *, database: str, settings: Settings, params: Mapping[str, str]) -> Answer:
        """Run one statement.

        Raises:
            EngineError: the engine said no.
        """
        if self._cluster:
            sql = _without_keeper(sql, self._cluster)
        asked = _FORMAT.search(sql)
        form = asked[1] if asked else "TabSeparated"
        with self._borrowed(settings, keep=not _LEAVES_A_TRACE.match(sql)) as connection:
            connection.use(database)
            result = connection.run(sql, params, form)
            reads = asked or str(connection.raw._conn.classify_query(sql)["query_class"]).endswith(
                "READ_ONLY"
            )
        summary = {"read_rows": result.rows_read(), "read_bytes": result.bytes_read()}
        return Answer(result.bytes() or b"", form if reads else None, _texts(summary, result.elapsed()))

    def insert(self, into: str, form: str, data: bytes, *, database: str, settings: Settings) -> Answer:
        """Insert a body, handed to the engine in a file.

        The engine's insert stream would take it from memory, and says that it wrote what a full disk did not take.

        Args:
            into: The statement up to its FORMAT.
            form: Name of the body's format.
            data: The body.

        Raises:
            EngineError: the engine said no.
        """
        target, *asked = _SETTINGS.split(into, maxsplit=1)
        with NamedTemporaryFile(prefix="liencap-insert-") as file, self._borrowed(settings) as connection:
            file.write(data)
            file.flush()
            connection.use(database)
            done = connection.run(" ".join([f"{target} FROM INFILE '{file.name}'", *asked, f"FORMAT {form}"]))
        written = {"written_rows": done.rows_read(), "written_bytes": done.bytes_read()}
        return Answer(b"", None, _texts(written, done.elapsed()))

    def close(self) -> None:
        """Let the folder go."""
        with self._lock:
            idle, self._idle = list(self._idle.values()), OrderedDict()
        for connection in (*idle, self._keeper):
            connection.raw.close()

    @contextmanager
    def _borrowed(self, settings: Settings, *, keep: bool = True) -> Iterator[_Connection]:
        with self._lanes:
            connection = self._take(settings) or _Connection(self._address, settings)
            try:
                yield connection
            except BaseException:
                connection.raw.close()  # whatever the failure left behind goes with it
                raise
            if keep:
                self._give_back(connection)
            else:
                connection.raw.close()

    def _take(self, settings: Settings) -> _Connection | None:
        with self._lock:
            for key in reversed(self._idle):
                if self._idle[key].settings == settings:
                    return self._idle.pop(key)
        return None

    def _give_back(self, connection: _Connection) -> None:
        with self._lock:
            self._idle[id(connection)] = connection
            surplus = self._idle.popitem(last=False)[1] if len(self._idle) > IDLE_CONNECTIONS else None
        if surplus is not None:
            surplus.raw.close()


def _config_file(path: Path, cluster: str | None) -> Path:
    """Allow backups beside the folder, and name a cluster of one shard, which is this engine asking itself."""
    said = f"<backups><allowed_path>{path.parent}/backups</allowed_path></backups>"
    if cluster:
        replica = "<replica><host>localhost</host><port>9000</port></replica>"
        shard = f"<shard><internal_replication>true</internal_replication>{replica}</shard>"
        said += f"<tcp_port>9000</tcp_port><remote_servers><{cluster}>{shard}</{cluster}></remote_servers>"
    file = path.parent / f"{path.name}.front.xml"
    file.write_text(f"<clickhouse>{said}</clickhouse>", encoding="utf-8")
    return file


def _without_keeper(sql: str, cluster: str) -> str:
    """Leave out what only a keeper can do: the queue of statements for all servers, and replication."""
    return _REPLICATED.sub(r"\1(", sql.replace(f" ON CLUSTER `{cluster}`", ""))


def _texts(summary: Mapping[str, int], seconds: float) -> dict[str, str]:
    return {**{name: str(value) for name, value in summary.items()}, "elapsed_ns": str(int(seconds * 1e9))}


def _message(fault: Exception) -> str:
    text = str(fault)
    return text[max(text.find("Code: "), 0) :].strip()


def _name(name: str) -> str:
    if not _NAME.match(name):
        raise EngineError(f"Code: 115. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)")
    return name


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
