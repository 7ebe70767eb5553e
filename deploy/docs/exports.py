"""shared/contracts/from_<sender>/__init__.py: the import point of all that a sender says."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from deploy.docs.places import ROOT
from shared.contracts.registry import every_message
from shared.naming import SERVICES

_WIDEST = 110  # characters of a line, as the formatter wants it


def exports() -> dict[Path, str]:
    """By file: its own docstring, and every message class of the folder."""
    return {_file(sender): _text(sender) for sender in SERVICES}


def _file(sender: str) -> Path:
    return ROOT / "shared" / "contracts" / f"from_{sender}" / "__init__.py"


def _text(sender: str) -> str:
    says = inspect.getdoc(importlib.import_module(f"shared.contracts.from_{sender}"))
    ours = sorted(
        (message.__module__, message.__name__)
        for message in every_message().values()
        if message.sender == sender
    )
    return "\n".join([f'"""{says}"""\n', *(_line(*one) for one in ours), ""])


def _line(module: str, name: str) -> str:
    line = f"from {module} import {name} as {name}"  # `as` says that it is meant to be imported from here
    return line if len(line) <= _WIDEST else f"from {module} import (\n    {name} as {name},\n)"
