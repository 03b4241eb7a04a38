"""An organisation for each province, with a data source whose user sees the rows of that province alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dashboards.grafana.model import Dashboard
from reporting.dated.units import Unit
from services.errors import Conflict, NotFound
from services.grafana.access import Change
from services.grafana.publish import Source, bring_in_line, looked_at
from services.grafana.server import Server
from services.grafana.standing import BoardStanding


def name_of(province: Unit) -> str:
    """Return the name of a province's organisation; the code makes it one of its kind."""
    return f"LiênCấp {province.code} {province.name}"


def publish_for(
    server: Server,
    sources: Mapping[str, Source],
    provinces: Iterable[Unit],
    dashboards: Iterable[Dashboard],
    *,
    force: bool = False,
) -> Iterator[tuple[Unit, dict[str, Change]]]:
    """Publish to the organisation of each province, making those that are missing.

    Every organisation is looked at before the first is written.

    Args:
        server: with the credentials of the server's administrator.
        sources: the data source of each province, by its code.
        provinces: for whom.
        dashboards: which boards.
        force: as for `publish`.

    Raises:
        Conflict, SetupError, NotReady, Unauthenticated, Forbidden: as for `publish`.
    """
    boards, wanted = list(dashboards), list(provinces)
    seen: dict[str, list[BoardStanding]] = {}
    refused = []
    for province in wanted:
        within = organisation_of(server, province)
        try:
            if within is not None:
                seen[province.code] = looked_at(within, boards, force=force)
        except Conflict as error:
            refused.append(f"{name_of(province)}: {error.message}")
    if refused:
        raise Conflict("; ".join(refused))
    for province in wanted:
        number, change = organisation(server, name_of(province))
        within = server.of_organisation(number)
        standing = seen.get(province.code) or looked_at(within, boards, force=force)
        yield province, {"organisation": change, **bring_in_line(within, sources[province.code], standing)}


def organisation_of(server: Server, province: Unit) -> Server | None:
    """Return the server as the organisation of a province sees it; None where it has none.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    try:
        return server.of_organisation(_found(server, name_of(province)))
    except NotFound:
        return None


def organisation(server: Server, name: str) -> tuple[int, Change]:
    """Return the number of the organisation of a name, and whether it was made now.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    with server.asked(f"the organisation {name}"):
        try:
            return _found(server, name), "same"
        except NotFound:
            made = server.face.organization.create_organization({"name": name})
            return int(made["orgId"]), "created"


def _found(server: Server, name: str) -> int:
    with server.asked(f"the organisation {name}"):
        return int(server.face.organization.find_organization(name)["id"])
