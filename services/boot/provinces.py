"""The provinces that a store of this installation keeps, and the name of its consumer group for notices."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from reporting.dated.bodies import NATION
from reporting.dated.territory import Territory, parse_territory
from reporting.errors import UnknownUnit
from services.errors import SetupError
from services.store.row_writer import insert_missing
from services.store.store import META, Store

if TYPE_CHECKING:
    from reporting.dated.units import UnitTable
    from services.boot.system import Role
    from services.settings import Settings

NOTIFY_GROUP = "notify"
_STORE_NAME = "store_name"


def territory_of_store(settings: Settings, units: UnitTable) -> Territory:
    """Return the territory of the store in the settings.

    Raises:
        SetupError: LIENCAP_PROVINCES names an unknown province; the error names which.
    """
    try:
        return parse_territory(settings.provinces, units)
    except UnknownUnit as error:
        raise SetupError(
            f"LIENCAP_PROVINCES: {error.message}; write the two-digit codes of provinces with commas, and "
            f"{NATION} for the ministries, as 38,40 or 38,{NATION}"
        ) from None


def must_serve(territory: Territory, role: Role) -> None:
    """Check that a service starts on the store of its users, which holds their notices.

    Raises:
        SetupError: the store keeps no data of its users.
    """
    if territory.codes is None:
        return
    wanted = {NATION} if role == "ministry" else territory.codes - {NATION}
    if not wanted & territory.codes:
        lacking = NATION if role == "ministry" else "a province"
        raise SetupError(
            f"`serve --role {role}` needs a store that keeps {lacking}, and LIENCAP_PROVINCES names "
            f"{territory.in_words}"
        )


def notify_group(store: Store, territory: Territory) -> str:
    """Return the name of the consumer group that derives the notices of a store.

    A store that keeps everything is alone on its log, and its group has the default name. Any other has a name of its
    own, stored once, so that it continues from its position after it was given another province.
    """
    if territory.codes is None:
        return NOTIFY_GROUP
    with store.begin() as conn:
        insert_missing(conn, META, [{"name": _STORE_NAME, "value": uuid4().hex[:8]}], unique="name")
        name = conn.scalar(select(META.c.value).where(META.c.name == _STORE_NAME))
    return f"{NOTIFY_GROUP}-{name}"
