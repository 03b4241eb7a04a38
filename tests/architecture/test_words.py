"""Docstrings and comments of `services/` keep to the verbs of CONTRIBUTING.md: code returns, emits and logs, people talk."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_layout import ROOT

MODULES = sorted((ROOT / "services").rglob("*.py"))
_FOR_PEOPLE = re.compile(r"\b(say|says|said|tell|tells|told|hear|hears|heard)\b", re.IGNORECASE)
_RIDDLE = re.compile(r"(Tell|Say|Hear|What)\b")


def words_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every docstring, also of constants, and of every comment."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def riddles_of(source: str) -> list[str]:
    """Return the docstrings and comments that use a verb for people, or begin with what they do not name."""
    return [
        f"{line}: {text.strip().splitlines()[0]}"
        for line, text in words_of(source)
        if _FOR_PEOPLE.search(text) or _RIDDLE.match(text)
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_names_its_subjects_and_uses_the_verbs_of_the_field(path: Path) -> None:
    assert riddles_of(path.read_text(encoding="utf-8")) == [], "see the ten rules in CONTRIBUTING.md"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('def f():\n    """Tell whether it is there."""\n', 2),
        ('"""A log that says it twice."""\n', 1),
        ('N = 1\n"""What is kept."""\n', 2),
        ("n = 1  # told by another thread\n", 1),
    ],
)
def test_a_riddle_is_found_wherever_it_stands(source: str, line: int) -> None:
    assert [int(found.partition(":")[0]) for found in riddles_of(source)] == [line]


def test_a_string_that_a_person_reads_may_say_what_it_likes() -> None:
    assert riddles_of('raise BadInput("say which one leads")  # the form names the field\n') == []
