"""Access on a ClickHouse server: roles, grants, limits and users, rendered as statements.

The engine in process has no users; there the services alone control access. On a server the grants add a second
barrier: a dashboard that sends SQL of its own reads the figures of its province and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reporting.copied_tables import VOCABULARIES
from reporting.dashboard_tables import ON_DASHBOARDS
from reporting.table import Table
from reporting.tables import TABLES
from services.warehouse.cluster import ClickHouseCluster, names_on

READING_SETTINGS: Mapping[str, str | int] = {
    "do_not_merge_across_partitions_select_final": 1,
    "optimize_move_to_prewhere_if_final": 1,
}
"""Settings of every reading statement. The profiles hold the same ones: a read-only user cannot change a setting, and
the client omits settings that hold already. Partition keys are functions of sorting keys, so a row and the one that
replaces it share a partition. They share what the sorting key holds too, so the engine may test a condition on it before
it collapses rows, and reads the other columns of those alone that pass: of no other condition does it do so."""

_OWNED = (
    *("SELECT", "INSERT", "ALTER", "TRUNCATE", "OPTIMIZE", "CHECK", "SHOW"),
    *("CREATE DATABASE", "CREATE TABLE", "CREATE VIEW", "DROP DATABASE", "DROP TABLE", "DROP VIEW"),
)
READER_PROFILE: Mapping[str, str | int] = {
    **READING_SETTINGS,
    "readonly": 1,
    "max_execution_time": 50,  # the client gives up after 60 silent seconds
    "max_memory_usage": 4_000_000_000,
    # Settings that the client may set for itself.
    "cancel_http_readonly_queries_on_client_close": 1,
    "date_time_input_format": "best_effort",
}
_DASHBOARD_PROFILE = (
    *(f"{name} = {value}" for name, value in READING_SETTINGS.items()),
    "readonly = 1",
    # Grafana sends a time limit of its own with every query, so it may lower ours.
    "max_execution_time = 30 MIN 1 MAX 60 CHANGEABLE_IN_READONLY",
    "max_rows_to_read = 50000000",
    "max_memory_usage = 1000000000",
    "max_result_rows = 100000",
)
_DASHBOARD_QUOTA = (
    "FOR INTERVAL 1 minute MAX queries = 300, FOR INTERVAL 1 hour MAX queries = 6000, execution_time = 1800"
)


@dataclass(frozen=True, slots=True)
class User:
    """A user to create: its role, which is also its name, and the salted hash of its password."""

    role: str
    password_hash: str
    salt: str

    @classmethod
    def with_password(cls, role: str, password: str, salt: str) -> User:
        """Hash a password as `sha256_hash … SALT` expects it: password, then salt."""
        return cls(role, hashlib.sha256((password + salt).encode()).hexdigest(), salt)


@dataclass(frozen=True, slots=True)
class Grants:
    """The access rules of one installation on a server.

    Attributes:
        database: the installation's database; names of roles and users begin with it.
        provinces: the units of each province, past ones included: a figure stays in the province where it arose.
        users: users to create, or to give a new password.
        cluster: given where the statements apply to all servers of a cluster.
    """

    database: str
    provinces: Mapping[str, Sequence[str]]
    users: Sequence[User] = ()
    cluster: ClickHouseCluster | None = None

    def roles(self) -> tuple[str, ...]:
        """Return the roles: writer, reader, dashboards of the nation, dashboards of each province."""
        return ("writer", "reader", "dashboards", *(f"dashboards_{code}" for code in sorted(self.provinces)))

    def statements(self) -> tuple[str, ...]:
        """Return all statements in a runnable order; each may run again at any time."""
        return (
            *(f"CREATE ROLE IF NOT EXISTS {self._role(role)}{self._on}" for role in self.roles()),
            *self._profiles(),
            *self._grants(),
            *self._policies(),
            self._quota(),
            *self._users(),
        )

    @property
    def _on(self) -> str:
        return f" ON CLUSTER `{self.cluster.name}`" if self.cluster else ""

    def _name(self, what: str) -> str:
        return f"`{self.database}_{what}`"

    def _role(self, role: str) -> str:
        # Where a statement names only a grantee, a user would take precedence over a role of the same name.
        return self._name(f"{role}_role")

    def _dashboards(self) -> str:
        return ", ".join(self._role(role) for role in self.roles() if role.startswith("dashboards"))

    def _profiles(self) -> Iterator[str]:
        spread = self.cluster.reading if self.cluster else {}
        reader = [f"{name} = {_literal(value)}" for name, value in {**READER_PROFILE, **spread}.items()]
        boards = [*_DASHBOARD_PROFILE, *(f"{name} = {_literal(value)}" for name, value in spread.items())]
        for role, settings, to in (
            ("reader", reader, self._role("reader")),
            ("dashboards", boards, self._dashboards()),
        ):
            yield (
                f"CREATE SETTINGS PROFILE OR REPLACE {self._name(role)}{self._on}"
                f" SETTINGS {', '.join(settings)} TO {to}"
            )

    def _grants(self) -> Iterator[str]:
        grant = f"GRANT{self._on}"
        # Unquoted star: a rebuild creates databases named after this one. In quotes the star would be a letter.
        yield f"{grant} {', '.join(_OWNED)} ON {self.database}*.* TO {self._role('writer')}"
        if self.cluster:
            yield f"{grant} CLUSTER, REMOTE ON *.* TO {self._role('writer')}"
        yield f"{grant} SELECT ON `{self.database}`.* TO {self._role('reader')}"
        for table, columns in ON_DASHBOARDS.items():
            of_columns = f"({', '.join(columns)})" if columns else ""
            for name in names_on(table, self.cluster):
                yield f"{grant} SELECT{of_columns} ON `{self.database}`.`{name}` TO {self._dashboards()}"

    def _policies(self) -> Iterator[str]:
        """Yield a row policy per dashboard for every table, also for those that it has no grant for today."""
        # The administrator who applies the policies must keep reading every row.
        whole = ", ".join(
            [*(self._role(role) for role in ("writer", "reader", "dashboards")), "CURRENT_USER"]
        )
        for table in TABLES.values():
            for name in names_on(table.name, self.cluster):
                yield self._policy("whole", name, "1", whole)
                for code in sorted(self.provinces):
                    role = f"dashboards_{code}"
                    yield self._policy(role, name, self._rows_of(code, table), self._role(role))

    def _policy(self, policy: str, table: str, condition: str, to: str) -> str:
        return (
            f"CREATE ROW POLICY OR REPLACE {self._name(policy)}{self._on} ON `{self.database}`.`{table}`"
            f" AS PERMISSIVE FOR SELECT USING {condition} TO {to}"
        )

    def _rows_of(self, province: str, table: Table) -> str:
        columns = {name for name, _ in table.columns}
        if table is VOCABULARIES:  # what belongs to no province, ministries for one, everybody may name
            return f"province_code IN ('', {_literal(province)})"
        if "province_code" in columns:
            return f"province_code = {_literal(province)}"
        if "unit_code" in columns:
            units = ", ".join(_literal(code) for code in self.provinces[province])
            return f"unit_code IN ({units})"
        return "0"  # no column names the unit of a row

    def _quota(self) -> str:
        return (
            f"CREATE QUOTA OR REPLACE {self._name('dashboards')}{self._on} KEYED BY user_name"
            f" {_DASHBOARD_QUOTA} TO {self._dashboards()}"
        )

    def _users(self) -> Iterator[str]:
        for user in self.users:
            secret = f"IDENTIFIED WITH sha256_hash BY '{user.password_hash}' SALT '{user.salt}'"
            name, role = self._name(user.role), self._role(user.role)
            yield f"CREATE USER IF NOT EXISTS {name}{self._on} {secret}"
            yield f"ALTER USER {name}{self._on} {secret}"
            yield f"GRANT{self._on} {role} TO {name}"
            yield f"ALTER USER {name}{self._on} DEFAULT ROLE {role}"


def _literal(value: str | int) -> str:
    return (
        str(value) if isinstance(value, int) else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    )
