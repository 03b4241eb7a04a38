"""The compose file agrees with the product: images, variables, ports, mounts and topics, each with its source."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from services.cli import build_cli
from services.settings import Settings
from services.warehouse.access import Grants
from tests.kafka_broker import VERSION

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("commune", "province", "ministry")
OURS = (*ROLES, "worker", "migrate", "demo")
IMAGES = {
    "kafka": f"apache/kafka:{VERSION}",
    "clickhouse": "clickhouse/clickhouse-server:26.9",
    "postgres": "postgres:17",
    "grafana": "grafana/grafana:12.3.0",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return dict(compose["services"])


def settings_from(service: dict[str, Any]) -> Settings:
    """Read a service's environment as the product would, with the defaults of the variables in it."""
    filled = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in service["environment"].items()
    }
    ours = {
        name.removeprefix("LIENCAP_").lower(): value
        for name, value in filled.items()
        if name.startswith("LIENCAP_")
    }
    unknown = ours.keys() - Settings.model_fields.keys()
    assert not unknown, f"no settings of ours: {unknown}"
    if "warehouse_users" in ours:
        ours["warehouse_users"] = json.loads(ours["warehouse_users"])
    return Settings.model_validate(ours)


def test_the_file_is_one_that_a_compose_client_takes(tmp_path: Path) -> None:
    client = next(
        (
            command
            for command in (["docker", "compose"], ["docker-compose"])
            if shutil.which(command[0])
            and subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0
        ),
        None,
    )
    if client is None:
        pytest.skip("no compose client on this machine (Debian: apt install docker-compose)")
    for profile in ([], ["--profile", "demo"]):
        done = subprocess.run(
            [*client, "-f", str(ROOT / "docker-compose.yml"), *profile, "config"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        assert done.returncode == 0, done.stderr
        assert set(yaml.safe_load(done.stdout)["services"]) >= {*IMAGES, *ROLES, "worker", "migrate"}


def test_every_part_of_the_design_is_there_and_nothing_else(services: dict[str, Any]) -> None:
    assert set(services) == {*IMAGES, *OURS}


def test_images_are_named_with_the_version_that_the_tests_run_against(services: dict[str, Any]) -> None:
    assert {name: services[name]["image"] for name in IMAGES} == IMAGES
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert {services[name]["image"] for name in OURS} == {f"liencap:{version[1]}"}


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_variables_is_a_setting_that_the_product_takes(
    services: dict[str, Any], name: str
) -> None:
    settings = settings_from(services[name])
    assert settings.kafka_servers == "kafka:9092"
    assert settings.store_address.startswith("postgresql://liencap@postgres:5432/")
    assert settings.engine_folder is None
    assert settings.kafka_replication == 1  # one broker


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_of_the_command_line(services: dict[str, Any], name: str) -> None:
    known = get_command(build_cli())
    said = services[name]["command"]
    lines = said[0].split(" && ") if services[name].get("entrypoint") else ["liencap " + " ".join(said)]
    for line in lines:
        program, *words = line.split()
        assert program == "liencap"
        group = known
        for word in words:
            if word.startswith("-") or not hasattr(group, "commands"):
                break
            group = group.commands[word]  # a command that is not there fails here
        options = {option for parameter in group.params for option in getattr(parameter, "opts", ())}
        assert {word for word in words if word.startswith("--")} <= options


def test_addresses_between_parts_name_parts_and_the_ports_on_which_they_listen(
    services: dict[str, Any],
) -> None:
    settings = settings_from(services["worker"])
    assert "PLAINTEXT://:9092" in services["kafka"]["environment"]["KAFKA_LISTENERS"]
    assert settings.kafka_servers in services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert settings.warehouse_address == "http://liencap@clickhouse:8123"
    assert services["clickhouse"]["environment"]["CLICKHOUSE_USER"] == "liencap"
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "liencap"
    assert services["postgres"]["environment"]["POSTGRES_DB"] in settings.store_address


def test_the_users_that_read_are_made_under_the_names_that_read(services: dict[str, Any]) -> None:
    settings = settings_from(services["migrate"])
    assert set(settings.warehouse_users) == {"reader", "dashboards"}
    assert set(settings.warehouse_users) <= set(Grants(settings.warehouse_database, {}).roles())
    assert str(settings.warehouse_reader_dsn).startswith(f"http://{settings.warehouse_database}_reader@")
    source = yaml.safe_load((ROOT / "dashboards/provisioning/datasources/clickhouse.yaml").read_text())
    data = source["datasources"][0]["jsonData"]
    assert data["username"] == f"{settings.warehouse_database}_dashboards"
    assert (data["host"], data["port"], data["protocol"]) == ("clickhouse", 8123, "http")
    assert data["defaultDatabase"] == settings.warehouse_database
    assert source["datasources"][0]["secureJsonData"]["password"] == "$DASHBOARDS_PASSWORD"
    assert "DASHBOARDS_PASSWORD" in services["grafana"]["environment"]


def test_the_broker_makes_no_topic_by_itself(services: dict[str, Any]) -> None:
    assert services["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_only_this_machine_reaches_what_is_published(services: dict[str, Any]) -> None:
    published = {port for service in services.values() for port in service.get("ports", ())}
    assert len(published) == 4
    assert all(port.startswith("127.0.0.1:") for port in published)
    for name in ROLES:
        assert services[name]["ports"][0].endswith(":" + services[name]["command"][-1])


def test_what_must_outlive_a_container_lies_in_a_named_volume(compose: dict[str, Any]) -> None:
    services = compose["services"]
    mounts = {name: service.get("volumes", []) for name, service in services.items()}
    named = {mount.split(":")[0] for some in mounts.values() for mount in some if not mount.startswith(".")}
    assert named == set(compose["volumes"])
    places = {mount.split(":")[1] for mount in mounts["kafka"]}
    assert places == {services["kafka"]["environment"]["KAFKA_LOG_DIRS"]}
    image = (ROOT / "Dockerfile").read_text()
    assert all("liencap-data:/data" in mounts[name] for name in OURS)
    assert "LIENCAP_DATA=/data" in image
    for mount in mounts["grafana"]:
        if mount.startswith("."):
            assert (ROOT / mount.split(":")[0]).is_dir()


def test_every_part_that_stays_has_a_health_check_a_limit_and_a_restart(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert "mem_limit" in service, name
        if service.get("restart") == "no":
            continue
        assert service["restart"] == "unless-stopped", name
        assert {"test", "interval", "timeout", "retries"} <= service["healthcheck"].keys(), name


def test_nothing_of_ours_starts_before_what_it_needs(services: dict[str, Any]) -> None:
    assert set(services["migrate"]["depends_on"]) == {"kafka", "clickhouse", "postgres"}
    assert all(
        each == {"condition": "service_healthy"} for each in services["migrate"]["depends_on"].values()
    )
    for name in (*ROLES, "worker", "demo", "grafana"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
