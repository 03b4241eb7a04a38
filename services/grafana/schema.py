"""Read dashboards by Grafana's own published schema, and return what of them it would not keep."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana.model import Dashboard, Json, as_json

with warnings.catch_warnings():
    # It warns that version 2 is newer; the classic form is the one that every version takes from a file.
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.models import dashboard as published


def what_is_lost(dashboards: Iterable[Dashboard]) -> list[str]:
    """Return what the schema does not know or reads as something else, one sentence each."""
    found = []
    for one in dashboards:
        ours = json.loads(json.dumps(as_json(one)))
        read: Json = json.loads(JSONEncoder().encode(published.Dashboard.from_json(ours)))
        found += [f"{one.uid}: Grafana's schema does not keep {where}" for where in _lost(ours, read, "")]
    return found


def _lost(ours: Json, read: Json, where: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(read, dict):
        for name, value in ours.items():
            if name in read:
                yield from _lost(value, read[name], f"{where}/{name}")
            else:
                yield f"{where}/{name}"
    elif isinstance(ours, list) and isinstance(read, list) and len(ours) == len(read):
        for number, (one, other) in enumerate(zip(ours, read, strict=True)):
            yield from _lost(one, other, f"{where}/{number}")
    elif ours != read:
        yield where
