from __future__ import annotations

import pytest

from reporting.cases.marks import MARKS
from reporting.cases.metrics import METRICS, metric, parse_counts


def test_every_metric_counts_marks_that_exist() -> None:
    for found in METRICS:
        assert found.mark in MARKS
        assert found.minus is None or found.minus in MARKS
        assert (found.minus is not None) == (found.kind == "stock")


def test_every_metric_has_one_key_two_labels_and_its_formula_in_words() -> None:
    assert len({found.key for found in METRICS}) == len(METRICS)
    for found in METRICS:
        assert found.label_vi
        assert found.label_en
        assert found.formula


def test_every_way_to_end_has_a_metric_and_together_they_are_the_ends() -> None:
    kinds = {mark for mark in MARKS if mark.startswith("closed_")}
    assert kinds <= {found.mark for found in METRICS}


def test_an_unknown_metric_is_a_lookup_error() -> None:
    assert metric("open").minus == "closed"
    with pytest.raises(LookupError):
        metric("opne")


def test_counts_come_apart_as_they_were_put_together() -> None:
    assert list(parse_counts({"land|online|opened": 3})) == [("land", "online", "opened", 3)]
