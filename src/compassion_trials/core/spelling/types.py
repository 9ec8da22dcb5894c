"""What is wrong with the type or size of a value in YAML, in the words of the people who write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from compassion_trials.core.findings import Finding

EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list, such as [a, b]",
    "tuple_type": "a list, such as [a, b]",
    "dict_type": "keys, each with its value",
    "model_type": "keys, each with its value",
    "model_attributes_type": "keys, each with its value",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}
"""Kinds of problems that pydantic knows, and what would have been right."""


def wrong_value(problem: Mapping[str, Any]) -> tuple[str, str]:
    """Message and expectation for a value of the wrong type or size.

    Parameters
    ----------
    problem : mapping
        One of ``pydantic.ValidationError.errors()``.

    Returns
    -------
    message, expected : str
        The words of pydantic, and nothing, for a kind that is not in `EXPECTED`.
    """
    expected = EXPECTED.get(problem["type"], "").format(**problem.get("ctx", {}))
    if problem["input"] is None:
        return "the key has no value", expected
    return ("not a valid value" if expected else str(problem["msg"])), expected


_ALTERNATIVE: Final = re.compile(r"constrained-\w+|str|int|float|bool|function-\w+|.*\[.*\]|[A-Z][a-z]+Column")
"""Parts of a place that name one of several types allowed there, not a key."""


def keys_only(problem: Mapping[str, Any]) -> list[Any]:
    """The keys and positions of the place of a problem, without the types that pydantic tried there."""
    place: Sequence[object] = problem["loc"]
    own = len(place) if problem["type"] in ("extra_forbidden", "missing") else len(place) + 1
    return [
        part
        for n, part in enumerate(place, start=1)
        if n == own or not (isinstance(part, str) and _ALTERNATIVE.fullmatch(part))
    ]


def joined(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about one value of which several types are allowed, as one."""
    by_place: dict[Finding, list[str]] = {}
    for finding in findings:
        by_place.setdefault(replace(finding, expected=""), []).append(finding.expected)
    return [replace(one, expected=" or ".join(filter(None, dict.fromkeys(said)))) for one, said in by_place.items()]
