"""Where tests get their servers, and nothing else knows how: started once in a run, when the first test asks.

By default the embedded parts of this machine; with `PARTS=containers` the images that production uses, by
testcontainers (the engine is found by `DOCKER_HOST`). Every test gets a namespace: databases, streams and consumers of
its own, which are withdrawn afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import nats
from nats.aio.client import Client
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.system import System
from deploy.mongo.provision import TRANSACTION_SECONDS
from deploy.nats.permissions import OPERATOR, inbox
from deploy.nats.provision import provision, withdraw
from shared.naming import Names
from shared.settings import ServiceSettings

_STARTS_WITHIN = 60.0  # seconds, for a server in a container


class Login(NamedTuple):
    """Where NATS is, and whom it lets do everything; no user where it knows none."""

    url: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers of this run, with an administrator's connection to each for looking and for breaking things."""

    mongo_url: str  # with an administrator's credentials, if the server asks for any
    nats_login: Login
    mongo: MongoClient[dict[str, Any]]  # blocks: call it in a thread
    nats: Client

    def settings(self, names: Names, **knobs: Any) -> ServiceSettings:
        """What a service in this namespace is told."""
        told = {
            "mongo_url": self.mongo_url,
            "nats_url": self.nats_login.url,
            "nats_user": self.nats_login.user,
            "nats_password": self.nats_login.password,
            "namespace": names.namespace,
        }
        return ServiceSettings.model_validate(told | knobs)


@contextlib.asynccontextmanager
async def started() -> AsyncIterator[Servers]:
    """Start the servers that `PARTS` asks for; stop them at the end."""
    kind = os.environ.get("PARTS", "embedded")
    ways = {"embedded": _embedded, "containers": _containers}
    if kind not in ways:
        raise ValueError(f"PARTS is one of {', '.join(ways)}, not {kind}")
    async with ways[kind]() as (mongo_url, nats_login):
        mongo = await asyncio.to_thread(_client, mongo_url)
        bus = await nats.connect(
            nats_login.url,
            user=nats_login.user or None,
            password=nats_login.password or None,
            inbox_prefix=inbox(OPERATOR),
        )
        try:
            yield Servers(mongo_url, nats_login, mongo, bus)
        finally:
            await bus.close()
            mongo.close()


@contextlib.asynccontextmanager
async def namespace(servers: Servers) -> AsyncIterator[Names]:
    """Names that nobody else uses, with the streams and consumers that production has, but small."""
    names = Names(f"t{secrets.token_hex(3)}")
    await provision(servers.nats, names)
    try:
        yield names
    finally:
        await asyncio.gather(withdraw(servers.nats, names), asyncio.to_thread(_drop, servers.mongo, names))


def _client(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url, uuidRepresentation="standard", tz_aware=True)


def _drop(mongo: MongoClient[dict[str, Any]], names: Names) -> None:
    for database in mongo.list_database_names():
        if database.startswith(names.database("")):
            mongo.drop_database(database)


@contextlib.asynccontextmanager
async def _embedded() -> AsyncIterator[tuple[str, Login]]:
    with tempfile.TemporaryDirectory(prefix="hehuo-tests-") as folder:
        async with System(data=Path(folder), only={"mongod", "nats"}) as system:
            yield system.mongo_admin_url, Login(*system.nats_operator)


@contextlib.asynccontextmanager
async def _containers() -> AsyncIterator[tuple[str, Login]]:
    from testcontainers.core.container import DockerContainer

    limit = f"--setParameter transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"
    with contextlib.ExitStack() as running:
        # The set knows its member by an address inside the container, so clients speak to that one directly.
        mongo = DockerContainer("mongo:8").with_command(f"--replSet rs0 {limit}").with_exposed_ports(27017)
        bus = DockerContainer("nats:2.12-alpine").with_command("-js").with_exposed_ports(4222)
        for container in (mongo, bus):
            running.callback(container.stop)
            await asyncio.to_thread(container.start)
        where = {
            each: f"{each.get_container_host_ip()}:{each.get_exposed_port(port)}"
            for each, port in ((mongo, 27017), (bus, 4222))
        }
        mongo_url, nats_login = (
            f"mongodb://{where[mongo]}/?directConnection=true",
            Login(f"nats://{where[bus]}"),
        )
        await asyncio.to_thread(_make_replica_set, mongo_url)
        await _wait_for_nats(nats_login)
        yield mongo_url, nats_login


def _make_replica_set(url: str) -> None:
    """Make a set of one; return when it takes writes."""
    deadline = time.monotonic() + _STARTS_WITHIN
    config = {"_id": "rs0", "members": [{"_id": 0, "host": "127.0.0.1:27017"}]}
    with _client(url) as mongo:
        while not _says(mongo, "hello").get("isWritablePrimary"):
            if time.monotonic() > deadline:
                raise TimeoutError("the database in its container did not become a primary")
            _says(mongo, "replSetInitiate", config)
            time.sleep(0.2)  # house(sleep): the pause of a poll


def _says(mongo: MongoClient[dict[str, Any]], *command: Any) -> dict[str, Any]:
    try:
        return mongo.admin.command(*command)
    except PyMongoError:  # not up yet, or a set already
        return {}


async def _wait_for_nats(login: Login) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            await (await nats.connect(login.url, connect_timeout=2, allow_reconnect=False)).close()
            return
        except (OSError, nats.errors.Error, TimeoutError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)  # house(sleep): the pause of a poll
