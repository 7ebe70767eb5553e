"""The whole message as it goes over the bus: what every message has around its own fields, and its headers.

tests/contract holds this against what the relay really tells.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema

from deploy.docs.comments import meanings
from deploy.docs.words import meaning
from shared.contracts.message import Message


class Speaker(BaseModel):
    """Who did it: never more than a role and an id."""

    role: str  # of the token, or `system` for what time and other lists do
    id: str


class Envelope(BaseModel):
    """What every message has around its own fields."""

    order_id: UUID  # the order it is about: the same id in all four lists
    # for each listener the number of the last message before this one that it hears; 0: none
    after: dict[str, Annotated[int, Field(ge=0)]]
    n: Annotated[int, Field(ge=1)]  # its number in the sender's history of this order
    at: datetime  # when it happened, by the sender's database, in UTC
    by: Speaker  # who did it
    cause: str  # what led to it: `request:…`, `clock:…`, or the message `<service>:<n>` of the same order


HEADERS: dict[str, Any] = {
    "type": "object",
    "required": [
        "Nats-Msg-Id", "ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time", "content-type",
        "hehuo-n", "traceparent",
    ],
    "properties": {
        "Nats-Msg-Id": {
            "type": "string",
            "description": "the same as ce-id, by which the stream drops doubles; with a suffix when it is told again",
        },
        "ce-specversion": {"const": "1.0", "description": "CloudEvents 1.0"},
        "ce-id": {"type": "string", "description": "`<service>:<order id>:<n>`"},
        "ce-source": {"type": "string", "description": "the service that says it: `/partners`"},
        "ce-type": {"type": "string", "description": "name and version: `claim_made.v1`"},
        "ce-subject": {
            "type": "string",
            "format": "uuid",
            "description": "the order: known even if nobody can read the body",
        },
        "ce-time": {"type": "string", "format": "date-time", "description": "the same as `at` in the body"},
        "content-type": {"const": "application/json"},
        "hehuo-n": {"type": "string", "description": "the same number as `n` in the body"},
        "traceparent": {"type": "string", "description": "W3C trace context"},
    },
}  # fmt: skip


class _Plain(GenerateJsonSchema):
    """Without titles that only say the field's name once more."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def whole(message: type[Message]) -> type[Envelope]:
    """The body of a message: the envelope with the message's own fields as `data`."""
    model = create_model(
        f"{message.__name__.rpartition('V')[0]}MessageV{message.version}",
        __base__=Envelope,
        data=(message, ...),
    )
    model.__doc__ = message.__doc__
    return model


def schema(message: type[Message]) -> dict[str, Any]:
    """JSON Schema of the body, with the meaning of every field."""
    model = whole(message)
    made = model.model_json_schema(schema_generator=_Plain)
    parts: dict[str, type[BaseModel]] = {made["title"]: Envelope, **_parts(model)}
    for name, body in [(made["title"], made), *made.get("$defs", {}).items()]:
        said = meanings(parts[name]) if name in parts else {}
        for field, shape in body.get("properties", {}).items():
            if text := said.get(field) or meaning(name, field):
                body["properties"][field] = {**shape, "description": text}
    return made


def _parts(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The models that a model is made of, by name."""
    found: dict[str, type[BaseModel]] = {}

    def look(annotation: Any) -> None:
        for inner in getattr(annotation, "__args__", ()):
            look(inner)
        if (
            isinstance(annotation, type)
            and issubclass(annotation, BaseModel)
            and annotation.__name__ not in found
        ):
            found[annotation.__name__] = annotation
            for field in annotation.model_fields.values():
                look(field.annotation)

    for field in model.model_fields.values():
        look(field.annotation)
    return found


def shape_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without words: what a released message must never change."""

    def bare(value: Any, *, names: bool = False) -> Any:
        if isinstance(value, dict):
            kept = (
                value
                if names
                else {key: one for key, one in value.items() if key not in ("title", "description")}
            )
            return {key: bare(one, names=key in ("properties", "$defs")) for key, one in kept.items()}
        return [bare(one) for one in value] if isinstance(value, list) else value

    found: dict[str, Any] = bare(copy.deepcopy(schema))
    return found
