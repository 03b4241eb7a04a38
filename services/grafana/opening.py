"""Open the Grafana of the settings, and the data source with the address of ClickHouse."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.errors import SetupError
from services.grafana.files import dashboards
from services.grafana.publish import Source, standings
from services.grafana.server import Server
from services.grafana.standing import Standing
from services.settings import Settings
from services.warehouse.connection import in_process

_PORTS = {"http": 8123, "https": 8443}


def server_of(settings: Settings) -> Server:
    """Return the Grafana server of the settings.

    Raises:
        SetupError: its address or its credentials are missing.
    """
    if not settings.grafana_url:
        raise SetupError("set LIENCAP_GRAFANA_URL to the address of Grafana")
    if settings.grafana_token is not None:
        return Server(settings.grafana_url, settings.grafana_token.get_secret_value())
    if settings.grafana_user and settings.grafana_password is not None:
        return Server(
            settings.grafana_url, (settings.grafana_user, settings.grafana_password.get_secret_value())
        )
    raise SetupError(
        "set LIENCAP_GRAFANA_TOKEN to the token of a service account, or LIENCAP_GRAFANA_USER and "
        "LIENCAP_GRAFANA_PASSWORD to the server's administrator"
    )


def source_of(settings: Settings, role: str = "dashboards") -> Source:
    """Return the data source of a role: the server of the pages, and the role's own user.

    Raises:
        SetupError: ClickHouse is in this process, or the role has no user in the settings.
    """
    address = settings.warehouse_reader_dsn or settings.warehouse_address
    if in_process(address):
        raise SetupError("Grafana needs a ClickHouse server: set LIENCAP_WAREHOUSE_DSN to the address of one")
    password = settings.warehouse_users.get(role)
    if password is None:
        raise SetupError(
            f'LIENCAP_WAREHOUSE_USERS has no {role}: add "{role}": "…" and run `liencap warehouse access --apply`'
        )
    parts = urlsplit(address)
    return Source(
        host=parts.hostname or "localhost",
        port=parts.port or _PORTS[parts.scheme],
        is_secure=parts.scheme == "https",
        user=f"{settings.warehouse_database}_{role}",
        password=password.get_secret_value(),
        database=settings.warehouse_database,
    )


def standings_of(settings: Settings) -> list[Standing]:
    """Return how everything stands on the Grafana of the settings; without a data source in them the boards alone.

    Raises:
        SetupError: its address or its credentials are missing, or the server is too old.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    try:
        source = source_of(settings)
    except SetupError:
        source = None
    return standings(server_of(settings), source, dashboards(settings.public_url or ""))
