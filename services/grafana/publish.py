"""Publish the boards: write what differs and nothing else, and never over what somebody else has edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from dashboards.grafana.model import SOURCE_TYPE, SOURCE_UID, Dashboard, as_json
from services.errors import Conflict, Forbidden, NotReady
from services.grafana.access import (
    Change,
    bring_accounts,
    bring_rights,
    bring_teams,
    folder_rights_differ,
    standing_of_access,
    team_numbers,
)
from services.grafana.server import Found, Server
from services.grafana.standing import (
    FOLDER_TITLE,
    FOLDER_UID,
    MARK,
    BoardStanding,
    Kind,
    Standing,
    differences_between,
    left_over,
    standing_of,
)


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


def standings(server: Server, source: Source | None, dashboards: Iterable[Dashboard]) -> list[Standing]:
    """Return how everything that `publish` brings in line stands, and what else lies in our folder; nothing is written.

    Args:
        server: one organisation of it.
        source: the data source to compare with; None leaves it out.
        dashboards: the boards of this release.

    Raises:
        SetupError: the server is too old.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    server.version()
    dashboards = list(dashboards)
    boards = [standing_of(server, one) for one in dashboards]
    there = [one.what for one in boards if one.is_there]
    with_source = (
        [] if source is None else _seen("source", SOURCE_UID, lambda: [_standing_of_source(server, source)])
    )
    return [
        *_seen("folder", FOLDER_UID, lambda: [_standing_of_folder(server)]),
        *with_source,
        *boards,
        *_seen("team", "*", lambda: standing_of_access(server, there)),
        *left_over(server, dashboards),
    ]


def _seen(kind: Kind, name: str, look: Callable[[], Iterable[Standing]]) -> list[Standing]:
    """Return what credentials may see: those of a reader see boards, and neither rights nor data source."""
    try:
        return [*look()]
    except Forbidden:
        return [Standing(kind, name, is_there=True, is_unseen=True)]


def looked_at(server: Server, dashboards: Iterable[Dashboard], *, force: bool = False) -> list[BoardStanding]:
    """Return how the boards stand, where they may be written.

    Raises:
        Conflict: somebody else edited a board that would be written, and `force` is not given.
        SetupError: the server is too old, or lacks the plug-in.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    server.version()
    server.must_have_plugin(SOURCE_TYPE)
    standing = [standing_of(server, one) for one in dashboards]
    refused = [one.refusal for one in standing if one.refusal and not one.is_same]
    if refused and not force:
        raise Conflict("nothing was written: " + "; ".join(refused))
    return standing


def publish(
    server: Server, source: Source, dashboards: Iterable[Dashboard], *, force: bool = False
) -> dict[str, Change]:
    """Bring folder, rights, data source and boards of an organisation in line, and return what was done to each.

    All boards are looked at before the first is written.

    Raises:
        Conflict: somebody else edited a board; without `force` nothing is written then.
        SetupError: the server is too old, or lacks the plug-in.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    return bring_in_line(server, source, looked_at(server, dashboards, force=force))


def bring_in_line(server: Server, source: Source, standing: Iterable[BoardStanding]) -> dict[str, Change]:
    """Write what differs, once `looked_at` has returned how the boards stand, and return what was done to each.

    Raises:
        Conflict: somebody saved a board since it was looked at.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    done: dict[str, Change] = {**bring_teams(server), **bring_accounts(server)}
    teams = team_numbers(server)
    done[f"folder {FOLDER_UID}"] = _bring_folder(server, teams)
    done[f"data source {SOURCE_UID}"] = _bring_source(server, source)
    for one in standing:
        change: Change = "same" if one.is_same else _write(server, one)
        of_rights = bring_rights(server, teams, one.what)
        done[one.what] = of_rights if change == "same" else change
    return done


def _standing_of_folder(server: Server) -> Standing:
    found = server.get(f"/folders/{FOLDER_UID}")
    if found is None:
        return Standing("folder", FOLDER_UID, is_there=False)
    title = () if found["title"] == FOLDER_TITLE else ("its title",)
    rights = ("its rights",) if folder_rights_differ(server) else ()
    return Standing("folder", FOLDER_UID, is_there=True, differences=(*title, *rights))


def _bring_folder(server: Server, teams: Mapping[str, int]) -> Change:
    found = server.get(f"/folders/{FOLDER_UID}")
    change: Change = "same"
    with server.asked("the folder"):
        if found is None:
            server.face.folder.create_folder(FOLDER_TITLE, FOLDER_UID)
            change = "created"
        elif found["title"] != FOLDER_TITLE:
            server.face.folder.update_folder(FOLDER_UID, FOLDER_TITLE, version=found.get("version"))
            change = "updated"
    of_rights = bring_rights(server, teams)
    return of_rights if change == "same" else change


def _standing_of_source(server: Server, source: Source) -> Standing:
    found = server.get(f"/datasources/uid/{SOURCE_UID}")
    if found is None:
        return Standing("source", SOURCE_UID, is_there=False)
    # One that a file provisions is the file's: the interface would refuse it.
    if found.get("readOnly"):
        return Standing("source", SOURCE_UID, is_there=True)
    shown = {name: value for name, value in source.as_json().items() if name != "secureJsonData"}
    has_password = bool((found.get("secureJsonFields") or {}).get("password"))
    differences = (*differences_between(shown, found), *([] if has_password else ["/password"]))
    # A password cannot be read; whether it is still the right one, only asking ClickHouse shows.
    ailing = "" if differences else health_of_source(server)
    return Standing(
        "source", SOURCE_UID, is_there=True, differences=(*differences, *([ailing] if ailing else []))
    )


def health_of_source(server: Server) -> str:
    """Return why Grafana cannot ask ClickHouse through the data source; empty where it can.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    found = server.health(f"/datasources/uid/{SOURCE_UID}/health")
    return "" if found.get("status") == "OK" else str(found.get("message") or "it does not say why")


def _bring_source(server: Server, source: Source) -> Change:
    standing = _standing_of_source(server, source)
    if standing.is_same:
        return "same"
    if standing.is_there:
        server.put(f"/datasources/uid/{SOURCE_UID}", source.as_json())
        return "updated"
    with server.asked("the data source"):
        server.face.datasource.create_datasource(source.as_json())
    return "created"


def _write(server: Server, standing: BoardStanding) -> Change:
    """Write a board under the version that was seen: who saved meanwhile is not overwritten."""
    uid, following = standing.what, standing.version + 1
    drawn = cast("Found", as_json(standing.dashboard))
    tags = [*drawn["tags"], f"{MARK}{following}"]
    board = {**drawn, "tags": tags, "id": None, "version": standing.version}
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
    return "updated" if standing.is_there else "created"
