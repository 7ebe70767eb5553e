"""The exported JSON Schema of every message. What was exported once never changes its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.docs.asyncapi import key
from deploy.docs.envelope import schema, shape_of
from deploy.docs.places import GENERATED
from shared.contracts.message import Message
from shared.contracts.registry import every_message

_FOLDER = GENERATED / "schemas"


def file_of(message: type[Message]) -> Path:
    return _FOLDER / f"{key(message)}.json"


def schemas() -> dict[Path, dict[str, Any]]:
    """By file. Of a message that changed after it was exported: the schema that was exported, not the new one."""
    found: dict[Path, dict[str, Any]] = {}
    for _, message in sorted(every_message().items()):
        file = file_of(message)
        made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema(message)}
        found[file] = _exported(file) if _has_changed(file, made) else made
    return found


def changed() -> Iterator[str]:
    """What must not be: a released message of another shape, or one that is gone."""
    wanted = set()
    for _, message in sorted(every_message().items()):
        file = file_of(message)
        wanted.add(file)
        if _has_changed(file, schema(message)):
            yield (
                f"{_shown(file)}: {message.__name__} is not what was exported. A released message never changes: "
                f"leave it and write V{message.version + 1}. (If it was never released, delete this file first.)"
            )
    for file in sorted(set(_FOLDER.glob("*.json")) - wanted):
        yield f"{_shown(file)}: the class of this message is gone, and histories may hold it"


def _has_changed(file: Path, made: dict[str, Any]) -> bool:
    return file.exists() and shape_of(_exported(file)) != shape_of(
        {**made, "$schema": _exported(file).get("$schema")}
    )


def _exported(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _shown(file: Path) -> str:
    return file.relative_to(GENERATED.parents[2]).as_posix()
