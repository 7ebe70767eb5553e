"""Both golden cases through the gateway: each step is in the store and on the timeline, and the money adds up."""

from __future__ import annotations

from collections import Counter

from deploy.demo.cast import Cast
from deploy.demo.check import money_of, state_hash
from deploy.demo.golden import GOLDEN
from deploy.demo.record import RESOURCES
from deploy.demo.story import Case, Step
from tests.faults.harness import Given, Stored, Verdict, agree


async def prove(given: Given, verdict: Verdict) -> None:
    async with (
        given.system() as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token) as cast,
    ):
        cases = [Case(story, cast) for story in GOLDEN]
        for case in cases:
            shown: Counter[str] = Counter()
            async for step in case.play():
                shown.update(step.shows)
                await _look(case, step, shown, stored, verdict)
            given.say(f"played: {case.story.en}")
        await agree(stored, [case.record for case in cases], verdict)
        for case in cases:
            await _end(case, stored, verdict)
        rates = await cast.person("district-shibei").get("/api/evaluation/v1/rates?area=370203")
        for name in ("response", "resolution", "satisfaction"):
            share = (rates[name]["numerator"], rates[name]["denominator"])
            verdict.check(share == (len(cases), len(cases)), f"the rate {name} is {share}")
        given.say(f"state {(await state_hash(stored))[:16]}")
    verdict.figure(f"{len(cases)} cases, {sum(len(case.story.steps) for case in cases)} steps")
    verdict.figure(f"{sum(len(case.record.acknowledged) for case in cases)} requests")
    verdict.figure(f"{verdict.looked} looks")


async def _look(case: Case, step: Step, shown: Counter[str], stored: Stored, verdict: Verdict) -> None:
    """The lists that the step touches, as they are stored; and what people see of it."""
    where = f"{case.story.en}, {step.en}"
    for service, wanted in step.leads_to.items():
        entry = await stored.entry(service, case.record.id)
        state = entry["state"][RESOURCES[service].state]
        verdict.check(state == wanted, f"{where}: {service} holds {state}, not {wanted}")
        verdict.check(
            entry["said"] == len(entry["history"]), f"{where}: {service} does not count its history"
        )
    await look_from_outside(case, step, shown, verdict)


async def look_from_outside(case: Case, step: Step, shown: Counter[str], verdict: Verdict) -> None:
    """What the resident's timeline has by now, `shown` and nothing else; and who pays what."""
    where = f"{case.story.en}, {step.en}"
    order = await case.record.see(case.resident, "intake")
    assert order is not None, "the step has waited for it"
    lines = Counter(line["event"] for line in order["timeline"])
    verdict.check(lines == shown, f"{where}: the timeline shows {+(lines - shown)}, lacks {+(shown - lines)}")
    funding = order["funding"]
    paid = funding["shares"] + funding["subsidies"] + funding["pledged"] + funding["gap"]
    verdict.check(not funding["cost"] or funding["cost"] == paid, f"{where}: {funding} does not add up")
    verdict.check(min(funding.values()) >= 0, f"{where}: {funding} is below zero")


async def _end(case: Case, stored: Stored, verdict: Verdict) -> None:
    lists = (await stored.orders([case.record.id]))[case.record.id]
    money = money_of(lists)
    verdict.check(len(set(money.values())) == 1, f"{case.story.en}: money differs: {money}")
    verdict.check(
        money["intake"].gap == 0, f"{case.story.en}: {money['intake'].gap} fen are missing at the end"
    )
    cost = lists["dispatch"]["state"]["money"]["cost"]
    verdict.check(sum(money["partners"]) == cost, f"{case.story.en}: {money['partners']} for {cost}")
    verdict.figure(f"{cost / 100:.2f} yuan = {' + '.join(f'{part / 100:.2f}' for part in money['partners'])}")
