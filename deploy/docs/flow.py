"""docs/flow.md: what leads to which message, and who hears it. Read from file names and from the rules themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from deploy.docs.markdown import link, mermaid, table
from deploy.docs.places import ROOT
from deploy.docs.reach import Sources
from shared.contracts.message import Message
from shared.contracts.registry import every_message, heard_by
from shared.naming import SERVICES

PEOPLE, MESSAGES, TIME = "people", "messages", "time"


class Cause(NamedTuple):
    """Something that makes a service act: a use case, a message heard, or time."""

    service: str
    kind: str
    name: str  # claim_call, on_claim_made, clock
    file: Path
    says: str  # the first line of its file
    routes: tuple[str, ...]
    tells: tuple[type[Message], ...]


def causes(service: str) -> list[Cause]:
    """Everything that makes a service act, in the order of the tree."""
    found: list[Cause] = []
    for kind, folder in ((PEOPLE, "commands"), (MESSAGES, "reactions")):
        files = sorted((ROOT / "services" / service / folder).glob("*.py"))
        found += [_cause(service, kind, file, file.stem) for file in files if file.stem != "__init__"]
    clock = _cause(service, TIME, ROOT / "services" / service / "clock.py", "strike")
    return [*found, clock._replace(name="clock")]


def told_by(message: type[Message]) -> list[Cause]:
    """What makes its sender say a message."""
    return [cause for cause in causes(message.sender) if message in cause.tells]


@cache
def sources(service: str) -> Sources:
    return Sources(service)


def _cause(service: str, kind: str, file: Path, function: str) -> Cause:
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    ours = {message.__name__: message for message in every_message().values() if message.sender == service}
    tells = sources(service).tells(module, function)
    return Cause(
        service=service,
        kind=kind,
        name=file.stem,
        file=file,
        says=(ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0],
        routes=tuple(_routes(service, (module, function))) if kind == PEOPLE else (),
        tells=tuple(ours[name] for name in tells if name in ours),
    )


def _routes(service: str, command: tuple[str, str]) -> Iterator[str]:
    for method, path, endpoint in endpoints(service):
        if command in sources(service).functions[endpoint].calls:
            yield f"{method} {path}"


@cache
def endpoints(service: str) -> list[tuple[str, str, tuple[str, str]]]:
    """Method, whole path, and the function that answers, of every route."""
    api = importlib.import_module(f"services.{service}.api")
    return [
        (method, route.path, (route.endpoint.__module__, route.endpoint.__name__))
        for route in api.router.routes
        for method in sorted(route.methods)
    ]


# ── as Markdown ────────────────────────────────────────────────────────────────────────────────────────────────────

_HEAD = """\
<!-- Made by `python -m deploy.docs` from the file names and the rules. Do not edit. -->
# The flow

`commands/` is what people ask, `reactions/on_x` is what a service does when it hears x, a clock is what time does. Each
of them may say something; the contracts say who hears it. Fields and examples: [messages.md](messages.md).

## The four lists
"""


def markdown() -> str:
    parts = [_HEAD, _overview()]
    for service in SERVICES:
        says = (inspect.getdoc(importlib.import_module(f"services.{service}")) or "").partition("\n")[0]
        parts += [f"## {service}\n\n{says}\n", _diagram(service), _table(service), _listening(service)]
    return "\n".join(parts)


def _overview() -> str:
    """Who says what to whom: the names where they are few, their number where they are many."""
    pairs: dict[tuple[str, str], dict[str, None]] = {}  # names in order; one that has two versions once
    for _, message in sorted(every_message().items()):
        for listener in message.heard_by:
            pairs.setdefault((message.sender, listener), {})[message.name] = None
    lines = [f"    {service}([{service}])" for service in SERVICES]
    for (sender, listener), names in sorted(pairs.items()):
        label = "<br/>".join(names) if len(names) <= 5 else f"{len(names)} messages"
        lines.append(f'    {sender} -->|"{label}"| {listener}')
    who = table(
        ["", *(f"to {listener}" for listener in SERVICES)],
        (
            [f"**{sender}** says", *(_listed(pairs.get((sender, listener), ())) for listener in SERVICES)]
            for sender in SERVICES
        ),
    )
    return mermaid("flowchart LR", lines) + "\n" + who


def _diagram(service: str) -> str:
    told = [cause for cause in causes(service) if cause.tells]
    shapes = {PEOPLE: '["{}"]', MESSAGES: '[/"{}"/]', TIME: '(("{}"))'}
    lines = [f"    {cause.name}{shapes[cause.kind].format(cause.name)}" for cause in told]
    lines += [f"    {cause.name} --> {message.name}" for cause in told for message in cause.tells]
    for message in dict.fromkeys(message for cause in told for message in cause.tells):
        listeners = ", ".join(message.heard_by) or "nobody yet"
        lines.append(f'    {message.name}(["{message.name}<br/>→ {listeners}"])')
    return mermaid("flowchart LR", lines)


def _table(service: str) -> str:
    kinds = {PEOPLE: "is asked", MESSAGES: "hears", TIME: "when it is time"}
    rows = []
    for cause in causes(service):
        if not cause.tells and cause.kind != PEOPLE:
            continue
        asked = "".join(f"<br/>`{route}`" for route in cause.routes)
        says = f"<br/>{cause.says}" if cause.kind != MESSAGES else ""
        heard = [
            f"{_linked(message)} → {', '.join(message.heard_by) or 'nobody yet'}" for message in cause.tells
        ]
        rows.append(
            [
                kinds[cause.kind],
                f"[`{cause.name}`]({link(cause.file)}){asked}{says}",
                "<br/>".join(heard) or "nothing",
            ]
        )
    return table(["", "does", "and says → who hears it"], rows)


def _listening(service: str) -> str:
    silent = [cause for cause in causes(service) if cause.kind == MESSAGES and not cause.tells]
    heard = [f"{sender} ({len(messages)})" for sender, messages in heard_by(service).items()]
    lines = [f"Hears from {', '.join(heard)}."] if heard else ["Hears nobody."]
    if silent:
        lines.append(
            "Only notes: " + ", ".join(f"[`{cause.name}`]({link(cause.file)})" for cause in silent) + "."
        )
    return "\n".join(lines) + "\n"


def _linked(message: type[Message]) -> str:
    return f"[`{message.name}`](messages.md#{message.sender}{message.type().replace('.', '')})"


def _listed(names: Iterable[str]) -> str:
    return "<br/>".join(f"`{name}`" for name in names)
