"""A stand-in for Grafana's HTTP interface: it checks what Grafana checks, in two profiles, as 12 and as 13.

Written after Grafana's published documentation and changes; Grafana itself was never run. What it knows: health,
plug-ins, organisations, teams, service accounts with tokens, folders and boards by uid with their rights and versions,
data sources, search, the stored form of a board.

scripts/try_grafana.py runs one for trying the commands of docs/grafana.md.
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
from urllib.parse import parse_qs, unquote, urlsplit

ADMINISTRATOR, TOKEN = ("admin", "the administrator's secret"), "glsa_of_organisation_1"
PERSON = ("nguyen.van.a", "a person's secret")
"""Somebody with the role Editor in the first organisation."""
ROLES = ("Viewer", "Editor", "Admin")
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
    secrets: dict[str, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    accounts: dict[int, dict[str, Any]] = field(default_factory=dict)
    board_rights: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """Who sent a request: to which organisation, with which role there."""

    name: str
    organisation: int
    role: str
    is_administrator: bool = False


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
    password: str | None = None
    """The only password with which ClickHouse answers; None where it answers to any."""
    caller: Caller = field(default_factory=lambda: Caller("admin", 1, "Admin", is_administrator=True))
    tokens: dict[str, Caller] = field(default_factory=lambda: {TOKEN: Caller("sa-liencap", 1, "Admin")})

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

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        """Say nothing."""

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length) or b"null")
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.server.lock:
            try:
                status, body = self._route(method, path, asked if method == "GET" else sent)
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
        grafana.caller = caller = self._who()
        for verb, pattern, handle, needed in ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                if not _may(caller, needed):
                    raise Refused(403, "You'll need additional permissions to perform this action")
                if method != "GET" and grafana.before_write:
                    grafana.before_write(path)
                return handle(grafana, grafana.organisations[caller.organisation], sent, *found.groups())
        raise Refused(404, "Not found")

    def _who(self) -> Caller:
        grafana = self.server.grafana
        kind, _, secret = self.headers.get("Authorization", "").partition(" ")
        asked = int(self.headers.get("X-Grafana-Org-Id") or 1)
        said = base64.b64decode(secret).decode() if kind == "Basic" else ""
        if said == ":".join(ADMINISTRATOR) and asked in grafana.organisations:
            return Caller("admin", asked, "Admin", is_administrator=True)
        if said == ":".join(PERSON) and asked == 1:
            return Caller(PERSON[0], 1, "Editor")
        known = grafana.tokens.get(secret) if kind == "Bearer" else None
        # A token belongs to one organisation.
        if known and self.headers.get("X-Grafana-Org-Id") in {None, str(known.organisation)}:
            return known
        raise Refused(401, "Unauthorized")


def _may(caller: Caller, needed: str) -> bool:
    if needed == "server":
        return caller.is_administrator
    return ROLES.index(caller.role) >= ROLES.index(needed)


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
    _folder(_grafana, org, None, uid)
    return 200, _shown_rights(org, org.rights[uid])


def _set_folder_rights(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    _folder(_grafana, org, None, uid)
    org.rights[uid] = _taken_rights(org, sent)
    return 200, {"message": "Folder permissions updated"}


def _board_rights(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    held = _held_board(org, uid)
    own = _shown_rights(org, org.board_rights.get(uid, []))
    of_folder = _shown_rights(org, org.rights.get(held["folderUid"], []))
    return 200, [*own, *({**one, "inherited": True} for one in of_folder)]


def _set_board_rights(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    _held_board(org, uid)
    org.board_rights[uid] = _taken_rights(org, sent)
    return 200, {"message": "Dashboard permissions updated"}


def _shown_rights(org: Organisation, held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a list of rights as Grafana shows it: the role Admin in every one, teams with their names."""
    named = [{**one, "team": org.teams[one["teamId"]]} if "teamId" in one else one for one in held]
    return [{"role": "Admin", "permission": 4, "inherited": False}, *named]


def _taken_rights(org: Organisation, sent: Any) -> list[dict[str, Any]]:
    """Return the whole list that replaces the one before."""
    for one in sent["items"]:
        if one["permission"] not in {1, 2, 4} or len({"role", "teamId", "userId"} & one.keys()) != 1:
            raise Refused(400, "permission is invalid")
        if "teamId" in one and one["teamId"] not in org.teams:
            raise Refused(400, "team not found")
    return list(sent["items"])


def _teams(_grafana: Grafana, org: Organisation, asked: Any) -> Answer:
    # By name the whole name is compared; a page that is not the last comes back full.
    found = [{"id": number, "name": name} for number, name in org.teams.items()]
    if "name" in asked:
        found = [one for one in found if one["name"] == asked["name"]]
    return 200, {"totalCount": len(found), "teams": found, "page": 1, "perPage": int(asked["perpage"])}


def _make_team(_grafana: Grafana, org: Organisation, sent: Any) -> Answer:
    if sent["name"] in org.teams.values():
        raise Refused(409, "Team name taken")
    number = max(org.teams, default=0) + 1
    org.teams[number] = sent["name"]
    return 200, {"message": "Team created", "teamId": number}


def _accounts(_grafana: Grafana, org: Organisation, asked: Any) -> Answer:
    found = [one for one in org.accounts.values() if asked.get("query", "") in one["name"]]
    return 200, {"totalCount": len(found), "serviceAccounts": found}


def _make_account(_grafana: Grafana, org: Organisation, sent: Any) -> Answer:
    if sent["role"] not in ROLES:
        raise Refused(400, "invalid role specified")
    if any(one["name"] == sent["name"] for one in org.accounts.values()):
        raise Refused(409, "service account with this name already exists")
    number = max(org.accounts, default=0) + 1
    org.accounts[number] = {**sent, "id": number, "login": f"sa-{sent['name']}"}
    return 201, org.accounts[number]


def _change_account(_grafana: Grafana, org: Organisation, sent: Any, number: str) -> Answer:
    if int(number) not in org.accounts:
        raise Refused(404, "service account not found")
    org.accounts[int(number)] |= sent
    return 200, {"message": "Service account updated"}


def _make_token(grafana: Grafana, org: Organisation, sent: Any, number: str) -> Answer:
    account = org.accounts.get(int(number))
    if account is None:
        raise Refused(404, "service account not found")
    if sent["name"] in account.setdefault("tokenNames", []):
        raise Refused(409, "service account token with given name already exists")
    account["tokenNames"].append(sent["name"])
    key = f"glsa_{grafana.caller.organisation}_{number}_{sent['name']}"
    grafana.tokens[key] = Caller(account["login"], grafana.caller.organisation, account["role"])
    return 200, {"id": len(account["tokenNames"]), "name": sent["name"], "key": key}


def _search(_grafana: Grafana, org: Organisation, asked: Any) -> Answer:
    return 200, [
        {"uid": uid, "title": held["dashboard"]["title"], "type": "dash-db", "folderUid": held["folderUid"]}
        for uid, held in org.boards.items()
        if held["folderUid"] == asked["folderUIDs"]
    ]


def _held_board(org: Organisation, uid: str) -> dict[str, Any]:
    if uid not in org.boards:
        raise Refused(404, "Dashboard not found")
    return org.boards[uid]


def _board(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    held = _held_board(org, uid)
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
        "updatedBy": grafana.caller.name,
        "updated": "2026-11-30T00:00:00Z",
        "provisioned": False,
        "form": _form_saved_by(grafana),
    }
    return 200, {"uid": uid, "version": version + 1, "status": "success"}


def _form_saved_by(grafana: Grafana) -> str:
    """Return the form in which a board is stored: a person saves from the editor, which on 13 writes version 2."""
    if grafana.major < 13:
        return "v0alpha1"
    return "v2beta1" if grafana.caller.name == PERSON[0] else "v1beta1"


def _source(_grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    if uid not in org.sources:
        raise Refused(404, "Data source not found")
    return 200, org.sources[uid]


def _health(grafana: Grafana, org: Organisation, _sent: Any, uid: str) -> Answer:
    _source(grafana, org, None, uid)
    if grafana.password not in {None, org.secrets.get(uid)}:
        raise Refused(400, "Authentication failed: password is incorrect", status="ERROR")
    return 200, {"status": "OK", "message": "Data source is working"}


def _kept_source(org: Organisation, sent: Any, version: int) -> dict[str, Any]:
    secret = sent.pop("secureJsonData", {})
    org.secrets[sent["uid"]] = secret.get("password", "")
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
    org.sources[sent["uid"]] = _kept_source(org, sent, 1)
    return 200, {"datasource": org.sources[sent["uid"]], "message": "Datasource added"}


def _change_source(_grafana: Grafana, org: Organisation, sent: Any, uid: str) -> Answer:
    held = _source(_grafana, org, None, uid)[1]
    if held["readOnly"]:
        raise Refused(403, "Cannot update read-only data source")
    org.sources[uid] = _kept_source(org, sent, held["version"] + 1)
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
ROUTES: tuple[tuple[str, str, Handle, str], ...] = (
    ("GET", "/api/plugins/([^/]+)/settings", _plugin, "Viewer"),
    ("GET", "/api/orgs/name/(.+)", _find_organisation, "server"),
    ("POST", "/api/orgs", _make_organisation, "server"),
    ("GET", "/api/search", _search, "Viewer"),
    ("GET", "/api/teams/search", _teams, "Admin"),
    ("POST", "/api/teams", _make_team, "Admin"),
    ("GET", "/api/serviceaccounts/search", _accounts, "Admin"),
    ("POST", "/api/serviceaccounts", _make_account, "Admin"),
    ("PATCH", r"/api/serviceaccounts/(\d+)", _change_account, "Admin"),
    ("POST", r"/api/serviceaccounts/(\d+)/tokens", _make_token, "Admin"),
    ("POST", "/api/folders", _make_folder, "Editor"),
    ("GET", "/api/folders/([^/]+)", _folder, "Viewer"),
    ("PUT", "/api/folders/([^/]+)", _change_folder, "Editor"),
    ("GET", "/api/folders/([^/]+)/permissions", _folder_rights, "Admin"),
    ("POST", "/api/folders/([^/]+)/permissions", _set_folder_rights, "Admin"),
    ("GET", "/api/dashboards/uid/([^/]+)", _board, "Viewer"),
    ("GET", "/api/dashboards/uid/([^/]+)/permissions", _board_rights, "Admin"),
    ("POST", "/api/dashboards/uid/([^/]+)/permissions", _set_board_rights, "Admin"),
    ("POST", "/api/dashboards/db", _save_board, "Editor"),
    ("GET", "/api/datasources/uid/([^/]+)", _source, "Admin"),
    ("GET", "/api/datasources/uid/([^/]+)/health", _health, "Viewer"),
    ("PUT", "/api/datasources/uid/([^/]+)", _change_source, "Admin"),
    ("POST", "/api/datasources", _make_source, "Admin"),
    ("GET", "/apis/dashboard.grafana.app", _forms, "Viewer"),
    ("GET", "/apis/dashboard.grafana.app/v1beta1/namespaces/([^/]+)/dashboards/([^/]+)", _form_of, "Viewer"),
)
"""Each with the role that it needs. Numeric routes of boards and data sources are not among them: on 13 they answer 404,
and we never ask one on 12 either."""


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
