"""One bare application of F (see floor.py): answers, saves, publishes, pulls and acknowledges, and decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from uuid import UUID

import nats
import orjson
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pymongo import WriteConcern

from shared.naming import Names
from tests.load.recipe import Message, Recipe, Save

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_BATCH = 100
_EXPIRES = 30.0


class _Bare:
    """What one service does of a life."""

    def __init__(self) -> None:
        self.saved = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._there: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)

    async def open(self) -> None:
        told = orjson.loads(os.environ["HEHUO_FLOOR"])
        self._service: str = told["service"]
        recipe = await asyncio.to_thread(Path(told["recipe"]).read_bytes)
        self.recipe = Recipe.of(recipe)
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            told["mongo"], uuidRepresentation="standard", maxPoolSize=64
        )
        durable = WriteConcern(w="majority", j=True, wtimeout=10000)
        self._entries: AsyncIOMotorCollection[dict[str, Any]] = client["floor"].get_collection(
            self._service, write_concern=durable
        )
        self._nats: Client = await nats.connect(told["nats"], user=told["user"], password=told["password"])
        self._js: JetStreamContext = self._nats.jetstream(publish_async_max_pending=2**31)
        self._told = {(one.sender, one.n): one for one in self.recipe.messages}
        mine = [one for one in self.recipe.saves if one.service == self._service]
        self._state = max((one.set for one in mine), default=0)
        for sender in {one.sender for one in self.recipe.messages if self._service in one.saves}:
            await self._pull(sender)

    async def close(self) -> None:
        await self._nats.close()

    # ---------------------------------------------------------------- saving and telling

    async def save(self, number: int, life: UUID) -> None:
        """One durable write; then what is told of it is published, beside the answer as the real one does."""
        save = self.recipe.saves[number]
        if save.size:
            state = min(self._state, save.size)
            entry = {"_id": life, "s": bytes(state), "rest": bytes(save.size - state), "h": []}
            await self._entries.insert_one(entry)
            self._there[life].set()
        else:
            await self._there[life].wait()  # the entry comes of a message that may still be under way
            changes = {"$set": {"s": bytes(save.set)}, "$push": {"h": bytes(save.pushed)}}
            await self._entries.update_one({"_id": life}, changes)
        self.saved += 1
        if save.messages:
            self._beside(self._tell(save, life))

    async def _tell(self, save: Save, life: UUID) -> None:
        acknowledged = []
        for number in save.messages:
            one = self.recipe.messages[number]
            headers = {**one.headers, "Nats-Msg-Id": f"{one.sender}:{life}:{one.n}", "ce-subject": str(life)}
            acknowledged.append(await self._js.publish_async(one.subject, bytes(one.size), headers=headers))
        await asyncio.gather(*acknowledged)

    def _beside(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---------------------------------------------------------------- hearing

    async def _pull(self, sender: str) -> None:
        """One request for a batch lies at the server; whatever comes is done at once."""
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{Names().stream(sender)}.{self._service}"
        ask = orjson.dumps({"batch": _BATCH, "expires": int(_EXPIRES * 1e9)})
        inbox, left = self._nats.new_inbox(), _BATCH

        async def arrived(message: Msg) -> None:
            nonlocal left
            if "Status" in (message.headers or {}):
                left = 0
            else:
                left -= 1
                self._beside(self._hear(message))
            if left <= 0:
                left = _BATCH
                await self._nats.publish(subject, ask, inbox)

        await self._nats.subscribe(inbox, cb=arrived)
        await self._nats.publish(subject, ask, inbox)

    async def _hear(self, message: Msg) -> None:
        headers = message.headers or {}
        one: Message = self._told[headers["ce-source"][1:], int(headers["hehuo-n"])]
        number = one.saves.get(self._service)
        if number is not None:
            await self.save(number, UUID(headers["ce-subject"]))
        await message.ack()


_bare = _Bare()


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """`POST …/floor/<number of the request>/<life>` does what that request does; all else says how much was saved."""
    if scope["type"] == "lifespan":
        await receive()
        await _bare.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        with contextlib.suppress(Exception):
            await _bare.close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    status, body = 200, str(_bare.saved).encode()
    if scope["method"] == "POST" and "/floor/" in scope["path"]:
        *_, number, life = scope["path"].split("/")
        asked = _bare.recipe.requests[int(number)]
        await _bare.save(asked.save, UUID(life))
        status, body = asked.status, b"0" * asked.answer
    await send({
        "type": "http.response.start", "status": status,
        "headers": [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")],
    })  # fmt: skip
    await send({"type": "http.response.body", "body": body})
