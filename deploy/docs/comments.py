"""What comments say about the fields of a class and the members of an enumeration: they are their meaning."""

from __future__ import annotations

import ast
import inspect
import io
import sys
import tokenize
from functools import cache
from typing import Any


def meanings(kind: type[Any]) -> dict[str, str]:
    """By field or member, inherited ones too: the comment at the end of its line, or else the ones right above it."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        module = sys.modules.get(base.__module__)
        if module is not None and base.__module__.partition(".")[0] in ("services", "shared", "deploy"):
            found |= _of_classes(inspect.getsource(module)).get(base.__qualname__, {})
    return found


def above(module: Any, name: str) -> str:
    """The comment above a name that a module assigns; empty if there is none."""
    source = inspect.getsource(module)
    comments, code = _comments(source)
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return _above(node.lineno, comments, code)
    return ""


@cache
def _of_classes(source: str) -> dict[str, dict[str, str]]:
    comments, code = _comments(source)
    found: dict[str, dict[str, str]] = {}

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                name = f"{prefix}{node.name}"
                found[name] = {
                    field: said
                    for statement in node.body
                    for field in _assigned(statement)
                    if (said := _said(statement, comments, code))
                }
                walk(node.body, f"{name}.")

    walk(ast.parse(source).body, "")
    return found


def _assigned(node: ast.stmt) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _comments(source: str) -> tuple[dict[int, str], frozenset[int]]:
    """Comments by line, and the lines that hold code as well."""
    comments: dict[int, str] = {}
    code: set[int] = set()
    empty = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string.lstrip("# ").strip()
        elif token.type not in empty:
            code.update(range(token.start[0], token.end[0] + 1))
    return comments, frozenset(code)


def _said(node: ast.stmt, comments: dict[int, str], code: frozenset[int]) -> str:
    last = node.end_lineno or node.lineno
    trailing = " ".join(comments[line] for line in range(node.lineno, last + 1) if line in comments)
    return trailing or _above(node.lineno, comments, code)


def _above(line: int, comments: dict[int, str], code: frozenset[int]) -> str:
    lines: list[str] = []
    line -= 1
    while line in comments and line not in code:
        lines.insert(0, comments[line])
        line -= 1
    return " ".join(lines)
