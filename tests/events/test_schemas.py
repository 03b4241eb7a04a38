"""The published schemas are those of the models."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import events
from events.codec import decode
from events.errors import InvalidEvent
from events.json_schemas import schema_files, schema_of
from events.registry import EVENT_TYPES

SCHEMAS = Path(events.__file__).parent / "schemas"


def test_the_committed_schemas_are_what_the_models_say() -> None:
    committed = {path.name: path.read_bytes() for path in SCHEMAS.glob("*.json")}
    assert committed == schema_files(), "run scripts/generate_schemas.py and look at what it changed"


def test_writing_them_twice_gives_the_same_bytes() -> None:
    assert schema_files() == schema_files()


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_schema_is_a_valid_schema_named_after_its_version(name: str) -> None:
    schema = json.loads((importlib.resources.files(events) / "schemas" / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:liencap:{name}:{EVENT_TYPES[name].version()}"
    assert {"specversion", "id", "source", "type", "dataschema", "data"} <= set(schema["required"])


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_no_object_of_a_schema_takes_unknown_fields(cls: type[Any]) -> None:
    schema = schema_of(cls)
    for part in (schema, *schema["$defs"].values()):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False


PERSONAL = (
    "name",
    "phone",
    "mobile",
    "email",
    "address",
    "citizen",
    "applicant_name",
    "cccd",
    "birth",
    "dossier",
)


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_no_field_is_named_after_a_person(cls: type[Any]) -> None:
    """A new field that could hold personal data has to be argued for here."""
    schema = schema_of(cls)
    fields = {field for part in (schema, *schema["$defs"].values()) for field in part.get("properties", {})}
    assert not {field for field in fields for word in PERSONAL if word in field}


# Sentences that the product itself writes from its dated tables, never a person.
WRITTEN_BY_THE_PRODUCT = {
    "basis",
    "explanation_vi",
    "explanation_en",
    "table_version",
    "calendar_version",
    "row_id",
    "row_version",
    "approved_by",
}
WRITTEN_BY_THE_PRODUCT |= {"release"}


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_no_field_takes_free_text_but_those_that_the_product_writes(cls: type[Any]) -> None:
    schema = schema_of(cls)
    free = {
        field
        for part in (schema, *schema["$defs"].values())
        for field, kind in part.get("properties", {}).items()
        for one in (kind, *kind.get("anyOf", ()))
        if one.get("type") == "string" and not {"pattern", "format", "const", "enum"} & one.keys()
    }
    assert free - {"subject", "partitionkey"} <= WRITTEN_BY_THE_PRODUCT


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_subject_that_must_be_a_uuid_says_so_in_the_schema_and_is_refused_otherwise(name: str) -> None:
    said = schema_of(EVENT_TYPES[name])["properties"]["subject"]
    assert (said.get("format") == "uuid") is not name.startswith(("case.", "source."))
    accepted = sorted((SCHEMAS.parent / "examples" / "accepted").glob(f"{name}*.json"))
    example = json.loads(accepted[0].read_text("utf-8"))
    for wrong in ("H56.15607-000001", "a\0b", ""):
        if name.startswith("source."):
            continue
        with pytest.raises(InvalidEvent, match="subject"):
            decode(json.dumps(example | {"subject": wrong}).encode())
