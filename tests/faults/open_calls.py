"""Calls that are open to partners, for those who race for them."""

from __future__ import annotations

import asyncio

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from deploy.local.system import System

FUNDS, RACKS = 1000_01, 40  # what each call needs: fen, pieces


async def open_calls(system: System, number: int) -> list[tuple[Record, bool]]:
    """Orders that were taken in hand and opened to partners, every other one exclusively: that is said beside it."""
    places, at_once = everywhere(), asyncio.Semaphore(8)
    async with Cast(system.gateway_url, system.token) as cast:

        async def open_one(number: int) -> tuple[Record, bool]:
            place, exclusive, record = places[number % len(places)], number % 2 == 0, Record()
            worker, community = cast.grid_worker(place), cast.community(place)
            lines = [
                {"name": "funds", "kind": "funds", "amount": FUNDS},
                {"name": "racks", "kind": "goods", "amount": RACKS, "unit": "piece"},
            ]
            async with at_once:
                order = {"category": "drying_rack", "text": "晾衣架坏了。", "place": place.wire()}
                await record.order(cast.resident(number), order)
                await record.wait(worker, "dispatch", "received")
                await record.ask(worker, "dispatch", "assignment", {})
                await record.ask(community, "dispatch", "call", {"lines": lines, "exclusive": exclusive})
                await record.wait(community, "partners", "open")
            return record, exclusive

        return list(await asyncio.gather(*map(open_one, range(number))))
