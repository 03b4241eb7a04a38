"""Processes that import and publish until they are killed: python -m … FOLDER FILE MAPPING.

Loading takes seconds, so it is done once: for a line on stdin this process forks one that does the work and
says how far it is; it says with which signal or code that one ended, and reaps it at the next line. Nothing here has threads or opens the engine
before the fork.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from services.connectors.case_importer import ImportStep
from services.connectors.target import ImportTarget
from tests.services.connectors.installation import Installation, tables

CHUNK_ROWS = 20


def _write_line(line: str) -> None:
    # One write of a short line: it is in the pipe whole or not at all, whenever the process dies.
    os.write(1, f"{line}\n".encode())


def _on_step(step: ImportStep) -> None:
    _write_line(f"acknowledged {step.row_count}")


def _work(folder: Path, file: Path, mapping: Path) -> None:
    with Installation(folder, chunk_rows=CHUNK_ROWS) as here:
        here.relay.start()
        here.cases.run(file, mapping, ImportTarget(unit_code="15607"), on_step=_on_step)
        here.relay.stop()
        here.relay.publish_all()
    _write_line("finished")


def main() -> None:
    """Fork a worker for every other line on stdin, one at a time."""
    folder, file, mapping = (Path(argument) for argument in sys.argv[1:4])
    tables()
    while sys.stdin.readline():
        worker = os.fork()
        if worker == 0:
            _write_line(f"started {os.getpid()}")
            _work(folder, file, mapping)
            os._exit(0)
        # Not reaped before the next line comes: until then nobody else can have its number.
        ended = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
        _write_line(f"ended {ended.si_status if ended is not None else '?'}")
        sys.stdin.readline()
        os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
