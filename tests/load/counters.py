"""What the servers themselves count: read before and after, the difference is what it cost. Nothing is profiled.

CPU comes from /proc (user and system time of every process of a part), database commands and flushes of the journal
from `serverStatus`, messages from the broker's monitoring port, requests from the gateway's.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import psutil
from pymongo import AsyncMongoClient

from deploy.local.probe import ask, document
from deploy.local.system import PARTS, System
from shared.naming import SERVICES, Names

_COMMANDS = ("find", "aggregate", "count", "getMore", "insert", "update", "delete", "findAndModify")

Counts = Mapping[str, float]


def cpu(system: System, beside: Mapping[str, int] | None = None) -> Counts:
    """CPU seconds so far, by part; `beside` names processes that are no part of the system, and their pids."""
    used: defaultdict[str, float] = defaultdict(float)
    pids = [(part, pid) for part in PARTS for pid in system.pids(part)] + list((beside or {}).items())
    for part, pid in pids:
        times = psutil.Process(pid).cpu_times()
        used[part] += times.user + times.system
    mine = psutil.Process().cpu_times()
    used["client"] = mine.user + mine.system
    return used


class Counters:
    """The counters of one system. Use it as an async context manager."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._ports: dict[str, int] = json.loads(system.folder.ports.read_text("utf-8"))
        self.mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            system.mongo_admin_url, tz_aware=True, uuidRepresentation="standard"
        )

    async def __aenter__(self) -> Counters:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.mongo.close()

    async def read(self) -> Counts:
        """Everything that is counted, since the servers started."""
        return {**await self._database(), **await self._bus(), **await self._gateway()}

    async def _database(self) -> dict[str, float]:
        status = await self.mongo.admin.command("serverStatus")
        commands, kinds, log = (
            status["metrics"]["commands"],
            status["opcounters"],
            status["wiredTiger"]["log"],
        )
        return {
            **{f"{name} commands": commands[name]["total"] for name in _COMMANDS},
            "single updates": kinds["update"],
            "single inserts": kinds["insert"],
            "transactions": status["transactions"]["totalCommitted"],
            "journal flushes": log["log sync operations"],
            "journal bytes": log["log bytes written"],
        }

    async def _bus(self) -> dict[str, float]:
        varz = await document(self._ports["nats-monitor"], "/varz")
        streams = await self._streams()
        return {
            "bus messages in": varz["in_msgs"],
            "bus messages out": varz["out_msgs"],
            "messages told": sum(one["state"]["last_seq"] for one in streams),
            "messages delivered": sum(
                each["delivered"]["consumer_seq"]
                for one in streams
                for each in one.get("consumer_detail", ())
            ),
        }

    async def _streams(self) -> list[dict[str, Any]]:
        found = await document(self._ports["nats-monitor"], "/jsz?streams=1&consumers=1")
        ours = {Names().stream(service) for service in SERVICES}
        return [
            one
            for account in found.get("account_details", ())
            for one in account.get("stream_detail", ())
            if one["name"] in ours
        ]

    async def _gateway(self) -> dict[str, float]:
        _, body = await ask(self._ports["gateway-admin"], "/stats?filter=^http.edge.downstream_rq_completed$")
        return {"HTTP requests": float(body.split()[-1]) if body else 0.0}

    async def waiting(self) -> int:
        """Messages that a listener has not acknowledged."""
        return sum(
            each["num_pending"] + each["num_ack_pending"]
            for one in await self._streams()
            for each in one.get("consumer_detail", ())
        )

    async def untold(self, collections: Mapping[str, str]) -> bool:
        """Whether one of these lists (by database) has said what is not noted as told."""
        found = [
            await self.mongo[database][name].count_documents({"untold": {"$exists": True}}, limit=1)
            for database, name in collections.items()
        ]
        return any(found)


def spent(before: Counts, after: Counts, per: float = 1.0) -> dict[str, float]:
    """The difference, divided by how many things it was spent on; what did not change is left out."""
    return {name: (after[name] - before[name]) / per for name in after if after[name] != before[name]}


async def rest(seconds: float) -> None:
    """Let the system be for so long."""
    await asyncio.sleep(seconds)  # house(sleep): what a system does by itself in a given time is measured
