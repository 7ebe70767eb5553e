"""The golden examples, and the parts of the services that hear them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import orjson
from fastapi import FastAPI
from nats.aio.client import Client
from nats.aio.msg import Msg

from deploy.docs.examples import example
from shared.contracts.message import Message
from shared.contracts.registry import every_message
from shared.service import Service

MESSAGES = [message for _, message in sorted(every_message().items())]
HEARINGS = [(message, listener) for message in MESSAGES for listener in message.heard_by]


def named(message: type[Message]) -> str:
    return f"{message.sender}.{message.type()}"


def golden(message: type[Message]) -> dict[str, Any]:
    """The committed example; a test that needs it fails without it."""
    found = example(message)
    assert found is not None, f"{named(message)} has no golden example"
    return found


def delivered(told: dict[str, Any]) -> Msg:
    """As the bus delivers it."""
    return Msg(
        _client=Client(),
        subject=told["subject"],
        data=orjson.dumps(told["body"]),
        headers=dict(told["headers"]),
    )


@cache
def service(name: str) -> Service[Any]:
    """What a service is built of, its reactions among it. Nothing connects."""
    app = importlib.import_module(f"services.{name}.app")
    built: list[Service[Any]] = []

    @contextmanager
    def seen() -> Iterator[None]:
        def serve(made: Service[Any]) -> FastAPI:
            built.append(made)
            return FastAPI()

        with patch.object(app, "serve", serve):
            yield

    with seen():
        app.app()
    [made] = built
    return made
