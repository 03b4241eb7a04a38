"""Publish the boards: write what differs and nothing else, and never over what somebody else has edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from dashboards.grafana.model import SOURCE_TYPE, SOURCE_UID, Dashboard, as_json
from services.errors import Conflict, NotReady
from services.grafana.server import Found, Server

FOLDER_UID, FOLDER_TITLE = "liencap", "LiênCấp"
RIGHTS: tuple[Found, ...] = (
    {"role": "Viewer", "permission": 1},
    {"role": "Editor", "permission": 1},
)
"""Everybody may look; who administers the organisation may do all. A list replaces the one before."""
_MARK = "liencap-version-"
"""A tag that holds the version under which we published: another version means that somebody else saved since."""
Change = Literal["created", "updated", "same"]


@dataclass(frozen=True, slots=True)
class Source:
    """The data source: where ClickHouse is, and the user that may only read."""

    host: str
    port: int
    is_secure: bool
    user: str
    password: str
    database: str

    def as_json(self) -> Found:
        """Return the data source as Grafana takes it."""
        return {
            "uid": SOURCE_UID,
            "name": "LiênCấp",
            "type": SOURCE_TYPE,
            "access": "proxy",
            "isDefault": True,
            "jsonData": {
                "host": self.host,
                "port": self.port,
                "protocol": "http",
                "secure": self.is_secure,
                "username": self.user,
                "defaultDatabase": self.database,
            },
            "secureJsonData": {"password": self.password},
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """How a board stands on a server: what differs from the definitions, and why it may not be overwritten."""

    dashboard: Dashboard
    version: int | None
    differences: tuple[str, ...]
    is_elsewhere: bool = False
    refusal: str = ""

    @property
    def is_same(self) -> bool:
        """Return whether nothing is to be done."""
        return self.version is not None and not self.differences and not self.is_elsewhere


def standing_of(server: Server, dashboard: Dashboard) -> Standing:
    """Return how a board stands on a server; nothing is written.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    found = server.get(f"/dashboards/uid/{dashboard.uid}")
    if found is None:
        return Standing(dashboard, None, ())
    kept, meta = cast("Found", found["dashboard"]), cast("Found", found["meta"])
    version = int(kept.get("version") or meta.get("version") or 0)
    tags = [str(tag) for tag in kept.get("tags") or ()]
    seen = {**kept, "tags": [tag for tag in tags if not tag.startswith(_MARK)]}
    differences = tuple(_differences(as_json(dashboard), seen, ""))
    refusal = _refusal(server, dashboard.uid, meta, tags, version)
    return Standing(dashboard, version, differences, meta.get("folderUid") != FOLDER_UID, refusal)


def _refusal(server: Server, uid: str, meta: Found, tags: Iterable[str], version: int) -> str:
    if meta.get("provisioned"):
        return f"{uid} is provisioned from a file there: change the file, or take it out of the provisioning first"
    who = str(meta.get("updatedBy") or "somebody")
    form = server.stored_form(uid)
    if form.startswith("v2"):
        return (
            f"{uid} was edited by {who} in the new editor and is stored as {form}: overwriting it would lose that; "
            "save a copy under another name, or use --force"
        )
    if f"{_MARK}{version}" not in tags:
        return (
            f"{uid} was edited by {who} (version {version}, {meta.get('updated') or 'at an unknown time'}): "
            "save a copy under another name, or use --force"
        )
    return ""


def publish(
    server: Server, source: Source, dashboards: Iterable[Dashboard], *, force: bool = False
) -> dict[str, Change]:
    """Bring folder, data source and boards of an organisation in line, and return what was done to each.

    All boards are looked at before the first is written.

    Raises:
        Conflict: somebody else edited a board; without `force` nothing is written then.
        SetupError: the server is too old, or lacks the plug-in.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    server.version()
    server.must_have_plugin(SOURCE_TYPE)
    standing = [standing_of(server, one) for one in dashboards]
    refused = [one.refusal for one in standing if one.refusal and not one.is_same]
    if refused and not force:
        raise Conflict("; ".join(refused))
    done: dict[str, Change] = {
        f"folder {FOLDER_UID}": _bring_folder(server),
        f"data source {SOURCE_UID}": _bring_source(server, source),
    }
    for one in standing:
        done[one.dashboard.uid] = "same" if one.is_same else _write(server, one)
    return done


def _bring_folder(server: Server) -> Change:
    found = server.get(f"/folders/{FOLDER_UID}")
    change: Change = "same"
    with server.asked("the folder"):
        if found is None:
            server.face.folder.create_folder(FOLDER_TITLE, FOLDER_UID)
            change = "created"
        elif found["title"] != FOLDER_TITLE:
            server.face.folder.update_folder(FOLDER_UID, FOLDER_TITLE, version=found.get("version"))
            change = "updated"
        kept = server.face.folder.get_folder_permissions(FOLDER_UID)
        if _rights(kept) != _rights(RIGHTS):
            server.face.folder.update_folder_permissions(FOLDER_UID, {"items": list(RIGHTS)})
            change = "updated" if change == "same" else change
    return change


def _rights(items: Iterable[Found]) -> set[tuple[str, int]]:
    return {
        (str(one.get("role") or one.get("userId") or one.get("teamId")), int(one["permission"]))
        for one in items
    }


def _bring_source(server: Server, source: Source) -> Change:
    wanted, found = source.as_json(), server.get(f"/datasources/uid/{SOURCE_UID}")
    if found is None:
        with server.asked("the data source"):
            server.face.datasource.create_datasource(wanted)
        return "created"
    shown = {name: value for name, value in wanted.items() if name != "secureJsonData"}
    has_password = bool((found.get("secureJsonFields") or {}).get("password"))
    # One that a file provisions is the file's: the interface would refuse it.
    if found.get("readOnly") or (has_password and not list(_differences(shown, found, ""))):
        return "same"
    server.put(f"/datasources/uid/{SOURCE_UID}", wanted)
    return "updated"


def _write(server: Server, standing: Standing) -> Change:
    """Write a board under the version that was seen: who saved meanwhile is not overwritten."""
    uid, following = standing.dashboard.uid, (standing.version or 0) + 1
    drawn = cast("Found", as_json(standing.dashboard))
    tags = [*drawn["tags"], f"{_MARK}{following}"]
    board = {**drawn, "tags": tags, "id": None, "version": standing.version or 0}
    with server.asked(uid):
        said = server.face.dashboard.update_dashboard(
            {
                "dashboard": board,
                "folderUid": FOLDER_UID,
                "overwrite": False,
                "message": "LiênCấp: python -m dashboards publish",
            }
        )
    if int(said["version"]) != following:
        raise NotReady(
            f"{uid} got version {said['version']} in place of {following}: publish again with --force"
        )
    return "created" if standing.version is None else "updated"


def _differences(wanted: object, found: object, where: str) -> Iterator[str]:
    """Yield where what we would write is not what is there; what Grafana adds of its own is no difference."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name, value in wanted.items():
            yield from _differences(value, found.get(name), f"{where}/{name}")
    elif isinstance(wanted, list | tuple) and isinstance(found, list | tuple) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(one, other, f"{where}/{number}")
    elif wanted != found and not (wanted in ("", False, 0, [], {}) and found is None):
        yield where or "/"
