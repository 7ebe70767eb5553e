"""10,000 partners and 1,000 calls are matched fast and as by hand, scores add up, silence opens an offer to all."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from deploy.demo.cast import Cast, Person, everywhere
from deploy.demo.record import Record
from services.partners.domain.call import Call
from services.partners.domain.calls.finding import found_by
from services.partners.domain.matching.facts import NOTHING, Giver, Load, Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.score import WHOLE, Match, fit, metres_between
from services.partners.domain.matching.words import explained
from services.partners.domain.registry.partner import Partner, Registered
from services.partners.settings import Settings
from shared.settings import EXAMPLE
from tests.faults.harness import Given, Stored, Verdict, eventually, last, percentile
from tests.unit.partners.matching import market

_SAMPLE = 40  # needs that are also looked at by hand, one partner after the other
_BOARDS = 40
_ASKED = 60  # requests of each kind through the gateway
_PATIENCE = 120.0
_LOOKS_BACK = 12.0  # seconds: the registry, for changes
_STEPS = (
    {"most": 1, "metres": 3000, "within": "PT3S"},
    {"most": 3, "metres": 5000, "within": "PT3S"},
    {"most": 6, "metres": 20_000, "within": "PT3S"},
)
_SCALE = Settings().scale()  # as the services have it

Partners = Mapping[UUID, Partner]
Calls = Mapping[UUID, Call]


SHORT = {"partners": 2000, "calls": 200}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partners", type=int, default=10_000, help="in the registry (10,000)")
    parser.add_argument("--calls", type=int, default=1000, help="that are open (1,000)")


async def prove(given: Given, verdict: Verdict) -> None:
    chance = given.chance
    partners = {one.id: one for one in (market.partner(chance, n) for n in range(given.options.partners))}
    now = int(time.time() * 1000) << 80
    calls = {UUID(int=now + n): market.call(chance) for n in range(given.options.calls)}
    given.say(f"{len(partners)} partners and {len(calls)} calls are made up")
    _in_memory(given, verdict, partners, calls)
    env = {"HEHUO_PARTNERS_OFFER_STEPS": json.dumps(_STEPS)}
    async with (
        given.system(env=env) as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast,
    ):
        await _silence(given, verdict, cast)
        await _fill(stored, partners, calls)
        await _through_the_gateway(given, verdict, cast, partners, calls)


# ── in memory ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_memory(given: Given, verdict: Verdict, partners: Partners, calls: Calls) -> None:
    givers = {id: Giver.of(one) for id, one in partners.items()}
    loads = {id: market.load(given.chance, sorted(one.stocks)) for id, one in givers.items()}
    needs = [Wanted.of(call) for call in calls.values()]
    index, begun = Index(), time.perf_counter()
    index.keep(partners)
    built, times, fits = time.perf_counter() - begun, [], 0
    for need in needs:
        begun = time.perf_counter()
        matches = index.ranked(need, loads, _SCALE)
        times.append(time.perf_counter() - begun)
        fits += len(matches)
        wrong = [match for match in matches if not _adds_up(match)]
        verdict.check(not wrong, f"{len(wrong)} scores do not add up, e.g. {wrong[:1]}")
    for need in given.chance.sample(needs, _SAMPLE):
        verdict.check(
            index.ranked(need, loads, _SCALE) == _by_hand(givers, loads, need),
            f"the index does not find who fits {need}",
        )
    boards = []
    for id in given.chance.sample(sorted(givers), _BOARDS):
        begun = time.perf_counter()
        sum(isinstance(fit(givers[id], loads[id], need, _SCALE), Match) for need in needs)
        boards.append(time.perf_counter() - begun)
    verdict.check(fits > len(needs), f"only {fits} matches: nothing was tried")
    verdict.figure(
        f"in memory {len(partners)} x {len(needs)}: index {built:.2f} s, one need p50 {_ms(times, 0.5)} p99 "
        f"{_ms(times, 0.99)}, one board p50 {_ms(boards, 0.5)}, all {sum(times):.1f} s, {fits} matches add up"
    )


def _adds_up(match: Match) -> bool:
    factors = explained(match, _SCALE)
    return (
        sum(one.points for one in factors) == match.score
        and all(one.points == one.weight * one.worth and 0 <= one.worth <= WHOLE for one in factors)
        and sum(one.weight for one in factors) == WHOLE
    )


def _by_hand(givers: Mapping[UUID, Giver], loads: Mapping[UUID, Load], need: Wanted) -> list[Match]:
    """Every partner, one after the other."""
    every = [fit(one, loads.get(id, NOTHING), need, _SCALE) for id, one in givers.items()]
    return sorted((one for one in every if isinstance(one, Match)), key=lambda one: one.order)


def _ms(times: list[float], part: float) -> str:
    return f"{percentile(times, part) * 1000:.1f} ms"


# ── through the gateway ────────────────────────────────────────────────────────────────────────────────────────────


async def _fill(stored: Stored, partners: Partners, calls: Calls) -> None:
    """Into the database, past the services; every replica finds the partners by itself."""
    collection, now = stored.of("partners"), datetime.now(UTC)
    kept = [
        Registered(**one.model_dump(), changed_at=now).model_dump(mode="json") for one in partners.values()
    ]
    await collection.database["registry"].insert_many(
        {"_id": one["id"], "version": 1, "value": one} for one in kept
    )
    await collection.insert_many(
        {
            "_id": id, "version": 1, "said": 0, "told": 0, "heard": {}, "history": [],
            "state": {**call.model_dump(mode="json"), "until": call.until}, "find": found_by(call),
        }
        for id, call in calls.items()
    )  # fmt: skip


async def _through_the_gateway(
    given: Given, verdict: Verdict, cast: Cast, partners: Partners, calls: Calls
) -> None:
    district = cast.person("district-shibei")
    everybody = {
        **{one.id: one for one in Settings(partners_partners=EXAMPLE / "partners.json").partners()},
        **partners,
    }
    givers = {id: Giver.of(one) for id, one in everybody.items()}
    needs = {id: Wanted.of(call).on(datetime.now(UTC).date()) for id, call in calls.items()}
    id = next(id for id, need in needs.items() if _by_hand(givers, {}, need))

    async def as_by_hand() -> bool:
        found = await district.get(f"/api/partners/v1/calls/{id}/matches?limit=1")
        return bool(found["fitting"] == len(_by_hand(givers, {}, needs[id])))

    seconds = await eventually(as_by_hand, "all partners to be known", 60)
    given.say(f"the service knows them {seconds:.1f} s later")
    await last(_LOOKS_BACK)  # until then it reads all of them again each second, as if they had just changed
    await _rankings(given, verdict, district, givers, needs)
    await _boards(given, verdict, cast, givers, calls)


async def _rankings(
    given: Given,
    verdict: Verdict,
    district: Person,
    givers: Mapping[UUID, Giver],
    needs: Mapping[UUID, Wanted],
) -> None:
    """The partners of a call."""
    times, fitting = [], 0
    for id in given.chance.sample(sorted(needs), _ASKED):
        begun = time.perf_counter()
        found = await district.get(f"/api/partners/v1/calls/{id}/matches?limit=100")
        times.append(time.perf_counter() - begun)
        best = [(str(one.partner_id), one.score) for one in _by_hand(givers, {}, needs[id])[:100]]
        shown = [(one["partner_id"], one["score"]) for one in found["items"]]
        verdict.check(shown == best, f"{id} shows {shown[:3]}, by hand {best[:3]}")
        verdict.check(_all_add_up(found["items"]), f"{id}: a score does not add up")
        fitting += len(shown)
    verdict.check(fitting > 0, "nobody fits any call that was asked about")
    verdict.figure(f"partners of a call at the gateway p50 {_ms(times, 0.5)} p99 {_ms(times, 0.99)}")


async def _boards(
    given: Given, verdict: Verdict, cast: Cast, givers: Mapping[UUID, Giver], calls: Calls
) -> None:
    """The first page of 20 of a partner, the best first."""
    times, nearest, shown_in_all = [], [], 0
    needs = {id: Wanted.of(call).on(datetime.now(UTC).date()) for id, call in calls.items()}
    for partner in given.chance.sample(sorted(givers), _ASKED):
        member = cast.somebody("partner", f"member-{partner.int}", partner=str(partner))
        begun = time.perf_counter()
        board = await member.get("/api/partners/v1/board?limit=20")
        times.append(time.perf_counter() - begun)
        fits = [(id, fit(givers[partner], NOTHING, need, _SCALE)) for id, need in needs.items()]
        best = sorted((-one.score, str(id)) for id, one in fits if isinstance(one, Match))[:20]
        shown = [(-one["match"]["score"], one["order_id"]) for one in board["items"]]
        shown_in_all += len(shown)
        verdict.check(shown == best, f"the board of {partner} shows {shown[:3]}, by hand {best[:3]}")
        verdict.check(_all_add_up(one["match"] for one in board["items"]), "a score does not add up")
        begun = time.perf_counter()
        board = await member.get("/api/partners/v1/board?order=nearest&limit=20")
        nearest.append(time.perf_counter() - begun)
        seat = givers[partner].seat
        far = [(metres_between(seat, need.point), str(id)) for id, need in needs.items()]
        by_hand = sorted((2**60 if metres is None else metres, id) for metres, id in far)[:20]
        verdict.check(
            [one["order_id"] for one in board["items"]] == [id for _, id in by_hand],
            f"what is nearest to {partner} is not what it is by hand",
        )
    verdict.check(shown_in_all > 0, "all boards were empty")
    verdict.figure(
        f"a board of {len(calls)} calls p50 {_ms(times, 0.5)} p99 {_ms(times, 0.99)}, the nearest first p50 "
        f"{_ms(nearest, 0.5)} p99 {_ms(nearest, 0.99)}"
    )


def _all_add_up(matches: Iterable[Mapping[str, Any]]) -> bool:
    return all(
        sum(one["weight"] * one["worth"] for one in match["factors"]) == match["score"] for match in matches
    )


# ── silence ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _silence(given: Given, verdict: Verdict, cast: Cast) -> None:
    """A matched call that nobody answers: each step asks more, and at last all may see it."""
    record, place, resident = Record(), everywhere()[11], cast.resident(21)
    community = cast.community(place)
    need = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire()}
    await record.order(resident, need)
    await record.wait(community, "dispatch", "received", within=_PATIENCE)
    await record.ask(community, "dispatch", "assignment", {})
    money = [{"name": "money", "kind": "funds", "amount": 100}]
    await record.ask(community, "dispatch", "call", {"lines": money, "matched": True})
    await record.wait(community, "partners", "open", within=_PATIENCE)
    seen: list[int] = []

    async def open_to_all() -> bool:
        partners = [cast.partner(number) for number in range(len(cast.partners))]
        seen.append(sum([await record.see(one, "partners") is not None for one in partners]))
        return seen[-1] == len(partners)

    seconds = await eventually(open_to_all, "the call to be open to all", 60)
    steps: list[Mapping[str, Any]] = []

    async def told() -> bool:
        order = await resident.get(record.path("intake"))
        steps[:] = [line["data"] for line in order["timeline"] if line["event"] == "call_offered"]
        return bool(steps and steps[-1]["to_all"])

    await eventually(told, "the resident to see that it is open to all", 30)
    asked = [one["offered"] for one in steps]
    verdict.check(seen == sorted(seen), f"an offer became narrower: {seen}")
    verdict.check(len(steps) > 2, f"it was open to all after {asked}: no step was seen")
    verdict.check(not any(one["to_all"] for one in steps[:-1]), f"it was opened to all twice: {steps}")
    verdict.check(asked[:-1] == sorted(set(asked[:-1])), f"a step asked nobody new: {asked}")
    await record.ask(community, "dispatch", "call/withdrawal", {"reason": "不再需要"})
    await record.wait(community, "partners", "withdrawn", within=_PATIENCE)
    verdict.figure(f"silence: {' → '.join(map(str, asked[:-1]))} → all in {seconds:.0f} s")
    given.say("a call that nobody answered is open to all")
