"""Make a kept installation, or write anew what is expected of one: `python -m tests.kept make|expect [--folder …]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.kept.expect import expect
from tests.kept.folder import FIRST
from tests.kept.make import make


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m tests.kept", description=__doc__)
    parser.add_argument("command", choices=("make", "expect"))
    parser.add_argument("--folder", type=Path, default=FIRST, help="the kept installation")
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, lambda line: print(line, file=sys.stderr))  # noqa: T201 -- a command prints
    expect(options.folder)


if __name__ == "__main__":
    main()
