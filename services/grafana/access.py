"""Bring teams, service accounts and rights in line with their table, by names and uids; see dashboards/grafana/rights.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, cast
from urllib.parse import quote

from dashboards.grafana.rights import ON_BOARDS, ON_FOLDER, SERVICE_ACCOUNTS, TEAMS, Right, ServiceAccount
from services.errors import BadInput, Conflict, NotReady
from services.grafana.server import Found, Server
from services.grafana.standing import FOLDER_UID, Standing

Change = Literal["created", "updated", "same"]
Rights = frozenset[tuple[str, int, int]]
"""Of each right the role, the number of the team, and the permission; of a role the number is nought."""


def team_numbers(server: Server) -> dict[str, int]:
    """Return the number of each of our teams that is there.

    Asked by name, one page each: the client's own search goes on for ever where a page comes back full.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    found: dict[str, int] = {}
    for name in TEAMS:
        answer = server.get(f"/teams/search?name={quote(name)}&perpage=100&page=1") or {}
        found.update((name, int(one["id"])) for one in answer.get("teams") or () if one["name"] == name)
    return found


def bring_teams(server: Server) -> dict[str, Change]:
    """Make the teams that are missing, and return what was done to each."""
    there = team_numbers(server)
    done: dict[str, Change] = {}
    for name in TEAMS:
        done[f"team {name}"] = "same" if name in there else "created"
        if name not in there:
            server.post("/teams", {"name": name})
    return done


def _account(server: Server, account: ServiceAccount) -> Found | None:
    answer = server.get(f"/serviceaccounts/search?query={quote(account.name)}&perpage=100&page=1") or {}
    found = (one for one in answer.get("serviceAccounts") or () if one["name"] == account.name)
    return cast("Found | None", next(found, None))


def _bring_account(server: Server, account: ServiceAccount) -> Change:
    found = _account(server, account)
    if found is None:
        server.post("/serviceaccounts", {"name": account.name, "role": account.role, "isDisabled": False})
        return "created"
    if found.get("role") == account.role and not found.get("isDisabled"):
        return "same"
    server.patch(f"/serviceaccounts/{found['id']}", {"role": account.role, "isDisabled": False})
    return "updated"


def bring_accounts(server: Server) -> dict[str, Change]:
    """Make the service accounts that are missing, with their roles, and return what was done to each."""
    return {f"service account {one.name}": _bring_account(server, one) for one in SERVICE_ACCOUNTS}


def new_token(server: Server, account: ServiceAccount, name: str) -> str:
    """Return a new token of a service account, which is made where it is missing; Grafana shows a token only once.

    Raises:
        Conflict: the account has a token of this name.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    _bring_account(server, account)
    found = _account(server, account)
    if found is None:
        raise NotReady(f"Grafana made the service account {account.name} and does not show it: ask again")
    try:
        made = server.post(f"/serviceaccounts/{found['id']}/tokens", {"name": name})
    except (Conflict, BadInput) as error:
        raise Conflict(
            f"Grafana makes no token {name!r} of {account.name}: where there is one of this name, choose another "
            f"({error.message})"
        ) from error
    return str(made["key"])


def bring_rights(server: Server, teams: Mapping[str, int], uid: str = "") -> Change:
    """Bring the rights on a board, or on the folder, in line: the whole list is replaced where it differs."""
    wanted = ON_BOARDS.get(uid, ()) if uid else ON_FOLDER
    if _seen(server, uid) == _wanted(wanted, teams):
        return "same"
    items = [_item(one, teams) for one in wanted]
    server.post(_path(uid), {"items": items})
    return "updated"


def standing_of_access(server: Server, boards: Iterable[str]) -> tuple[Standing, ...]:
    """Return how teams, service accounts and rights stand; nothing is written.

    Args:
        boards: the uids of boards that are there.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    teams = team_numbers(server)
    found = [Standing("team", name, is_there=name in teams) for name in TEAMS]
    for account in SERVICE_ACCOUNTS:
        kept = _account(server, account)
        differs = kept is not None and (kept.get("role") != account.role or bool(kept.get("isDisabled")))
        said = (f"its role is not {account.role}, or it is disabled",) if differs else ()
        found.append(Standing("account", account.name, kept is not None, said))
    for uid in boards:
        same = _seen(server, uid) == _wanted(ON_BOARDS.get(uid, ()), teams)
        found += [] if same else [Standing("rights", uid, is_there=True, differences=("its rights",))]
    return tuple(found)


def folder_rights_differ(server: Server) -> bool:
    """Return whether the rights on the folder are not those of the table."""
    return _seen(server, "") != _wanted(ON_FOLDER, team_numbers(server))


def _path(uid: str) -> str:
    return f"/dashboards/uid/{uid}/permissions" if uid else f"/folders/{FOLDER_UID}/permissions"


def _seen(server: Server, uid: str) -> Rights:
    """Return the rights that a board or the folder has of its own; those of the role Admin stand in every list."""
    kept = cast("Iterable[Found]", server.get(_path(uid)) or ())
    return frozenset(
        (str(one.get("role") or ""), int(one.get("teamId") or 0), int(one["permission"]))
        for one in kept
        if not one.get("inherited") and one.get("role") != "Admin"
    )


def _wanted(rights: Iterable[Right], teams: Mapping[str, int]) -> Rights:
    return frozenset((one.role, teams.get(one.team, 0), one.permission) for one in rights)


def _item(right: Right, teams: Mapping[str, int]) -> Found:
    who: Found = {"role": right.role} if right.role else {"teamId": teams[right.team]}
    return {**who, "permission": right.permission}
