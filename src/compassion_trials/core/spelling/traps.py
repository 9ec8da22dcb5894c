"""Places where YAML reads something else than a person wrote: 010, 1:20, .nan, braces, nodes that hold themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import yaml

from compassion_trials.core.findings import Finding

MOST_NODES: Final = 200_000
"""Values that a file may hold after its aliases are written out; a plan has a few hundred."""

DEEPEST: Final = 60
"""Levels of nesting that a file may have; a plan has about six."""

_BASE_EIGHT = re.compile(r"[+-]?0[0-7_]+")
_BASE_SIXTY = re.compile(r"[+-]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?")
_OTHER_BASE = re.compile(r"[+-]?0[bx][\da-fA-F_]+")
_NO_NUMBER = re.compile(r"[+-]?\.(inf|nan)", re.IGNORECASE)


def traps(root: yaml.Node, file: str) -> list[Finding]:
    """Everything in a file that YAML reads in a surprising way; nothing is built of it before.

    Parameters
    ----------
    root : yaml.Node
        The composed document.
    file : str
        Name for the findings.

    Returns
    -------
    list of Finding
        Errors, each with its line and how to write what was meant.
    """
    if circle := _circle(root, file):
        return [circle]
    return list(dict.fromkeys(_traps(root, file)))


def _circle(root: yaml.Node, file: str) -> Finding | None:
    """An error for a value that holds itself, or for aliases that stand for more values than any plan has."""
    open_nodes: set[int] = set()
    count = 0
    stack: list[tuple[yaml.Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            open_nodes.discard(id(node))
            continue
        count += 1
        if id(node) in open_nodes or count > MOST_NODES or len(open_nodes) > DEEPEST:
            message = "a value holds itself" if id(node) in open_nodes else "too many values, or nested too deeply"
            advice = "write the values out instead of & and *"
            return Finding("error", "yaml_circle", message, file, node.start_mark.line + 1, advice=advice)
        if isinstance(node, yaml.CollectionNode):
            open_nodes.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in _children(node)]
    return None


def _children(node: yaml.Node) -> list[yaml.Node]:
    """Nodes inside a mapping or a list."""
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value)


def _traps(node: yaml.Node, file: str) -> Iterator[Finding]:
    """Findings of a node and everything inside."""
    if isinstance(node, yaml.ScalarNode):
        yield from _scalar(node, file)
        return
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                message = "braces or brackets stand where a key is expected"
                advice = 'put quotation marks around text with braces: "{...}"'
                yield Finding("error", "yaml_braces", message, file, key.start_mark.line + 1, advice=advice)
                return
            if key.tag == "tag:yaml.org,2002:null":
                message = "YAML reads this key as nothing"
                advice = 'write "" for a blank cell, or quotation marks around a word'
                yield Finding(
                    "error", "yaml_null", message, file, key.start_mark.line + 1, "", value=key.value, advice=advice
                )
    for child in _children(node):
        yield from _traps(child, file)


def _scalar(node: yaml.ScalarNode, file: str) -> Iterator[Finding]:
    """An error for a plain word that YAML takes for a number other than the one that stands there."""
    text = node.value
    number = not node.style and node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    if not number:
        return
    quoted = f'"{text}" in quotation marks if it is a word or a code'
    if _BASE_SIXTY.fullmatch(text):
        what, advice = "YAML reads this as a number to the base of sixty", f"write {quoted}"
    elif _BASE_EIGHT.fullmatch(text):
        plain = text.lstrip("+0_") or "0"
        what, advice = "YAML reads a number with a leading zero to the base of eight", f"write {quoted}, or {plain}"
    elif _OTHER_BASE.fullmatch(text):
        what, advice = "YAML reads this as a number to another base", f"write {quoted}"
    elif "_" in text:
        what, advice = "YAML leaves the underscore out and reads a number", f"write {quoted}"
    elif _NO_NUMBER.fullmatch(text):
        what, advice = "this is not a number that can be used", "write a number"
    else:
        return
    yield Finding("error", "yaml_number", what, file, node.start_mark.line + 1, "", value=text, advice=advice)
