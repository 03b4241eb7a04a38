"""The samples for nginx and Caddy, run as processes in front of a server of the product's own making."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services.boot.door import Doorkeeper
from services.web.shell.limits import SafetyHeaders

pytestmark = [pytest.mark.process, pytest.mark.slow]
SAMPLES = Path(__file__).resolve().parents[2] / "examples" / "proxy"
NAME = "liencap.example.vn"
PATIENCE = 20.0
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: its ports for http and https."""

    http: int
    https: int

    def ask(self, request: bytes, *, secure: bool = True, name: str = NAME) -> bytes:
        """Send a request and return what comes until the end; empty where the proxy hangs up."""
        with socket.create_connection(("127.0.0.1", self.https if secure else self.http), PATIENCE) as plain:
            plain.settimeout(PATIENCE)
            with _trusting().wrap_socket(plain, server_hostname=name) if secure else plain as client:
                came = b""
                with contextlib.suppress(OSError):
                    client.sendall(request)
                    while part := client.recv(65_536):
                        came += part
                return came


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def _seen(request: Request) -> Response:
    headers = {name: request.headers.get(name) for name in ("host", "x-forwarded-host", "forwarded")}
    client = request.client.host if request.client is not None else None
    return JSONResponse({**headers, "client": client, "scheme": request.url.scheme})


async def _count(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


async def _told(_request: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"data: first\n\n"
        await asyncio.sleep(PATIENCE)
        yield b"data: last\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """Serve what the proxies stand in front of, as the product serves; yield its port."""
    routes = [
        Route("/seen", _seen),
        Route("/metrics", _seen),
        Route("/dong", _told),
        Route("/count", _count, methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(SafetyHeaders)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=Doorkeeper().protocol(), log_config=None, lifespan="off", forwarded_allow_ips="127.0.0.1"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join(PATIENCE)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for the name of the samples; return the folder of it and its key."""
    folder = tmp_path_factory.mktemp("tls")
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine makes a certificate")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    made += ["-addext", f"subjectAltName=DNS:{NAME}"]
    made += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, upstream: int, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Run a sample with other ports and another certificate than it names, and nothing else changed."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin")
    if program is None:
        pytest.skip(f"no {request.param} on this machine (Debian: nginx-light, caddy)")
    ports = Proxy(free_port(), free_port())
    folder = tmp_path_factory.mktemp(request.param)
    written = _nginx(folder, ports) if request.param == "nginx" else _caddy(ports)
    written = written.replace("/etc/ssl/liencap", str(certificate)).replace(
        "127.0.0.1:8000", f"127.0.0.1:{upstream}"
    )
    path = folder / "Caddyfile" if request.param == "caddy" else folder / "nginx.conf"
    path.write_text(written, encoding="utf-8")
    arguments = (
        ["-c", str(path), "-p", str(folder), "-e", str(folder / "error.log")]
        if request.param == "nginx"
        else ["run", "--config", str(path), "--adapter", "caddyfile"]
    )
    environment = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin", "XDG_DATA_HOME": str(folder)}
    output = (folder / "output.log").open("w")
    running = subprocess.Popen([program, *arguments], env=environment, stdout=output, stderr=output)
    output.close()
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", ports.https), 1.0):
                break
            assert running.poll() is None, (folder / "output.log").read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)
        yield ports
    finally:
        running.terminate()
        running.wait(PATIENCE)


def _nginx(folder: Path, ports: Proxy) -> str:
    sample = (SAMPLES / "nginx.conf").read_text(encoding="utf-8")
    sample = sample.replace("listen 80", f"listen 127.0.0.1:{ports.http}")
    sample = sample.replace("listen 443", f"listen 127.0.0.1:{ports.https}")
    temporary = " ".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers are somebody else, who may not write into the folder of the test.
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"{user} daemon off; pid {folder / 'pid'}; error_log {folder / 'error.log'};"
        f" events {{}} http {{ access_log off; {temporary}\n{sample}\n}}"
    )


def _caddy(ports: Proxy) -> str:
    sample = (SAMPLES / "Caddyfile").read_text(encoding="utf-8")
    sample = sample.replace(
        "\tservers {", f"\tadmin off\n\thttp_port {ports.http}\n\thttps_port {ports.https}\n\tservers {{", 1
    )
    return sample.replace(f"http://{NAME}", f"http://{NAME}:{ports.http}").replace(
        f"\nhttps://{NAME} {{", f"\nhttps://{NAME}:{ports.https} {{"
    )


def head(path: str, *more: str, method: str = "GET", host: str = NAME) -> bytes:
    """Return a request without a body that ends its connection."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", "connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def test_the_product_sees_the_client_by_https_and_nothing_that_the_client_made_up(proxy: Proxy) -> None:
    forged = (
        "x-forwarded-for: 203.0.113.9",
        "x-forwarded-host: evil.example",
        "forwarded: host=evil.example",
    )
    came = proxy.ask(head("/seen", *forged, "x-forwarded-proto: http"))
    assert b"200 OK" in came
    assert b'"client":"127.0.0.1"' in came
    assert b'"scheme":"https"' in came
    assert b"evil.example" not in came
    assert b"strict-transport-security: max-age=" in came.lower()


def test_plain_http_is_sent_to_https_under_the_name_of_the_installation(proxy: Proxy) -> None:
    came = proxy.ask(head("/seen?a=b"), secure=False)
    assert came.startswith(b"HTTP/1.1 301")
    assert f"location: https://{NAME}/seen?a=b".encode() in came.lower()


@pytest.mark.parametrize("secure", [True, False])
def test_another_name_gets_nothing_of_the_product(proxy: Proxy, secure: bool) -> None:
    came = proxy.ask(head("/seen", host="evil.example"), secure=secure)
    assert b"scheme" not in came
    assert b"evil.example" not in came


def test_the_largest_call_passes_and_a_larger_one_does_not(proxy: Proxy) -> None:
    whole = 20 * MEGA
    sent = head("/count", f"content-length: {whole}", method="POST") + b"x" * whole
    assert proxy.ask(sent).endswith(str(whole).encode())
    refused = proxy.ask(head("/count", f"content-length: {30 * MEGA}", method="POST") + b"x" * MEGA)
    assert not refused or b" 413 " in refused.split(b"\r\n", 1)[0]


def test_open_pages_are_told_at_once(proxy: Proxy) -> None:
    began, came = time.monotonic(), b""
    with (
        socket.create_connection(("127.0.0.1", proxy.https), PATIENCE) as plain,
        _trusting().wrap_socket(plain, server_hostname=NAME) as client,
    ):
        client.settimeout(PATIENCE)
        client.sendall(head("/dong"))
        while b"first" not in came:
            part = client.recv(4_096)
            assert part, came
            came += part
    assert time.monotonic() - began < PATIENCE / 2


def test_only_operators_read_the_metrics(proxy: Proxy) -> None:
    assert b"200 OK" in proxy.ask(head("/metrics"))
