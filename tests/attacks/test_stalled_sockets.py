"""Clients that open sockets and go on with nothing: they lose their places, and everybody else is answered."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.boot.door import BUSY, Doorkeeper, Limits, trusted_by
from services.errors import SetupError

QUICK = Limits(head_seconds=0.4, body_seconds=0.4, body_bytes_per_second=1_000, look_seconds=0.05)
PATIENCE = 20.0
HEAD = b"POST /body HTTP/1.1\r\nhost: here\r\n"


async def _answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("well")


async def _count(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("gone", status_code=400)


@contextmanager
def served(door: Doorkeeper) -> Iterator[tuple[str, int]]:
    """Serve a small application behind a door; yield its address."""
    app = Starlette(routes=[Route("/", _answer), Route("/body", _count, methods=["POST"])])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    server = uvicorn.Server(uvicorn.Config(app, http=door.protocol(), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


def ended(client: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    client.settimeout(PATIENCE)
    came = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            came += part
    return came


def opened(address: tuple[str, int], begins: bytes = b"") -> socket.socket:
    """Open a connection and send how a request begins."""
    client = socket.create_connection(address, PATIENCE)
    client.sendall(begins)
    return client


def eventually(holds: Callable[[], bool]) -> bool:
    """Ask again until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("begins", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nhost: here\r\nx-a: 1\r\n"])
def test_a_head_that_does_not_end_is_cut_off(begins: bytes) -> None:
    with served(Doorkeeper(QUICK)) as address, opened(address, begins) as client:
        assert ended(client) == b""


def test_a_further_request_on_the_same_connection_must_end_its_head_too() -> None:
    with served(Doorkeeper(QUICK)) as address, opened(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        came = b""
        while not came.endswith(b"well"):
            came += client.recv(4_096)
        client.sendall(b"GET / HTTP/1.1\r\nho")
        assert ended(client) == b""


@pytest.mark.parametrize("length", [b"content-length: 90000\r\n", b"transfer-encoding: chunked\r\n"])
def test_a_body_that_stalls_is_cut_off(length: bytes) -> None:
    with served(Doorkeeper(QUICK)) as address:
        with opened(address, HEAD + length + b"\r\n" + b"5\r\nabcde\r\n") as client:
            ended(client)
        assert httpx2.get("http://{}:{}/".format(*address)).text == "well"


def test_a_body_that_drips_is_cut_off() -> None:
    def took(client: socket.socket) -> bool:
        try:
            client.sendall(b"x")
        except ConnectionError:
            return False
        return True

    head = HEAD + b"content-length: 9000\r\n\r\n"
    with served(Doorkeeper(QUICK)) as address, opened(address, head) as client:
        assert eventually(lambda: not took(client))


def test_a_slow_line_that_keeps_its_pace_is_served() -> None:
    body = b"x" * 4_000
    with (
        served(Doorkeeper(QUICK)) as address,
        opened(
            address, HEAD + f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        ) as client,
    ):
        for at in range(0, len(body), 400):
            client.sendall(body[at : at + 400])
            time.sleep(0.1)
        assert ended(client).endswith(b"4000")


def test_an_application_that_is_behind_costs_no_client_its_place() -> None:
    limits = Limits(head_seconds=0.2, body_seconds=0.2, body_bytes_per_second=1e9, look_seconds=0.05)

    async def slowly(request: Request) -> PlainTextResponse:
        received = 0
        async for part in request.stream():
            received += len(part)
            time.sleep(0.15)  # noqa: ASYNC251 -- the loop itself is behind
        return PlainTextResponse(str(received))

    app = Starlette(routes=[Route("/body", slowly, methods=["POST"])])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    config = uvicorn.Config(app, http=Doorkeeper(limits).protocol(), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        whole = b"x" * 1_000_000
        answer = httpx2.post(
            "http://{}:{}/body".format(*listener.getsockname()), content=whole, timeout=PATIENCE
        )
        assert answer.text == str(len(whole))
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


def test_one_address_has_so_many_connections_and_no_more() -> None:
    with served(Doorkeeper(Limits(of_one_address=5))) as address, contextlib.ExitStack() as held:
        for _ in range(5):
            held.enter_context(opened(address))
        refused = ended(held.enter_context(opened(address)))
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after" in refused


def test_places_come_back() -> None:
    with served(Doorkeeper(Limits(of_one_address=5))) as address:
        for _ in range(40):
            with opened(address, b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n") as client:
                assert b"200 OK" in ended(client)


def test_a_proxy_brings_more_than_one_client() -> None:
    door = Doorkeeper(Limits(of_one_address=5), trusted_by("127.0.0.0/8"))
    with served(door) as address, contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(opened(address))
        assert httpx2.get("http://{}:{}/".format(*address)).text == "well"


def test_where_all_places_are_taken_the_longest_waiting_one_is_given_away() -> None:
    door = Doorkeeper(Limits(connections=10), trusted_by("127.0.0.0/8"))
    with served(door) as address, contextlib.ExitStack() as held:
        stalled = [held.enter_context(opened(address)) for _ in range(10)]
        assert eventually(lambda: len(door._waiting) == 10)
        assert httpx2.get("http://{}:{}/".format(*address)).text == "well"
        assert ended(stalled[0]) == b""
        stalled[9].sendall(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        assert b"200 OK" in ended(stalled[9])


def test_a_client_that_reads_nothing_is_cut_off() -> None:
    async def much(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("x" * 60_000_000)

    app = Starlette(routes=[Route("/", much)])
    limits = Limits(reading_seconds=0.3, look_seconds=0.05)
    door = Doorkeeper(limits)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=door.protocol(), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(listener.getsockname())
            client.sendall(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            assert eventually(lambda: door._open.total() == 1)
            assert eventually(lambda: door._open.total() == 0)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def test_the_refusal_declares_its_length() -> None:
    head, body = BUSY.split(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head


@pytest.mark.parametrize(
    ("written", "address", "is_trusted"),
    [
        ("127.0.0.1, ::1", "127.0.0.1", True),
        ("127.0.0.1, ::1", "::1", True),
        ("172.16.0.0/12", "172.18.0.2", True),
        ("172.16.0.0/12", "172.32.0.2", False),
        ("*", "203.0.113.9", True),
        ("", "127.0.0.1", False),
        ("10.0.0.1", "", False),
    ],
)
def test_proxies_are_named_by_address_network_or_all(written: str, address: str, is_trusted: bool) -> None:
    assert trusted_by(written)(address) is is_trusted


def test_a_setting_that_names_no_address_is_refused() -> None:
    with pytest.raises(SetupError, match="LIENCAP_TRUSTED_PROXIES"):
        trusted_by("proxy.example.vn")
