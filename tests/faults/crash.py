"""Every process is killed at random moments while lives go on: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from deploy.demo.cast import Cast, Refused, Unreachable, everywhere
from deploy.demo.check import state_hash
from deploy.demo.life import life
from deploy.demo.record import Record
from deploy.demo.waiting import Stuck, until
from deploy.local.system import System
from shared.naming import SERVICES
from tests.faults import means
from tests.faults.harness import SERVERS, Given, Stored, Verdict, agree, bus, last

_VICTIMS = (*SERVERS, *SERVICES, "gateway")
_PATIENCE = 180.0  # seconds for which a request is tried, and a list waited for
_PAUSES = (0.2, 4.0)  # seconds between two kills; most parts are not back by then


SHORT = {"lives": 40, "at_once": 10, "rounds": 1}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=300, help="lives, at least (300)")
    parser.add_argument("--at-once", type=int, default=20, help="lives under way at once (20)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each part is killed, at least (3)")


@dataclass(slots=True)
class Campaign:
    """What happens: lives, and deaths."""

    records: list[Record] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    stopped: list[str] = field(default_factory=list)  # lives that did not come to their end, and why
    over: bool = False  # nobody is killed any more


async def prove(given: Given, verdict: Verdict) -> None:
    campaign, chance = Campaign(), given.chance
    async with given.system(env=means.well_off(given)) as system, Stored(system.mongo_admin_url) as stored:
        async with Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast:
            kills = random.Random(chance.random())
            killing = asyncio.create_task(_kill(given, system, campaign, kills))
            try:
                seeds = iter(lambda: random.Random(chance.random()), None)
                people = [_live(given, cast, campaign, seeds) for _ in range(given.options.at_once)]
                await asyncio.gather(killing, *people)
            finally:
                killing.cancel()
        given.say(f"{len(campaign.records)} lives have ended, {sum(campaign.kills.values())} kills")
        began = time.monotonic()
        await system.wait_ready()
        await agree(stored, campaign.records, verdict, _PATIENCE)
        settled = time.monotonic() - began
        await until(stored.counted, "all that was saved is in the sums", _PATIENCE)
        given.say(f"the lists are at rest; state {(await state_hash(stored))[:16]}")
        verdict.check(not campaign.stopped, f"{len(campaign.stopped)} lives stopped: {campaign.stopped[:5]}")
        await _judge(given, stored, campaign, verdict)
        async with bus(system) as operator:
            verdict.check(not (aside := await operator.held("aside")), f"{aside} messages were set aside")
        verdict.figure(f"settled {settled:.1f} s after the last life")


async def _live(given: Given, cast: Cast, campaign: Campaign, seeds: object) -> None:
    """One life after the other, until there were enough and the killing is over."""
    places = everywhere()
    while len(campaign.records) < given.options.lives or not campaign.over:
        record, chance = Record(), next(seeds)  # type: ignore[call-overload]
        campaign.records.append(record)
        try:
            await life(cast, chance.choice(places), chance, record, within=_PATIENCE)
        except (Refused, Unreachable, Stuck) as error:
            campaign.stopped.append(f"{record.order_id}: {error}")


async def _kill(given: Given, system: System, campaign: Campaign, chance: random.Random) -> None:
    """Each part in turn, in an order by chance, at moments by chance; whatever else is down just then.

    It goes on for as long as lives begin, so that all of them are lived under it. Between two rounds lives go on,
    however slow the machine: where nothing is up for long nothing would end.
    """
    for number in itertools.count(1):
        begun = len(campaign.records)
        for victim in chance.sample(_VICTIMS, len(_VICTIMS)):
            await last(chance.uniform(*_PAUSES))
            await _until_it_runs(system, victim)
            await system.kill(victim)
            campaign.kills[victim] += 1
        given.say(f"each part was killed {number}×; {len(campaign.records)} lives begun")
        if number >= given.options.rounds and len(campaign.records) >= given.options.lives:
            break
        while len(campaign.records) < begun + given.options.at_once:
            await last(0.05)
    campaign.over = True


async def _until_it_runs(system: System, part: str) -> None:
    while not system.pids(part):
        await last(0.05)


async def _judge(given: Given, stored: Stored, campaign: Campaign, verdict: Verdict) -> None:
    records = [record for record in campaign.records if record.order_id is not None]
    found = await stored.acknowledged(records)
    verdict.check(found.requests > 0, "nothing was acknowledged")
    verdict.check(found.lost == 0, f"{found.lost} acknowledged requests are not there")
    verdict.check(found.doubled == 0, f"{found.doubled} acknowledged requests are there more than once")
    verdict.blame(await stored.applied_twice())
    verdict.blame(await stored.wrong_sums())
    extra = set(await stored.ids("intake")) - {record.id for record in records}
    verdict.check(not extra, f"{len(extra)} orders that nobody was told of, e.g. {list(extra)[:3]}")
    for one in await stored.every("dispatch"):
        verdict.check(one["state"]["state"] == "closed", f"{one['_id']} is {one['state']['state']}")
    few = [part for part in _VICTIMS if campaign.kills[part] < given.options.rounds]
    verdict.check(not few, f"killed too seldom: {few}")
    verdict.figure(f"{len(records)} lives")
    verdict.figure(f"{sum(campaign.kills.values())} kills of {len(campaign.kills)} parts")
    verdict.figure(f"{found.requests} requests acknowledged, {found.lost} lost, {found.doubled} doubled")
    verdict.figure(f"{sum(len(record.unknown) for record in records)} unknown")
