"""A disk of a few megabytes that a test can fill and empty again."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

BLOCK = b"\0" * 65_536


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A folder with little room."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Take every byte that is left, and whatever becomes free at once."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (len(BLOCK), 4_096, 1):
                try:
                    while ballast.write(BLOCK[:size]):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def make_room(self) -> None:
        """Give back what `fill` took."""
        with suppress(FileNotFoundError):
            self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a small tmpfs for a test; skip the test where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("to fill a disk a small tmpfs is mounted, and that needs root")
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "liencap-small-disk", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"to fill a disk a small tmpfs is mounted, and this machine says: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
