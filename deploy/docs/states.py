"""docs/states.md: the table of legal moves of each service, drawn."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType

from deploy.docs.comments import above, meanings
from deploy.docs.flow import sources
from deploy.docs.markdown import link, mermaid, table
from deploy.docs.places import ROOT
from deploy.docs.reach import Function
from shared.contracts.registry import heard_by
from shared.naming import SERVICES

_HEAD = """\
<!-- Made by `python -m deploy.docs` from the tables NEXT of the rules. Do not edit. -->
# The states

Each service has one table of legal moves and one place that checks it. A move that is not drawn here is refused as
[`wrong-state`](problems.md#wrong-state), or by a problem that says more.
"""
_SHORT = 12  # states; a larger table is drawn from left to right

Moves = Mapping[StrEnum, frozenset[StrEnum]]


def tables(service: str) -> Iterator[tuple[ModuleType, Moves]]:
    """The modules of a service's rules that hold a table NEXT, with the table."""
    domain = importlib.import_module(f"services.{service}.domain")
    for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        module = importlib.import_module(found.name)
        moves = getattr(module, "NEXT", None)
        if moves is not None and "NEXT: " in inspect.getsource(module):  # here, not imported from elsewhere
            yield module, moves


def markdown() -> str:
    parts = [_HEAD]
    for service in SERVICES:
        for module, moves in tables(service):
            parts += [f"## {service}\n", *_drawn(module, moves)]
    return "\n".join(parts)


def _drawn(module: ModuleType, moves: Moves) -> Iterator[str]:
    kind = type(next(iter(moves)))
    file = ROOT.joinpath(*module.__name__.split(".")).with_suffix(".py")
    about = above(module, "NEXT")
    yield f"{inspect.cleandoc(kind.__doc__ or '')} [`{kind.__name__}`, `NEXT`]({link(file)})\n".lstrip()
    if about:
        yield f"{about}\n"
    first = next(iter(kind))
    lines = ["    direction LR"] if len(moves) > _SHORT else []
    lines.append(f"    [*] --> {first.value}")
    for state in moves:
        lines += [f"    {state.value} --> {to.value}" for to in kind if to in moves[state]]
        if not moves[state]:
            lines.append(f"    {state.value} --> [*]")
    yield mermaid("stateDiagram-v2", lines)
    said, by = meanings(kind), _heard(module.__name__.split(".")[1], kind)
    yield table(
        ["state", "meaning", "may become", *(["comes by hearing"] if by else [])],
        (
            [
                f"`{state.value}`",
                said.get(state.name, ""),
                ", ".join(f"`{to.value}`" for to in kind if to in moves[state]) or "nothing: the end",
                *([", ".join(f"`{name}`" for name in by.get(state.name, ()))] if by else []),
            ]
            for state in kind
        ),
    )


def _heard(service: str, kind: type[StrEnum]) -> dict[str, list[str]]:
    """For each state the messages whose rows in the table of reactions name it."""
    found: dict[str, dict[str, None]] = {}
    for messages in heard_by(service).values():
        for message in messages:
            row = sources(service).reactions.get(message.__name__, Function())
            for name in row.members(kind.__name__):
                found.setdefault(name, {})[message.name] = None
    return {name: sorted(messages) for name, messages in found.items()}
