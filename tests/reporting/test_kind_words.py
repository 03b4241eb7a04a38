"""Every kind has a short name and the words by which people look for it; a row that does not fit is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.dated.kind_words import UNCLEAR, names_of, parse_kind_words
from reporting.errors import TableError
from tests.reporting.competence_tables import AUTUMN
from tests.reporting.stories import tables

HEADER = "kind,short_vi,short_en,topic_vi,former_vi,words_vi,words_en,confidence,source,valid_from,valid_to\n"
ROW = "power,Mất điện,Power cut,cấp điện,Điện yếu|Cúp điện; mất điện,cúp điện;điện yếu,blackout,medium,Quy ước,2025-07-01,\n"


def test_a_row_gives_the_words_of_a_kind_on_its_days() -> None:
    table = parse_kind_words(HEADER + ROW, {"power"})
    assert table.on(dt.date(2025, 6, 30)) == {}
    words = table.on(dt.date(2025, 7, 1))["power"]
    assert words.short == ("Mất điện", "Power cut")
    assert words.topic == "cấp điện"
    assert words.former == ("Điện yếu", "Cúp điện; mất điện")
    assert words.searched == (("cúp điện", "điện yếu"), ("blackout",))


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (ROW.replace("power,", "pwer,", 1), "kind"),
        (ROW.replace("Mất điện", "", 1), "short_vi"),
        (ROW.replace("medium", "sure"), "confidence"),
        (ROW + ROW, "valid_from"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_its_column(row: str, column: str) -> None:
    with pytest.raises(TableError) as refused:
        parse_kind_words(HEADER + row, {"power"})
    assert refused.value.field == column


def test_the_version_follows_the_words() -> None:
    versions = {parse_kind_words(text, {"power"}).version for text in (HEADER, HEADER + ROW)}
    assert len(versions) == 2


def test_every_kind_has_words_and_a_search_that_finds_nothing_has_a_kind_to_offer() -> None:
    kinds = {kind.key for kind in tables().competence.kinds(AUTUMN)}
    words = tables().kind_words.on(AUTUMN)
    assert words.keys() == kinds
    assert UNCLEAR in kinds
    assert [one.kind for one in words.values() if not all(one.searched)] == []


def test_a_name_of_several_kinds_names_none() -> None:
    other = ROW.replace("power,Mất điện", "grid,Chưa có điện").replace("Cúp điện; mất điện", "Mất lưới")
    table = parse_kind_words(HEADER + ROW + other, {"power", "grid"})
    assert names_of(table, AUTUMN) == {
        "Mất điện": "power",
        "Cúp điện; mất điện": "power",
        "Chưa có điện": "grid",
        "Mất lưới": "grid",
    }
