"""The bars of the house: rooms small enough to take in, names that stand once, no circle between files."""

from __future__ import annotations

import ast
import statistics
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[3] / "src" / "compassion_trials"

FILES_IN_A_FOLDER = 20
LINES_OF_A_FILE = 320
LINES_OF_A_BODY = 60
MEDIAN_FILE = 110
"""Lines of the median file; 108 when the house was moved into."""
MEDIAN_BODY, NINTH_DECILE_BODY = 6, 20
"""Lines of the median function body, and of the ninth decile: 6 and 19 when the house was moved into, before large
records were made by keyword, one field a line."""

POSITIONAL = 6
"""Fields of a finding that may go by position; of other records one less."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def modules() -> dict[str, ast.Module]:
    """Syntax trees by path below the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method, with its file."""
    for file, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                yield file, node


def length(node: ast.FunctionDef) -> int:
    """Lines of a body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_folder_is_crowded():
    count: dict[str, int] = defaultdict(int)
    for file in modules():
        count[str(Path(file).parent)] += not file.endswith("__init__.py")
    assert {folder: n for folder, n in count.items() if n > FILES_IN_A_FOLDER} == {}


def test_no_file_is_long():
    lines = {file: (PACKAGE / file).read_text(encoding="utf-8").count("\n") for file in modules()}
    assert {file: n for file, n in lines.items() if n > LINES_OF_A_FILE} == {}
    assert statistics.median(lines.values()) <= MEDIAN_FILE


def test_no_body_is_long():
    bodies = {f"{file}: {node.name}": length(node) for file, node in functions()}
    assert {name: n for name, n in bodies.items() if n > LINES_OF_A_BODY} == {}
    lengths = sorted(length(node) for _, node in functions())
    assert statistics.median(lengths) <= MEDIAN_BODY
    assert lengths[int(0.9 * len(lengths))] <= NINTH_DECILE_BODY


def test_class_names_stand_once():
    places: dict[str, list[str]] = defaultdict(list)
    for file, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(file)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_no_module_stands_beside_a_package_of_its_name():
    assert [file for file in modules() if (PACKAGE / file).with_suffix("").is_dir()] == []


def test_everything_public_has_a_docstring_and_types():
    bare = [
        f"{file}: {node.name}"
        for file, tree in modules().items()
        for node in tree.body
        if isinstance(node, (*FUNCTIONS, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert bare == []
    untyped = [
        f"{file}: {node.name}"
        for file, node in functions()
        if node.returns is None or any(a.annotation is None and a.arg not in ("self", "cls") for a in arguments(node))
    ]
    assert untyped == []


def arguments(node: ast.FunctionDef) -> list[ast.arg]:
    """Arguments of a function that can carry a type."""
    args = node.args
    starred = [a for a in (args.vararg, args.kwarg) if a is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *starred]


def imports(file: str, tree: ast.Module) -> set[str]:
    """Files of the package that a file imports, also inside its functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("compassion_trials"):
            base = "/".join(node.module.split(".")[1:])
            inside = [f"{base}/{alias.name}.py".lstrip("/") for alias in node.names]
            found.update([*inside, f"{base}.py"])
    return {name for name in found if name in modules()} - {file}


def test_no_circle_between_files():
    arrows = {file: imports(file, tree) for file, tree in modules().items()}
    done: set[str] = set()

    def walk(file: str, path: tuple[str, ...]) -> None:
        assert file not in path, " -> ".join((*path[path.index(file) :], file))
        if file not in done:
            for other in sorted(arrows[file]):
                walk(other, (*path, file))
            done.add(file)

    for file in arrows:
        walk(file, ())


def _records() -> set[str]:
    """Names of dataclasses."""
    return {
        node.name
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(line) for line in node.decorator_list)
    }


def test_records_of_many_fields_are_made_by_keyword():
    """Beyond six, fields of one type change places unseen; a finding's first six say how grave, what and where."""
    records = _records()
    assert "Finding" in records
    many = [
        f"{file}:{node.lineno} {node.func.id}"
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in records
        and len(node.args) > (POSITIONAL if node.func.id == "Finding" else POSITIONAL - 1)
    ]
    assert many == []
