"""Partners claim and give back at once, with answers lost: sums and reserves are exact, every answer is explained."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.demo.record import Record
from deploy.local.system import System
from tests.faults import means
from tests.faults.harness import Given, Stored, Verdict, agree
from tests.faults.linear import Done, in_order
from tests.faults.open_calls import FUNDS, RACKS, open_calls
from tests.faults.proxy import Proxy

Lines = tuple[tuple[str, int], ...]  # by name: an order, so that two are equal when they are

_NEED: Lines = (("funds", FUNDS), ("racks", RACKS))
_WORTH = 4  # calls that a partner's resources are enough for
_HELD_MOST = 6  # claims in one hand
_GIVES_BACK = 0.3  # share of the steps of a partner that holds something
_TAPS_TWICE = 0.1
_LOST, _MOST_LOST = 0.15, 3  # share of the answers, and of one request at most so many
_OWN = frozenset({"reserve-too-small", "holds-too-many", "cooling-down"})  # refused for the partner's sake


SHORT = {"partners": 32, "calls": 60, "rounds": 2, "steps": 12}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partners", type=int, default=64, help="who claim (64)")
    parser.add_argument("--calls", type=int, default=200, help="what they claim, half of it exclusive (200)")
    parser.add_argument("--replicas", type=int, default=2, help="processes of the service partners (2)")
    parser.add_argument("--rounds", type=int, default=4, help="after each everything is counted (4)")
    parser.add_argument("--steps", type=int, default=24, help="of each partner in a round (24)")


@dataclass(frozen=True, slots=True)
class Deed:
    """One request and what it was answered. `left`: what was missing then; None: the answer does not say."""

    partner: UUID
    kind: str  # claim, release
    lines: Lines
    status: int
    refusal: str
    left: Lines | None
    claim_id: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One call as a single hand would keep it: what is missing, and who holds what."""

    left: Lines
    held: frozenset[tuple[str, UUID, Lines]] = frozenset()


@dataclass(slots=True)
class Call:
    record: Record
    exclusive: bool
    done: list[Done[Deed]] = field(default_factory=list)


@dataclass(slots=True)
class Hand:
    """A partner as it sees itself: its claims, by call."""

    id: UUID
    token: str
    chance: random.Random
    holds: dict[UUID, tuple[str, int, Lines]] = field(default_factory=dict)


async def prove(given: Given, verdict: Verdict) -> None:
    chance = given.chance
    partners = means.somebody(chance, given.options.partners)
    funds = means.resource("funds", "fen", FUNDS * _WORTH)
    racks = means.resource("goods", "piece", RACKS * _WORTH, codes=["racks"])
    env = {
        **means.companies(given, partners, funds, racks),
        "HEHUO_PARTNERS_HELD_MOST": str(_HELD_MOST),
        "HEHUO_PARTNERS_FINISHED_FROM": "1000000",  # whoever gives back so often would soon be refused
        "HEHUO_PARTNERS_COOL_DOWN": "PT0.001S",
        "HEHUO_PARTNERS_CLAIMS_MOST": "1000",
    }
    async with (
        given.system(env=env, replicas={"partners": given.options.replicas}) as system,
        Stored(system.mongo_admin_url) as stored,
    ):
        opened = await open_calls(system, given.options.calls)
        calls = [Call(record, exclusive) for record, exclusive in opened]
        given.say(f"{len(calls)} calls are open to {len(partners)} partners")
        proxy = Proxy(system.gateway_url, random.Random(chance.random()), _LOST, _MOST_LOST)
        hands = [
            Hand(
                id,
                system.token(role="partner", sub=f"of-{id}", partner=str(id)),
                random.Random(chance.random()),
            )
            for id in partners
        ]
        spent = 0.0
        async with proxy.open():
            for number in range(1, given.options.rounds + 1):
                spent += await _round(calls, hands, proxy.url, given.options.steps)
                await _count(calls, hands, system, stored, verdict)
                given.say(f"round {number} is counted")
        await agree(stored, [call.record for call in calls], verdict, 60)
    for call in calls:
        _explain(call, verdict)
    _figures(calls, proxy, given, spent, verdict)


# ── claiming and giving back ───────────────────────────────────────────────────────────────────────────────────────


async def _round(calls: Sequence[Call], hands: Sequence[Hand], url: str, steps: int) -> float:
    """Every partner takes its steps, all at once. Returns the seconds."""
    begun = time.perf_counter()
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(_steps(calls, hand, session, steps) for hand in hands))
    return time.perf_counter() - begun


async def _steps(calls: Sequence[Call], hand: Hand, session: aiohttp.ClientSession, steps: int) -> None:
    by_id = {call.record.id: call for call in calls}
    for _ in range(steps):
        if hand.holds and hand.chance.random() < _GIVES_BACK:
            await _release(by_id[hand.chance.choice(list(hand.holds))], hand, session)
            continue
        some = [call for call in hand.chance.sample(calls, 3) if call.record.id not in hand.holds]
        await asyncio.gather(
            *(_claim(call, hand, session) for call in some)
        )  # of several at once: one reserve


async def _claim(call: Call, hand: Hand, session: aiohttp.ClientSession) -> None:
    """Everything, or a share by chance; when refused, once more what the refusal says is still missing of it."""
    wish = _NEED
    if not call.exclusive:
        wish = (("funds", hand.chance.randint(1, FUNDS)), ("racks", hand.chance.randint(1, RACKS)))
    for _ in range(2):
        body = {"lines": [{"name": name, "amount": amount} for name, amount in wish]}
        twice = hand.chance.random() < _TAPS_TWICE
        status, answer = await _ask(call, "claims", body, hand, session, twice=twice)
        if status == 200:
            mine = _mine(answer)
            hand.holds[call.record.id] = (mine["claim_id"], mine["epoch"], wish)
            return
        missing = answer.get("missing")
        if _slug(answer) in _OWN or not isinstance(missing, dict) or call.exclusive:
            return
        wish = tuple((name, min(amount, missing[name])) for name, amount in wish if missing.get(name))
        if not wish:
            return


async def _release(call: Call, hand: Hand, session: aiohttp.ClientSession) -> None:
    claim_id, epoch, lines = hand.holds.pop(call.record.id)
    body = {"reason": "人手不足", "epoch": epoch}
    await _ask(call, f"claims/{claim_id}/release", body, hand, session, gives=(claim_id, lines))


async def _ask(
    call: Call,
    what: str,
    body: Mapping[str, Any],
    hand: Hand,
    session: aiohttp.ClientSession,
    *,
    gives: tuple[str, Lines] | None = None,  # the claim that is given back, and what it held
    twice: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Until there is an answer: its key makes it one request. It stands in the history of the call."""
    headers = {"authorization": f"Bearer {hand.token}", "idempotency-key": uuid4().hex}
    path = call.record.path("partners", what)

    async def once() -> tuple[int, bytes]:
        while True:
            try:
                async with session.post(path, json=body, headers=headers) as answer:
                    return answer.status, await answer.read()
            except (aiohttp.ClientError, OSError):
                continue

    begun = time.perf_counter()
    answers = await asyncio.gather(*(once() for _ in range(1 + twice)))
    status, said = min(answers)  # the one may be refused, and the other come when there is room again
    answer: dict[str, Any] = json.loads(said)
    claim_id, lines = gives or ("", tuple((one["name"], one["amount"]) for one in body["lines"]))
    if status == 200:
        left: Lines | None = tuple((line["name"], line["missing"]) for line in answer["lines"])
        claim_id = claim_id or _mine(answer)["claim_id"]
    else:
        missing = answer.get("missing")
        left = tuple(missing.items()) if isinstance(missing, dict) else None
    deed = Deed(hand.id, "release" if gives else "claim", lines, status, _slug(answer), left, claim_id)
    call.done.append(Done(begun, time.perf_counter(), deed))
    return status, answer


def _mine(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claim that the asker holds."""
    claim: Mapping[str, Any] = next(
        one for one in answer["claims"] if one["mine"] and one["state"] == "active"
    )
    return claim


def _slug(answer: Mapping[str, Any]) -> str:
    return str(answer.get("type", "")).rpartition("/")[2]


# ── judging ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _count(
    calls: Sequence[Call], hands: Sequence[Hand], system: System, stored: Stored, verdict: Verdict
) -> None:
    """While nobody does anything: what is stored, what each partner is told of itself, and what it believes agree."""
    promised: dict[UUID, Counter[str]] = defaultdict(Counter)
    for call in calls:
        state = (await stored.entry("partners", call.record.id))["state"]
        active = [one for one in state["claims"] if one["state"] == "active"]
        taken = Counter[str]()
        for one in active:
            lines = {line["name"]: line["amount"] for line in one["lines"]}
            taken.update(lines)
            promised[one["partner_id"]].update({**lines, "held": 1})
        held = {hand.id: hand.holds[call.record.id] for hand in hands if call.record.id in hand.holds}
        believed = {id: (claim, lines) for id, (claim, _, lines) in held.items()}
        true = {
            one["partner_id"]: (
                str(one["claim_id"]), tuple((line["name"], line["amount"]) for line in one["lines"])
            )
            for one in active
        }  # fmt: skip
        id = call.record.id
        verdict.check(believed == true, f"{id}: partners believe {believed}, stored is {true}")
        verdict.check(all(taken[name] <= need for name, need in _NEED), f"{id}: {taken} of {_NEED} is taken")
        if call.exclusive:
            verdict.check(len(active) <= 1, f"{id}: {len(active)} hold an exclusive call")
    async with aiohttp.ClientSession(system.gateway_url) as session:
        for hand in hands:
            mine, path = promised[hand.id], f"/api/partners/v1/partners/{hand.id}/reserve"
            async with session.get(path, headers={"authorization": f"Bearer {hand.token}"}) as answer:
                told = await answer.json()
            reserved = {
                one["kind"]: (one["reserved"], one["free"], one["declared"]) for one in told["resources"]
            }
            exact = {
                "funds": (mine["funds"], FUNDS * _WORTH - mine["funds"], FUNDS * _WORTH),
                "goods": (mine["racks"], RACKS * _WORTH - mine["racks"], RACKS * _WORTH),
            }
            verdict.check(reserved == exact, f"{hand.id} is told {reserved}, promised is {exact}")
            verdict.check(
                min(free for _, free, _ in exact.values()) >= 0, f"{hand.id} promised more than it has"
            )
            verdict.check(told["held"] == mine["held"] <= _HELD_MOST, f"{hand.id} holds {mine['held']}")


def _explain(call: Call, verdict: Verdict) -> None:
    """There is an order in which one hand could have given all these answers."""
    found = in_order(call.done, Stage(_NEED), _after(call.exclusive))
    verdict.check(found is not None, f"{call.record.id}: {len(call.done)} answers that no order explains")


def _after(exclusive: bool) -> Any:
    def after(stage: Stage, deed: Deed) -> Stage | None:
        """The rules of a call, said once more and in another way."""
        left = dict(stage.left)
        if deed.kind == "release":
            own = next((one for one in stage.held if one[0] == deed.claim_id), None)
            if deed.status != 200 or own is None:
                return None
            back = dict(deed.lines)
            then = Stage(tuple((n, m + back.get(n, 0)) for n, m in stage.left), stage.held - {own})
            return then if then.left == deed.left else None
        if deed.status == 200:
            wanted = dict(deed.lines)
            taken = exclusive and any(partner != deed.partner for _, partner, _ in stage.held)
            if taken or any(amount > left[name] for name, amount in wanted.items()):
                return None
            if exclusive and wanted != {n: m for n, m in left.items() if m}:
                return None
            now = tuple((n, m - wanted.get(n, 0)) for n, m in stage.left)
            made = (deed.claim_id, deed.partner, deed.lines)
            return Stage(now, stage.held | {made}) if now == deed.left else None
        true = deed.status == 409 and (deed.left is None or deed.left == stage.left)
        if deed.refusal == "exclusively-taken":
            true = true and any(partner != deed.partner for _, partner, _ in stage.held)
        elif deed.refusal in ("line-taken", "pledge-too-large"):
            true = true and any(amount > left[name] for name, amount in deed.lines)
        elif deed.refusal not in _OWN:
            return None
        return stage if true else None

    return after


def _figures(calls: Sequence[Call], proxy: Proxy, given: Given, spent: float, verdict: Verdict) -> None:
    deeds = [one.what for call in calls for one in call.done]
    won = sum(deed.kind == "claim" and deed.status == 200 for deed in deeds)
    back = sum(deed.kind == "release" for deed in deeds)
    lost = sum(one.lost for one in proxy.exchanges.values())
    refused = Counter(deed.refusal for deed in deeds if deed.status != 200)
    for what in ("exclusively-taken", "line-taken", "reserve-too-small", "holds-too-many"):
        verdict.check(refused[what] > 0, f"nobody was refused by {what}: that was not tried")
    verdict.check(back > 0, "nothing was given back")
    verdict.check(lost > 0, "no answer got lost")
    verdict.figure(
        f"{len(calls)} calls, {given.options.partners} partners, {given.options.replicas} processes"
    )
    verdict.figure(f"{len(deeds)} attempts, {won} won, {back} given back, {lost} answers lost")
    verdict.figure(f"{len(deeds) / spent:.0f} attempts/s")
    verdict.figure(" ".join(f"{slug} {times}" for slug, times in refused.most_common()))
