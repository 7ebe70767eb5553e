"""Many partners race for each call: one winner where it is taken as a whole, exact sums where it is shared."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.demo.record import Record
from deploy.local.system import System
from tests.faults import means
from tests.faults.harness import Given, Stored, Verdict, agree
from tests.faults.open_calls import FUNDS, RACKS, open_calls

Lines = dict[str, int]

_MOST_TRIES = 200  # of one racer who is told each time what is still missing
_TAPS_TWICE = 0.1  # share of the racers who send each request twice at once


SHORT = {"partners": 32, "calls": 16}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partners", type=int, default=64, help="who race (64)")
    parser.add_argument(
        "--calls", type=int, default=100, help="what they race for, half of it exclusive (100)"
    )
    parser.add_argument("--replicas", type=int, default=2, help="processes of the service partners (2)")


@dataclass(slots=True)
class Tried:
    """One request of one racer, and what it was answered."""

    partner: UUID
    lines: Lines
    status: int
    body: Mapping[str, Any]


@dataclass(slots=True)
class Race:
    """One call that many race for."""

    record: Record
    exclusive: bool
    tried: list[Tried] = field(default_factory=list)
    uneven: int = 0  # requests sent twice at once that were answered differently

    @property
    def won(self) -> list[Tried]:
        return [one for one in self.tried if one.status == 200]

    @property
    def lost(self) -> list[Tried]:
        return [one for one in self.tried if one.status != 200]


async def prove(given: Given, verdict: Verdict) -> None:
    chance = given.chance
    partners = means.somebody(chance, given.options.partners)
    env = {**means.companies(given, partners), "HEHUO_PARTNERS_HELD_MOST": str(given.options.calls)}
    async with (
        given.system(env=env, replicas={"partners": given.options.replicas}) as system,
        Stored(system.mongo_admin_url) as stored,
    ):
        races = [Race(*opened) for opened in await open_calls(system, given.options.calls)]
        given.say(f"{len(races)} calls are open to {len(partners)} partners")
        seconds = await _run(races, partners, system, chance)
        given.say(f"all races are run in {seconds:.1f} s")
        await agree(stored, [race.record for race in races], verdict, 60)
        for race in races:
            await _judge(race, len(partners), stored, verdict)
    attempts = sum(len(race.tried) for race in races)
    refusals = Counter(str(one.body.get("type")).rpartition("/")[2] for race in races for one in race.lost)
    for what in ("exclusively-taken", "line-taken", "pledge-too-large"):
        verdict.check(refusals[what] > 0, f"nobody was refused by {what}: that was not tried")
    verdict.figure(f"{len(races)} calls, {len(partners)} partners, {given.options.replicas} processes")
    verdict.figure(
        f"{attempts} attempts, {sum(len(race.won) for race in races)} won, {attempts / seconds:.0f}/s"
    )
    verdict.figure(" ".join(f"{slug} {times}" for slug, times in refusals.most_common()))


async def _run(
    races: Sequence[Race], partners: Sequence[UUID], system: System, chance: random.Random
) -> float:
    """One race after the other, all racers of each at once. Returns the seconds in which somebody raced."""
    tokens = {id: system.token(role="partner", sub=f"of-{id}", partner=str(id)) for id in partners}
    connector = aiohttp.TCPConnector(limit=0)
    spent = 0.0
    async with aiohttp.ClientSession(system.gateway_url, connector=connector) as session:
        for race in races:
            start = asyncio.Event()
            racers = [
                asyncio.create_task(
                    _racer(race, id, tokens[id], session, start, random.Random(chance.random()))
                )
                for id in chance.sample(partners, len(partners))
            ]
            begun = time.perf_counter()
            start.set()
            await asyncio.gather(*racers)
            spent += time.perf_counter() - begun
    return spent


async def _racer(
    race: Race,
    partner: UUID,
    token: str,
    session: aiohttp.ClientSession,
    start: asyncio.Event,
    chance: random.Random,
) -> None:
    """Try to take everything, or a share by chance; when refused, what the refusal says is still missing of it."""
    wish: Lines = {"funds": FUNDS, "racks": RACKS}
    if not race.exclusive:
        wish = {"funds": chance.randint(1, FUNDS // 10), "racks": chance.randint(1, RACKS // 10)}
    twice = chance.random() < _TAPS_TWICE
    await start.wait()
    for _ in range(_MOST_TRIES):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}
        asks = [_ask(race, wish, session, headers) for _ in range(1 + twice)]
        (status, body), *again = await asyncio.gather(*asks)
        if status == 200 and any(answer != (status, body) for answer in again):
            race.uneven += 1
        one = Tried(partner, wish, status, json.loads(body))
        race.tried.append(one)
        missing = one.body.get("missing")
        if status == 200 or race.exclusive or not isinstance(missing, dict):
            return
        wish = {name: min(amount, missing[name]) for name, amount in wish.items() if missing.get(name)}
        if not wish:
            return


async def _ask(
    race: Race, wish: Lines, session: aiohttp.ClientSession, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    body = {"lines": [{"name": name, "amount": amount} for name, amount in wish.items()]}
    path = race.record.path("partners", "claims")
    async with session.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.read()


# ── judging ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _judge(race: Race, racers: int, stored: Stored, verdict: Verdict) -> None:
    call = await stored.entry("partners", race.record.id)
    id, state = race.record.id, call["state"]
    made = [event["data"] for event in call["history"] if event["type"] == "claim_made.v1"]
    covered = [event for event in call["history"] if event["type"] == "call_covered.v1"]

    verdict.check(len(race.tried) >= racers, f"{id}: only {len(race.tried)} attempts of {racers} partners")
    if race.exclusive:
        verdict.check(len(race.won) == 1, f"{id}: {len(race.won)} winners of an exclusive call")
    verdict.check(race.uneven == 0, f"{id}: {race.uneven} requests sent twice were answered differently")
    verdict.check(
        state["state"] == "covered" and len(covered) == 1, f"{id}: {state['state']}, {len(covered)}×"
    )

    answered = sorted((str(one.partner), sorted(one.lines.items())) for one in race.won)
    written = sorted((one["partner_id"], sorted(_amounts(one).items())) for one in made)
    held = sorted((str(one["partner_id"]), sorted(_amounts(one).items())) for one in state["claims"])
    verdict.check(answered == written == held, f"{id}: {len(answered)} said to win, {len(held)} hold")
    stages = _stages(made)
    verdict.check(not any(stages[-1].values()), f"{id}: pledged {FUNDS, RACKS} less {stages[-1]}")
    gaps = [one["gap"] for one in made]
    verdict.check(gaps == [stage["funds"] for stage in stages[1:]], f"{id}: the gap was told as {gaps}")

    for one in race.lost:
        told = {
            "missing": one.body.get("missing"),
            "gap": one.body.get("gap"),
            "state": one.body.get("state"),
        }
        true = one.status == 409 and told["missing"] in stages and told["missing"]["funds"] == told["gap"]
        over = told["missing"] == stages[-1]
        true = true and told["state"] == ("covered" if over else "open")
        verdict.check(true, f"{id}: a loser was told {one.status} {dict(one.body)}")


def _amounts(claim: Mapping[str, Any]) -> Lines:
    return {line["name"]: line["amount"] for line in claim["lines"]}


def _stages(made: Sequence[Mapping[str, Any]]) -> list[Lines]:
    """What was missing before the first claim, and after each."""
    stages: list[Lines] = [{"funds": FUNDS, "racks": RACKS}]
    for one in made:
        taken = _amounts(one)
        stages.append({name: amount - taken.get(name, 0) for name, amount in stages[-1].items()})
    return stages
