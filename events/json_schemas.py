"""Write the contract of each event type as JSON Schema, for readers that are not Python."""

from __future__ import annotations

from typing import Any

import orjson

from events.envelope import STATED, Envelope
from events.registry import EVENT_TYPES


def schema_of(cls: type[Envelope]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one event type as it stands on the wire."""
    schema = cls.model_json_schema(by_alias=True, mode="validation")
    schema["required"] = sorted({*schema["required"], *STATED})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": str(cls.model_fields["dataschema"].default),
        **schema,
    }


def schema_files() -> dict[str, bytes]:
    """Return the content of every file of `events/schemas/`, by file name; the output is deterministic."""
    layout = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return {f"{name}.json": orjson.dumps(schema_of(cls), option=layout) for name, cls in EVENT_TYPES.items()}
