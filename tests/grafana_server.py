"""A stand-in for Grafana's HTTP interface: it checks what Grafana checks, in two profiles, as 12 and as 13.

Written after Grafana's published documentation and changes; Grafana itself was never run. What it knows: health,
plug-ins, organisations, folders with their rights, boards by uid with versions, data sources, the stored form of a board.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

ADMINISTRATOR, TOKEN = ("admin", "the administrator's secret"), "glsa_of_organisation_1"
VERSIONS = {12: "12.0.1", 13: "13.3.0"}
PLUGIN = "grafana-clickhouse-datasource"
Answer = tuple[int, Any]


class Refused(Exception):
    """An answer with a status of 400 and above."""

    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code, self.body = code, {"message": message, **more}


@dataclass
class Organisation:
    """What one organisation holds."""

    name: str
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    rights: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Grafana:
    """The server: its organisations, its version, and every call that wrote something."""

    major: int
    plugins: set[str] = field(default_factory=lambda: {PLUGIN})
    organisations: dict[int, Organisation] = field(default_factory=lambda: {1: Organisation("Main Org.")})
    written: list[str] = field(default_factory=list)
    version: str = ""
    url: str = ""
    before_write: Callable[[str], None] | None = None

    def edit(self, uid: str, who: str, *, organisation: int = 1, **changes: Any) -> None:
        """Save a board as somebody in the editor does: from 13 on it is stored in version 2 of the form."""
        held = self.organisations[organisation].boards[uid]
        held["dashboard"] |= changes
        held["dashboard"]["version"] += 1
        held["updatedBy"], held["form"] = who, "v2beta1" if self.major >= 13 else "v0alpha1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        """Say nothing."""

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length) or b"null")
        path = unquote(urlsplit(self.path).path)
        with self.server.lock:
            try:
                status, body = self._route(method, path, sent)
            except Refused as refused:
                status, body = refused.code, refused.body
            if method != "GET" and status < 400:
                self.server.grafana.written.append(f"{method} {path}")
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _route(self, method: str, path: str, sent: Any) -> Answer:
        grafana = self.server.grafana
        if (method, path) == ("GET", "/api/health"):
            return 200, {"database": "ok", "version": grafana.version}
        number, is_administrator = self._who()
        for verb, pattern, handle, for_administrator in ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                if for_administrator and not is_administrator:
                    raise Refused(403, "You'll need additional permissions to perform this action")
                if method != "GET" and grafana.before_write:
                    grafana.before_write(path)
                return handle(grafana, grafana.organisations[number], sent, *found.groups())
        raise Refused(404, "Not found")

    def _who(self) -> tuple[int, bool]:
        kind, _, secret = self.headers.get("Authorization", "").partition(" ")
        asked = int(self.headers.get("X-Grafana-Org-Id") or 1)
        if kind == "Basic" and base64.b64decode(secret).decode() == ":".join(ADMINISTRATOR):
            if asked not in self.server.grafana.organisations:
                raise Refused(401, "Unauthorized")
            return asked, True
        if kind == "Bearer" and secret == TOKEN and asked == 1:
            return 1, False  # a token belongs to one organisation
        raise Refused(401, "Unauthorized")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, grafana: Grafana) -> None:
        self.grafana, self.lock = grafana, threading.RLock()
        super().__init__(("127.0.0.1", 0), _Handler)


def _plugin(grafana: Grafana, _org: Organisation, _sent: Any, name: str) -> Answer:
    if name not in grafana.plugins:
        raise Refused(404, "Plugin not found, no installed plugin with that id")
    return 200, {"id": name, "enabled": True}


def _find_organisation(grafana: Grafana, _org: Organisation, _sent: Any, name: str) -> Answer:
    for number, one in grafana.organisations.items():
        if one.name == name:
            return 200, {"id": number, "name": name}
    raise Refused(404, "Organization not found")


def _make_organisation(grafana: Grafana, _org: Organisation, sent: Any) -> Answer:
    if any(one.name == sent["name"] for one in grafana.organisations.values()):
        raise Refused(409, "Organization name taken")
    number = max(grafana.organisations) + 1
    grafana.organisations[number] = Organisation(sent["name"])
    return 200, {"orgId": number, "message": "Organization created"}


def _folder(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    if uid not in org.folders:
        raise Refused(404, "folder not found", status="not-found")
    return 200, org.folders[uid]


def _make_folder(_grafana: Grafana, org: Organisation, sent: Any) -> Answer:
    if not sent.get("title"):
        raise Refused(400, "folder title cannot be empty")
    if sent["uid"] in org.folders:
        raise Refused(409 if _grafana.major >= 13 else 412, "the folder has been changed by someone else")
    org.folders[sent["uid"]] = {"uid": sent["uid"], "title": sent["title"], "version": 1}
    org.rights[sent["uid"]] = [{"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 2}]
    return 200, org.folders[sent["uid"]]


def _change_folder(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    held = _folder(_grafana, org, None, uid)[1]
    if not sent.get("overwrite") and sent.get("version") != held["version"]:
        raise Refused(412, "the folder has been changed by someone else", status="version-mismatch")
    held |= {"title": sent["title"], "version": held["version"] + 1}
    return 200, held


def _folder_rights(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    return 200, org.rights[uid]


def _set_folder_rights(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    org.rights[uid] = sent["items"]  # the whole list is replaced
    return 200, {"message": "Folder permissions updated"}


def _board(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    if uid not in org.boards:
        raise Refused(404, "Dashboard not found")
    held = org.boards[uid]
    meta = {name: held[name] for name in ("folderUid", "updatedBy", "updated", "provisioned")}
    # Grafana converts on the way out, and adds what it knows by itself.
    return 200, {"dashboard": {**held["dashboard"], "fiscalYearStartMonth": 0}, "meta": meta}


def _save_board(grafana: Grafana, org: Organisation, sent: Any) -> Answer:
    board = dict(sent["dashboard"])
    uid, title = board.get("uid") or "", board.get("title") or ""
    if not title:
        raise Refused(400, "Dashboard title cannot be empty")
    if len(uid) > 40 or not re.fullmatch(r"[a-zA-Z0-9_-]+", uid):
        raise Refused(
            400, "uid too long, max 40 characters" if len(uid) > 40 else "uid contains illegal characters"
        )
    held = org.boards.get(uid)
    if held and held["provisioned"]:
        raise Refused(400, "Cannot save provisioned dashboard")
    version = held["dashboard"]["version"] if held else 0
    if held and not sent.get("overwrite") and board.get("version") != version:
        raise Refused(412, "The dashboard has been changed by someone else", status="version-mismatch")
    folder = sent.get("folderUid") or ""  # without it a board moves to the root
    if folder and folder not in org.folders:
        raise Refused(400, "folder not found")
    board |= {"version": version + 1, "id": held["dashboard"]["id"] if held else len(org.boards) + 1}
    org.boards[uid] = {
        "dashboard": board,
        "folderUid": folder,
        "updatedBy": "sa-liencap",
        "updated": "2026-11-30T00:00:00Z",
        "provisioned": False,
        "form": "v1beta1" if grafana.major >= 13 else "v0alpha1",
    }
    return 200, {"uid": uid, "version": version + 1, "status": "success"}


def _source(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    if uid not in org.sources:
        raise Refused(404, "Data source not found")
    return 200, org.sources[uid]


def _kept_source(sent: Any, version: int) -> dict[str, Any]:
    secret = sent.pop("secureJsonData", {})
    return {
        **sent,
        "id": 1,
        "version": version,
        "readOnly": False,
        "secureJsonFields": {name: bool(value) for name, value in secret.items()},
    }


def _make_source(_grafana: Grafana, org: Organisation, sent: Any) -> Answer:
    if sent["uid"] in org.sources or any(one["name"] == sent["name"] for one in org.sources.values()):
        raise Refused(409, "data source with the same name already exists")
    org.sources[sent["uid"]] = _kept_source(sent, 1)
    return 200, {"datasource": org.sources[sent["uid"]], "message": "Datasource added"}


def _change_source(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    held = _source(_grafana, org, None, uid)[1]
    if held["readOnly"]:
        raise Refused(403, "Cannot update read-only data source")
    org.sources[uid] = _kept_source(sent, held["version"] + 1)
    return 200, {"datasource": org.sources[uid], "message": "Datasource updated"}


def _forms(grafana: Grafana, _org: Organisation, _sent: Any) -> Answer:
    known = ("v1beta1", "v0alpha1", "v2beta1") if grafana.major >= 13 else ("v1beta1", "v0alpha1")
    return 200, {"kind": "APIGroup", "versions": [{"version": one} for one in known]}


def _form_of(grafana: Grafana, org: Organisation, _sent: Any, namespace: str, uid: str) -> Answer:
    number = 1 if namespace == "default" else int(namespace.removeprefix("org-"))
    if grafana.organisations[number] is not org:
        raise Refused(403, "the namespace is of another organisation")
    if uid not in org.boards:
        raise Refused(404, "dashboards.dashboard.grafana.app not found")
    form = org.boards[uid]["form"]
    status = {} if form == "v1beta1" else {"conversion": {"failed": False, "storedVersion": form}}
    return 200, {"metadata": {"name": uid}, "status": status}


Handle = Callable[..., Answer]
ROUTES: tuple[tuple[str, str, Handle, bool], ...] = (
    ("GET", "/api/plugins/([^/]+)/settings", _plugin, False),
    ("GET", "/api/orgs/name/(.+)", _find_organisation, True),
    ("POST", "/api/orgs", _make_organisation, True),
    ("POST", "/api/folders", _make_folder, False),
    ("GET", "/api/folders/([^/]+)", _folder, False),
    ("PUT", "/api/folders/([^/]+)", _change_folder, False),
    ("GET", "/api/folders/([^/]+)/permissions", _folder_rights, False),
    ("POST", "/api/folders/([^/]+)/permissions", _set_folder_rights, False),
    ("GET", "/api/dashboards/uid/([^/]+)", _board, False),
    ("POST", "/api/dashboards/db", _save_board, False),
    ("GET", "/api/datasources/uid/([^/]+)", _source, False),
    ("PUT", "/api/datasources/uid/([^/]+)", _change_source, False),
    ("POST", "/api/datasources", _make_source, False),
    ("GET", "/apis/dashboard.grafana.app", _forms, False),
    ("GET", "/apis/dashboard.grafana.app/v1beta1/namespaces/([^/]+)/dashboards/([^/]+)", _form_of, False),
)
"""Numeric routes are not among them: on 13 they answer 404, and we never ask one on 12 either."""


@contextmanager
def running_grafana(major: int) -> Iterator[Grafana]:
    """Run a stand-in until the end of the block."""
    grafana = Grafana(major, version=VERSIONS[major])
    server = _Server(grafana)
    grafana.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
