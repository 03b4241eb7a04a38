"""Run one command of liencap with a clock that is wrong: `python -m tests.chaos.shifted_clock SECONDS serve …`."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import AbstractContextManager
from unittest import mock

from services.__main__ import main
from services.boot import open as bootstrap
from services.boot.system import Role, Service
from services.settings import Settings


def run(seconds: float) -> None:
    """Hand a service another clock than this machine's; only this process is wrong."""
    opened, shift = bootstrap.service, dt.timedelta(seconds=seconds)

    def service(settings: Settings, role: Role) -> AbstractContextManager[Service]:
        return opened(settings, role, clock=lambda: bootstrap.utc_now() + shift)

    with mock.patch.object(bootstrap, "service", service):
        main()


if __name__ == "__main__":
    run(float(sys.argv.pop(1)))
