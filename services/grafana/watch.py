"""Look at the boards in Grafana beside the requests that show them, which wait for nothing."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from events.errors import LienCapError
from services.errors import SetupError
from services.grafana.standing import Standing
from services.settings import Settings

FRESH = dt.timedelta(seconds=60)
"""As long as this a look is shown without another one."""


@dataclass(frozen=True, slots=True)
class Look:
    """The standings at an instant, or the reason why there are none."""

    at: dt.datetime
    standings: tuple[Standing, ...] = ()
    reason: str = ""


class GrafanaWatch:
    """Looks at Grafana in a thread of its own, when somebody asks and the last look is old."""

    def __init__(
        self, address: str, look: Callable[[], Sequence[Standing]], clock: Callable[[], dt.datetime]
    ) -> None:
        self.address = address.rstrip("/")
        self._look_now = look
        self._clock = clock
        self._changed = threading.Condition()
        self._latest: Look | None = None
        self._is_looking = False

    def latest(self) -> Look | None:
        """Return the last look, and begin another where it is old; nothing before the first one has ended."""
        with self._changed:
            is_old = self._latest is None or self._clock() - self._latest.at > FRESH
            if is_old and not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look, name="grafana", daemon=True).start()
            return self._latest

    def wait(self, timeout: float) -> bool:
        """Wait until no look is under way; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_looking, timeout)

    def _look(self) -> None:
        found = Look(self._clock(), reason="it failed, and this process said why in its log")
        try:
            found = Look(self._clock(), tuple(self._look_now()))
        except LienCapError as error:
            found = Look(self._clock(), reason=error.message)
        finally:
            with self._changed:
                self._latest, self._is_looking = found, False
                self._changed.notify_all()


def watch_of(settings: Settings, clock: Callable[[], dt.datetime]) -> GrafanaWatch | None:
    """Return the watch over the Grafana of the settings; nothing where they name none."""
    if not settings.grafana_url:
        return None
    return GrafanaWatch(settings.grafana_url, partial(look_at, settings), clock)


def look_at(settings: Settings) -> list[Standing]:
    """Return how everything stands on the Grafana of the settings, as `python -m dashboards diff` does.

    Raises:
        SetupError: its client is not installed, or the settings lack something.
        NotReady, Unauthenticated, Forbidden: as the server answers.
    """
    try:
        from services.grafana.opening import standings_of  # noqa: PLC0415 -- needs the extra `grafana`
    except ModuleNotFoundError as error:
        raise SetupError("the client of Grafana is missing: pip install 'liencap[grafana]'") from error
    return standings_of(settings)
