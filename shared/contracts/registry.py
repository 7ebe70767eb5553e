"""Every message there is."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from shared import contracts
from shared.contracts.message import Message


@cache
def every_message() -> dict[tuple[str, str], type[Message]]:
    """All message classes by sender and type, e.g. `("partners", "claim_made.v1")`."""
    found: dict[tuple[str, str], type[Message]] = {}
    for package in pkgutil.iter_modules(contracts.__path__):
        if not package.name.startswith("from_"):
            continue
        path = importlib.import_module(f"{contracts.__name__}.{package.name}")
        for module in pkgutil.iter_modules(path.__path__):
            loaded = importlib.import_module(f"{path.__name__}.{module.name}")
            for value in vars(loaded).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, Message)
                    and value.__module__ == loaded.__name__
                ):
                    found[(value.sender, value.type())] = value
    return found


@cache
def audience(sender: str, type_: str) -> tuple[str, ...]:
    """Who hears a type; nobody if it is not known any more."""
    message = every_message().get((sender, type_))
    return message.heard_by if message else ()


@cache
def heard_by(listener: str) -> dict[str, list[type[Message]]]:
    """What a service hears, by sender."""
    found: dict[str, list[type[Message]]] = {}
    for (sender, _), message in sorted(every_message().items()):
        if listener in message.heard_by:
            found.setdefault(sender, []).append(message)
    return found
