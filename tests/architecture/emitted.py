"""Find in the source where a type of event is made: wherever its class is used as a value, not merely asked about."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKERS = ("reporting", "services")
# The simulation plays people; what only it emits, the product cannot.
NO_MAKERS = ("services/simulate/",)
_ASKING = frozenset({"isinstance", "issubclass"})


def makers() -> dict[str, list[str]]:
    """Return, for each name of a class, the modules that use it as a value: call it, return it or hand it on."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for package in MAKERS for path in (ROOT / package).rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        if not module.startswith(NO_MAKERS):
            for name in set(values_in(path.read_text(encoding="utf-8"))):
                found[name].append(module)
    return found


def values_in(source: str) -> Iterator[str]:
    """Yield each name that a module uses as a value, by its last part."""
    return _values(ast.parse(source))


def _values(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    for child in _where_values_stand(node):
        yield from _values(child)


def _where_values_stand(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a node that hold values: no annotation, no question about a type, no key of a table."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _ASKING:
            return ()
        case ast.Compare() | ast.Subscript() | ast.MatchClass() | ast.BinOp(op=ast.BitOr()):
            return ()
        case ast.Dict():
            return node.values
        case ast.AnnAssign():
            return () if node.value is None else (node.value,)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
            return node.body
    return ast.iter_child_nodes(node)
