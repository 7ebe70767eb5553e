"""The golden examples: one whole message, made by hand, for each version there ever was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deploy.docs.places import EXAMPLES
from shared.contracts.message import Message


def file_of(message: type[Message]) -> Path:
    return EXAMPLES / message.sender / f"{message.type()}.json"


def example(message: type[Message]) -> dict[str, Any] | None:
    """`{"subject": …, "headers": {…}, "body": {…}}`, or None as long as nobody made one."""
    file = file_of(message)
    if not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found
