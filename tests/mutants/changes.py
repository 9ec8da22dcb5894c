"""Small changes of meaning: every place in a module where one can be made, and the module with it made.

Text that people read (f-strings, ``raise``, findings, docstrings), annotations, decorators, assertions and
``zip(strict=)`` are left alone, and so are numbers under `GUARD`: they stop iterations or allow for rounding.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

GUARD = 1e-4
"""Smaller numbers are tolerances."""

COMPARE = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMES = {"min": "max", "any": "all", "minimum": "maximum", "argmin": "argmax", "floor": "ceil", "nanmin": "nanmax"}
NAMES |= {other: name for name, other in NAMES.items()}
MESSAGES = {"Finding", "warning", "note", "error", "InputError", "ModelError", "warn"}
"""Calls whose arguments are words for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """One small change of one module.

    Attributes
    ----------
    file : str
        Below ``src``.
    function : str
        Qualified name of the outermost function it stands in; "" at the level of the module or of a class.
    line : int
        Today's line; not part of the key.
    text : str
        That line of the source.
    what : str
        "old -> new".
    place : int
        Which of the file's places it is, in the order of `places`.
    number : int
        1, 2, ... for changes that agree in all of the above but the line.
    """

    file: str
    function: str
    line: int
    text: str
    what: str
    place: int
    number: int = 1

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stays the same while the line of code does."""
        return self.file, self.function, self.text, self.what, self.number

    def rank(self, seed: int) -> str:
        """Place in the drawn order: a change of code elsewhere draws no other sample."""
        return hashlib.sha256(repr((seed, self.key)).encode()).hexdigest()


Made = tuple[ast.AST, str, Callable[[], None]]
"""The node, the change in words, and what makes it in the tree."""


def changes(source: Path, file: str) -> list[Change]:
    """All changes of one module."""
    text = (source / file).read_text(encoding="utf-8")
    lines, seen, found = text.splitlines(), Counter[tuple[str, str, str, str, int]](), []
    tree = ast.parse(text)
    for place, (function, node, what, _) in enumerate(places(tree)):
        change = Change(file, function, node.lineno, lines[node.lineno - 1].strip(), what, place)
        seen[change.key] += 1
        found.append(Change(file, function, change.line, change.text, what, place, seen[change.key]))
    return found


def changed(source: Path, change: Change) -> ast.Module:
    """The module with the change made."""
    tree = ast.parse((source / change.file).read_text(encoding="utf-8"))
    for place, (_, _, what, make) in enumerate(places(tree)):
        if place == change.place:
            assert what == change.what
            make()
            return ast.fix_missing_locations(tree)
    raise LookupError(change)


def places(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str, Callable[[], None]]]:
    """Function, node, words and action of every change."""
    yield from _inside(tree, (), outer="")


def _inside(
    node: ast.AST, names: tuple[str, ...], outer: str
) -> Iterator[tuple[str, ast.AST, str, Callable[[], None]]]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or _left_alone(child):
                continue
            inner, name = names, outer
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = (*names, child.name)
                name = outer or (".".join(inner) if isinstance(child, ast.FunctionDef) else "")
            for changed_node, what, make in _made(child, node):
                yield name, changed_node, what, make
            yield from _inside(child, inner, name)


def _left_alone(node: ast.AST) -> bool:
    """Words for people, assertions, guards of zip, docstrings."""
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Assert | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.keyword):
        return node.arg == "strict"
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in MESSAGES
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _made(node: ast.AST, parent: ast.AST) -> Iterator[Made]:
    """The changes of one node."""
    if isinstance(node, ast.Compare):
        for k, operator in enumerate(node.ops):
            for other in COMPARE[type(operator)]:
                yield _set(node, "ops", [*node.ops[:k], other(), *node.ops[k + 1 :]])
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield _set(node, "op", ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _set(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield _replace(parent, node, node.operand)
    elif isinstance(node, ast.Constant):
        yield from _constant(node)
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield _set(node, "id", NAMES[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES and isinstance(node.ctx, ast.Load):
        yield _set(node, "attr", NAMES[node.attr])
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return
        negated = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        old, new = ast.unparse(node.test), ast.unparse(negated)
        yield node.test, f"{old} -> {new}", lambda: setattr(node, "test", negated)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and _words(node):
        for k in range(len(node.elts)):
            yield _set(node, "elts", node.elts[:k] + node.elts[k + 1 :])


def _words(node: ast.Tuple | ast.List | ast.Set) -> bool:
    """A list of words, as in ``x in ("a", "b")``."""
    return len(node.elts) > 1 and all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in node.elts)


def _constant(node: ast.Constant) -> Iterator[Made]:
    if isinstance(node.value, bool):
        yield _set(node, "value", not node.value)
    elif isinstance(node.value, int):
        yield _set(node, "value", node.value + 1)
    elif isinstance(node.value, float) and (abs(node.value) >= GUARD or node.value == 0):
        yield _set(node, "value", node.value * 2 if node.value else 1.0)


def _set(node: ast.AST, field: str, value: object) -> Made:
    old = _shown(node)
    other = copy.deepcopy(node)
    setattr(other, field, value)
    return node, f"{old} -> {_shown(other)}", lambda: setattr(node, field, value)


def _replace(parent: ast.AST, node: ast.AST, new: ast.AST) -> Made:
    def make() -> None:
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(v is node for v in value):
                setattr(parent, field, [new if v is node else v for v in value])

    return node, f"{_shown(node)} -> {_shown(new)}", make


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())
