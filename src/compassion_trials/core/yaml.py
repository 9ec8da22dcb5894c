"""Reading YAML that people write: every problem as one finding with the nearest valid word."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from compassion_trials.core.errors import InputError, nearest, system_finding
from compassion_trials.core.findings import Finding
from compassion_trials.core.spelling.traps import traps
from compassion_trials.core.spelling.types import joined, keys_only, wrong_value

_Model = TypeVar("_Model", bound=BaseModel)

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times faster where it was built in


class _UniqueKeys(_Loader):
    """YAML without duplicate keys; on, off, yes and no stay words, as do dates of visits."""


_UniqueKeys.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class LinedMapping(dict[Hashable, Any]):
    """A mapping that knows the line of each of its keys."""

    lines: dict[Hashable, int]


def _mapping(loader: Any, node: yaml.MappingNode, deep: bool = False) -> LinedMapping:
    """A mapping whose keys occur once."""
    lines: dict[Hashable, int] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in lines:
            raise yaml.MarkedYAMLError(problem=f'key "{key}" occurs twice', problem_mark=key_node.start_mark)
        lines[key] = key_node.start_mark.line + 1
    found = LinedMapping(yaml.SafeLoader.construct_mapping(loader, node, deep))
    found.lines = lines
    return found


_UniqueKeys.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG,
    lambda loader, node: _mapping(loader, cast("yaml.MappingNode", node), deep=True),
)


def load_yaml(path: Path, missing: Finding | None = None) -> Any:
    """Read one YAML file with duplicate keys refused.

    Parameters
    ----------
    path : Path
    missing : Finding, optional
        What to say when the file does not exist.

    Raises
    ------
    InputError
        File missing or unreadable, not UTF-8, not YAML, or something in it that YAML reads in a surprising way
        (`spelling.traps`); names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        absent = missing or Finding("error", "file_missing", "the file does not exist", path.as_posix())
        raise InputError([absent]) from None
    except UnicodeDecodeError:
        raise InputError(
            [Finding("error", "plan_encoding", "the file is not UTF-8", path.name, advice="save it as UTF-8")]
        ) from None
    except OSError as error:
        raise InputError([system_finding(error)]) from None
    try:
        return _build(text, path.name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        row = mark.line + 1 if mark else None
        raise InputError(
            [
                Finding(
                    "error",
                    "yaml_syntax",
                    f"not valid YAML: {error.problem or error.context}",
                    path.name,
                    row,
                    advice="check indentation, quotes and colons near this line",
                )
            ]
        ) from None
    except RecursionError:
        message = "nested too deeply to be read"
        raise InputError([Finding("error", "yaml_circle", message, path.name)]) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2020-13-01
        raise InputError([Finding("error", "yaml_syntax", f"not valid YAML: {error}", path.name)]) from None


def _build(text: str, file: str) -> Any:
    """The content of a YAML text without traps."""
    loader = _UniqueKeys(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if found := traps(node, file):
            raise InputError(found)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def validate(model: type[_Model], content: Any, file: str) -> _Model:
    """Validate content against a model; problems become findings.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        Its class variable ``renamed``, where it has one, holds words of earlier versions: what to do, by place.
    content : object
        Parsed YAML.
    file : str
        Name for the findings.

    Raises
    ------
    InputError
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = _own(error.errors())
        found = [replace(_finding(one, model, file), row=row_of(content, one["loc"])) for one in problems]
        raise InputError(joined(found)) from None


def row_of(content: Any, location: Iterable[object]) -> int | None:
    """Line of the file on which a key stands, or the nearest key around it.

    Parameters
    ----------
    content : object
        As `load_yaml` gives it.
    location : iterable of str or int
        Keys and positions from the outside in.
    """
    row = None
    for part in location:
        if isinstance(content, LinedMapping):
            key = part if part in content else next((key for key in content if str(key) == str(part)), None)
            if key is not None:  # else a step that a short form leaves out
                row, content = content.lines[key], content[key]
        elif isinstance(content, list) and str(part).isdigit() and int(str(part)) < len(content):
            content = content[int(str(part))]
    return row


def with_rows(findings: Iterable[Finding], path: Path) -> list[Finding]:
    """Findings about keys of a YAML file (``data.0.arm``) with the line on which each key stands.

    Parameters
    ----------
    findings : iterable of Finding
    path : Path
        The file; findings about another one, or with a row, stay as they are.
    """
    content = load_yaml(path)
    return [
        replace(finding, row=row_of(content, finding.column.split(".")))
        if finding.file == path.name and finding.row is None
        else finding
        for finding in findings
    ]


def _own(problems: list[Any]) -> list[Any]:
    """Problems without the echo of a list that is 'too short' only because its members were refused."""
    places = [problem["loc"] for problem in problems]
    return [
        p
        for p in problems
        if p["type"] != "too_short" or not any(x[: len(p["loc"])] == p["loc"] and x != p["loc"] for x in places)
    ]


def _finding(problem: Any, model: type[BaseModel], file: str) -> Finding:
    """One pydantic problem in words."""
    location = keys_only(problem)
    key = ".".join(str(part) for part in location)
    told = not isinstance(problem["input"], dict | list | tuple | BaseModel | None)
    found = str(problem["input"]) if told else ""
    kind = problem["type"]
    if advice := _renamed(getattr(model, "renamed", {}), location, found):
        return Finding(
            "error", "renamed", "this word is of an earlier version", file, None, key, value=found, advice=advice
        )
    if kind == "extra_forbidden":
        valid = sorted(_fields_at(model, location[:-1]))
        return Finding(
            "error",
            "unknown_key",
            f'unknown key "{location[-1]}"',
            file,
            None,
            key,
            advice=nearest(str(location[-1]), valid),
        )
    if kind == "missing":
        return Finding("error", "missing_key", f'key "{location[-1]}" is missing', file, None, key, advice="add it")
    if kind == "literal_error":
        valid = [word.strip("' ") for word in problem["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return Finding(
            "error", "invalid_value", "not a valid word", file, None, key, value=found, advice=nearest(found, valid)
        )
    if kind == "value_error":
        return Finding("error", "invalid_value", str(problem["ctx"]["error"]), file, None, key)
    if kind == "string_pattern_mismatch":
        return Finding(
            "error",
            "invalid_key",
            "a short key begins with a letter and holds letters, digits, underscores",
            file,
            None,
            key,
            value=found,
        )
    message, expected = wrong_value(problem)
    return Finding("error", "invalid_value", message, file, None, key, value=found, expected=expected)


def _renamed(renamed: Mapping[str, str], location: Sequence[Any], found: str) -> str:
    """What to do about a word of an earlier version; empty when it is none."""
    for place, advice in renamed.items():
        key, _, word = place.partition("=")
        parts = key.split(".")
        here = len(parts) == len(location) and all(p in ("*", str(x)) for p, x in zip(parts, location, strict=True))
        if here and word in ("", found):
            return advice
    return ""


def _fields_at(model: type[BaseModel], location: list[Any]) -> set[str]:
    """Names of the keys valid at a place of the plan; empty when the place holds no fixed keys."""
    kinds: list[Any] = [model]
    for part in location:
        kinds = [inner for kind in kinds for inner in _step(kind, part)]
    return {name for kind in kinds if _is_model(kind) for name in kind.model_fields}


def _step(kind: Any, part: Any) -> list[Any]:
    """Types found one step further along a location."""
    if _is_model(kind):
        field = kind.model_fields.get(part)
        return _unwrap(field.annotation) if field else []
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return _unwrap(arguments[1])
    if get_origin(kind) in (tuple, list):
        return _unwrap(arguments[0])
    return []


def _unwrap(kind: Any) -> list[Any]:
    """The alternatives of a union, annotations taken off."""
    if get_origin(kind) in (Union, UnionType):
        return [inner for argument in get_args(kind) for inner in _unwrap(argument)]
    if hasattr(kind, "__metadata__"):
        return _unwrap(kind.__origin__)
    return [kind]


def _is_model(kind: Any) -> bool:
    """Whether a type is a pydantic model."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
