"""Part of `credentials`: what a service's own database user is refused, and what it can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from deploy.demo.check import COLLECTIONS
from deploy.local.system import System
from shared.naming import SERVICES
from tests.faults.harness import Verdict

_UNAUTHORIZED, _AUTHENTICATION_FAILED = 13, 18

Mongo = AsyncMongoClient[dict[str, Any]]
Attempt = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Count:
    """Attempts at what is another's, how many of them were refused, and what was done of one's own."""

    tried: int = 0
    refused: int = 0
    own: int = 0


async def try_database(system: System, verdict: Verdict) -> Count:
    """Every service's user against everything that is another's, then against its own."""
    count = Count()
    for service in SERVICES:
        async with _client(system, service, system.plan.passwords.mongo[service]) as mongo:
            for what, attempt in _forbidden(mongo, service):
                await _must_refuse(count, verdict, f"{service}: {what}", attempt, _UNAUTHORIZED)
            await _must_see_only_its_own(count, verdict, mongo, service)
            await _must_work(count, verdict, mongo[service], service)
        for other in (*SERVICES, "admin"):
            if other != service:
                async with _client(system, other, system.plan.passwords.mongo[service]) as mongo:
                    what = f"{service}'s password for the user {other}"
                    await _must_refuse(count, verdict, what, _ping(mongo), _AUTHENTICATION_FAILED)
    async with Mongo(system.plan.mongo_url, serverSelectionTimeoutMS=5000) as nobody:
        for service in SERVICES:
            what = f"nobody: read {service}"
            await _must_refuse(
                count, verdict, what, _read(nobody[service], COLLECTIONS[service]), _UNAUTHORIZED
            )
    return count


def _client(system: System, user: str, password: str) -> Mongo:
    return Mongo(
        system.plan.mongo_url,
        username=user,
        password=password,
        authSource="admin",
        serverSelectionTimeoutMS=5000,
    )


async def _must_refuse(count: Count, verdict: Verdict, what: str, attempt: Attempt, code: int) -> None:
    count.tried += 1
    try:
        await attempt()
    except OperationFailure as error:
        if verdict.check(error.code == code, f"MongoDB, {what}: failed otherwise than by refusal: {error}"):
            count.refused += 1
    else:
        verdict.check(False, f"MongoDB let {what}")


def _ping(mongo: Mongo) -> Attempt:
    return lambda: mongo.admin.command("connectionStatus")


def _read(database: AsyncDatabase[dict[str, Any]], collection: str) -> Attempt:
    return lambda: database[collection].find_one({})


def _forbidden(mongo: Mongo, service: str) -> Iterator[tuple[str, Attempt]]:
    for other in SERVICES:
        if other != service:
            yield from _with(mongo, other, COLLECTIONS[other])
            yield from _across(mongo, service, other)
    for database, collection in (
        ("admin", "system.users"),
        ("local", "oplog.rs"),
        ("config", "transactions"),
    ):
        yield f"read {database}.{collection}", _read(mongo[database], collection)
        yield f"write {database}.{collection}", _insert(mongo[database], collection)
    yield from _as_administrator(mongo, service)


def _insert(database: AsyncDatabase[dict[str, Any]], collection: str) -> Attempt:
    return lambda: database[collection].insert_one({"_id": "intruder"})


def _with(mongo: Mongo, other: str, collection: str) -> Iterator[tuple[str, Attempt]]:
    """Everything one can do with another's database."""
    database = mongo[other]
    listed = database[collection]
    yield f"read {other}", _read(database, collection)
    yield f"count {other}", lambda: listed.count_documents({})
    yield f"estimate {other}", listed.estimated_document_count
    yield f"aggregate {other}", lambda: database.command("aggregate", collection, pipeline=[], cursor={})
    yield f"distinct {other}", lambda: listed.distinct("_id")
    yield f"insert into {other}", _insert(database, collection)
    yield f"update {other}", lambda: listed.update_many({}, {"$set": {"version": 1}})
    yield f"update one of {other}", lambda: listed.find_one_and_update({}, {"$set": {"told": 0}})
    yield f"replace in {other}", lambda: listed.replace_one({}, {"x": 1}, upsert=True)
    yield f"delete from {other}", lambda: listed.delete_many({})
    yield f"drop a collection of {other}", listed.drop
    yield f"drop the database {other}", lambda: mongo.drop_database(other)
    yield f"list the collections of {other}", lambda: database.command("listCollections")
    yield f"list the indexes of {other}", lambda: database.command("listIndexes", collection)
    yield f"make a collection in {other}", lambda: database.create_collection("intruder")
    yield f"make an index in {other}", lambda: listed.create_index("x")
    yield f"drop the indexes of {other}", listed.drop_indexes
    yield f"watch {other}", _watching(database, collection)
    yield f"measure {other}", lambda: database.command("dbStats")
    yield f"measure the list of {other}", lambda: database.command("collStats", collection)
    yield f"change the rules of {other}", lambda: database.command("collMod", collection, validator={})
    yield f"make a user of {other}", lambda: database.command("createUser", "x", pwd="x", roles=[])
    yield f"make a role in {other}", lambda: database.command("createRole", "x", privileges=[], roles=[])


def _watching(database: AsyncDatabase[dict[str, Any]], collection: str) -> Attempt:
    async def watch() -> None:
        async with await database[collection].watch(max_await_time_ms=100):
            pass

    return watch


def _across(mongo: Mongo, service: str, other: str) -> Iterator[tuple[str, Attempt]]:
    """Reaching another's database from one's own."""
    own = mongo[service]
    out: Mapping[str, Any] = {"$out": {"db": other, "coll": COLLECTIONS[other]}}
    merge: Mapping[str, Any] = {"$merge": {"into": {"db": other, "coll": COLLECTIONS[other]}}}
    for stage in (out, merge):
        writing = partial(own.command, "aggregate", COLLECTIONS[service], pipeline=[stage], cursor={})
        yield f"{next(iter(stage))} into {other}", writing
    yield (
        f"move a collection into {other}",
        lambda: mongo.admin.command(
            "renameCollection", f"{service}.{COLLECTIONS[service]}", to=f"{other}.intruder"
        ),
    )


def _as_administrator(mongo: Mongo, service: str) -> Iterator[tuple[str, Attempt]]:
    """What only the administrator may."""
    commands: Mapping[str, dict[str, Any]] = {
        "read all users": {"usersInfo": 1},
        "read all passwords": {"usersInfo": {"forAllDBs": True}, "showCredentials": True},
        "make a user": {"createUser": "intruder", "pwd": "x", "roles": ["root"]},
        "change its own roles": {"updateUser": service, "roles": ["root"]},
        "grant itself a role": {"grantRolesToUser": service, "roles": ["root"]},
        "drop a user": {"dropUser": "intruder"},
        "make a role": {
            "createRole": "intruder",
            "privileges": [],
            "roles": [{"role": "readWriteAnyDatabase", "db": "admin"}],
        },
        "see the state of the server": {"serverStatus": 1},
        "see the replica set": {"replSetGetStatus": 1},
        "read the set's configuration": {"replSetGetConfig": 1},
        "change the replica set": {"replSetReconfig": {"_id": "hehuo", "version": 99, "members": []}},
        "step the primary down": {"replSetStepDown": 60},
        "set a parameter": {"setParameter": 1, "logLevel": 0},
        "read all parameters": {"getParameter": "*"},
        "read the options of the server": {"getCmdLineOpts": 1},
        "read the server's log": {"getLog": "global"},
        "see what others are doing": {"currentOp": 1, "$all": True},
        "end what others are doing": {"killOp": 1, "op": 1},
        "end all sessions": {"killAllSessions": []},
        "lock the server": {"fsync": 1, "lock": True},
        "rotate the log": {"logRotate": 1},
        "learn about the host": {"hostInfo": 1},
        "stop the server": {"shutdown": 1},
    }
    for what, command in commands.items():
        yield what, partial(mongo.admin.command, command)
    yield "watch all databases", _watching_all(mongo)


def _watching_all(mongo: Mongo) -> Attempt:
    async def watch() -> None:
        async with await mongo.watch(max_await_time_ms=100):
            pass

    return watch


async def _must_see_only_its_own(count: Count, verdict: Verdict, mongo: Mongo, service: str) -> None:
    """The list of databases is not refused: it holds what the user may see."""
    count.tried += 1
    names = set(await mongo.list_database_names())
    if verdict.check(names <= {service}, f"MongoDB shows {service} the databases {sorted(names)}"):
        count.refused += 1


async def _must_work(
    count: Count, verdict: Verdict, own: AsyncDatabase[dict[str, Any]], service: str
) -> None:
    listed = own["proof"]
    steps: Mapping[str, Attempt] = {
        "insert": lambda: listed.insert_one({"_id": 1, "x": 1}),
        "read": lambda: listed.find_one({"_id": 1}),
        "update": lambda: listed.update_one({"_id": 1}, {"$set": {"x": 2}}),
        "aggregate": lambda: own.command("aggregate", "proof", pipeline=[{"$count": "n"}], cursor={}),
        "make an index": lambda: listed.create_index("x"),
        "watch": _watching(own, "proof"),
        "delete": lambda: listed.delete_one({"_id": 1}),
        "drop": listed.drop,
    }
    for what, attempt in steps.items():
        try:
            await attempt()
        except OperationFailure as error:
            verdict.check(False, f"MongoDB refuses {service} its own: {what}: {error}")
        else:
            count.own += 1
