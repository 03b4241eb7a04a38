"""`liencap serve` whose native code aborts at a line on standard input: python -m … ARGUMENTS of liencap.

With `--engine-keeps-signals` before them the engine's own handlers stay: the thread that was hit is kept for ever, the
rest of the process goes on, and the engine answers nobody.
"""

from __future__ import annotations

import ctypes
import sys
import threading

from services.__main__ import main
from services.boot import serving


def _abort_when_told() -> None:
    sys.stdin.readline()
    ctypes.CDLL(None).abort()  # called without the interpreter's lock, as the threads of native libraries run


if __name__ == "__main__":
    if sys.argv[1] == "--engine-keeps-signals":
        del sys.argv[1]
        vars(serving)["die_of_fatal_signals"] = lambda: None
    threading.Thread(target=_abort_when_told, daemon=True).start()
    main()
