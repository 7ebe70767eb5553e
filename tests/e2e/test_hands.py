"""Claims with their clocks shortened: silence, requests, the staff, hoarding, waiting, and what a partner has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from deploy.demo.waiting import until
from deploy.local.system import PARTS, System

PLACE = next(
    place for place in everywhere() if place.area.startswith("370203/370203015")
)  # where the shop gives
WITHIN = 40.0
HURRIED = {
    "HEHUO_PARTNERS_PLAN_WITHIN": "PT3S",
    "HEHUO_PARTNERS_REMIND_BEFORE": "PT1S",
    "HEHUO_PARTNERS_TAKE_BACK_AFTER": "PT6S",
    "HEHUO_PARTNERS_TAKEOVER_SILENCE": "PT2S",
    "HEHUO_PARTNERS_COOL_DOWN": "PT8S",
    "HEHUO_PARTNERS_COOL_DOWN_FORCED": "PT1H",
    "HEHUO_PARTNERS_HELD_MOST": "2",
    "HEHUO_PARTNERS_ELSEWHERE_ALLOWED": "true",
}
ALL = [{"name": "rack", "amount": 8}]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system of its own, in which nobody has much time."""
    parts = [part for part in PARTS if part != "web"]
    async with System(tmp_path_factory.mktemp("hurried"), only=parts, env=HURRIED) as system:
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(hurried: System) -> AsyncIterator[Cast]:
    async with Cast(hurried.gateway_url, hurried.token, patience=WITHIN) as cast:
        yield cast


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lists(hurried: System) -> AsyncIterator[Lists]:
    async with Lists(hurried.mongo_admin_url) as lists:
        yield lists


async def open_call(cast: Cast, racks: int = 8) -> Record:
    record, community = Record(), cast.community(PLACE)
    order = {"category": "drying_rack", "text": "晾衣架坏了。", "place": PLACE.wire()}
    await record.order(cast.resident(3), order)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    line = {"name": "rack", "kind": "goods", "amount": racks, "unit": "piece"}
    await record.ask(community, "dispatch", "call", {"lines": [line]})
    await record.wait(community, "partners", "open", within=WITHIN)
    return record


async def take(record: Record, by: Person, racks: int = 8) -> tuple[str, int]:
    lines = [{"name": "rack", "amount": racks}]
    return held((await record.ask(by, "partners", "claims", {"lines": lines})).body)


async def claim_seen(
    record: Record, by: Person, holds: Callable[[dict[str, Any]], bool], what: str
) -> dict[str, Any]:
    """Wait for the latest claim to be so."""

    async def look() -> dict[str, Any] | None:
        seen = await record.see(by, "partners")
        return seen["claims"][-1] if seen and seen["claims"] and holds(seen["claims"][-1]) else None

    return await until(look, what, WITHIN)


async def refused(asked: Awaitable[object]) -> str:
    with pytest.raises(Refused) as refusal:
        await asked
    assert refusal.value.status in (403, 409)
    return refusal.value.slug


async def timeline(lists: Lists, record: Record) -> list[str]:
    intake = (await lists.orders([record.id]))[record.id]["intake"]
    return [line["event"] for line in intake["state"]["timeline"]]


async def test_who_keeps_silent_is_reminded_then_stale_then_loses_it(cast: Cast, lists: Lists) -> None:
    record, partner, community = await open_call(cast), cast.partner(3), cast.community(PLACE)
    await take(record, partner)
    await record.wait(community, "dispatch", "claimed", within=WITHIN)
    first = await claim_seen(record, partner, lambda one: one["due"] is not None, "an end to be shown")
    assert first["waits_for"] == "plan"
    await claim_seen(record, partner, lambda one: bool(one["stale"]), "the claim to be stale")
    lost = await claim_seen(record, community, lambda one: one["state"] == "released", "it to be taken back")
    assert (lost["ending"], lost["reason"]) == ("taken_back", "no plan in time")
    await record.wait(community, "dispatch", "called", within=WITHIN)
    await record.wait(community, "partners", "open", within=WITHIN)

    async def seen() -> bool | None:
        said = await timeline(lists, record)
        return said[-3:] == ["claim_reminded", "claim_stale", "claim_released"] or None

    await until(seen, "residents to see all of it", WITHIN)


async def test_silence_gives_a_claim_to_who_asks_for_it(cast: Cast) -> None:
    record, holder, other = await open_call(cast), cast.partner(4), cast.partner(5)
    claim, epoch = await take(record, holder)
    await claim_seen(record, holder, lambda one: bool(one["stale"]), "the claim to be stale")
    await record.ask(other, "partners", f"claims/{claim}/takeover", {"reason": "明天就能装"})
    mine = await claim_seen(
        record, other, lambda one: one["mine"] and one["state"] == "active", "it to change hands"
    )
    assert mine["epoch"] > epoch
    assert [line["amount"] for line in mine["lines"]] == [8]
    plan = {"plan": "三天内完成", **dates(3)}
    late = record.ask(holder, "partners", f"claims/{claim}/plan", {**plan, "epoch": epoch})
    assert await refused(late) == "displaced-holder"
    at = f"claims/{mine['claim_id']}/plan"
    await record.ask(other, "partners", at, {**plan, "epoch": mine["epoch"]})
    await record.wait(cast.community(PLACE), "dispatch", "claimed", within=WITHIN)


async def test_silence_gives_nothing_to_who_was_suspended_meanwhile(cast: Cast) -> None:
    record, holder, other = await open_call(cast), cast.partner(4), cast.partner(0)
    claim, _ = await take(record, holder)
    await claim_seen(record, holder, lambda one: bool(one["stale"]), "the claim to be stale")
    await record.ask(other, "partners", f"claims/{claim}/takeover", {"reason": "明天就能装"})
    district = cast.somebody("district", "district-hands", area="370203")
    its = f"/api/partners/v1/partners/{cast.partners[0]['id']}"
    await district.post(f"{its}/suspension", {"reason": "证照过期"})
    try:
        last = await claim_seen(record, holder, lambda one: one["state"] != "active", "the claim to end")
    finally:
        await district.post(f"{its}/reinstatement", {})
    assert (last["claim_id"], last["ending"]) == (claim, "taken_back")


async def test_blocked_work_is_not_stale(cast: Cast, lists: Lists) -> None:
    record, partner = await open_call(cast), cast.partner(9)
    claim, epoch = await take(record, partner)
    at = f"claims/{claim}"
    await record.ask(partner, "partners", f"{at}/survey", {"public_note": "地面须先找平", "epoch": epoch})
    blocked_until = (datetime.now(UTC) + timedelta(seconds=6)).isoformat()
    blocked = {"reason": "等待停车位腾空", "until": blocked_until, "epoch": epoch}
    await record.ask(partner, "partners", f"{at}/block", blocked)
    seen = await claim_seen(record, partner, lambda one: one["block"] is not None, "it to be blocked")
    assert seen["due"] is None
    await claim_seen(record, partner, lambda one: one["block"] is None, "the block to end")
    again = {**blocked, "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    await record.ask(partner, "partners", f"{at}/block", again)
    await record.ask(partner, "partners", f"{at}/resumption", {"epoch": epoch})
    steps = [{"text": "找平", "ends": dates(1)["ends"]}]
    plan = {
        "plan": "三天内完成",
        **dates(3),
        "steps": steps,
        "people": 2,
        "documents": ["a" * 64],
        "epoch": epoch,
    }
    await record.ask(partner, "partners", f"{at}/plan", plan)
    seen = await claim_seen(record, partner, lambda one: one["plan"] is not None, "the plan")
    assert (seen["plan"]["steps"], seen["plan"]["people"]) == (steps, 2)
    assert [one["note"] for one in seen["surveys"]] == ["地面须先找平"]

    async def shown() -> bool | None:
        said = [event for event in await timeline(lists, record) if event.startswith("work_")]
        return said == ["work_surveyed", *["work_blocked", "work_resumed"] * 2] or None

    await until(shown, "residents to see all of it", WITHIN)


async def test_the_staff_take_a_claim_from_its_partner(cast: Cast) -> None:
    record, partner = await open_call(cast), cast.partner(6)
    claim, _ = await take(record, partner)
    body = {"reason": "多次联系无人应答"}
    at = f"claims/{claim}/forced-release"
    assert await refused(record.ask(cast.grid_worker(PLACE), "partners", at, body)) == "not-your-call"
    await record.ask(cast.community(PLACE), "partners", at, body)
    seen = await record.see(partner, "partners")
    assert seen is not None
    assert (seen["state"], seen["claims"][-1]["ending"]) == ("open", "forced")
    again = record.ask(partner, "partners", "claims", {"lines": ALL})
    assert await refused(again) == "cooling-down"
    await record.wait(cast.community(PLACE), "dispatch", "called", within=WITHIN)


async def test_nobody_hoards(cast: Cast) -> None:
    first, second, third = [await open_call(cast) for _ in range(3)]
    partner = cast.partner(7)
    claim, epoch = await take(first, partner)
    await take(second, partner)
    assert await refused(third.ask(partner, "partners", "claims", {"lines": ALL})) == "holds-too-many"
    await first.ask(partner, "partners", f"claims/{claim}/release", {"reason": "人手不足", "epoch": epoch})
    await take(third, partner)


async def test_who_gave_a_call_back_waits_before_it_claims_again(cast: Cast) -> None:
    record, partner = await open_call(cast), cast.partner(2)
    claim, epoch = await take(record, partner)
    await record.ask(partner, "partners", f"claims/{claim}/release", {"reason": "人手不足", "epoch": epoch})
    assert await refused(record.ask(partner, "partners", "claims", {"lines": ALL})) == "cooling-down"

    async def again() -> bool | None:
        try:
            await take(record, partner)
        except Refused as refusal:
            if refusal.slug != "cooling-down":
                raise
            return None
        return True

    await until(again, "the time of waiting to be over", WITHIN)


async def test_a_partner_that_taps_on_two_calls_at_once_promises_what_it_has_once(cast: Cast) -> None:
    """It has enough for either, and not for both."""
    its = cast.partners[1]
    declared = next(one["quantity"] for one in its["resources"] if "rack" in one["codes"])
    wanted = declared // 2 + 1
    calls = [await open_call(cast, wanted) for _ in range(2)]
    shop = cast.partner(1)
    answers = await asyncio.gather(*(take(record, shop, wanted) for record in calls), return_exceptions=True)
    (lost,) = [one for one in answers if isinstance(one, BaseException)]
    assert isinstance(lost, Refused)
    assert lost.slug == "reserve-too-small"
    free = declared - wanted
    assert lost.problem["free"] == {"rack": free}
    reserve = await shop.get(f"/api/partners/v1/partners/{its['id']}/reserve")
    racks = next(one for one in reserve["resources"] if one["unit"] == "piece")
    counted = (racks["declared"], racks["reserved"], racks["used"], racks["free"])
    assert counted == (declared, wanted, 0, free)
    with pytest.raises(Refused) as hidden:
        await cast.partner(3).get(f"/api/partners/v1/partners/{its['id']}/reserve")
    assert hidden.value.status == 404
