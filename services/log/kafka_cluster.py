"""Settings of a Kafka cluster for each client: kafka-python, aiokafka, Faust."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from events.errors import LogUnavailable
from services.errors import SetupError

T = TypeVar("T")
Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaCluster:
    """Address and credentials of one cluster.

    Attributes:
        servers: `host:port`, several separated by commas.
        prefix: prefix of all topics and groups, where installations share a cluster.
        ca: file of the certificate that signed those of the brokers; by default the machine's trusted ones.
        replication: copies of each topic, for `topics create`.
    """

    servers: str
    prefix: str = ""
    security: Security = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    replication: int = 3

    def __post_init__(self) -> None:
        if self.security.startswith("SASL") and (self.user is None or self.password is None):
            raise SetupError(
                f"{self.security} needs a user and a password: LIENCAP_KAFKA_USER and LIENCAP_KAFKA_PASSWORD"
            )

    @property
    def addresses(self) -> list[str]:
        """Return each `host:port`."""
        return [server.strip() for server in self.servers.split(",")]

    @property
    def min_in_sync(self) -> int:
        """Return how many copies must hold an event before it counts as written: all but one, at least one."""
        return max(1, self.replication - 1)

    def topic(self, name: str) -> str:
        """Return the name of a topic of the table in this cluster."""
        return f"{self.prefix}{name}"

    def group(self, name: str) -> str:
        """Return the name of a consumer group in this cluster."""
        return f"{self.prefix}{name}"

    def sync_options(self) -> dict[str, Any]:
        """Return the options of every client of kafka-python."""
        return {
            "bootstrap_servers": self.addresses,
            "security_protocol": self.security,
            "reconnect_backoff_max_ms": 1_000,
            **({"ssl_cafile": str(self.ca)} if self.ca is not None else {}),
            **self._sasl(),
        }

    def connect(self, client: Callable[..., T], **options: Any) -> T:
        """Return a connected client of kafka-python; a failed one leaves neither thread nor socket behind.

        Raises:
            LogUnavailable: no broker answers; the error names the addresses.
            kafka.errors.KafkaError: any other error, such as an unknown user.
        """
        from kafka.errors import KafkaTimeoutError  # noqa: PLC0415 -- as below
        from kafka.net.compat import KafkaNetClient  # noqa: PLC0415 -- heavy, and `--help` does not need it

        opened: list[Any] = []

        def remembered(*given: Any, **named: Any) -> Any:
            opened.append(KafkaNetClient(*given, **named))
            return opened[-1]

        try:
            return client(**self.sync_options(), kafka_client=remembered, **options)
        except BaseException as error:
            for each in opened:
                each.close()
            if isinstance(error, KafkaTimeoutError):
                raise LogUnavailable(
                    f"no Kafka broker answers at {self.servers}: is one up there, may this machine reach it, "
                    f"does it speak {self.security}{f', and know {self.user} by this password' if self.user else ''}?"
                ) from error
            raise

    def async_options(self) -> dict[str, Any]:
        """Return the options of every client of aiokafka."""
        return {
            "bootstrap_servers": self.addresses,
            "security_protocol": self.security,
            **({"ssl_context": self._ssl_context()} if self.security.endswith("SSL") else {}),
            **self._sasl(),
        }

    def faust_options(self) -> dict[str, Any]:
        """Return the settings of a Faust app for the cluster and its credentials."""
        return {
            "broker": [f"kafka://{address}" for address in self.addresses],
            "broker_credentials": self._faust_credentials(),
        }

    def _sasl(self) -> dict[str, Any]:
        if not self.security.startswith("SASL"):
            return {}
        return {
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    def _ssl_context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=str(self.ca) if self.ca is not None else None)
        except OSError as error:
            raise SetupError(
                f"LIENCAP_KAFKA_CA: {self.ca} cannot be used ({error.strerror or error})"
            ) from None

    def _faust_credentials(self) -> Any:
        from faust import SASLCredentials, SSLCredentials  # noqa: PLC0415 -- heavy, and only workers need it

        if self.security == "PLAINTEXT":
            return None
        context = self._ssl_context() if self.security.endswith("SSL") else None
        if not self.security.startswith("SASL"):
            return SSLCredentials(context)
        return SASLCredentials(
            username=self.user, password=self.password, ssl_context=context, mechanism=MECHANISM
        )
