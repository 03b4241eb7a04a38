"""Options shared by many commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of this installation's data.")]
