"""AsyncAPI 3 of all messages: FastStream's document of one broker on which every message is declared, with what it
cannot know: the headers, the parts of the subject, who listens, and an example.
"""

from __future__ import annotations

import inspect
from typing import Any

from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI

from deploy.docs import envelope
from deploy.docs.examples import example
from shared.contracts.message import Message
from shared.contracts.registry import every_message

_PARAMETERS = {
    "jurisdiction": {"description": "code of the district, e.g. 370203"},
    "shard": {"description": "the last two hex digits of the order id: 00 to ff"},
}
_ABOUT = (
    "Everything the four services say to one another, over NATS JetStream. Messages are delivered at least once and "
    "applied exactly once, in order for each order: `n` is the number in the sender's history, `after` says for each "
    "listener which message it must have applied before. A published version never changes; readers ignore fields "
    "that they do not know."
)


def key(message: type[Message]) -> str:
    """What a message is called all over the documents: `partners.claim_made.v1`."""
    return f"{message.sender}.{message.type()}"


def document() -> dict[str, Any]:
    """The whole document, always in the same order."""
    messages = [message for _, message in sorted(every_message().items())]
    broker = NatsBroker("nats://nats:4222", description="JetStream: one stream for each sender")
    for message in messages:
        broker.publisher(
            f"{message.sender}.{message.name}.v{message.version}.{{jurisdiction}}.{{shard}}",
            title=key(message),
            description=_about(message),
            schema=envelope.whole(message),
        )
    made = (
        AsyncAPI(broker, title="Hehuo: messages", version="1", description=_ABOUT)
        .to_specification()
        .to_jsonable()
    )
    assert isinstance(made, dict)
    made["servers"] = {"bus": {"host": "nats:4222", "protocol": "nats", "description": "NATS with JetStream"}}
    made["components"] = {
        "messages": {},
        "messageTraits": {"cloudevents": {"headers": envelope.HEADERS}},
        "schemas": {},
    }
    for message in messages:
        _complete(made, message)
    for part in ("channels", "operations"):  # FastStream keeps them in a set
        made[part] = dict(sorted(made[part].items()))
    return {"asyncapi": made.pop("asyncapi"), **made}


def _about(message: type[Message]) -> str:
    return inspect.cleandoc(message.__doc__ or "")


def _complete(made: dict[str, Any], message: type[Message]) -> None:
    name = key(message)
    channel = made["channels"][name]
    channel.pop("bindings", None)  # FastStream's say the address once more
    channel |= {
        "title": name,
        "servers": [{"$ref": "#/servers/bus"}],
        "parameters": _PARAMETERS,
        "messages": {message.name: {"$ref": f"#/components/messages/{name}"}},
    }
    said = envelope.schema(message)
    parts = said.pop("$defs", {})
    for part, body in [(said["title"], said), *parts.items()]:
        known = made["components"]["schemas"].setdefault(part, _pointed(body))
        assert known == _pointed(body), f"two different parts of messages are called {part}"
    shown = example(message)
    made["components"]["messages"][name] = {
        "name": message.type(),
        "title": name,
        "summary": _about(message),
        "contentType": "application/json",
        "tags": [{"name": message.sender}],
        "traits": [{"$ref": "#/components/messageTraits/cloudevents"}],
        "payload": {"$ref": f"#/components/schemas/{said['title']}"},
        "examples": [{"headers": shown["headers"], "payload": shown["body"]}] if shown else [],
    }
    references = [{"$ref": f"#/channels/{name}/messages/{message.name}"}]
    made["operations"][name] |= {"title": f"{message.sender} says {message.name}", "messages": references}
    made["operations"][name].pop("bindings", None)
    for listener in message.heard_by:
        made["operations"][f"{listener}.hears.{name}"] = {
            "action": "receive",
            "title": f"{listener} hears {message.name}",
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": references,
            "tags": [{"name": listener}],
        }


def _pointed(schema: Any) -> Any:
    """References inside one schema, made to point into the document."""
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _pointed(value)
            for key, value in schema.items()
        }
    return [_pointed(one) for one in schema] if isinstance(schema, list) else schema
