"""Posts a second that a service records: difficulty reports, and syncs of one case, by clients that wait for each answer.

    .venv/bin/python bench/intake_posts.py [--clients 100] [--seconds 8] [--runs 2] [--store URL]

The whole application with rights, tokens, sessions, limits and relay is served by a process of its own, its streams
left out: on Kafka they run elsewhere. The clients are another process on the same machine, whose processor time is
printed apart. SQLite in WAL with a flush at every commit; PostgreSQL too, where it is installed (or by its address).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import http.client
import multiprocessing
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from services.access.actors import Actor  # noqa: E402 -- the path is set above
from services.access.tokens import create_token  # noqa: E402 -- likewise
from services.boot.garbage_collection import spare_collector  # noqa: E402 -- likewise
from services.boot.installation import Keyring  # noqa: E402 -- likewise
from services.boot.open import whole  # noqa: E402 -- likewise
from services.boot.serving import reserve, serve_until_stopped  # noqa: E402 -- likewise
from services.dated_tables import load_tables  # noqa: E402 -- likewise
from services.settings import Settings  # noqa: E402 -- likewise
from tests.postgres import PostgresCluster, why_missing  # noqa: E402 -- likewise

APART = multiprocessing.get_context("spawn")
PROVINCE = "38"
WARM_UP_SECONDS = 2.0
LIFETIME = dt.timedelta(hours=1)
SAID = (
    "Từ đầu tháng cả bản không gọi được điện thoại, học sinh không học trực tuyến được",
    "Đề nghị Sở kiểm tra, khắc phục và cho biết ngày có sóng trở lại",
    "Đã báo tổng đài hai lần, xã đã đo sóng tại nhà văn hoá",
)


def main() -> None:
    """Run the bench, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--store", help="address of an empty store; by default one on each engine")
    asked = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()},"
        f" SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}; {asked.clients} clients",
        flush=True,
    )
    for name, url in stores(asked.store):
        print(f"{name}:", flush=True)
        measure(url, asked)


def stores(asked: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield the stores to measure: name and address."""
    if asked is not None:
        yield asked.split(":", 1)[0], asked
        return
    yield "SQLite", None
    if (reason := why_missing()) is not None:
        print(f"PostgreSQL: not measured, {reason}")
        return
    cluster = PostgresCluster(fsync="on", shared_buffers="128MB")
    try:
        cluster.start()
        yield "PostgreSQL", cluster.new_database()
    finally:
        cluster.remove()


def measure(url: str | None, asked: argparse.Namespace) -> None:
    """Serve a new installation, and let clients of another process post to it."""
    ours, theirs = APART.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        server = APART.Process(target=serve, args=(Path(folder), url, theirs))
        server.start()
        port = ours.recv()
        for path in ("issues", "cases/sync") * asked.runs:
            sent = (Path(folder), port, server.pid, path, asked.clients, asked.seconds)
            clients = APART.Process(target=run_clients, args=sent)
            clients.start()
            clients.join()
        server.terminate()
        server.join()


def serve(folder: Path, url: str | None, ready: Connection) -> None:
    """Serve the whole application without its streams until a signal comes."""
    with (
        reserve("127.0.0.1", 0) as listener,
        whole(Settings(data=folder, store_url=url), streams=False) as system,
    ):
        spare_collector()
        listener.listen()
        ready.send(listener.getsockname()[1])
        serve_until_stopped(system, listener, echo=lambda _line: None)


def run_clients(folder: Path, port: int, pid: int, path: str, clients: int, seconds: float) -> None:
    """Run the clients in this process."""
    asyncio.run(send(folder, port, pid, path, clients, seconds))


async def send(folder: Path, port: int, pid: int, path: str, clients: int, seconds: float) -> None:
    """Post for a while as communes, and print what was reached."""
    secret = Keyring(Settings(data=folder))().current
    communes = [unit.code for unit in load_tables().units.communes_of(PROVINCE)]
    body = report if path == "issues" else row
    took: list[float] = []
    await asyncio.sleep(1)  # what the call before left over
    idle = await _cpu_while(pid, lambda: asyncio.sleep(1))
    lines = [
        header(port, secret, communes[number % len(communes)], path, number) for number in range(clients)
    ]
    warm = time.perf_counter() + WARM_UP_SECONDS
    await asyncio.gather(*(post(port, each, body, warm, []) for each in lines))
    until = time.perf_counter() + seconds
    began, mine = time.perf_counter(), time.process_time()
    spent = await _cpu_while(
        pid, lambda: asyncio.gather(*(post(port, each, body, until, took) for each in lines))
    )
    wall, mine = time.perf_counter() - began, time.process_time() - mine
    took.sort()
    count = len(took)
    print(
        f"  {path:<10} {count / wall:>7,.0f} posts/s; p50 {statistics.median(took) * 1e3:.0f} ms,"
        f" p99 {took[int(count * 0.99)] * 1e3:.0f} ms, worst {took[-1] * 1e3:.0f} ms;"
        f" processor time a post: server {spent / count * 1e3:.2f} ms, clients {mine / count * 1e3:.2f} ms"
        f" (server idle: {idle * 1e3:.0f} ms a second; load {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def header(port: int, secret: str, unit: str, path: str, number: int) -> bytes:
    """Return the lines of a request; every other client is a script with a token, the rest are browsers signed in."""
    actor, now = Actor("commune_officer", unit, f"{unit}.ubnd"), dt.datetime.now(dt.UTC)
    token = create_token(secret, actor, LIFETIME, now)
    who = f"Authorization: Bearer {token}"
    if number % 2:
        who = f"Cookie: {signed_in(port, token)}\r\nSec-Fetch-Site: same-origin"
    return (
        f"POST /api/v1/communes/{unit}/{path} HTTP/1.1\r\nHost: localhost\r\n{who}\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\n"
    ).encode()


def signed_in(port: int, token: str) -> str:
    """Sign a browser in by a token, and return its cookie."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request(
            "POST", "/api/v1/sign-in", orjson.dumps({"token": token}), {"Content-Type": "application/json"}
        )
        return str(connection.getresponse().headers["set-cookie"]).partition(";")[0]


async def post(port: int, lines: bytes, body: Callable[[], bytes], until: float, took: list[float]) -> None:
    """Post again and again on one connection, and note how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        sent = body()
        began = time.perf_counter()
        writer.write(b"%sContent-Length: %d\r\n\r\n%s" % (lines, len(sent), sent))
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        content = await reader.readexactly(length)
        took.append(time.perf_counter() - began)
        if answer[9:11] != b"20":
            raise SystemExit(f"refused: {answer.decode()}{content.decode()}")
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def report() -> bytes:
    """Make a report as the form sends it."""
    content, request, tried = SAID
    said = {
        "content": content,
        "request": request,
        "tried": tried,
        "place": f"Bản Vịn {random.randrange(999)}",
    }
    facts = {"kind": "mobile_dead_spot", "severity": "high", "people_affected": 120, "place_type": "village"}
    return orjson.dumps({"id": str(uuid.uuid4()), **facts, **said, "intake_channel": "web"})


def row() -> bytes:
    """Make a sync of one new case."""
    now = dt.datetime.now(dt.UTC)
    code = f"H56.20-{now:%y%m%d}-{random.randrange(10**9):09d}"
    case = {"MaHoSo": code, "MaTTHC": "1.004873", "NgayTiepNhan": f"{now:%d/%m/%Y %H:%M}", "TrangThai": 2}
    return orjson.dumps([case])


async def _cpu_while(pid: int, work: Callable[[], Awaitable[object]]) -> float:
    """Return the seconds of processor time that another process spends meanwhile."""
    before = _cpu(pid)
    await work()
    return _cpu(pid) - before


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
