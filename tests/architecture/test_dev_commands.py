"""The script that sets up, checks and tests: what it passes on, and what it refuses. No set-up is run."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Writes down what it was asked, a word a line, and where its folders lie, and does nothing.
INTERPRETER = """#!/bin/sh
printf '%s\\n' "$@" > "$0.asked"
printf '%s' "$TMPDIR" > "$0.folder"
"""
# Ends only when so many runs have begun, and then fails where its first word is the failing one.
MEETING = """#!/bin/sh
echo begin >> {log}
tries=0
while [ "$(grep -c begin {log})" -lt {count} ] && [ $tries -lt 600 ]; do sleep 0.05; tries=$((tries + 1)); done
echo end >> {log}
echo "ran:$3"
test "$3" != "{failing}"
"""


@pytest.fixture
def dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def asked(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what runs a command with an interpreter that only writes down what it was asked."""
    interpreter = tmp_path / "python"
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(0o755)
    monkeypatch.setattr(dev, "BIN", tmp_path)
    monkeypatch.setattr(dev, "set_up", lambda **_: None)
    monkeypatch.setattr(dev, "_offer_debian_packages", lambda: None)

    def run(*words: str) -> list[str]:
        assert dev.main(list(words)) == 0
        return (tmp_path / "python.asked").read_text().splitlines()

    return run


@pytest.mark.parametrize(
    "further",
    [
        ["-k", "name and not other", "--durations=20"],
        ["tests/foo", "-x"],
        ["-x", "tests/foo", "-m", "not chaos", "tests/bar.py::test_one[a-b]"],
        ["--rounds", "3"],
        ["--maxfail=1", "-p", "no:cacheprovider", "-vv"],
    ],
    ids=" ".join,
)
def test_what_stands_behind_test_goes_to_pytest_in_its_order(
    asked: Callable[..., list[str]], further: list[str]
) -> None:
    assert asked("test", *further) == ["-m", "pytest", *further]


def test_the_tests_without_further_words_are_the_quick_ones(
    asked: Callable[..., list[str]], dev: ModuleType
) -> None:
    assert asked("test") == ["-m", "pytest", *dev.QUICK]
    assert dev.QUICK[:2] == ("-m", "not slow")


def test_what_the_quick_ones_leave_out_has_a_command_of_its_own(asked: Callable[..., list[str]]) -> None:
    assert asked("test-slow", "-k", "kills") == ["-m", "pytest", "-m", "slow", "-k", "kills"]


def test_installations_that_are_killed_under_load_share_one_process_apart_from_the_other_slow_tests(
    dev: ModuleType,
) -> None:
    together, chaos = dev.SLOW
    assert together[:2] == ("-m", "slow and not chaos")
    assert (chaos[:3], "-n" in chaos) == (("tests/chaos", "-m", "chaos"), False)


@pytest.mark.parametrize(
    ("free", "at_once"),
    [(1, 2), (1 << 60, 1)],
    ids=["room", "no room"],
)
@pytest.mark.parametrize("failing", ["", "tests/chaos", "-m"])
def test_slow_runs_go_on_side_by_side_where_there_is_room_and_each_may_fail(
    dev: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    free: int,
    at_once: int,
    failing: str,
) -> None:
    log, memory = tmp_path / "log", tmp_path / "memory"
    memory.mkdir()
    interpreter = tmp_path / "python"
    interpreter.write_text(MEETING.format(log=log, count=at_once, failing=failing))
    interpreter.chmod(0o755)
    monkeypatch.setattr(dev, "BIN", tmp_path)
    monkeypatch.setattr(dev, "set_up", lambda **_: None)
    monkeypatch.setattr(dev, "_offer_debian_packages", lambda: None)
    monkeypatch.setattr(dev, "MEMORY", memory)
    monkeypatch.setattr(dev, "MEMORY_BYTES", free)
    assert dev.main(["test-slow"]) == int(bool(failing))
    written = log.read_text().split()
    begun = len(list(itertools.takewhile(lambda word: word == "begin", written)))
    assert (begun, len(written)) == (at_once, 4)
    assert sorted(word for word in capfd.readouterr().out.split() if word.startswith("ran:")) == [
        "ran:-m",
        "ran:tests/chaos",
    ]
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "free", "in_memory"),
    [(["test"], 1, True), (["test"], 1 << 60, False), (["test", "-k", "name"], 1, False)],
    ids=["whole", "no room", "a part"],
)
def test_a_whole_run_has_its_folders_in_memory_where_there_is_room_and_leaves_none(
    asked: Callable[..., list[str]],
    dev: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    words: list[str],
    free: int,
    in_memory: bool,
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(dev, "MEMORY", memory)
    monkeypatch.setattr(dev, "MEMORY_BYTES", free)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    asked(*words)
    folder = Path((tmp_path / "python.folder").read_text())
    assert (folder.parent == memory) is in_memory
    assert (folder == tmp_path) is not in_memory
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize("failing", ["", "ruff", "mypy", "lint-imports", "python"])
def test_a_check_runs_every_step_and_fails_with_any_of_them(
    dev: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    failing: str,
) -> None:
    for name in ("ruff", "mypy", "lint-imports", "python"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} ran\nexit {int(name == failing)}\n")
        program.chmod(0o755)
    monkeypatch.setattr(dev, "BIN", tmp_path)
    monkeypatch.setattr(dev, "set_up", lambda **_: None)
    assert dev.main(["check"]) == int(bool(failing))
    said = capfd.readouterr().out
    assert all(f"{name} ran" in said for name in ("ruff", "mypy", "lint-imports", "python"))
    assert ("check failed" in said) is bool(failing)


def test_two_dashes_pass_on_what_follows(asked: Callable[..., list[str]]) -> None:
    assert asked("test", "--", "-k", "name") == ["-m", "pytest", "-k", "name"]


def test_chaos_takes_its_rounds_and_passes_the_rest_on(asked: Callable[..., list[str]]) -> None:
    assert asked("chaos") == ["-m", "pytest", "tests/chaos"]
    said = asked("chaos", "-k", "kills", "--rounds", "5", "--seed", "7")
    assert said == ["-m", "pytest", "tests/chaos", "--rounds", "5", "-k", "kills", "--seed", "7"]


def test_what_stands_behind_mutants_goes_to_the_mutants(asked: Callable[..., list[str]]) -> None:
    assert asked("mutants", "--seed", "7", "true") == ["-m", "tests.chaos.mutants", "--seed", "7", "true"]


@pytest.mark.parametrize(
    "words",
    [
        ["setup", "--quick"],
        ["demo", "--prot", "9000"],
        ["check", "services"],
        ["bench", "-k", "landing"],
        ["dev-kafka", "-x"],
        ["lock", "-x"],
        ["clean", "all"],
        ["tset", "-k", "name"],
    ],
    ids=" ".join,
)
def test_a_word_that_no_other_command_knows_is_refused(
    dev: ModuleType, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in dev.COMMANDS:
        monkeypatch.setitem(dev.COMMANDS, command, lambda _options: pytest.fail("the command was run"))
    with pytest.raises(SystemExit) as refused:
        dev.main(words)
    assert refused.value.code == 2
    assert words[-1] in capsys.readouterr().err or words[0] == "tset"


def test_what_the_benches_are_shortened_by_is_what_they_take(dev: ModuleType) -> None:
    for name, options in dev.SHORT.items():
        text = (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8")
        for option in options:
            assert option.isdigit() or f'add_argument("{option}"' in text, (name, option)


@pytest.mark.parametrize(("words", "shortened"), [(["bench"], True), (["bench", "--full"], False)])
def test_benches_are_short_unless_asked_to_run_in_full(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, words: list[str], *, shortened: bool
) -> None:
    ran: dict[str, list[str]] = {}

    def timed(name: str, command: list[object]) -> int:
        ran[name] = [str(word) for word in command[2:]]
        return 0

    monkeypatch.setattr(dev, "set_up", lambda **_: None)
    monkeypatch.setattr(dev, "_timed", timed)
    assert dev.main(words) == 0
    assert set(ran) == {path.stem for path in (ROOT / "bench").glob("*.py")}
    assert {name: options for name, options in ran.items() if options} == (
        {name: list(options) for name, options in dev.SHORT.items()} if shortened else {}
    )
