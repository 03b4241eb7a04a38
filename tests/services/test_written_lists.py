"""Lists of codes reach the engine as they are, whichever way they are written out."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.warehouse.client import Warehouse
from services.warehouse.named_queries import query_names, statement
from services.warehouse.written_lists import Written, bound


@pytest.mark.warehouse
@settings(max_examples=20)
@given(codes=st.lists(st.text(max_size=6), min_size=16, max_size=40))
@example(codes=["it's", "back\\slash", "tab\t", "line\n", "xã", "'"] * 4)
@example(codes=[f"{number:05d}" for number in range(40)])
def test_a_list_of_any_texts_comes_out_as_it_went_in(warehouse_module: Warehouse, codes: list[str]) -> None:
    [row] = warehouse_module.rows("SELECT {codes:Array(String)} AS codes", codes=codes)
    assert row["codes"] == codes


def test_the_codes_of_the_nation_are_written_out_at_once_and_what_needs_escapes_is_not() -> None:
    codes, quoted = [f"{number:05d}" for number in range(3_321)], ["it's"] * 3_321
    found = bound({"units": codes, "names": quoted, "limit": 3})
    assert isinstance(found["units"], Written)
    assert str(found["units"]).startswith("['00000','00001',")
    assert (found["names"], found["limit"]) == (quoted, 3)


@pytest.mark.parametrize("name", query_names())
def test_a_statement_is_sent_without_comments(name: str) -> None:
    """The driver reads every letter of a text that holds a semicolon, and comments hold some."""
    assert "--" not in statement(name)
    assert ";" not in statement(name)
