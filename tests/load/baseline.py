"""L, what everything is compared with: the barest server that can take an order and not lose it.

A bare ASGI application, one majority-and-journal insert for each request, on the same mongod, server and event loop.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import WriteConcern
from uuid_utils.compat import uuid7

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_collections: list[AsyncIOMotorCollection[dict[str, Any]]] = []


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Keeps the body of each request under a new id, answers 201."""
    if scope["type"] == "lifespan":
        await receive()
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            os.environ["HEHUO_BASELINE_MONGO"], uuidRepresentation="standard", maxPoolSize=64
        )
        durable = WriteConcern(w="majority", j=True)
        _collections.append(client["baseline"].get_collection("orders", write_concern=durable))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await _collections[0].insert_one({"_id": uuid7(), "body": body})
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
