"""The finished back-ups of a folder: their manifests, and the metric of the newest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from services.errors import BadInput

PREFIX = "liencap-"
MANIFEST = "manifest.json"
UNFINISHED = ".partial"


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or "\\" in name:
        raise ValueError("a name leads out of the back-up")
    return name


class BackedUp(BaseModel):
    """One file of a back-up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_inside)]
    size: int
    sha256: str


class Manifest(BaseModel):
    """The files of a back-up, and the instant at which it began."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Literal[1] = 1
    release: str
    taken_at: dt.datetime
    files: tuple[BackedUp, ...]


def read_manifest(backup: Path) -> Manifest:
    """Return the manifest of a back-up.

    Raises:
        BadInput: there is none, or it cannot be read.
    """
    try:
        return Manifest.model_validate_json((backup / MANIFEST).read_bytes())
    except OSError:
        raise BadInput(f"{backup} is no finished back-up: it has no {MANIFEST}", field="folder") from None
    except ValidationError as error:
        raise BadInput(
            f"{backup / MANIFEST} cannot be read: {error.errors()[0]['msg']}", field="folder"
        ) from None


def backups_in(folder: Path) -> Iterator[tuple[Path, Manifest]]:
    """Yield the finished back-ups of a folder with their manifests, the newest first.

    Raises:
        OSError: there is no such folder, or it may not be read.
    """
    for one in sorted(folder.iterdir(), key=lambda one: one.name, reverse=True):
        if one.name.startswith(PREFIX) and not one.name.endswith(UNFINISHED):
            try:
                yield one, read_manifest(one)
            except BadInput:
                continue


class BackupCollector(Collector):
    """Collects of when the newest finished back-up is; nothing where there is none."""

    def __init__(self, registry: CollectorRegistry, folder: Path) -> None:
        self._folder = folder
        registry.register(self)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return the name of the metric without reading the folder."""
        return [_family()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the instant of the newest back-up in seconds since 1970."""
        try:
            newest = next(backups_in(self._folder), None)
        except OSError:
            return []
        family = _family()
        if newest is not None:
            family.add_metric([], newest[1].taken_at.timestamp())
        return [family]


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "liencap_backup_newest_timestamp_seconds", "When the newest finished back-up began."
    )
