"""Notices by webhook: signed, to public addresses over https, or into networks of the house that are named."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import pytest

from services.errors import BadInput
from services.notices.channel import Parcel, Undelivered
from services.notices.webhook import WebhookChannel, networks_of, new_secret, split_address
from tests.services.notices.written import LEAD, NOON, URL, wording, written_notice

HOUSE = networks_of("127.0.0.0/8, ::1/128")
SECRET = new_secret()


@dataclass(slots=True)
class Receiver:
    """What a real HTTP server on this machine got; `status` is what it answers."""

    port: int = 0
    status: int = 204
    location: str | None = None
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.status)
            if kept.location is not None:
                self.send_header("location", kept.location)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the output of the tests clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5.0)


def channel(**more: Any) -> WebhookChannel:
    return WebhookChannel(wording(), URL, lambda: NOON, **{"networks": HOUSE, "timeout": 2.0, **more})


def parcel(address: str) -> Parcel:
    return Parcel(UUID("6a0d8d34-6d0e-4d56-8c0c-2f6d1ab4a001"), address, "vi", [written_notice()], SECRET)


def test_a_notice_arrives_signed_with_its_id() -> None:
    with receiver() as got:
        said = channel().send(parcel(f"http://127.0.0.1:{got.port}/hook?office=38"))
    ((path, headers, body),) = got.got
    assert said == "127.0.0.1 answered 204"
    assert path == "/hook?office=38"
    assert headers["webhook-id"] == "6a0d8d34-6d0e-4d56-8c0c-2f6d1ab4a001"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    content = json.loads(body)
    assert content["type"] == "notice.arrived"
    assert content["data"]["body"] == LEAD
    assert content["data"]["link"] == f"{URL}/tinh/de-xuat/0b0e0f52-7ed3-4b62-9d8f-0ad3b2b3c002"
    assert "Thôn, bản không có hoặc yếu sóng di động" in content["data"]["about"]


@pytest.mark.parametrize(
    ("status", "lasting"), [(400, True), (404, True), (410, True), (429, False), (500, False), (503, False)]
)
def test_what_is_refused_for_good_is_not_tried_again(status: int, lasting: bool) -> None:
    with receiver() as got:
        got.status = status
        with pytest.raises(Undelivered, match=f"answered {status}") as refused:
            channel().send(parcel(f"http://127.0.0.1:{got.port}/"))
    assert refused.value.lasting is lasting


def test_a_redirect_is_not_followed() -> None:
    with receiver() as got:
        got.status, got.location = 307, f"http://127.0.0.1:{got.port}/elsewhere"
        with pytest.raises(Undelivered, match="answered 307") as refused:
            channel().send(parcel(f"http://127.0.0.1:{got.port}/"))
    assert refused.value.lasting
    assert [path for path, _, _ in got.got] == ["/"]


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "240.0.0.1", "100.64.0.1"),
        *("::1", "fe80::1", "fd00::1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "224.0.0.1"),
        # Taken as public once, or by some versions of Python: site-local, carried, protocol assignments, documentation.
        *(
            "fec0::1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "192.0.0.8",
            "192.88.99.1",
            "3fff::1",
            "5f00::1",
            "2001::1",
        ),
        *(
            "64:ff9b:1::1",
            "100::1",
            "ff02::1",
            "255.255.255.255",
            "198.18.0.1",
            "203.0.113.9",
            "::",
        ),
    ],
)
def test_an_address_inside_the_house_is_not_called_unless_it_is_named(ip: str) -> None:
    closed = channel(networks=(), resolve=lambda _host, _port: [ip])
    with pytest.raises(Undelivered, match="neither public nor in LIENCAP_WEBHOOK_NETWORKS"):
        closed.send(parcel("https://hooks.example.vn/"))


@contextmanager
def dripping(part: bytes, *, secured: bool = False) -> Iterator[int]:
    """Answer each connection with a byte a moment, for ever; `secured` leaves the handshake hanging. Yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not over.is_set():
                taken, _ = listener.accept()
                with taken, suppress(OSError):
                    while not over.wait(0.05):
                        taken.sendall(b"" if secured else part)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()


@pytest.mark.parametrize("part", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n", b"x-a: b\r\n"], ids=repr)
def test_a_receiver_that_drips_is_left_when_its_time_is_over(part: bytes) -> None:
    began = time.monotonic()
    with dripping(part) as port, pytest.raises(Undelivered) as left:
        channel(timeout=0.4).send(parcel(f"http://127.0.0.1:{port}/"))
    assert not left.value.lasting
    assert time.monotonic() - began < 10.0


def test_a_handshake_that_hangs_is_left_when_its_time_is_over() -> None:
    with dripping(b"", secured=True) as port, pytest.raises(Undelivered, match=r"took longer than 0\.4 s"):
        channel(timeout=0.4).send(parcel(f"https://127.0.0.1:{port}/"))


def test_a_name_with_one_public_and_one_private_address_is_not_called() -> None:
    closed = channel(networks=(), resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Undelivered, match=r"leads to 10\.0\.0\.1"):
        closed.send(parcel("https://hooks.example.vn/"))


def test_outside_of_the_house_only_https_is_called() -> None:
    with pytest.raises(Undelivered, match="over https") as refused:
        channel(resolve=lambda _host, _port: ["8.8.8.8"]).send(parcel("http://hooks.example.vn/"))
    assert refused.value.lasting


def test_the_address_that_was_checked_is_the_one_that_is_called() -> None:
    asked: list[str] = []

    def once(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiver() as got:
        channel(resolve=once).send(parcel(f"http://hooks.example.vn:{got.port}/"))
    assert asked == ["hooks.example.vn"]
    assert got.got[0][1]["host"] == f"hooks.example.vn:{got.port}"


def test_a_name_that_nobody_has_is_tried_again() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Undelivered, match="cannot be found") as refused:
        channel(resolve=nowhere).send(parcel("https://nowhere.example/"))
    assert not refused.value.lasting


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.example/",
        "https://",
        "https://user:word@a.example/",
        "https://a.example:x/",
        "https://a b/",
        "x",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        split_address(address)


def test_networks_are_read_from_a_list() -> None:
    assert networks_of("10.0.0.0/8, fd00::/8") == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("fd00::/8"),
    )
    assert networks_of("") == ()
    with pytest.raises(ValueError, match="10"):
        networks_of("10.0.0.1/8")
