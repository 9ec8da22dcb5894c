"""Reading YAML that people write: every problem as one finding with the nearest valid word."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding

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


def _mapping(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
    """A mapping whose keys occur once."""
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f'key "{key}" occurs twice', problem_mark=key_node.start_mark)
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep)


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
        File missing, not UTF-8, or not YAML; names the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        absent = missing or Finding("error", "file_missing", "the file does not exist", path.as_posix())
        raise InputError([absent]) from None
    except UnicodeDecodeError:
        raise InputError(
            [Finding("error", "plan_encoding", "the file is not UTF-8", path.name, advice="save it as UTF-8")]
        ) from None
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
    except yaml.YAMLError as error:
        raise InputError([Finding("error", "yaml_syntax", f"not valid YAML: {error}", path.name)]) from None


def validate(model: type[_Model], content: Any, file: str) -> _Model:
    """Validate content against a model; problems become findings.

    Parameters
    ----------
    model : type of pydantic.BaseModel
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
        raise InputError([_finding(problem, model, file) for problem in _own(error.errors())]) from None


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
    location = [part for part in problem["loc"] if part != "[key]"]
    key = ".".join(str(part) for part in location)
    found = "" if isinstance(problem["input"], dict | list | tuple | BaseModel) else str(problem["input"])
    kind = problem["type"]
    if kind == "extra_forbidden":
        valid = sorted(_fields_at(model, location[:-1]))
        return Finding(
            "error",
            "unknown_key",
            f'unknown key "{location[-1]}"',
            file,
            None,
            key,
            "",
            "",
            nearest(str(location[-1]), valid),
        )
    if kind == "missing":
        return Finding("error", "missing_key", f'key "{location[-1]}" is missing', file, None, key, advice="add it")
    if kind == "literal_error":
        valid = [word.strip("' ") for word in problem["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return Finding("error", "invalid_value", "not a valid word", file, None, key, found, "", nearest(found, valid))
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
            found,
        )
    return Finding("error", "invalid_value", problem["msg"], file, None, key, found)


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
