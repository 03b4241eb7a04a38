"""How everything that we publish stands on a server: what differs, who saved it and when, what may not be overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from dashboards.grafana.model import Dashboard, as_json

if TYPE_CHECKING:  # pages read what stands here without the client of Grafana
    from services.grafana.server import Found, Server

FOLDER_UID, FOLDER_TITLE = "liencap", "LiênCấp"
MARK = "liencap-version-"
"""A tag that holds the version under which we published: another version means that somebody else saved since."""
MOST_BOARDS = 1_000
Kind = Literal["board", "folder", "source", "team", "account", "rights"]
_WORDS: dict[Kind, str] = {
    "board": "",
    "folder": "folder ",
    "source": "data source ",
    "team": "team ",
    "account": "service account ",
    "rights": "rights on ",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of a thing on a server: where it differs from ours, and why it may not be overwritten.

    Attributes:
        name: the uid of a board, of the folder and of the data source; of rights that of their board.
        differences: where the two differ; empty where they are the same, or where nothing is there.
        refusal: why it may not be overwritten, whether it differs or not.
        saved_at: when it was saved last, as Grafana has it; `saved_by` is who did.
        is_unseen: these credentials may not look at it.
        is_left_over: it lies in our folder, and is no board of this release.
    """

    kind: Kind
    name: str
    is_there: bool
    differences: tuple[str, ...] = ()
    refusal: str = ""
    title: str = ""
    saved_at: str = ""
    saved_by: str = ""
    is_left_over: bool = False
    is_unseen: bool = False

    @property
    def what(self) -> str:
        """Return kind and name in one; a board is called by its uid alone."""
        return f"{_WORDS[self.kind]}{self.name}"

    @property
    def is_same(self) -> bool:
        """Return whether nothing is to be done."""
        return self.is_there and not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStanding(Standing):
    """How a board stands on a server, and under which version."""

    dashboard: Dashboard
    version: int = 0


def standing_of(server: Server, dashboard: Dashboard) -> BoardStanding:
    """Return how a board stands on a server; nothing is written.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    uid, title = dashboard.uid, dashboard.title
    found = server.get(f"/dashboards/uid/{uid}")
    if found is None:
        return BoardStanding("board", uid, is_there=False, title=title, dashboard=dashboard)
    kept, meta = cast("Found", found["dashboard"]), cast("Found", found["meta"])
    version = int(kept.get("version") or meta.get("version") or 0)
    tags = [str(tag) for tag in kept.get("tags") or ()]
    seen = {**kept, "tags": [tag for tag in tags if not tag.startswith(MARK)]}
    differences = [*differences_between(as_json(dashboard), seen)]
    if meta.get("folderUid") != FOLDER_UID:
        differences.append("the folder")
    return BoardStanding(
        "board",
        uid,
        is_there=True,
        differences=tuple(differences),
        refusal=_refusal(server, uid, meta, tags, version),
        title=title,
        saved_at=str(meta.get("updated") or ""),
        saved_by=str(meta.get("updatedBy") or ""),
        dashboard=dashboard,
        version=version,
    )


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
    if f"{MARK}{version}" not in tags:
        return (
            f"{uid} was edited by {who} (version {version}, {meta.get('updated') or 'at an unknown time'}): "
            "save a copy under another name, or use --force"
        )
    return ""


def left_over(server: Server, dashboards: Iterable[Dashboard]) -> tuple[Standing, ...]:
    """Return the boards in our folder that are none of these: of another release, or somebody's copies; never removed.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    known = {one.uid for one in dashboards}
    path = f"/search?type=dash-db&folderUIDs={FOLDER_UID}&limit={MOST_BOARDS}"
    found = cast("Iterable[Found]", server.get(path) or ())
    return tuple(
        Standing(
            "board", str(one["uid"]), is_there=True, title=str(one.get("title") or ""), is_left_over=True
        )
        for one in found
        if one["uid"] not in known
    )


def differences_between(wanted: object, found: object, where: str = "") -> Iterator[str]:
    """Yield where what we would write is not what is there; what Grafana adds of its own is no difference."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name, value in wanted.items():
            yield from differences_between(value, found.get(name), f"{where}/{name}")
    elif isinstance(wanted, list | tuple) and isinstance(found, list | tuple) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences_between(one, other, f"{where}/{_named(one, number)}")
    elif isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        yield f"{where or '/'} ({len(wanted)} in the definitions, {len(found)} there)"
    elif wanted != found and not (wanted in ("", False, 0, [], {}) and found is None):
        yield where or "/"


def _named(value: object, number: int) -> str:
    """Return what a reader knows a part by: the title of a panel, the name of a variable, else its number."""
    found = (value.get("title") or value.get("name")) if isinstance(value, Mapping) else None
    return f"“{found}”" if isinstance(found, str) else str(number)
