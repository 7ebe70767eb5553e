"""docs/messages.md: every message with its fields, who says it, when, and who hears it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from deploy.docs import envelope, examples, schemas
from deploy.docs.asyncapi import key
from deploy.docs.flow import HEARD, causes, told_by
from deploy.docs.markdown import link, table
from deploy.docs.places import ROOT
from deploy.docs.shape import plain
from shared.contracts.message import Message
from shared.contracts.registry import every_message
from shared.naming import SERVICES

_HEAD = """\
<!-- Made by `python -m deploy.docs` from shared/contracts. Do not edit. -->
# What is said between the services

A message is a versioned class in `shared/contracts/from_<sender>/`. Once released it never changes; a different shape
is a new version. Writers are strict, readers ignore what they do not know. No message carries personal data: texts are
masked by their type. Money is in fen, times are in UTC. Who says what when: [flow.md](flow.md).

Subject: `<sender>.<name>.v<n>.<jurisdiction>.<shard>`, the shard being the last two hex digits of the order id.

## Around every message
"""


def markdown() -> str:
    messages = [message for _, message in sorted(every_message().items())]
    about = envelope.schema(messages[0])
    parts = [
        _HEAD,
        table(["field of the body", "type", "meaning"], _fields(about)),
        "\n`by` is `{role, id}`. Headers (CloudEvents 1.0, and two of ours):\n",
        table(
            ["header", "meaning"],
            (
                [
                    f"`{name}`",
                    str(shape.get("description", f"`{shape.get('const', '')}`" if "const" in shape else "")),
                ]
                for name, shape in envelope.HEADERS["properties"].items()
            ),
        ),
        "\n## All of them\n",
        table(
            ["message", "what it says", "who hears it"],
            (
                [f"[`{key(message)}`](#{_anchor(message)})", _sentence(message), ", ".join(message.heard_by)]
                for message in messages
            ),
        ),
    ]
    for sender in SERVICES:
        parts.append(f"\n## From {sender}\n")
        parts += [_section(message) for message in messages if message.sender == sender]
    return "\n".join(parts)


def _section(message: type[Message]) -> str:
    schema = envelope.schema(message)
    own = schema["$defs"].pop(message.__name__)
    when = [f"[`{cause.name}`]({link(cause.file)})" for cause in told_by(message)]
    heard = [
        f"{listener} ([`{reaction.name}`]({link(reaction.file)}))"
        for listener in message.heard_by
        for reaction in causes(listener)
        if reaction.kind == HEARD and reaction.name == f"on_{message.name}"
    ]
    lines = [
        f"### {key(message)}\n",
        f"{inspect.cleandoc(message.__doc__ or '')}\n",
        f"- said by {message.sender}, when: {', '.join(when) or 'no more; histories may hold it'}",
        f"- heard by {', '.join(heard) or 'nobody yet'}",
        f"- [contract]({link(_contract(message))}), [schema]({link(schemas.file_of(message))}), "
        f"[example]({link(examples.file_of(message))})\n",
        table(["field of `data`", "type", "meaning"], _fields(own)),
    ]
    for name, part in schema["$defs"].items():
        if name != "Speaker":
            lines += [
                f"`{name}`: {part.get('description', '')}\n",
                table(["field", "type", "meaning"], _fields(part)),
            ]
    return "\n".join(lines)


def _fields(schema: dict[str, Any]) -> Iterator[list[str]]:
    required = schema.get("required", ())
    for name, shape in schema.get("properties", {}).items():
        if name == "data":
            continue
        said = plain(shape)
        if name not in required and not said.endswith("nothing"):
            said += ", may be left out"
        yield [f"`{name}`", said, str(shape.get("description", ""))]


def _sentence(message: type[Message]) -> str:
    return inspect.cleandoc(message.__doc__ or "").partition("\n")[0]


def _anchor(message: type[Message]) -> str:
    """As GitHub makes it of the heading."""
    return key(message).replace(".", "")


def _contract(message: type[Message]) -> Any:
    return ROOT.joinpath(*message.__module__.split(".")).with_suffix(".py")
