"""The document of the public JSON API: committed, typed in every place, and true about errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS, PROBLEM_INPUTS
from services.acting.inputs import ActInput
from services.boot.pages import describe
from services.commune.schemas import CaseRowSent
from services.intake.national_rows import read_row
from services.web.shell.error_documents import PROBLEMS

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
WITHOUT_BODY = {"POST /api/v1/sign-out", "POST /api/v1/tokens/{token_id}/revoke"}


def test_the_committed_document_is_the_one_of_the_code() -> None:
    assert describe() == DOCUMENT, "run `python scripts/openapi.py` and look at what it changed"


def followed(schema: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema in it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen:
        return
    if name:
        yield from followed(SCHEMAS[name], seen | {name})
        return
    yield schema
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for key in ("anyOf", "oneOf", "allOf"):
        inner += schema.get(key, [])
    for one in inner:
        if isinstance(one, dict):
            yield from followed(one, seen)


def is_free_form(schema: dict[str, Any]) -> bool:
    """Tell whether a schema says nothing: any value, or an object of any members."""
    if not {"type", "anyOf", "oneOf", "allOf", "const", "enum"} & schema.keys():
        return True
    named = schema.get("properties") or isinstance(schema.get("additionalProperties"), dict)
    return schema.get("type") == "object" and not named


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_an_operation_answers_is_typed_in_every_place(name: str) -> None:
    good = {code: one for code, one in OPERATIONS[name]["responses"].items() if code.startswith("2")}
    assert good
    for code, answer in good.items():
        if code == "204":
            continue
        for media in answer["content"].values():
            assert [one for one in followed(media["schema"]) if is_free_form(one)] == []


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.startswith("POST")])
def test_what_an_operation_takes_is_typed_in_every_place(name: str) -> None:
    body = OPERATIONS[name].get("requestBody")
    assert (body is None) is (name in WITHOUT_BODY)
    if body is not None:
        sent = body["content"]["application/json"]["schema"]
        assert [one for one in followed(sent) if is_free_form(one)] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_error_of_an_operation_is_a_problem_document_of_a_status_that_the_product_gives(
    name: str,
) -> None:
    given = {status for status, _ in PROBLEMS.values()}
    for code, answer in OPERATIONS[name]["responses"].items():
        if code.startswith("2"):
            continue
        assert int(code) in given
        [(media, content)] = answer["content"].items()
        assert media == "application/problem+json"
        assert content["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}
    assert "HTTPValidationError" not in SCHEMAS


def test_an_operation_is_called_by_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)


class Asked(Mapping[str, object]):
    """A row that remembers which of its columns were looked at."""

    def __init__(self, columns: dict[str, object]) -> None:
        self.columns = columns
        self.looked_at: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.looked_at.add(name)
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def test_the_documented_columns_of_a_row_are_those_that_are_read() -> None:
    row = Asked({"MaHoSo": "A", "TrangThai": 2})
    read_row(row)
    assert row.looked_at == set(CaseRowSent.model_fields)


@pytest.mark.parametrize(
    "model", [*ISSUE_INPUTS.values(), *ESCALATION_INPUTS.values(), *PROBLEM_INPUTS.values()]
)
def test_an_act_refuses_a_misspelt_member_and_leaves_out_what_only_other_acts_take(
    model: type[ActInput],
) -> None:
    sent = {"expected_version": 1, **dict.fromkeys(model.other_acts_take - model.model_fields.keys(), None)}
    sent.pop("answer_kind", None)
    assert model.model_validate(sent) == model(expected_version=1)
    with pytest.raises(ValueError, match="Extra inputs"):
        model.model_validate({"expected_version": 1, "expectd_version": 1})
