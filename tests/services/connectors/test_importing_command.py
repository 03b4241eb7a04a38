from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from reporting.errors import UnknownUnit
from services.cli.importing import build_commands
from services.connectors.errors import UnusableFile
from services.errors import BadInput
from services.store.store import CASES
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


class Command:
    """`liencap import` on the folder of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app: typer.Typer = build_commands(self._open)

    @contextmanager
    def _open(self, data: Path | None, _only_to_look: bool) -> Iterator[Installation]:
        with Installation(data or self.folder) as here:
            yield here

    def __call__(self, *words: str | Path) -> Result:
        return CliRunner().invoke(self.app, [str(word) for word in words])

    def case_count(self) -> int:
        with Installation(self.folder) as here, here.store.read() as conn:
            return conn.scalar(select(func.count()).select_from(CASES)) or 0


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_a_file_that_is_taken_whole_ends_with_0(command: Command) -> None:
    done = command(
        "cases",
        EXAMPLES / "one_stop_2026-11-19.xlsx",
        "--province",
        "38",
        "--mapping",
        EXAMPLES / "one_stop_snapshot.toml",
    )
    assert done.exit_code == 0, done.output
    assert "36 created" in done.stdout
    assert "36 rows" in done.stderr, "progress goes beside the result"
    assert command.case_count() == 36


def test_a_dry_run_writes_nothing(command: Command) -> None:
    done = command(
        "cases",
        EXAMPLES / "permits.xes",
        "--unit",
        "15607",
        "--mapping",
        EXAMPLES / "permits.toml",
        "--dry-run",
    )
    assert done.exit_code == 0
    assert "3 would be created" in done.stdout
    assert command.case_count() == 0


def test_rejected_rows_end_with_1_and_are_listed(command: Command, tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx", [["Mã hồ sơ", "Ngày tiếp nhận"], ["HS-1", "hôm qua"], ["HS-2", "02/11/2026"]]
    )
    errors = tmp_path / "errors.csv"
    done = command("cases", path, "--unit", "15607", "--mapping", mapping_file(tmp_path), "--errors", errors)
    assert done.exit_code == 1
    assert "1 rejected" in done.stdout
    assert errors.read_text(encoding="utf-8").splitlines()[1].startswith("2,15607,NgayTiepNhan,")
    assert command.case_count() == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--unit", "15607", "--province", "38"], BadInput),
        ([], BadInput),
        (["--unit", "99999"], UnknownUnit),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    command: Command, words: list[str], fault: type[Exception]
) -> None:
    done = command("cases", EXAMPLES / "permits.xes", "--mapping", EXAMPLES / "permits.toml", *words)
    assert isinstance(done.exception, fault)


def test_an_unusable_file_is_one_sentence(command: Command, tmp_path: Path) -> None:
    done = command("cases", tmp_path / "none.csv", "--unit", "15607", "--mapping", mapping_file(tmp_path))
    assert isinstance(done.exception, UnusableFile)


def test_a_file_or_a_folder_is_named_not_both_and_not_none(command: Command, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path)
    both: list[str | Path] = [tmp_path / "a.csv", "--watch", tmp_path]
    for words in ([], both):
        assert command("cases", *words, "--unit", "15607", "--mapping", mapping).exit_code == 2


def test_difficulties_are_taken_once(command: Command) -> None:
    words = (
        "issues",
        EXAMPLES / "difficulties.csv",
        "--province",
        "38",
        "--mapping",
        EXAMPLES / "difficulties.toml",
    )
    assert "3 would be created" in command(*words, "--dry-run").stdout
    assert "3 created" in command(*words).stdout
    assert "3 unchanged" in command(*words).stdout
