"""docs/flow.md: what leads to which message, and who hears it. Read from routes, rules and tables of reactions."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from deploy.docs.markdown import link, mermaid, table
from deploy.docs.places import ROOT
from deploy.docs.reach import Function, Sources, Where
from shared.contracts.message import Message
from shared.contracts.registry import every_message, heard_by
from shared.naming import SERVICES

ASKED, HEARD, TIME = "is asked", "hears", "when it is time"


class Cause(NamedTuple):
    """Something that makes a service act: what people ask, a message heard, or time."""

    service: str
    kind: str
    name: str  # claim_call, on_claim_made, clock
    does: Where  # the function that decides: a rule or a command; or else the route, the table or the clock itself
    says: str  # one sentence
    routes: tuple[str, ...]
    tells: tuple[type[Message], ...]

    @property
    def file(self) -> Path:
        return ROOT.joinpath(*self.does[0].split(".")).with_suffix(".py")


def causes(service: str) -> list[Cause]:
    """Everything that makes a service act: what people ask, what it hears, time; each by name."""
    clock = (f"services.{service}.clock", "strike")
    told = _told(service, sources(service).functions[clock])
    return [*_asked(service), *_heard(service), Cause(service, TIME, "clock", clock, _doc(clock), (), told)]


def told_by(message: type[Message]) -> list[Cause]:
    """What makes its sender say a message."""
    return [cause for cause in causes(message.sender) if message in cause.tells]


@cache
def sources(service: str) -> Sources:
    return Sources(service)


def _asked(service: str) -> list[Cause]:
    """Every route that changes something or leads to a message, by what decides it: a rule, a command, or the route."""
    found: dict[Where, Cause] = {}
    for method, path, endpoint in endpoints(service):
        it = sources(service).functions[endpoint]
        told = _told(service, it)
        if method == "GET" and not told:
            continue
        does = next(iter([*_rules(service, it), *sources(service).named(it, "commands")]), endpoint)
        before = found.get(does)
        found[does] = Cause(
            service=service,
            kind=ASKED,
            name=does[1],
            does=does,
            says=before.says if before else _doc(does if ".commands." in does[0] else endpoint),
            routes=(*(before.routes if before else ()), f"{method} {path}"),
            tells=tuple(dict.fromkeys([*(before.tells if before else ()), *told])),
        )
    names = Counter(cause.name for cause in found.values())
    told_apart = (
        cause._replace(name=f"{cause.file.stem}.{cause.name}") if names[cause.name] > 1 else cause
        for cause in found.values()
    )
    return sorted(told_apart, key=lambda cause: cause.name)


def _heard(service: str) -> list[Cause]:
    """Every message that is heard, by its rows in the table of reactions; its versions are one cause."""
    rows: dict[str, list[Function]] = {}
    for messages in heard_by(service).values():
        for message in messages:
            if (row := sources(service).reactions.get(message.__name__)) is not None:
                rows.setdefault(message.name, []).append(row)
    table = (f"services.{service}.bus", "")  # where a row names no rule, it says all there is to say
    return [
        Cause(
            service=service,
            kind=HEARD,
            name=f"on_{name}",
            does=next((rule for row in some for rule in _rules(service, row)), table),
            says="",
            routes=(),
            tells=tuple(dict.fromkeys(told for row in some for told in _told(service, row))),
        )
        for name, some in sorted(rows.items())
    ]


def _rules(service: str, function: Function) -> list[Where]:
    """The rules that a route or a row of the table names."""
    read = sources(service)
    return [
        rule
        for rule in read.named(function, "domain")
        if read.functions[rule].decides or rule in function.given
    ]


def _told(service: str, function: Function) -> tuple[type[Message], ...]:
    ours = {message.__name__: message for message in every_message().values() if message.sender == service}
    return tuple(ours[name] for name in sources(service).tells(function) if name in ours)


def _doc(where: Where) -> str:
    """The first line of what a route says of itself; of a command or a clock, what its file says."""
    module = importlib.import_module(where[0])
    said = getattr(module, where[1]) if ".api" in where[0] else module
    return (inspect.getdoc(said) or "").partition("\n")[0]


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
<!-- Made by `python -m deploy.docs` from the routes, the rules and the tables of reactions. Do not edit. -->
# The flow

What people ask comes by a route; what is done when a message is heard stands in the table of `bus.py`; a clock is what
time does. Each of them may say something, and the contracts say who hears it. What decides gives its name: a rule, or a
command where a use case is more than one rule. Fields and examples: [messages.md](messages.md).

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
    shapes = {ASKED: '["{}"]', HEARD: '[/"{}"/]', TIME: '(("{}"))'}
    lines = [f"    {_node(cause)}{shapes[cause.kind].format(cause.name)}" for cause in told]
    lines += [f"    {_node(cause)} --> {message.name}" for cause in told for message in cause.tells]
    for message in dict.fromkeys(message for cause in told for message in cause.tells):
        listeners = ", ".join(message.heard_by) or "nobody yet"
        lines.append(f'    {message.name}(["{message.name}<br/>→ {listeners}"])')
    return mermaid("flowchart LR", lines)


def _node(cause: Cause) -> str:
    """A name that is neither a word of the diagram's language nor a message's."""
    return f"by_{cause.name.replace('.', '_')}"


def _table(service: str) -> str:
    rows = []
    for cause in causes(service):
        if not cause.tells and cause.kind != ASKED:
            continue
        asked = "".join(f"<br/>`{route}`" for route in cause.routes)
        says = f"<br/>{cause.says}" if cause.says else f" by `{cause.does[1]}`"
        heard = [
            f"{_linked(message)} → {', '.join(message.heard_by) or 'nobody yet'}" for message in cause.tells
        ]
        rows.append(
            [
                cause.kind,
                f"[`{cause.name}`]({link(cause.file)}){asked}{says}",
                "<br/>".join(heard) or "nothing",
            ]
        )
    return table(["", "does", "and says → who hears it"], rows)


def _listening(service: str) -> str:
    silent = [cause for cause in causes(service) if cause.kind == HEARD and not cause.tells]
    heard = [f"{sender} ({len(messages)})" for sender, messages in heard_by(service).items()]
    lines = [f"Hears from {', '.join(heard)}."] if heard else ["Hears nobody."]
    for file in dict.fromkeys(cause.file for cause in silent):
        some = [cause for cause in silent if cause.file == file]
        names = (f"`{one.name}`" + (f" (`{one.does[1]}`)" if one.does[1] else "") for one in some)
        lines.append(f"Only noted, by [`{file.name}`]({link(file)}): {', '.join(names)}.")
    return "\n\n".join(lines) + "\n"


def _linked(message: type[Message]) -> str:
    return f"[`{message.name}`](messages.md#{message.sender}{message.type().replace('.', '')})"


def _listed(names: Iterable[str]) -> str:
    return "<br/>".join(f"`{name}`" for name in names)
