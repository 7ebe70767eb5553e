"""One service's own database: the connection, its clock, its leases, and the few collections that are not entries."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from bson import CodecOptions
from bson.binary import UuidRepresentation
from bson.codec_options import TypeRegistry
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pydantic import BaseModel
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.cursor import Page, decode_cursor, encode_cursor
from shared.entry import State
from shared.problems import NotFound, Unavailable
from shared.settings import ServiceSettings
from shared.store.answers import answer_of
from shared.store.entries import Entries, Tail
from shared.store.guards import Guards
from shared.store.index import EXPIRES, INDEXES, Index
from shared.store.kept import Kept
from shared.store.pulse import BEATS_MS, Pulse
from shared.store.records import Records
from shared.store.versions import Versions
from shared.telemetry import log

E = TypeVar("E", bound=Entries[Any])
D = TypeVar("D", bound=BaseModel)

_log = log(__name__)
_FIRST_SAMPLES = 5
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


def _fallback(value: Any) -> Any:
    """Dates without a time are kept as ISO text; BSON has no type for them."""
    return value.isoformat() if isinstance(value, date) else value


CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    uuid_representation=UuidRepresentation.STANDARD,
    type_registry=TypeRegistry(fallback_encoder=_fallback),
)


class Database:
    """Opened at start; nothing connects before `open`."""

    def __init__(self, settings: ServiceSettings, service: str) -> None:
        self._settings = settings
        self._name = settings.names.database(service)
        self._client: AsyncIOMotorClient[dict[str, Any]] | None = None
        self._pulse = Pulse()
        self._reads = asyncio.Semaphore(settings.mongo_pool)  # FIFO: without it some callers starve
        self._held: dict[str, float] = {}  # leases, and until when we need not ask, by our monotonic clock
        self.holder = secrets.token_hex(8)  # names this process in leases

    async def open(self, patience: float = 60.0) -> None:
        """Connect and learn the database's time. Raises Unavailable after `patience` seconds without an answer."""
        secret = self._settings.mongo_password.get_secret_value()
        login: dict[str, Any] = {
            "username": self._settings.mongo_user,
            "password": secret,
            "authSource": "admin",
        }
        self._client = AsyncIOMotorClient(
            self._settings.mongo_url,
            **(login if self._settings.mongo_user else {}),
            maxPoolSize=self._settings.mongo_pool + 4,
            serverSelectionTimeoutMS=5000,
            connectTimeoutMS=5000,
            socketTimeoutMS=20000,
            heartbeatFrequencyMS=BEATS_MS,
            event_listeners=[self._pulse],
            serverMonitoringMode="poll",  # one thread and one question less; a failed call looks by itself
            appname=f"hehuo-{self._name}",
        )
        deadline = time.monotonic() + patience
        while True:
            try:
                for _ in range(_FIRST_SAMPLES):
                    await self._sample()
                break
            except PyMongoError as error:
                if time.monotonic() > deadline:
                    raise Unavailable("the database does not answer") from error
                _log.warning("waiting for the database", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()

    # ------------------------------------------------------------------ time

    def now(self) -> datetime:
        """The primary's time in whole milliseconds (UTC)."""
        return self._pulse.now()

    def still(self, moment: float) -> bool:
        """Whether nobody has written anything since then (`time.monotonic()`): see `Pulse`."""
        return self._pulse.still(moment)

    async def _sample(self) -> None:
        assert self._client is not None
        asked = time.monotonic()
        self._pulse.learn(asked, await self._client.admin.command("hello"))

    async def answers(self) -> bool:
        """Whether the database answers now, or did so a moment ago: whoever balances load asks all the time."""
        if self._pulse.beats:
            return True
        try:
            async with asyncio.timeout(2):
                await self._sample()
        except (PyMongoError, TimeoutError, AssertionError):
            return False
        return True

    # ----------------------------------------------------------- collections

    def _collection(self, name: str, **options: Any) -> AsyncIOMotorCollection[dict[str, Any]]:
        assert self._client is not None, "open() comes first"
        collection = self._client[self._name].get_collection(name, codec_options=CODEC, **options)
        return collection

    async def entries(
        self,
        kind: type[E],
        name: str,
        state: type[State],
        indexes: Iterable[Index],
        tell: Callable[[Tail], None],
    ) -> E:
        """The list of this service, with its indexes."""
        durable = self._collection(name, write_concern=WriteConcern(w="majority", j=True, wtimeout=10000))
        quick = self._collection(name, write_concern=WriteConcern(w=1, j=False))
        beside = self._collection(f"{name}_answers", write_concern=WriteConcern(w=1, j=False))
        await answer_of(durable.create_indexes([*INDEXES, *indexes]))
        await answer_of(beside.create_indexes([EXPIRES]))
        kept, zone = Kept(beside, self._reads), ZoneInfo(self._settings.timezone)
        return kind(durable, quick, kept, self._reads, state, tell, zone)

    def documents(self, name: str, model: type[D]) -> Documents[D]:
        durable = self._collection(name, write_concern=WriteConcern(w="majority", j=True, wtimeout=10000))
        return Documents(durable, self._reads, model)

    def guards(self, name: str) -> Guards:
        assert self._client is not None, "open() comes first"
        return Guards(self._client, self._collection(name), self._reads)

    def versions(self, name: str) -> Versions:
        durable = self._collection(name, write_concern=WriteConcern(w="majority", j=True, wtimeout=10000))
        return Versions(durable, self._reads)

    async def records(self, name: str, model: type[D], indexes: Iterable[Index] = ()) -> Records[D]:
        durable = self._collection(name, write_concern=WriteConcern(w="majority", j=True, wtimeout=10000))
        if indexes:
            await answer_of(durable.create_indexes(list(indexes)))
        return Records(durable, self._reads, model)

    async def hold(self, lease: str, seconds: float) -> bool:
        """Take or keep a lease; False while another process has it. The database's clock decides when it ends.

        Whoever has it asks again only once half of the time is over. Losing one loses nothing, so nobody
        waits until it is durable.
        """
        if time.monotonic() < self._held.get(lease, 0.0):
            return True
        asked = time.monotonic()
        leases = self._collection("leases", write_concern=WriteConcern(w=1, j=False))
        free_or_mine = {"$or": [{"$eq": ["$holder", self.holder]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(seconds * 1000)}}
        take = [{"$set": {"holder": self.holder, "until": until}}]
        for _ in range(2):
            if (
                await answer_of(leases.update_one({"_id": lease, "$expr": free_or_mine}, take))
            ).matched_count:
                self._held[lease] = asked + seconds / 2
                return True
            try:  # the very first time there is none to take
                await answer_of(leases.insert_one({"_id": lease, "holder": "", "until": _LONG_AGO}))
            except DuplicateKeyError:
                return False
        return False

    async def recall(self, note: str) -> dict[str, Any] | None:
        """What was remembered under this name, by any process of the service."""
        found = await answer_of(self._collection("notes").find_one({"_id": note}))
        return found["value"] if found else None

    async def remember(self, note: str, value: dict[str, Any]) -> None:
        await answer_of(self._collection("notes").replace_one({"_id": note}, {"value": value}, upsert=True))

    async def let_go(self, lease: str) -> None:
        self._held.pop(lease, None)
        await answer_of(self._collection("leases").delete_one({"_id": lease, "holder": self.holder}))


class Documents(Generic[D]):
    """Plain documents by id, for what is not an entry of the list (a registry, say)."""

    def __init__(
        self, collection: AsyncIOMotorCollection[dict[str, Any]], reads: asyncio.Semaphore, model: type[D]
    ) -> None:
        self._collection = collection
        self._reads = reads
        self._model = model

    async def get(self, id: UUID) -> D:
        """Raises NotFound."""
        async with self._reads:
            document = await answer_of(self._collection.find_one({"_id": id}))
        if document is None:
            raise NotFound
        return self._model.model_validate(document["value"])

    async def put(self, id: UUID, value: D) -> None:
        await answer_of(self._collection.replace_one({"_id": id}, {"value": value.model_dump()}, upsert=True))

    async def remove(self, id: UUID) -> None:
        await answer_of(self._collection.delete_one({"_id": id}))

    async def page(self, filter: Mapping[str, Any], *, cursor: str | None = None, limit: int = 20) -> Page[D]:
        """At most `limit` (≤ 100) documents by id; the filter's keys begin with `value.`."""
        wanted = dict(filter)
        if cursor is not None:
            wanted["_id"] = {"$gt": decode_cursor(cursor)}
        limit = max(1, min(limit, 100))
        async with self._reads:
            found = await answer_of(
                self._collection.find(wanted).sort("_id", 1).limit(limit + 1).to_list(None)
            )
        items = tuple(self._model.model_validate(document["value"]) for document in found[:limit])
        return Page(items, encode_cursor(found[limit - 1]["_id"]) if len(found) > limit else None)

    async def put_new(self, id: UUID, value: D) -> None:
        """Keep it unless there is one with this id already."""
        kept = {"$setOnInsert": {"value": value.model_dump()}}
        await answer_of(self._collection.update_one({"_id": id}, kept, upsert=True))
