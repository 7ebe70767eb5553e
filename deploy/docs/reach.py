"""What a service's functions can come to: which messages they tell, and how they refuse. Read from the sources.

A function reaches whatever its body names: functions by their imports, methods by their bare name (so a little too
much rather than too little). Nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deploy.docs.places import ROOT
from shared.contracts.registry import every_message

Where = tuple[str, str]  # module, and name in it: "claim", "Call.moved"


@dataclass(slots=True)
class Function:
    """What one body names."""

    tells: list[str] = field(default_factory=list)  # message classes, in order
    refuses: list[str] = field(default_factory=list)  # names of what is raised
    calls: list[Where] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)


@cache
def _messages() -> frozenset[str]:
    return frozenset(message.__name__ for message in every_message().values())


class Sources:
    """One service's sources, read as a graph of who names whom."""

    def __init__(self, service: str, root: Path = ROOT) -> None:
        self.functions: dict[Where, Function] = {}
        self._methods: dict[str, list[Where]] = {}
        for file in sorted((root / "services" / service).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            self._read(".".join(parts), ast.parse(file.read_text("utf-8")))

    def _read(self, module: str, tree: ast.Module) -> None:
        known: dict[str, Where] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                known |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        known |= {node.name: (module, node.name) for node in tree.body if isinstance(node, _FUNCTIONS)}
        for name, node in _functions(tree):
            self.functions[(module, name)] = _body(node, known)
            self._methods.setdefault(name.rpartition(".")[2], []).extend(
                [(module, name)] if "." in name else []
            )

    def _reached(self, start: Where) -> Iterator[Function]:
        seen: set[Where] = set()
        todo = [start]
        while todo:
            where = todo.pop(0)
            if where in seen or where not in self.functions:
                continue
            seen.add(where)
            function = self.functions[where]
            yield function
            todo += function.calls
            for name in function.methods:
                todo += self._methods.get(name, [])

    def tells(self, module: str, name: str) -> list[str]:
        """Names of the message classes that a function makes, itself or by what it calls."""
        found = [message for function in self._reached((module, name)) for message in function.tells]
        return list(dict.fromkeys(found))

    def refuses(self, module: str, name: str) -> set[str]:
        """Names of the classes that a function raises, itself or by what it calls."""
        return {refusal for function in self._reached((module, name)) for refusal in function.refuses}

    def makes(self) -> set[str]:
        """Names of the message classes that are made anywhere in the service."""
        return {message for function in self.functions.values() for message in function.tells}


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, _FUNCTIONS):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, _FUNCTIONS):
                    yield f"{node.name}.{inner.name}", inner


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef, known: dict[str, Where]) -> Function:
    """What the body names; annotations and decorators are not looked at."""
    found = Function()
    for statement in function.body:
        for node in ast.walk(statement):
            match node:
                case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
                    found.refuses.append(known.get(name, ("", name))[1])
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name))) if (
                    known.get(name, ("", name))[1] in _messages()
                ):
                    found.tells.append(known.get(name, ("", name))[1])
                case ast.Name(id=name, ctx=ast.Load()) if name in known:
                    found.calls.append(known[name])
                case ast.Attribute(attr=name):
                    found.methods.append(name)
    return found
