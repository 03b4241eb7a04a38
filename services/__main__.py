"""The command `liencap`; also `python -m services`."""

from __future__ import annotations

import logging
import os
import sys

from events.errors import LienCapError
from services.boot.garbage_collection import spare_loading
from services.cli import build_cli
from services.errors import EngineDead


def main() -> None:
    """Run the command line; an expected error is one sentence and exit code 2, the death of the engine 72."""
    # Store, log and engine hold texts and codes: what is written here is readable by this user alone.
    os.umask(0o077)
    spare_loading()
    # These clients log one error dozens of times; the caller logs its consequence once.
    for client in ("kafka", "clickhouse_connect"):
        logging.getLogger(client).setLevel(logging.CRITICAL)
    try:
        build_cli()()
    except EngineDead as error:
        from services.boot.engine_watch import end_at_once  # noqa: PLC0415 -- keeps `--help` fast

        sys.stderr.write(f"liencap: {error.message}\n")
        end_at_once()
    except LienCapError as error:
        sys.stderr.write(f"liencap: {error.message}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
