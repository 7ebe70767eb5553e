"""All the documents: made, written, and compared with what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.docs import asyncapi, examples, exports, flow, messages, openapi, problems, schemas, states
from deploy.docs.places import EXAMPLES, FOR_PEOPLE, GENERATED, ROOT
from shared.contracts.registry import every_message
from shared.naming import SERVICES


def made() -> dict[Path, str]:
    """The text of every document, by its file."""
    data: dict[Path, Any] = {
        GENERATED / "openapi.json": openapi.joined(),
        **{GENERATED / "openapi" / f"{service}.json": openapi.of_service(service) for service in SERVICES},
        GENERATED / "asyncapi.json": asyncapi.document(),
        GENERATED / "problems.json": [problem._asdict() for problem in problems.problems()],
        **schemas.schemas(),
    }
    return {
        FOR_PEOPLE / "flow.md": flow.markdown(),
        FOR_PEOPLE / "messages.md": messages.markdown(),
        FOR_PEOPLE / "problems.md": problems.markdown(),
        FOR_PEOPLE / "states.md": states.markdown(),
        **exports.exports(),
        **{file: json.dumps(one, ensure_ascii=False, indent=1) + "\n" for file, one in data.items()},
    }


def complaints() -> Iterator[str]:
    """What no generator can mend: `file: what is wrong and what to do`."""
    yield from schemas.changed()
    yield from problems.untranslated()
    wanted = set()
    for _, message in sorted(every_message().items()):
        file = examples.file_of(message)
        wanted.add(file)
        if not file.exists():
            yield f"{shown(file)}: {message.__name__} has no golden example; make one by hand, whole and meaningful"
    for file in sorted(set(EXAMPLES.rglob("*.json")) - wanted):
        yield f"{shown(file)}: nobody can read this example any more, and histories may hold such messages"


def drift() -> list[str]:
    """Every file that is not what the code says; empty when all is well."""
    found = list(complaints())
    wanted = made()
    for file, text in wanted.items():
        if not file.exists():
            found.append(f"{shown(file)}: is missing; write it with python -m deploy.docs")
        elif file.read_text("utf-8") != text:
            found.append(
                f"{shown(file)}: is not what the code says; write it anew with python -m deploy.docs"
            )
    found += [f"{shown(file)}: belongs to nothing" for file in _needless(wanted)]
    return found


def write() -> list[str]:
    """Write what has changed. Returns what is left for a person to mend. Examples and old schemas are never touched."""
    _put(exports.exports())  # first of all: what reads the services needs what they import from there
    wanted = made()
    _put(wanted)
    for file in _needless(wanted):
        file.unlink()
    return list(complaints())


def _put(documents: dict[Path, str]) -> None:
    for file, text in documents.items():
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")


def _needless(wanted: dict[Path, str]) -> list[Path]:
    """Generated files that nothing makes any more. Schemas are not among them: they are for ever."""
    there = [file for file in GENERATED.rglob("*.json") if file.parent.name != "schemas"]
    return sorted(set(there) - set(wanted))


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
