"""Open clients of ClickHouse, in process or over HTTP, and translate their errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlparse

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError
from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3 import PoolManager

from services.errors import EngineDead, NotReady, SetupError

CONNECT_SECONDS = 5
READ_SECONDS = 60
WRITE_SECONDS = 300
"""Longest silence of an answer, in seconds. A working server sends progress, so these bound silence and not
the length of a statement."""

CONNECTIONS = 64
"""Connections kept open to one server: the threads of the web and of the streams, with room to spare."""

_FOREIGN_LOCK = "Error initializing EmbeddedServer"
_OTHER_PATH = "already initialized with path"
_TLS = ("ca_cert", "client_cert", "client_cert_key", "verify")

# Errors that pass when the engine, its keeper, its disk or the network recovers; the same statement may
# then be retried (numbers: ClickHouse, src/Common/ErrorCodes.cpp).
_PASSING = {
    159: "TIMEOUT_EXCEEDED",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    203: "NO_FREE_CONNECTION",
    209: "SOCKET_TIMEOUT",
    210: "NETWORK_ERROR",
    225: "NO_ZOOKEEPER",
    236: "ABORTED",
    241: "MEMORY_LIMIT_EXCEEDED",
    242: "TABLE_IS_READ_ONLY",
    243: "NOT_ENOUGH_SPACE",
    252: "TOO_MANY_PARTS",
    279: "ALL_CONNECTION_TRIES_FAILED",
    285: "TOO_FEW_LIVE_REPLICAS",
    286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
    289: "REPLICA_IS_NOT_IN_QUORUM",
    319: "UNKNOWN_STATUS_OF_INSERT",
    394: "QUERY_WAS_CANCELLED",
    745: "SERVER_OVERLOADED",
    999: "KEEPER_EXCEPTION",
}
_UNKNOWN_DATABASE = 81
# The engine in process returns this error for good after a fatal signal in one of its threads.
_DEAD = "shutting down due to a fatal error"
_REFUSED = {192: "UNKNOWN_USER", 193: "WRONG_PASSWORD", 497: "ACCESS_DENIED", 516: "AUTHENTICATION_FAILED"}


def in_process(dsn: str) -> bool:
    """Return whether an address means the engine in this process."""
    return dsn.startswith("chdb:")


def connection_pool(dsn: str) -> PoolManager | None:
    """Return a pool of connections for all clients of one server; None for the engine in process.

    The TLS options of the address (`?ca_cert=/path.pem`, `client_cert`, `client_cert_key`, `verify`) are the pool's.
    """
    if in_process(dsn):
        return None
    given = parse_qs(urlparse(dsn).query)
    options: dict[str, str | bool] = {name: given[name][0] for name in _TLS if name in given}
    options["verify"] = str(options.get("verify", "true")).lower() not in {"false", "0", "no", "off"}
    pool: PoolManager = get_pool_manager(maxsize=CONNECTIONS, **options)
    return pool


def _scheme(dsn: str) -> str:
    scheme = urlparse(dsn).scheme
    if scheme not in {"http", "https"}:
        raise SetupError(
            f"a ClickHouse address begins with chdb://, http:// or https://, not {scheme or dsn!r}://"
        )
    return scheme


def connect(
    dsn: str,
    *,
    database: str | None,
    password: str | None,
    settings: Mapping[str, str | int],
    silence_seconds: int,
    engine_options: Mapping[str, str],
    pool: PoolManager | None,
) -> Client:
    """Open one client.

    Over HTTP a client may be shared between threads; in process each thread needs its own. It never retries an insert:
    only a reading statement is retried, once, when the connection turns out to be dead.

    Raises:
        SetupError: the folder cannot be opened here, or the server refuses the user.
        NotReady: the server cannot be reached.
    """
    options: dict[str, Any] = {"database": database, "tz_mode": "aware", "settings": dict(settings)}
    if in_process(dsn):
        options["chdb_options"] = dict(engine_options)
    else:
        options |= {
            "interface": _scheme(dsn),  # by the port alone the client would use plain HTTP for https://…:9443
            "autogenerate_session_id": False,
            "compress": "lz4",  # on a local network too: packing costs less than sending twice as much
            "connect_timeout": CONNECT_SECONDS,
            "send_receive_timeout": silence_seconds,
            "pool_mgr": pool,
        }
        if password is not None:
            options["password"] = password
    with translated_errors(dsn):
        return clickhouse_connect.get_client(dsn=dsn, **options)


@contextmanager
def translated_errors(dsn: str) -> Iterator[None]:
    """Raise NotReady for a passing error and SetupError for a wrong setting; other errors pass unchanged.

    Raises:
        EngineDead: the engine in this process has ended for good. After the same error of a server this process goes
            on, because its supervisor restarts the server.
    """
    try:
        yield
    except ProgrammingError as error:
        if hint := _set_up_wrongly(dsn, str(error)):
            raise SetupError(hint) from error
        raise
    except DatabaseError as error:
        if in_process(dsn) and _DEAD in str(error):
            raise EngineDead(
                f"the engine in this process is dead and does not come back: start the process again ({_root(error)})"
            ) from error
        if error.code in _REFUSED:
            raise SetupError(
                f"ClickHouse refuses the user ({_REFUSED[error.code]}): look at the users in LIENCAP_WAREHOUSE_DSN and "
                f"LIENCAP_WAREHOUSE_READER_DSN, their passwords, and `liencap warehouse access` ({error})"
            ) from error
        if error.code == _UNKNOWN_DATABASE:
            raise NotReady(
                f"the warehouse has no tables yet: `liencap migrate` makes them ({error})"
            ) from error
        if _passes(error, dsn):
            where = urlparse(dsn).netloc.rpartition("@")[2] or dsn
            raise NotReady(
                f"the warehouse cannot be reached at {where}: {_root(error)}; is it up, and may this machine reach it?"
            ) from error
        raise


def _root(error: BaseException) -> str:
    """Return the cause of an error: the client wraps a refused connection three times."""
    while below := error.__cause__ or error.__context__:
        error = below
    return str(error) or type(error).__name__


def _passes(error: DatabaseError, dsn: str) -> bool:
    if error.code is not None:
        return error.code in _PASSING
    # An error without a ClickHouse code means no answer, or one of a proxy in front (502, 503).
    return isinstance(error, OperationalError) or not in_process(dsn)


def _set_up_wrongly(dsn: str, text: str) -> str | None:
    path = urlparse(dsn).path
    if _OTHER_PATH in text:
        return f"this process already has another warehouse folder open than {path}"
    if _FOREIGN_LOCK in text:
        return (
            f"the warehouse folder {path} is open in another process (or cannot be written): "
            "stop that process, or ask the running server instead"
        )
    return None
