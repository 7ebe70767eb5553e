"""/docs/messages: everything the services say to one another, from asyncapi.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from deploy.docs.shape import refs
from deploy.gateway.pages.fields import fields, values
from deploy.gateway.pages.html import Child, Html, breakable, link, paragraphs, prose, table, tag

Document = Mapping[str, Any]


def body(document: Document) -> list[Child]:
    messages = document["components"]["messages"]
    senders = list(dict.fromkeys(name.partition(".")[0] for name in messages))
    return [
        tag("h1", "Messages 消息"),
        paragraphs(document["info"]["description"]),
        table(
            ("message", "what it says", "heard by"),
            (
                [
                    link(f"#{name}", tag("code", name)),
                    prose(one["summary"]),
                    ", ".join(_listeners(document, name)),
                ]
                for name, one in messages.items()
            ),
        ),
        _around(document),
        [
            [
                tag("h2", f"From {sender}"),
                [_message(document, name) for name in messages if name.startswith(f"{sender}.")],
            ]
            for sender in senders
        ],
    ]


def _listeners(document: Document, name: str) -> list[str]:
    return [
        key.partition(".")[0]
        for key, operation in document["operations"].items()
        if operation["action"] == "receive" and operation["channel"]["$ref"] == f"#/channels/{name}"
    ]


def _around(document: Document) -> list[Child]:
    """The envelope: taken from the first message, for it is the same in all."""
    schemas = document["components"]["schemas"]
    first = _payload(document, next(iter(document["components"]["messages"])))
    envelope = {
        **first,
        "properties": {key: one for key, one in first["properties"].items() if key != "data"},
    }
    headers = document["components"]["messageTraits"]["cloudevents"]["headers"]
    return [
        tag("h2", "Around every message", id="envelope"),
        fields(envelope, lambda name: f"#{name}"),
        tag("h3", "Speaker", id="Speaker"),
        fields(schemas["Speaker"], lambda name: f"#{name}"),
        tag("h3", "Headers"),
        fields(headers, lambda name: f"#{name}"),
    ]


def _payload(document: Document, name: str) -> Document:
    reference: str = document["components"]["messages"][name]["payload"]["$ref"]
    found: Document = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _message(document: Document, name: str) -> Html:
    message = document["components"]["messages"][name]
    schemas = document["components"]["schemas"]
    data = schemas[refs(_payload(document, name)["properties"]["data"])[0]]
    parts = [part for part in refs(data) if part in schemas]
    example = message["examples"][0] if message["examples"] else None

    def refer(part: str) -> str:
        return f"#{name}.{part}"

    return tag(
        "section",
        tag("h3", name),
        paragraphs(message["summary"]),
        table(
            ("", ""),
            [
                ["said by", name.partition(".")[0]],
                ["heard by", ", ".join(_listeners(document, name)) or "nobody yet"],
                ["subject", tag("code", breakable(document["channels"][name]["address"], "."))],
                ["schema", link(f"/schemas/{name}.json", tag("code", f"{name}.json"))],
            ],
        ),
        fields(data, refer),
        [_part(part, schemas[part], refer) for part in parts],
        _example(example) if example else None,
        id=name,
    )


def _part(name: str, schema: Document, refer: Callable[[str], str]) -> list[Child]:
    return [
        tag("h4", name, id=refer(name)[1:]),
        paragraphs(schema.get("description", "")),
        values(schema),
        fields(schema, refer),
    ]


def _example(example: Document) -> Html:
    headers = "\n".join(f"{key}: {value}" for key, value in example["headers"].items())
    payload = json.dumps(example["payload"], ensure_ascii=False, indent=2)
    return tag(
        "details",
        tag("summary", "Example"),
        tag("pre", tag("code", f"{headers}\n\n{payload}")),
    )
