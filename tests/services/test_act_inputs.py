from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS, PROBLEM_INPUTS

MODELS: dict[str, type[BaseModel]] = {
    **{f"issue {act}": model for act, model in ISSUE_INPUTS.items()},
    **{f"escalation {act}": model for act, model in ESCALATION_INPUTS.items()},
    **{f"problem {act}": model for act, model in PROBLEM_INPUTS.items()},
}
ODD: tuple[object, ...] = (None, [], {}, "", "x", 0, -1, 1.5, [None], [1], True)


@pytest.mark.parametrize("act", MODELS)
def test_no_odd_value_in_a_field_of_an_act_is_anything_but_taken_or_refused(act: str) -> None:
    model = MODELS[act]
    for name in model.model_fields:
        for odd in ODD:
            try:
                model.model_validate({"expected_version": 1, name: odd})
            except ValidationError as error:
                assert error.errors()  # noqa: PT017 -- any other error escapes and fails the test
