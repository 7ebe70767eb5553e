"""Servers that run already, here or elsewhere: their addresses, and our users on them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from pymongo.errors import PyMongoError

from deploy.local.folder import Passwords
from deploy.local.refusal import Refused
from deploy.mongo.provision import NotReady
from deploy.mongo.provision import provision as provision_mongo
from deploy.nats.config import NotDurable, check_durable
from deploy.nats.permissions import OPERATOR, inbox
from shared.naming import SERVICES, Names

_ANSWERS_WITHIN = 6.0  # seconds
_SETTINGS_WITHIN = 0.5  # seconds for each server of a cluster to say how it is set
_CREDENTIALS = re.compile(r"//[^/@]*@")


def without_credentials(url: str) -> str:
    """The address as one may show it, and as services get it. Several, separated by commas, are fine."""
    return _CREDENTIALS.sub("//", url)


async def connect(url: str, user: str = "", password: str = "") -> Client:
    """One connection to the bus, which gives up within seconds. Raises NatsError, OSError or TimeoutError.

    Without a user the credentials in `url` count.
    """

    async def quiet(_: Exception) -> None:
        """Errors are raised where they happen; nats-py would print them as well."""

    login = {"user": user, "password": password} if user else {}
    async with asyncio.timeout(_ANSWERS_WITHIN):  # nats-py tries sixty times, whatever it is told
        return await nats.connect(
            url.split(","),
            inbox_prefix=inbox(user or OPERATOR),
            connect_timeout=2,
            allow_reconnect=False,
            error_cb=quiet,
            **login,
        )


async def use_mongo(url: str, passwords: Mapping[str, str]) -> None:
    """Make our users on somebody's MongoDB. Raises Refused when it cannot be used."""
    try:
        await provision_mongo(url, passwords, Names())
    except (PyMongoError, NotReady) as error:
        said = re.split(r", Timeout:|, full error:| \(configured", str(error), maxsplit=1)[0]
        raise Refused(f"The MongoDB at {without_credentials(url)} cannot be used: {said}.") from error


async def use_nats(url: str, passwords: Passwords) -> dict[str, tuple[str, str]]:
    """User and password for each service on somebody's NATS: our own users if it knows them, else those of `url`.

    Users stand in a NATS server's configuration (`python -m deploy.nats config`), so they cannot be made from here.
    Raises Refused when nobody answers.
    """
    try:
        await (await connect(url)).close()
    except (NatsError, OSError, TimeoutError) as error:
        said = str(error) or "nobody answers"
        raise Refused(f"The NATS at {without_credentials(url)} cannot be used: {said}.") from error
    try:
        for service in SERVICES:
            await (await connect(without_credentials(url), service, passwords.nats[service])).close()
    except (NatsError, OSError, TimeoutError):
        user, password = _login_of(url)
        return {service: (user or service, password) for service in SERVICES}
    return {service: (service, passwords.nats[service]) for service in SERVICES}


async def doubt_of(url: str) -> str:
    """What has to be said of somebody's NATS before it is relied on; empty when each of its servers syncs always.

    It is theirs, so it is not refused. Only a user of its system account is told how it is set.
    """
    try:
        client = await connect(url)
        try:
            settings = await _settings(client)
        finally:
            await client.close()
        for each in settings:
            check_durable(each)
    except NotDurable as error:
        return f"{error}. It is not ours, so it is used all the same."
    except (NatsError, OSError, TimeoutError, ValueError):
        settings = []
    if settings:
        return ""
    return (
        "This NATS does not say whether it has `sync_interval: always`: without that a power cut could lose messages "
        "that it has acknowledged. They can be told again (`hehuo replay`)."
    )


async def _settings(client: Client) -> list[dict[str, Any]]:
    """The `/varz` of each server that tells us."""
    answers = await client.subscribe(client.new_inbox())
    await client.publish("$SYS.REQ.SERVER.PING.VARZ", b"", answers.subject)
    found: list[dict[str, Any]] = []
    with contextlib.suppress(NatsTimeout):
        while (answer := await answers.next_msg(timeout=_SETTINGS_WITHIN)).data:  # nobody there: an empty one
            found.append(json.loads(answer.data)["data"])
    return found


def _login_of(url: str) -> tuple[str, str]:
    found = re.search(r"//([^:/@]*):?([^/@]*)@", url)
    return (found[1], found[2]) if found else ("", "")
