"""Run the front: `python -m tests.clickhouse_front --path DIR --port N` prints one line when it is ready."""

from __future__ import annotations

import argparse
import errno
import signal
import ssl
import sys
import threading
import time
from pathlib import Path

from tests.clickhouse_front.engine import Engine
from tests.clickhouse_front.protocol import Front

BIND_SECONDS = 15.0
LAST_STATEMENT_SECONDS = 10.0


def bound(address: tuple[str, int], engine: Engine) -> Front:
    """Take the address; the process that had it may be dying still."""
    until = time.monotonic() + BIND_SECONDS
    while True:
        try:
            return Front(address, engine)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(0.05)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, required=True, help="folder of the engine")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--memory-mb", type=int, default=1_000, help="memory that the engine may take")
    parser.add_argument("--threads", type=int, default=2, help="threads of one statement")
    parser.add_argument("--lanes", type=int, default=8, help="statements at a time")
    parser.add_argument("--certificate", type=Path, help="PEM file with certificate and key: speak HTTPS")
    parser.add_argument("--cluster", help="name of a cluster of this one server; replication is left out")
    asked = parser.parse_args()
    asked.path.mkdir(parents=True, exist_ok=True)
    memory_bytes = asked.memory_mb * 1_000_000
    engine = Engine(
        asked.path, memory_bytes=memory_bytes, threads=asked.threads, lanes=asked.lanes, cluster=asked.cluster
    )
    front = bound((asked.host, asked.port), engine)
    scheme = "http"
    if asked.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(asked.certificate)
        front.socket = context.wrap_socket(front.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=front.shutdown).start())
    sys.stdout.write(f"ready: {scheme}://{asked.host}:{front.server_address[1]}\n")
    sys.stdout.flush()
    front.serve_forever(poll_interval=0.1)
    front.server_close()
    front.finish(LAST_STATEMENT_SECONDS)
    engine.close()


if __name__ == "__main__":
    main()
