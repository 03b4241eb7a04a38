"""The settings of an operator: parsed once, typed, frozen, from the environment (`LIENCAP_…`) or a `.env` file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlparse

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.errors import BadInput, SetupError

DATABASE_NAME = r"^[a-z_][a-z0-9_]*$"
"""Valid names of a database in ClickHouse; they need no quoting."""


class Settings(BaseSettings):
    """Everything that differs between two installations.

    `data` is the folder of one installation: operational store, embedded log, engine's folder, keys. The three
    addresses default to files in it.
    """

    model_config = SettingsConfigDict(env_prefix="LIENCAP_", env_file=".env", frozen=True, extra="ignore")

    data: Path = Path("data")
    """Folder of this installation's data."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """Port to listen on."""
    demo: bool = False
    """Let people sign in by picking a persona; refused where `liencap demo` did not make the store, and off loopback."""
    store_url: str | None = None
    """SQLAlchemy address of the operational store, SQLite or PostgreSQL; by default a SQLite file in `data`."""
    provinces: str = ""
    """Codes of the provinces whose cases, reports and notices the store keeps, with commas, and `vn` for the ministries'; by default everything."""
    warehouse_dsn: str | None = None
    """`chdb://` folder or `http(s)://` address of ClickHouse; by default a folder in `data`."""
    warehouse_password: SecretStr | None = None
    """Password of the user in `warehouse_dsn`."""
    warehouse_reader_dsn: str | None = None
    """The same server with the user that the pages read with; by default the one that writes."""
    warehouse_reader_password: SecretStr | None = None
    """Password of the user in `warehouse_reader_dsn`."""
    warehouse_users: dict[str, SecretStr] = Field(default_factory=dict)
    """Users that `liencap warehouse access` makes on a server, as JSON: role and password."""
    warehouse_cluster: Annotated[str, Field(pattern=r"^\w+$")] | None = None
    """Cluster, as the servers' `remote_servers` names it, over which the tables are spread."""
    warehouse_quorum: Annotated[int, Field(ge=1)] = 2
    """Number of replicas that must hold an insert before it returns."""
    warehouse_database: Annotated[str, Field(pattern=DATABASE_NAME)] = "liencap"
    """Database inside ClickHouse."""
    warehouse_memory_mb: Annotated[int, Field(ge=200)] = 600
    """Memory that the embedded engine may take."""
    grafana_url: str | None = None
    """Address of the Grafana that `python -m dashboards publish` writes the boards to."""
    grafana_token: SecretStr | None = None
    """Token of a service account of one organisation there, with the role Admin."""
    grafana_user: str | None = None
    """In place of the token, the name of the server's administrator: organisations are made by no other."""
    grafana_password: SecretStr | None = None
    """Password of `grafana_user`."""
    kafka_servers: str | None = None
    """`host:port` of the Kafka brokers, with commas; by default the embedded log in `data` carries the events."""
    kafka_prefix: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,60}$")] = ""
    """Prefix of all topics and groups, where installations share a cluster."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """Protocol to the brokers; SASL means SCRAM-SHA-512."""
    kafka_user: str | None = None
    """User at the brokers."""
    kafka_password: SecretStr | None = None
    """The password of `kafka_user`."""
    kafka_ca: Path | None = None
    """File of the certificate that signed those of the brokers; by default the machine's trusted ones."""
    kafka_replication: Annotated[int, Field(ge=1, le=9)] = 3
    """Copies of each topic that `topics create` makes; one only where there is one broker."""
    worker_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port on which `worker` answers /healthz, /readyz and /metrics; by default it does not listen."""
    backups: Path | None = None
    """Folder into which this installation is backed up; the operators' board shows the age of its newest file."""
    clamd_socket: Path | None = None
    """Socket of a clamd that scans what is attached; without one only its structure is judged."""
    tables: Path | None = None
    """Folder whose CSV files replace the dated tables of the release, file by file."""
    secret: SecretStr | None = None
    """Key that signs tokens and share links; by default one is made in `data` at the first start."""
    secret_previous: SecretStr | None = None
    """The key before `secret`, until what it signed may end; without `secret` both stand in `data`."""
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    """How long a sign-in lasts at most; one by token ends with its token."""
    watch_folder: Path | None = None
    """Folder into which the daily export of the one-stop system is dropped."""
    watch_mapping: Path | None = None
    """Mapping file for the exports in `watch_folder`."""
    watch_unit_column: str | None = None
    """Column of those exports that names the commune, where one file holds a whole province."""
    watch_province: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    """Province whose communes those exports hold."""
    heartbeat_seconds: Annotated[int, Field(ge=5)] = 300
    """Seconds between two heartbeats of a commune's feed."""
    trusted_proxies: str = "127.0.0.1, ::1"
    """Addresses of reverse proxies, with commas: their `X-Forwarded-*` counts, and each may open many connections."""
    public_url: str | None = None
    """Address under which people reach the pages; links in notices begin with it."""
    smtp_host: str | None = None
    """Mail server that notices go through; without one, none is sent by e-mail."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Port of the mail server."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to the mail server is secured; none only inside a house."""
    smtp_user: str | None = None
    """Name to sign in to the mail server with, where it wants one."""
    smtp_password: SecretStr | None = None
    """Password for it."""
    smtp_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] = "liencap@localhost.localdomain"
    """Address that notices come from."""
    smtp_ca: Path | None = None
    """File of certificates to trust, where the mail server's is signed inside the house."""
    webhook_networks: str = ""
    """Networks of the house that webhooks may lead into, as `10.0.0.0/8, fd00::/8`; otherwise only public addresses."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """Log lines for machines or for people; auto is text on a terminal."""

    @property
    def store_address(self) -> str:
        """Return the address of the operational store."""
        return self.store_url or f"sqlite:///{self.data / 'store.db'}"

    @property
    def page_address(self) -> str:
        """Return the base address of links in notices."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def warehouse_address(self) -> str:
        """Return the address of ClickHouse."""
        return self.warehouse_dsn or f"chdb:///{self.engine_folder}"

    @property
    def engine_folder(self) -> Path | None:
        """Return the folder of the engine in this process; None where ClickHouse is a server."""
        if self.warehouse_dsn is None:
            return (self.data / "warehouse").resolve()
        address = urlparse(self.warehouse_dsn)
        return Path(address.path) if address.scheme == "chdb" else None


def load_settings(**given: object) -> Settings:
    """Read the settings; values of the command line win over the environment.

    Raises:
        SetupError: a value is invalid; the error names the variable.
    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        name = "LIENCAP_" + str(detail["loc"][0]).upper() if detail["loc"] else "LIENCAP_…"
        raise SetupError(f"{name}: {detail['msg']} (found {detail['input']!r})") from None
    for name in ("warehouse_dsn", "warehouse_reader_dsn"):
        if urlparse(getattr(settings, name) or "").password is not None:
            raise SetupError(
                f"LIENCAP_{name.upper()} holds a password, and addresses are shown: "
                f"put it into LIENCAP_{name.upper().replace('_DSN', '_PASSWORD')}"
            )
    if urlparse(settings.store_url or "").password is not None:
        raise SetupError(
            "LIENCAP_STORE_URL holds a password, and addresses are shown: "
            "put it into PGPASSWORD, or into the file that PGPASSFILE names"
        )
    return settings


def check_database(name: str) -> None:
    """Raise BadInput unless the text is a valid name of a database."""
    if not re.fullmatch(DATABASE_NAME, name):
        raise BadInput(f"{name!r} is no name of a database: small letters, digits and _ only", field="into")


def shown(settings: Settings) -> dict[str, str]:
    """Return every setting as text, secrets masked, for `config show`."""
    return {name: "********" if isinstance(value, SecretStr) else str(value) for name, value in settings}
