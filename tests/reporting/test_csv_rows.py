from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.errors import TableError

COLUMNS = ("code", "valid_from", "valid_to")


def test_columns_come_in_any_order_and_cells_without_surrounding_space() -> None:
    (row,) = rows("t.csv", "valid_to,code,valid_from\n, 38 ,2025-07-01\n", COLUMNS)
    assert row.text("code") == "38"
    assert row.validity() == Validity(dt.date(2025, 7, 1))


def test_decomposed_letters_become_composed_ones() -> None:
    text = "code,valid_from,valid_to\n" + unicodedata.normalize("NFD", "Bát Mọt") + ",2025-07-01,\n"
    assert rows("t.csv", text, COLUMNS)[0].text("code") == "Bát Mọt"


def test_a_byte_order_mark_and_empty_lines_are_passed_over_and_lines_still_count() -> None:
    text = '\ufeffcode,valid_from,valid_to\n\n"two\nlines",2025-07-01,\n\nx,2025-13-01,\n'
    first, second = rows("t.csv", text, COLUMNS)
    assert (first.line, second.line) == (3, 6)
    with pytest.raises(TableError, match=r"t\.csv line 6, column valid_from: '2025-13-01'"):
        second.validity()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv line 1, column code: the file is empty"),
        ("code,valid_from\n", "line 1, column valid_to: the column is missing"),
        ("code,valid_from,valid_to,extra\n", "line 1, column extra: unknown column"),
        ("code,valid_from,valid_to,code\n", "line 1, column code: the column stands twice"),
        ("code,valid_from,valid_to\n38,2025-07-01\n", "line 2, column valid_to: the line has 2 cells"),
        ("code,valid_from,valid_to\n1,2,3,4\n", "line 2, column valid_to: the line has 4 cells"),
        ('code,valid_from,valid_to\na,b,c\n"38"x,b,\n', "line 3, column code: "),
        ('code,valid_from,valid_to\n"38,b,\n', "line 2, column code: "),
    ],
)
def test_a_file_of_another_shape_is_refused_by_line_and_column(text: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        rows("t.csv", text, COLUMNS)
    assert message in caught.value.message
    assert caught.value.field is not None


def cell(value: str) -> Row:
    return Row("t.csv", 7, {"cell": value})


def test_cells_become_values() -> None:
    assert cell("true").flag("cell") is True
    assert cell("false").flag("cell") is False
    assert cell("12").whole("cell") == 12
    assert cell("-3").whole("cell", low=-5) == -3
    assert cell("1.5").number("cell", 0, 2) == 1.5
    assert cell("15:00").time("cell") == dt.time(15)
    assert cell("").optional_time("cell") is None
    assert cell("").optional_day("cell") is None
    assert cell("").optional("cell") is None
    assert cell("a; b;;").words("cell") == ("a", "b")
    assert Row("t.csv", 7, {"confidence": "low"}).confidence() == "low"


@pytest.mark.parametrize(
    ("value", "method", "arguments"),
    [
        ("", "text", ()),
        ("", "flag", ()),
        ("True", "flag", ()),
        ("1", "flag", ()),
        ("", "whole", ()),
        ("-", "whole", ()),
        ("--1", "whole", ()),
        ("٣", "whole", ()),
        ("1.0", "whole", ()),
        ("401", "whole", (0, 400)),
        ("nan", "number", (0, 1)),
        ("inf", "number", (0, 1)),
        ("a", "number", (0, 1)),
        ("20250701", "day", ()),
        ("2025-W27-2", "day", ()),
        ("01/07/2025", "day", ()),
        ("2025-02-29", "day", ()),
        ("15h", "time", ()),
        ("24:00", "time", ()),
        ("", "choice", ("ab",)),
        ("c", "choice", (("a", "b"),)),
    ],
)
def test_a_cell_that_does_not_fit_names_file_line_and_column(
    value: str, method: str, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(TableError, match=r"^t\.csv line 7, column cell: ") as caught:
        getattr(cell(value), method)("cell", *arguments)
    assert caught.value.field == "cell"


def test_a_row_holds_from_its_first_day_until_before_its_end() -> None:
    validity = Validity(dt.date(2025, 7, 1), dt.date(2026, 4, 30))
    assert not validity.holds_on(dt.date(2025, 6, 30))
    assert validity.holds_on(dt.date(2025, 7, 1))
    assert validity.holds_on(dt.date(2026, 4, 29))
    assert not validity.holds_on(dt.date(2026, 4, 30))


def dated(text: str) -> list[tuple[str, Validity, Row]]:
    return [(row.text("code"), row.validity(), row) for row in rows("t.csv", text, COLUMNS)]


def test_rows_of_one_key_may_touch_but_not_overlap() -> None:
    touching = "code,valid_from,valid_to\n38,2025-07-01,2026-01-01\n38,2026-01-01,\n39,2025-07-01,\n"
    check_apart(dated(touching))
    with pytest.raises(TableError, match=r"t\.csv line 3, column valid_from: 38 already holds .* line 2"):
        check_apart(dated(touching.replace("38,2026-01-01", "38,2025-12-31")))
    with pytest.raises(TableError, match="line 3"):
        check_apart(dated("code,valid_from,valid_to\n38,2026-01-01,\n38,2025-01-01,\n"))


def test_an_end_that_is_not_after_the_start_is_refused() -> None:
    with pytest.raises(TableError, match="column valid_to: 2025-07-01 is not after"):
        dated("code,valid_from,valid_to\n38,2025-07-01,2025-07-01\n")
