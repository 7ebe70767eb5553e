"""Pledges are made, paid, returned and given back under kills: every page adds up, and the record only ever grows."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp

from deploy.demo.cast import Cast, Person, Refused, Unreachable, everywhere
from deploy.demo.record import Record
from deploy.local.system import System
from tests.faults import means
from tests.faults.harness import Given, Stored, Verdict, agree, bus, last
from tests.faults.open_calls import FUNDS, RACKS, open_calls
from tests.faults.proxy import Proxy

_PATIENCE = 60.0  # seconds for which a request is tried
_LOST, _MOST_LOST = 0.15, 3  # share of the answers, and of one request at most so many
_PAUSES = (2.0, 6.0)  # seconds between two kills
_LINES = ("funds", "racks")


SHORT = {"partners": 12, "calls": 6}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partners", type=int, default=24, help="who pledge (24)")
    parser.add_argument("--calls", type=int, default=12, help="needs, half of them exclusive (12)")
    parser.add_argument(
        "--steps", type=int, default=20, help="of each partner and of the staff of a call (20)"
    )
    parser.add_argument("--replicas", type=int, default=2, help="processes of the service partners (2)")


@dataclass(slots=True)
class Fund:
    """One call, as those who look at it know it."""

    record: Record
    staff: Person
    exclusive: bool
    written: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # by reference: deed, line, amount
    needed: int = FUNDS  # fen, with what was asked for besides
    seen: Mapping[str, int] = field(default_factory=dict)  # paid and returned, on the page seen last
    deeds: list[Any] = field(default_factory=list)  # of the record as it was stored then


@dataclass(slots=True)
class Bank:
    funds: list[Fund]
    acts: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    kills: int = 0
    over: bool = False


async def prove(given: Given, verdict: Verdict) -> None:
    chance = given.chance
    partners = means.somebody(chance, given.options.partners)
    env = {
        **means.companies(given, partners),
        "HEHUO_PARTNERS_FINISHED_FROM": "1000000",  # whoever gives back so often would soon be refused
        "HEHUO_PARTNERS_COOL_DOWN": "PT0.001S",
    }
    replicas = {"partners": given.options.replicas}
    async with given.system(env=env, replicas=replicas) as system, Stored(system.mongo_admin_url) as stored:
        opened = await open_calls(system, given.options.calls)
        given.say(f"{len(opened)} calls are open to {len(partners)} partners")
        proxy = Proxy(system.gateway_url, random.Random(chance.random()), _LOST, _MOST_LOST)
        async with proxy.open(), Cast(proxy.url, system.token, patience=_PATIENCE) as cast:
            places = everywhere()
            bank = Bank(
                [
                    Fund(record, cast.community(places[n % len(places)]), exclusive)
                    for n, (record, exclusive) in enumerate(opened)
                ]
            )
            await _all_act(given, system, stored, cast, partners, bank, verdict)
        lost = sum(one.lost for one in proxy.exchanges.values())
        await system.wait_ready()
        records = [fund.record for fund in bank.funds]
        await agree(stored, records, verdict)
        for fund in bank.funds:
            await _is_exact(fund, stored, verdict)
        meanwhile = bank.pages
        async with aiohttp.ClientSession(system.gateway_url) as session:
            for fund in bank.funds:
                await _page(fund, session, stored, bank, verdict)
        verdict.check(bank.pages == meanwhile + len(bank.funds), "at rest not every page could be read")
        verdict.check(meanwhile > 0, "nobody looked meanwhile")
        found = await stored.acknowledged(records)
        verdict.check(found.lost == found.doubled == 0, f"{found.lost} lost, {found.doubled} doubled")
        async with bus(system) as operator:
            verdict.check(not (aside := await operator.held("aside")), f"{aside} messages were set aside")
    for what in ("claimed", "confirmed", "received", "returned", "released", "grown"):
        verdict.check(bank.acts[what] > 0, f"nothing was {what}")
    verdict.check(bank.kills > 0, "nothing was killed")
    verdict.figure(f"{len(bank.funds)} calls, {len(partners)} partners, {given.options.replicas} processes")
    verdict.figure(", ".join(f"{times} {what}" for what, times in bank.acts.most_common(8)))
    verdict.figure(f"{bank.kills} kills, {lost} answers lost, {bank.pages} pages read, {found.requests} kept")


# ── what is done ───────────────────────────────────────────────────────────────────────────────────────────────────


async def _all_act(
    given: Given,
    system: System,
    stored: Stored,
    cast: Cast,
    partners: Sequence[UUID],
    bank: Bank,
    verdict: Verdict,
) -> None:
    """Partners and staff act, processes die, and somebody looks at every page all the while."""
    chance, steps = given.chance, given.options.steps

    def somebody(act: Callable[[random.Random], Awaitable[None]]) -> Awaitable[None]:
        own = random.Random(chance.random())

        async def live() -> None:
            for _ in range(steps):
                try:
                    await act(own)
                except Refused as refused:
                    verdict.check(refused.status in (404, 409), f"refused with {refused}")
                    bank.acts["refused"] += 1
                except Unreachable as error:
                    verdict.check(False, str(error))

        return live()

    def partner(id: UUID) -> Callable[[random.Random], Awaitable[None]]:
        me = cast.somebody("partner", f"of-{id}", partner=str(id))
        return lambda own: _pledge(own.choice(bank.funds), me, own, bank)

    def staff(fund: Fund) -> Callable[[random.Random], Awaitable[None]]:
        return lambda own: _write(fund, own, bank)

    kills = random.Random(chance.random())
    killing = asyncio.create_task(_kill(system, bank, given.options.replicas, kills))
    looking = asyncio.create_task(_look(system, stored, bank, verdict))
    try:
        people = [somebody(partner(id)) for id in partners] + [somebody(staff(fund)) for fund in bank.funds]
        await asyncio.gather(*people)
    finally:
        bank.over = True
        await asyncio.gather(killing, looking)
    given.say(f"{sum(bank.acts.values())} acts, {bank.kills} kills, {bank.pages} pages read")


async def _pledge(fund: Fund, me: Person, chance: random.Random, bank: Bank) -> None:
    """Take a part of what is missing; of what it holds confirm the money, or give it back."""
    call = await me.get(fund.record.path("partners"))
    mine = [one for one in call["claims"] if one["mine"] and one["state"] == "active"]
    if mine:
        claim, epoch = mine[0]["claim_id"], mine[0]["epoch"]
        if chance.random() < 0.5:
            await fund.record.ask(me, "partners", f"claims/{claim}/confirmation", {"epoch": epoch})
            bank.acts["confirmed"] += 1
        else:
            body = {"reason": "资金另有用途", "epoch": epoch}
            await fund.record.ask(me, "partners", f"claims/{claim}/release", body)
            bank.acts["released"] += 1
        return
    missing = {line["name"]: line["missing"] for line in call["lines"] if line["missing"]}
    if not missing:
        return
    lines = [
        {"name": name, "amount": most if call["exclusive"] else chance.randint(1, most)}
        for name, most in missing.items()
    ]
    await fund.record.ask(me, "partners", "claims", {"lines": lines})
    bank.acts["claimed"] += 1


async def _write(fund: Fund, chance: random.Random, bank: Bank) -> None:
    """The staff write down what comes in and goes back of any claim, or ask for more; first of all for more.

    An exclusive call cannot grow, and is refused.
    """
    never_grew = fund.needed == FUNDS and not fund.exclusive
    if never_grew or chance.random() < 0.1:
        more = fund.needed + chance.randint(1, 5000)
        body: dict[str, Any] = {"lines": [{"name": "funds", "kind": "funds", "amount": more}]}
        await fund.record.ask(fund.staff, "dispatch", "call/changes", body)
        fund.needed = more
        bank.acts["grown"] += 1
        return
    claims = (await fund.staff.get(fund.record.path("partners")))["claims"]
    if not claims:
        return
    claim, what = chance.choice(claims), chance.choice(("receipts", "returns"))
    name = chance.choice(_LINES)
    reference = f"{what}-{len(fund.written)}-{chance.getrandbits(32):x}"  # eleven digits would be somebody's telephone
    amount = chance.randint(1, FUNDS // 4 if name == "funds" else RACKS // 4)
    body = {
        "name": name, "amount": amount, "day": datetime.now(UTC).date().isoformat(), "reference": reference,
    } | ({"reason": "退回"} if what == "returns" else {})  # fmt: skip
    await fund.record.ask(fund.staff, "partners", f"claims/{claim['claim_id']}/{what}", body)
    deed = "received" if what == "receipts" else "returned"
    fund.written[reference] = (deed, name, amount)
    bank.acts[deed] += 1


async def _kill(system: System, bank: Bank, replicas: int, chance: random.Random) -> None:
    while not bank.over:
        await last(chance.uniform(*_PAUSES))
        await system.wait_ready(_PATIENCE)  # where nobody can ever answer nothing is pledged
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            await system.kill("partners", chance.randrange(replicas))
            bank.kills += 1


# ── what is looked at ──────────────────────────────────────────────────────────────────────────────────────────────


async def _look(system: System, stored: Stored, bank: Bank, verdict: Verdict) -> None:
    async with aiohttp.ClientSession(system.gateway_url) as session:
        while not bank.over:
            for fund in bank.funds:
                await _page(fund, session, stored, bank, verdict)


async def _page(
    fund: Fund, session: aiohttp.ClientSession, stored: Stored, bank: Bank, verdict: Verdict
) -> None:
    """What everybody is shown adds up, to the fen; what had come in or gone back by then is still there."""
    id = fund.record.id
    try:
        async with session.get(fund.record.path("partners", "funding")) as answer:
            if answer.status != 200:
                return  # whoever could answer was just killed
            page = await answer.json()
    except (aiohttp.ClientError, OSError):
        return
    bank.pages += 1
    parts = page["shares"] + page["subsidies"] + page["pledges"] + page["gap"]
    verdict.check(page["cost"] == parts, f"{id}: {page} does not add up")
    total = Counter[str]()
    for one in page["pledged_by"]:
        total.update({name: one[name] for name in ("promised", "confirmed", "paid", "returned", "owed")})
        kept = one["paid"] - one["returned"] - one["owed"]
        fits = one["confirmed"] in (0, one["promised"]) and 0 <= kept <= one["promised"]
        verdict.check(fits, f"{id}: {one} passes its bounds")
    same = all(total[name] == page[name] for name in ("confirmed", "paid", "returned", "owed"))
    verdict.check(
        same and total["promised"] == page["pledges"], f"{id}: {page} is not the sum of its pledges"
    )
    grows = all(page[name] >= before for name, before in fund.seen.items())
    verdict.check(grows, f"{id}: {fund.seen} was seen before, now {page}")
    fund.seen = {name: page[name] for name in ("paid", "returned")}
    deeds = (await stored.entry("partners", id))["state"].get("record", [])
    verdict.check(deeds[: len(fund.deeds)] == fund.deeds, f"{id}: what was on the record has changed")
    fund.deeds = deeds


async def _is_exact(fund: Fund, stored: Stored, verdict: Verdict) -> None:
    """Everything that was acknowledged is on the record once, and nothing else; dispatch knows the same sums."""
    id = fund.record.id
    state = (await stored.entry("partners", id))["state"]
    deeds = [one for one in state["record"] if one["reference"]]
    kept = {one["reference"]: (one["deed"], one["line"], one["amount"]) for one in deeds}
    verdict.check(len(kept) == len(deeds), f"{id}: a paper is on the record twice")
    verdict.check(kept == fund.written, f"{id}: acknowledged {fund.written}, on the record {kept}")
    need = next(line["amount"] for line in state["lines"] if line["name"] == "funds")
    verdict.check(need == fund.needed, f"{id}: {need} fen are called for, asked for were {fund.needed}")
    active = [one for one in state["claims"] if one["state"] == "active"]
    pledged = sum(line["amount"] for one in active for line in one["lines"] if line["name"] == "funds")
    money = (await stored.entry("dispatch", id))["state"]["money"]
    verdict.check(
        (money["pledged"], money["cost"]) == (pledged, need), f"{id}: dispatch has {money}, not {pledged}"
    )
