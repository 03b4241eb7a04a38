"""An organisation for each province, with a data source whose user sees the rows of that province alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dashboards.grafana.model import Dashboard
from reporting.dated.units import Unit
from services.errors import NotFound
from services.grafana.publish import Change, Source, publish
from services.grafana.server import Server


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

    Args:
        server: with the credentials of the server's administrator.
        sources: the data source of each province, by its code.
        provinces: for whom.
        dashboards: which boards.
        force: as for `publish`.

    Raises:
        Conflict, SetupError, NotReady, Unauthenticated, Forbidden: as for `publish`.
    """
    boards = list(dashboards)
    for province in provinces:
        number, change = organisation(server, name_of(province))
        done = publish(server.of_organisation(number), sources[province.code], boards, force=force)
        yield province, {"organisation": change, **done}


def organisation(server: Server, name: str) -> tuple[int, Change]:
    """Return the number of the organisation of a name, and whether it was made now.

    Raises:
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    with server.asked(f"the organisation {name}"):
        try:
            return int(_found(server, name)), "same"
        except NotFound:
            made = server.face.organization.create_organization({"name": name})
            return int(made["orgId"]), "created"


def _found(server: Server, name: str) -> int:
    with server.asked(f"the organisation {name}"):
        return int(server.face.organization.find_organization(name)["id"])
