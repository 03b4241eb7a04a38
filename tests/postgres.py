"""A private PostgreSQL for tests: Debian's binaries on a folder and a loopback port of its own, started and killed here.

The cluster that Debian's package keeps is not touched and need not run.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.kafka_broker import free_port

_BINARIES = sorted(
    Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
)
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # A process that is killed loses nothing that the kernel has; the loss of power is not tried here.
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "timezone": "Asia/Ho_Chi_Minh",  # nothing may depend on it
    "synchronous_commit": "off",  # nor on this
}
_PATIENCE_SECONDS = 30.0


def why_missing() -> str | None:
    """Say why there can be no cluster on this machine; nothing where there can."""
    if not _BINARIES:
        return "PostgreSQL is not installed (Debian: apt install postgresql)"
    if os.geteuid() == 0 and not any(user.pw_name == "postgres" for user in pwd.getpwall()):
        return "PostgreSQL does not run as root, and there is no user postgres"
    return None


class PostgresCluster:
    """One server with any number of databases; `settings` replace those of the tests."""

    def __init__(self, **settings: str) -> None:
        self._settings = {**_SETTINGS, **settings}
        self.bin = _BINARIES[0].parent
        self._folder = Path(tempfile.mkdtemp(prefix="liencap-postgres-"))
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self.port = free_port()
        made = [self.bin / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._run(*made, "--locale=C.UTF-8", "--no-sync")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            if self._process is None or self._process.poll() is not None:
                # After a kill it refuses until the last of its old processes has let go of their shared memory.
                self._launch()
            try:
                with psycopg.connect(self._address("postgres"), connect_timeout=5):
                    return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    log = (self._folder / "server.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL does not start: {log[-2000:]}") from None
                time.sleep(0.05)

    def _launch(self) -> None:
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        command = [*self._as_postgres(), str(self.bin / "postgres"), "-D", str(self._data)]
        with (self._folder / "server.log").open("ab") as said:
            self._process = subprocess.Popen(
                [*command, "-p", str(self.port), *settings], stdout=said, stderr=said, cwd="/"
            )

    def stop(self) -> None:
        """Shut down in order: open connections are ended."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill every process of the server at once, as the loss of a machine does."""
        assert self._process is not None
        number = self._process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
        self._process.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._process.wait()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_SECONDS)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self._folder)

    def new_store(self) -> str:
        """Make an empty schema, which is quicker to have than a database, and return the address of a store in it."""
        name = f"store_{next(self._numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.address_of('postgres')}?options=-csearch_path%3D{name}"

    def new_database(self) -> str:
        """Make an empty database and return the address of a store in it."""
        name = f"store_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address_of(name)

    def drop(self, url: str) -> None:
        """Drop the database that `new_database` made, whoever still has it open."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def address_of(self, database: str) -> str:
        """Return the address of a store in the database's usual schema."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the server's owner."""
        with psycopg.connect(self._address(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def run(self, program: str, *arguments: object) -> None:
        """Run one of the server's client programs: pg_dump, pg_restore."""
        subprocess.run([self.bin / program, *map(str, arguments)], check=True)

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _run(self, *command: object) -> None:
        words = [*self._as_postgres(), *map(str, command)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def _as_postgres(self) -> list[str]:
        """The server refuses to be root's; whoever else runs the tests runs it as himself."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"]
