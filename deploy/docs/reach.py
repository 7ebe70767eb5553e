"""What a service's functions can come to: which messages they tell, and how they refuse. Read from the sources.

A function reaches whatever its body names: functions by their imports, methods by their bare name (so a little too
much rather than too little). Nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
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
    given: list[Where] = field(default_factory=list)  # of the calls those that stand in a lambda
    methods: list[str] = field(default_factory=list)
    decides: bool = False  # it returns a Decision

    def members(self, kind: str) -> list[str]:
        """The members of an enumeration that the body names."""
        return [name for where, name in self.calls if where.rpartition(".")[2] == kind]


@cache
def _messages() -> frozenset[str]:
    return frozenset(message.__name__ for message in every_message().values())


class Sources:
    """One service's sources, read as a graph of who names whom; and its table of reactions, row by row."""

    def __init__(self, service: str, root: Path = ROOT) -> None:
        self.functions: dict[Where, Function] = {}
        self.reactions: dict[str, Function] = {}  # by message class: what its row names
        self._methods: dict[str, list[Where]] = {}
        for file in sorted((root / "services" / service).rglob("*.py")):
            module = ".".join(file.relative_to(root).with_suffix("").parts)
            self._read(module, ast.parse(file.read_text("utf-8")), table=module == f"services.{service}.bus")

    def _read(self, module: str, tree: ast.Module, *, table: bool) -> None:
        known: dict[str, Where] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                known |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        known |= {node.name: (module, node.name) for node in tree.body if isinstance(node, _FUNCTIONS)}
        for name, node in _functions(tree):
            self.functions[(module, name)] = _body(node.body, known, node.returns)
            self._methods.setdefault(name.rpartition(".")[2], []).extend(
                [(module, name)] if "." in name else []
            )
        if table:
            self.reactions = {name: _body([row], known) for name, row in _rows(tree, known)}

    def _reached(self, start: Function) -> Iterator[Function]:
        yield start
        seen: set[Where] = set()
        todo = self._next(start)
        while todo:
            where = todo.pop(0)
            if where in seen or where not in self.functions:
                continue
            seen.add(where)
            function = self.functions[where]
            yield function
            todo += self._next(function)

    def _next(self, function: Function) -> list[Where]:
        methods = [where for name in function.methods for where in self._methods.get(name, [])]
        return [*function.calls, *methods]

    def tells(self, start: Function) -> list[str]:
        """Names of the message classes that a function makes, itself or by what it calls."""
        return list(dict.fromkeys(message for one in self._reached(start) for message in one.tells))

    def refuses(self, module: str, name: str) -> set[str]:
        """Names of the classes that a function raises, itself or by what it calls."""
        return {refusal for one in self._reached(self.functions[(module, name)]) for refusal in one.refuses}

    def makes(self) -> set[str]:
        """Names of the message classes that are made anywhere in the service."""
        return {message for function in self.functions.values() for message in function.tells}

    def named(self, by: Function, folder: str) -> list[Where]:
        """The functions of a folder that a body names, in order; those first that decide or are given on to decide."""
        found = [where for where in by.calls if where in self.functions and where[0].split(".")[2] == folder]
        return sorted(found, key=lambda where: not (self.functions[where].decides or where in by.given))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, _FUNCTIONS):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, _FUNCTIONS):
                    yield f"{node.name}.{inner.name}", inner


def _rows(tree: ast.Module, known: dict[str, Where]) -> Iterator[tuple[str, ast.expr]]:
    """`{SaidV1: rule}` and `row(SaidV1, …)`: a table says of each message class what is done."""
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=keys, values=values):
                yield from (
                    (name, value)
                    for key, value in zip(keys, values, strict=True)
                    if (name := _message(key, known))
                )
            case ast.Call(args=[first, *_]) if name := _message(first, known):
                yield name, node


def _message(node: ast.expr | None, known: dict[str, Where]) -> str:
    """The message class that an expression names: `SaidV1`, or `dispatch.SaidV1`; empty if none."""
    match node:
        case ast.Name(id=name) if known.get(name, ("", name))[1] in _messages():
            return known.get(name, ("", name))[1]
        case ast.Attribute(value=ast.Name(id=package), attr=name) if (
            ".from_" in ".".join(known.get(package, ())) and name in _messages()
        ):
            return name
    return ""


def _body(body: Iterable[ast.AST], known: dict[str, Where], returns: ast.expr | None = None) -> Function:
    """What the body names; annotations and decorators are not looked at."""
    found = Function(decides=returns is not None and "Decision" in ast.unparse(returns))
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
                    found.refuses.append(known.get(name, ("", name))[1])
                case ast.Call(func=called) if told := _made(called, known):
                    found.tells.append(told)
                case ast.Name(id=name, ctx=ast.Load()) if name in known:
                    found.calls.append(known[name])
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in known:
                    found.calls.append((".".join(known[name]), attribute))  # of a module that is imported
                    found.methods.append(attribute)
                case ast.Attribute(attr=name):
                    found.methods.append(name)
                case ast.Lambda():
                    found.given += _body([node.body], known).calls
    return found


def _made(called: ast.expr, known: dict[str, Where]) -> str:
    """The message class that a call makes: `SaidV1(…)`, `dispatch.SaidV1(…)`, `SaidV1.of(…)`; empty if none."""
    direct = _message(called, known)
    if direct or not isinstance(called, ast.Attribute):
        return direct
    return _message(called.value, known)
