"""`hehuo replay`: services tell their histories again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from nats.aio.client import Client

from deploy.ctl.bus import ask, bus
from deploy.ctl.trouble import Trouble
from deploy.nats.provision import provision
from shared.naming import SERVICES, Names

_NAMES = Names()
_ANSWERS_WITHIN = 900.0  # seconds; a service may have years to tell


async def tell_again(data: Path, nats_url: str | None, services: Sequence[str], since: str | None) -> None:
    """Ask each of the services (all without any) for everything since a moment. Raises Trouble."""
    for service in services:
        if service not in SERVICES:
            raise Trouble(f"There is no service {service}; the services are {', '.join(SERVICES)}.")
    async with bus(data, nats_url) as client:
        await provision(client, _NAMES)
        await asyncio.gather(*(_ask_one(client, service, since) for service in services or SERVICES))


async def _ask_one(client: Client, service: str, since: str | None) -> None:
    request = {"order_id": None, "from_n": 1, "since": since}
    answer = await ask(client, _NAMES.control(service, "tell_again"), request, _ANSWERS_WITHIN)
    print(
        f"{service:<11} {answer.get('messages', 0)} messages of {answer.get('entries', 0)} entries told again"
    )
