"""The access rules of this installation on a ClickHouse server: its users, and the units of each province."""

from __future__ import annotations

import secrets

from reporting.dated.units import UnitTable
from services.errors import SetupError
from services.settings import Settings
from services.warehouse.access import Grants, User
from services.warehouse.client import Warehouse
from services.warehouse.cluster import ClickHouseCluster
from services.warehouse.connection import in_process

_SALT_BYTES = 16


def clickhouse_cluster_of(settings: Settings) -> ClickHouseCluster | None:
    """Return the ClickHouse cluster of the settings."""
    name = settings.warehouse_cluster
    return None if name is None else ClickHouseCluster(name, quorum=settings.warehouse_quorum)


def access_of(settings: Settings, units: UnitTable) -> Grants:
    """Return the provinces of the dated units, and the users with their passwords of the settings.

    Raises:
        SetupError: a user in the settings has no role of this name.
    """
    provinces = {
        province.code: [unit.code for unit in units.communes_of(province.code)]
        for province in units.provinces()
    }
    users = [
        User.with_password(role, password.get_secret_value(), secrets.token_hex(_SALT_BYTES))
        for role, password in sorted(settings.warehouse_users.items())
    ]
    access = Grants(settings.warehouse_database, provinces, users, clickhouse_cluster_of(settings))
    unknown = sorted(set(settings.warehouse_users) - set(access.roles()))
    if unknown:
        raise SetupError(
            f"LIENCAP_WAREHOUSE_USERS names {', '.join(unknown)}; there are writer, reader, dashboards, and one of "
            "each province, as dashboards_38"
        )
    return access


def apply_access(warehouse: Warehouse, access: Grants) -> None:
    """Run every statement; the tables must exist. After a failure the whole may be run again.

    Raises:
        SetupError: the engine is in this process and has no users, or the user may not create others.
        NotReady: the server cannot be reached.
    """
    if in_process(warehouse.dsn):
        raise SetupError(
            "the engine in process has no users: set LIENCAP_WAREHOUSE_DSN to the address of a server"
        )
    for statement in access.statements():
        warehouse.administer(statement)
