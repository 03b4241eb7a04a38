from __future__ import annotations

from reporting.cases.marks import MARKS
from reporting.cases.metrics import METRICS


def test_every_metric_counts_marks_that_exist() -> None:
    for found in METRICS:
        assert found.mark in MARKS
        assert found.minus is None or found.minus in MARKS
        assert (found.minus is not None) == (found.kind == "stock")


def test_every_metric_has_one_key_and_two_labels() -> None:
    assert len({found.key for found in METRICS}) == len(METRICS)
    for found in METRICS:
        assert found.label_vi
        assert found.label_en


def test_every_way_to_end_has_a_metric_and_together_they_are_the_ends() -> None:
    kinds = {mark for mark in MARKS if mark.startswith("closed_")}
    assert kinds <= {found.mark for found in METRICS}
