"""Makes the replica set and the users: each service gets a user that can touch its own database only.

Everything here may be run again at any time; what is already so stays so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from shared.naming import SERVICES, Names

SET = "hehuo"
ADMIN = "admin"
# Of a process that is frozen within a transaction; others wait for what it holds. The server looks each second.
TRANSACTION_SECONDS = 2

_AUTHENTICATION_FAILED = 18
_ALREADY_INITIALIZED = 23
_NOT_YET_INITIALIZED = 94


class NotReady(Exception):
    """The database does not answer as it should; the text says what is missing."""


def client(url: str, *, direct: bool = False, **options: Any) -> AsyncMongoClient[dict[str, Any]]:
    """A client that gives up within seconds. `direct` speaks to one member, also before it belongs to a set."""
    return AsyncMongoClient(
        url, directConnection=direct, serverSelectionTimeoutMS=5000, connectTimeoutMS=2000, **options
    )


async def hello(url: str) -> dict[str, Any]:
    """What the server at `url` says of itself; needs no password. Raises PyMongoError when nobody answers."""
    async with AsyncMongoClient[dict[str, Any]](
        url, directConnection=True, serverSelectionTimeoutMS=500, connectTimeoutMS=500
    ) as mongo:
        return await mongo.admin.command("hello")


async def wait_for_primary(url: str, within: float = 30.0) -> None:
    """Return once the member at `url` takes writes. Raises NotReady after `within` seconds."""
    deadline = time.monotonic() + within
    said = "does not answer"
    while time.monotonic() < deadline:
        try:
            answer = await hello(url)
            if answer.get("isWritablePrimary"):
                return
            said = str(answer.get("info") or "is not primary")
        except PyMongoError as error:
            said = str(error).split(",", maxsplit=1)[0]
        await asyncio.sleep(0.05)
    raise NotReady(f"the database is not ready after {within:.0f} s: {said}")


async def make_replica_set(url: str, member: str, user: str, password: str) -> None:
    """Make a one-member replica set of the server at `url`, known as `member` (host:port), with its first user.

    Works on an empty server (through mongod's localhost exception), on one that has the user but no set, on a
    finished one, and on one whose address changed since.
    """
    async with client(url, direct=True, username=user, password=password) as mongo:
        try:
            config = (await mongo.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code == _AUTHENTICATION_FAILED:
                await _make_from_nothing(url, member, user, password)
                return
            if error.code != _NOT_YET_INITIALIZED:
                raise
            await mongo.admin.command("replSetInitiate", _members(member))
        else:
            # A forced change of the configuration: the only member is not where the set looks for it.
            if [each["host"] for each in config["members"]] != [member] and len(config["members"]) == 1:
                config["members"][0]["host"] = member
                config["version"] += 1
                await mongo.admin.command("replSetReconfig", config, force=True)
    await wait_for_primary(url)


async def _make_from_nothing(url: str, member: str, user: str, password: str) -> None:
    """While there is no user, mongod lets whoever comes from its own machine make the set and the first user."""
    async with client(url, direct=True) as mongo:
        try:
            await mongo.admin.command("replSetInitiate", _members(member))
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:  # killed between these two steps
                raise
    await wait_for_primary(url)
    async with client(url, direct=True) as mongo:
        await mongo.admin.command("createUser", user, pwd=password, roles=["root"])


def _members(member: str) -> dict[str, Any]:
    return {"_id": SET, "members": [{"_id": 0, "host": member}]}


async def provision(admin_url: str, passwords: Mapping[str, str], names: Names) -> None:
    """Give every service its user, named like its database, with `readWrite` on that database and nothing else.

    `admin_url` carries the credentials of a user administrator; `passwords` is by service. Users that exist get
    their password and role anew. Raises NotReady when the server is no replica set.
    """
    async with client(admin_url) as mongo:
        answer = await mongo.admin.command("hello")
        if "setName" not in answer:
            raise NotReady("the database is no replica set; start it with --replSet and initiate it")
        known = {user["user"] for user in (await mongo.admin.command("usersInfo"))["users"]}
        for service in SERVICES:
            database = names.database(service)
            await mongo.admin.command(
                "updateUser" if database in known else "createUser",
                database,
                pwd=passwords[service],
                roles=[{"role": "readWrite", "db": database}],
            )


async def withdraw(admin_url: str, names: Names) -> None:
    """Delete the databases and users of a namespace: for tests, so the empty namespace is refused."""
    if not names.namespace:
        raise ValueError("the databases of the real system are not deleted by a program")
    async with client(admin_url) as mongo:
        known = {user["user"] for user in (await mongo.admin.command("usersInfo"))["users"]}
        for service in SERVICES:
            database = names.database(service)
            await mongo.drop_database(database)
            if database in known:
                await mongo.admin.command("dropUser", database)
