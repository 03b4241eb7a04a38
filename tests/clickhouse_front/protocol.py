"""The HTTP side of the front: what clickhouse-connect sends, and what it expects back."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from services.warehouse.access import READER_PROFILE
from tests.clickhouse_front.engine import Answer, Engine, EngineError, Settings

# What the transport keeps for itself; every other parameter is a setting of the engine.
_TRANSPORT = {
    "buffer_size",
    "client_protocol_version",
    "compress",
    "database",
    "decompress",
    "default_format",
    "enable_http_compression",
    "http_headers_progress_interval_ms",
    "password",
    "query",
    "query_id",
    "quota_key",
    "role",
    "send_progress_in_http_headers",
    "session_check",
    "session_id",
    "session_timeout",
    "user",
    "wait_end_of_query",
}
# A statement whose data follows: up to FORMAT, and the format. Anything after the columns that is no SETTINGS, such
# as SELECT or VALUES, makes it a statement that the engine reads as a whole.
_INSERT = re.compile(
    rb"^(\s*INSERT\s+INTO\s+(?:TABLE\s+)?[\w.`\"]+\s*(?:\([^)]*\))?\s*(?:SETTINGS\s[^\n]*?)?)\s*\bFORMAT\s+(\w+)[ \t]*;?\r?\n?",
    re.IGNORECASE,
)
_CODE = re.compile(r"^Code: (\d+)")
_NOT_FOUND, _SYNTAX, _AUTHENTICATION, _READONLY = {"60", "81"}, {"62"}, {"516"}, {"164", "497"}


@dataclass(frozen=True, slots=True)
class User:
    """A made-up user: a password, and the settings of its profile, which are those that the product makes.

    Attributes:
        province: whose rows alone it sees, by the row policies that the product makes.
    """

    password: str
    profile: Settings = ()
    province: str = ""


_READING = tuple((name, str(value)) for name, value in READER_PROFILE.items())
USERS: Mapping[str, User] = {
    "default": User(""),
    "writer": User("writer's secret"),
    "reader": User("reader's secret", _READING),
    "dashboards": User("dashboards' secret", _READING),
    **{
        f"dashboards_{code}": User(f"the secret of {code}", _READING, province=code)
        for code in ("01", "38", "40")
    },
}


@cache
def rows_of(province: str, database: str) -> Settings:
    """Return the row policies of a province's user as the engine in process knows them: filters of each table."""
    from services.dated_tables import load_tables  # noqa: PLC0415 -- only for users of a province
    from services.warehouse.access import Grants  # noqa: PLC0415 -- as above

    units = load_tables(None).units
    grants = Grants(database, {province: [one.code for one in units.communes_of(province)]})
    policy = re.compile(
        rf"CREATE ROW POLICY .* ON `{database}`\.`(\w+)` .* USING (.*) TO `{database}_dashboards_{province}_role`"
    )
    found = (policy.fullmatch(sql) for sql in grants.statements())
    filters = {f"{database}.{one[1]}": one[2] for one in found if one}
    written = ", ".join(f"{_quoted(table)}: {_quoted(condition)}" for table, condition in filters.items())
    return (("additional_table_filters", f"{{{written}}}"),)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Front(ThreadingHTTPServer):
    """Serve one engine. A connection has a thread; how many statements run at once, the engine bounds."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], engine: Engine) -> None:
        self.engine = engine
        self._in_hand = 0
        self._changed = threading.Condition()
        super().__init__(address, _Handler)

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Count a statement from its arrival until its answer is sent."""
        with self._changed:
            self._in_hand += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_hand -= 1
                self._changed.notify_all()

    def finish(self, seconds: float) -> None:
        """Wait until every statement that arrived is answered."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_hand == 0, seconds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Front

    def do_GET(self) -> None:
        if urlsplit(self.path).path in {"/ping", "/replicas_status"}:
            self._answer(HTTPStatus.OK, b"Ok.\n", {})
        else:
            with self.server.in_hand():
                self._statement(reading_only=True)

    def do_POST(self) -> None:
        with self.server.in_hand():
            self._statement(reading_only=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        """Say nothing: a test reads the client, not this log."""

    def _statement(self, *, reading_only: bool) -> None:
        try:
            body = self._body()
            given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            content_type = self.headers.get("Content-Type", "")
            if content_type.startswith("multipart/form-data"):
                given |= _form(content_type, body)
                body = b""
            user = self._user(given)
            rows = rows_of(user.province, given.get("database") or "default") if user.province else ()
            settings = _settings(given, (*user.profile, *rows), reading_only=reading_only)
            answer = self._run(given, body, settings)
        except EngineError as error:
            self._refuse(str(error))
        else:
            headers = {"X-ClickHouse-Format": answer.format} if answer.format else {}
            headers["X-ClickHouse-Summary"] = json.dumps(answer.summary)
            headers["X-ClickHouse-Query-Id"] = given.get("query_id") or str(uuid.uuid4())
            headers["X-ClickHouse-Timezone"] = self.server.engine.timezone
            self._answer(HTTPStatus.OK, answer.body, headers)

    def _run(self, given: Mapping[str, str], body: bytes, settings: Settings) -> Answer:
        engine, database = self.server.engine, given.get("database") or "default"
        asked = given.get("query", "").encode()
        if inserts := _INSERT.match(asked or body):
            into, form = inserts[1].decode(), inserts[2].decode()
            data = body[inserts.end() :] if not asked else asked[inserts.end() :] + body
            return engine.insert(into, form, data, database=database, settings=settings)
        text = asked + b"\n" + body if asked else body
        params = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
        return engine.execute(text.decode(), database=database, settings=settings, params=params)

    def _user(self, given: Mapping[str, str]) -> User:
        name, password = given.get("user", "default"), given.get("password", "")
        name = self.headers.get("X-ClickHouse-User", name)
        password = self.headers.get("X-ClickHouse-Key", password)
        kind, _, secret = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            try:
                name, _, password = base64.b64decode(secret).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise EngineError(
                    "Code: 194. DB::Exception: Invalid authentication (REQUIRED_PASSWORD)"
                ) from error
        if name not in USERS or USERS[name].password != password:
            raise EngineError(
                f"Code: 516. DB::Exception: {name}: Authentication failed: password is incorrect, or there is no "
                "user with such name. (AUTHENTICATION_FAILED)"
            )
        return USERS[name]

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.headers.get("Content-Encoding", "identity"):
            case "identity" | "":
                return body
            case "gzip":
                return gzip.decompress(body)
            case "lz4":
                import lz4.frame  # type: ignore[import-untyped]  # noqa: PLC0415 -- only for clients that compress

                return bytes(lz4.frame.decompress(body))
            case other:
                raise EngineError(f"Code: 48. DB::Exception: the front reads no {other} (NOT_IMPLEMENTED)")

    def _chunks(self) -> list[bytes]:
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return chunks

    def _refuse(self, text: str) -> None:
        found = _CODE.match(text)
        code = found[1] if found else "1002"
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        if code in _NOT_FOUND:
            status = HTTPStatus.NOT_FOUND
        elif code in _SYNTAX:
            status = HTTPStatus.BAD_REQUEST
        elif code in _AUTHENTICATION | _READONLY:
            status = HTTPStatus.FORBIDDEN
        headers = {"X-ClickHouse-Exception-Code": code}
        self._answer(status, text.encode() + b"\n", headers)

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _settings(given: Mapping[str, str], profile: Settings, *, reading_only: bool) -> Settings:
    """Order the settings as a server applies them: the profile, then what was asked, held against it."""
    asked = {n: v for n, v in given.items() if n not in _TRANSPORT and not n.startswith("param_")}
    fixed = dict(profile)
    if fixed.get("readonly") == "1":
        for name, value in asked.items():
            if fixed.get(name) != value:
                raise EngineError(
                    f"Code: 164. DB::Exception: Cannot modify '{name}' setting in readonly mode. (READONLY)"
                )
    elif reading_only:
        asked.setdefault("readonly", "2")
    return tuple(sorted((fixed | asked).items()))


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """Read the text fields of a multipart form."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        found[str(name)] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
    return found
