"""Wrap the prose of README.md and the other pages at 120 characters: `python scripts/wrap_docs.py`.

A block is wrapped only where one of its lines is too long; tables, code and bare links stay as they are.
The section of the next release in CHANGELOG.md stays too, because several branches add lines to it at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 120
_ITEM = re.compile(r"( *)([-*+]|\d+[.)]) +")
_MARK = re.compile(r"[-*+>#|]+$|\d+[.)]$")
_ATOM = re.compile(r"(?:`[^`]*`|!?\[[^\]]*\]\([^)]*\)|\S)+")
"""A word; code and links may hold blanks, and are not broken at them."""
_BLOCK = re.compile(r" *(#|\||>|```|<|---|!\[|$)")
"""The beginning of a line that is no prose, or of none at all."""


def pages() -> list[Path]:
    """Return the pages for people: those at the root, in docs/ and of the examples."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def long_lines(text: str) -> list[int]:
    """Return the numbers of the lines of prose that are too long; a line of one word cannot be shorter."""
    return [
        number
        for number, line, is_prose in _lines(text)
        if is_prose and len(line) > WIDTH and len(_ATOM.findall(line)) > 1
    ]


def wrapped(text: str) -> str:
    """Return a page whose blocks with a line that is too long are wrapped anew."""
    done: list[str] = []
    block: list[str] = []
    for _, line, is_prose in _lines(text):
        if block and (not is_prose or _ITEM.match(line)):
            done += _wrapped(block)
            block = []
        if is_prose:
            block.append(line)
        else:
            done.append(line)
    return "\n".join([*done, *_wrapped(block)]) + "\n"


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield (number, line, whether it is prose)."""
    in_code, is_open = False, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## ["):
            is_open = line == "## [Unreleased]"
        fence = line.lstrip().startswith("```")
        yield number, line, not (in_code or is_open or fence or _BLOCK.match(line))
        in_code ^= fence


def _wrapped(block: list[str]) -> Iterable[str]:
    if all(len(line) <= WIDTH for line in block):
        return block
    item = _ITEM.match(block[0])
    indent = " " * (item.end() if item else len(block[0]) - len(block[0].lstrip()))
    lines = [block[0][: item.end()] if item else indent]
    for word in _ATOM.findall(" ".join([block[0][len(lines[0]) :], *(line.strip() for line in block[1:])])):
        is_first = lines[-1].strip() == "" or (len(lines) == 1 and item and lines[0] == item[0])
        longer = lines[-1] + ("" if is_first else " ") + word
        if is_first or len(longer) <= WIDTH or _MARK.match(word):
            lines[-1] = longer
        else:
            lines.append(indent + word)
    return lines


def main() -> int:
    """Wrap every page and print the names of those that changed."""
    for path in pages():
        there = path.read_text(encoding="utf-8")
        if (wanted := wrapped(there)) != there:
            path.write_text(wanted, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
