"""A duplicate is bound to its original: its resident follows it there, and it ends with it or comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "三楼老人独居，钥匙在门垫下"  # the first resident's own words


def street_of(cast: Cast, place: Place) -> Person:
    area = place.community.rpartition("/")[0]
    return cast.somebody("street", f"street-{area[-9:]}", area=area)


async def ordered(cast: Cast, place: Place, resident: int, text: str = "下水道堵了。") -> Record:
    """Placed, and with the grid."""
    record = Record()
    body = {"category": "sewage_pipe", "title": "下水道", "text": text, "place": place.wire()}
    await record.order(cast.resident(resident), body)
    await record.wait(cast.community(place), "dispatch", "received", within=WITHIN)
    return record


async def bind(cast: Cast, place: Place, one: Record, to: Record, note: str = "同一处") -> None:
    body = {"outcome": "duplicate", "public_note": note, "duplicate_of": str(to.id)}
    await one.ask(cast.community(place), "dispatch", "closure", body)


async def bound(cast: Cast, place: Place, residents: tuple[int, int]) -> tuple[Record, Record]:
    """Two orders of two residents about the same, the second bound to the first."""
    a = await ordered(cast, place, residents[0], f"下水道堵了。{SECRET}")
    b = await ordered(cast, place, residents[1])
    await bind(cast, place, b, a)
    await a.wait(cast.community(place), "dispatch", "received", within=WITHIN, duplicates=[str(b.id)])
    return a, b


async def solve(cast: Cast, place: Place, a: Record, resident: int) -> None:
    community, street = cast.community(place), street_of(cast, place)
    await a.ask(community, "dispatch", "assignment", {})
    await a.ask(community, "dispatch", "reports", {"public_note": "正在疏通"})
    await a.ask(community, "dispatch", "delivery", {"public_note": "已疏通"})
    looked_at = [{"code": code, "passed": True} for code in ("flows", "surface")]
    await a.ask(street, "dispatch", "check", {"passed": True, "items": looked_at})
    await a.wait(cast.resident(resident), "evaluation", "open", within=WITHIN)
    verdict = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
    await a.ask(cast.resident(resident), "evaluation", "verdicts", verdict)


async def test_when_the_original_is_withdrawn_the_duplicate_is_back_with_the_unit(
    cast: Cast, lists: Lists
) -> None:
    """Two neighbours report one pipe; the first takes theirs back, and the second still has a broken pipe.

    Before (d86edb6): both were closed, nobody had the matter, and the second resident got 409 for everything.
    """
    place = everywhere()[2]
    a, b = await bound(cast, place, (301, 302))
    waiting = await cast.community(place).get("/api/dispatch/v1/dispatches?list=waiting&limit=100")
    assert str(b.id) not in [row["order_id"] for row in waiting["items"]]
    await a.ask(cast.resident(301), "intake", "withdrawal", {"reason": "搬家了"})
    back = await b.wait(cast.community(place), "dispatch", "received", within=WITHIN)
    assert (back["duplicate_of"], back["outcome"], back["closed_at"]) == (None, None, None)
    assert {"dispatch", "close_by"} <= back["clocks"].keys()
    mine = await cast.grid_worker(place).get("/api/dispatch/v1/dispatches?list=waiting&limit=100")
    assert str(b.id) in [row["order_id"] for row in mine["items"]]
    seen = await b.wait(cast.resident(302), "intake", "dispatched", within=WITHIN)
    assert seen["timeline"][-1]["event"] == "dispatch_unmerged"
    assert "搬家了" not in json.dumps(seen, ensure_ascii=False)  # it is the neighbour's reason
    await settle(lists, [a, b], WITHIN)
    await b.ask(cast.grid_worker(place), "dispatch", "assignment", {})


async def test_when_nothing_comes_of_the_original_the_duplicate_is_back_with_the_unit(
    cast: Cast, lists: Lists
) -> None:
    """The first is closed as not solved; for the second nobody has decided that.

    Before (d86edb6): it stayed closed as a duplicate of something that nobody had solved.
    """
    place = everywhere()[3]
    a, b = await bound(cast, place, (303, 304))
    await a.ask(
        cast.community(place), "dispatch", "closure", {"outcome": "not_solved", "public_note": "无法解决"}
    )
    await b.wait(cast.community(place), "dispatch", "received", within=WITHIN)
    await settle(lists, [a, b], WITHIN)


async def test_the_resident_of_a_duplicate_follows_the_original_until_it_is_solved(
    cast: Cast, lists: Lists, plain: httpx.AsyncClient, system: System
) -> None:
    """Whoever reported second sees what is done, live and when they look, and nothing that is the first one's own.

    Before (d86edb6): the second resident's line said "duplicate", the first order was 404 for them, and that was all.
    """
    place = everywhere()[4]
    a, b = await bound(cast, place, (305, 306))
    resident = cast.resident(306)
    listening = asyncio.create_task(everything(resident.live(b.path("intake", "live"))))
    await solve(cast, place, a, 305)
    ended = await b.wait(resident, "intake", "closed", within=WITHIN)
    assert (ended["outcome"], ended["original"]["outcome"]) == ("duplicate", "solved")
    events = [line["event"] for line in ended["timeline"]]
    for event in (
        "dispatch_merged",
        "dispatch_assigned",
        "handling_reported",
        "work_reported",
        "work_checked",
    ):
        assert event in events
    assert not {"work_evaluated", "evaluation_opened"} & set(events)
    live = await asyncio.wait_for(listening, WITHIN)
    assert [event for event, _ in live][-1] == "dispatch_closed"
    assert "handling_reported" in [event for event, _ in live]
    for shown in (json.dumps(ended, ensure_ascii=False), json.dumps(live, ensure_ascii=False)):
        assert SECRET not in shown
        assert cast.resident(305).id not in shown
        assert str(a.id) not in shown
    listed = (await resident.get("/api/intake/v1/orders?limit=100"))["items"]
    assert next(one for one in listed if one["id"] == str(b.id)) == ended
    stranger = await plain.get(b.path("intake"), headers=signed(system, role="resident", sub="resident-305"))
    assert stranger.status_code == 404
    await settle(lists, [a, b], WITHIN)
    assert (await lists.entry("evaluation", b.id))["state"]["state"] == "closed"
    assert not (await lists.entry("evaluation", b.id))["state"]["verdicts"]


async def everything(events: AsyncGenerator[ServerSentEvent]) -> list[tuple[str, Any]]:
    async with aclosing(events):
        return [(event.event, json.loads(event.data)) async for event in events]


async def test_a_duplicate_may_be_unbound_or_withdrawn_and_its_original_knows(
    cast: Cast, lists: Lists
) -> None:
    """Staff who bound the wrong one unbind it; the resident of a bound one may still take it back.

    Before (d86edb6): what was closed as a duplicate stayed so, for everybody.
    """
    place = everywhere()[5]
    community = cast.community(place)
    a, b = await bound(cast, place, (307, 308))
    c = await ordered(cast, place, 309)
    await bind(cast, place, c, a)
    await b.ask(community, "dispatch", "unbinding", {"reason": "不是同一处"})
    await b.wait(community, "dispatch", "received", within=WITHIN, duplicate_of=None)
    await c.ask(cast.resident(309), "intake", "withdrawal", {})
    await c.wait(community, "dispatch", "closed", within=WITHIN, outcome="withdrawn")
    await a.wait(community, "dispatch", "received", within=WITHIN, duplicates=[])
    await settle(lists, [a, b, c], WITHIN)
    shown = await b.wait(cast.resident(308), "intake", "dispatched", within=WITHIN)
    assert shown["original"] is None


async def test_chains_end_at_one_living_order_and_circles_are_refused(cast: Cast, lists: Lists) -> None:
    """C repeats B, B repeats A: all three residents follow A. A does not repeat C, nor what ended without a solution.

    Before (d86edb6): A could be closed as a duplicate of B and B of A at once, and of what ended unsolved.
    """
    place = everywhere()[6]
    community = cast.community(place)
    b, c = await bound(cast, place, (310, 311))
    a = await ordered(cast, place, 312)
    await bind(cast, place, b, a)
    await a.wait(community, "dispatch", "received", within=WITHIN, duplicates=[str(b.id)])
    with pytest.raises(Refused) as refused:
        await bind(cast, place, a, c)
    assert refused.value.slug == "circle-of-duplicates"
    gone = await ordered(cast, place, 313)
    await gone.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "无法解决"})
    with pytest.raises(Refused) as refused:
        await bind(cast, place, a, gone)
    assert refused.value.slug == "unknown-original"
    await a.ask(cast.grid_worker(place), "dispatch", "assignment", {})

    async def follows() -> bool | None:
        seen = await cast.resident(311).get(c.path("intake"))
        return True if "dispatch_assigned" in [line["event"] for line in seen["timeline"]] else None

    await until(follows, "the resident of the last to see what is done for the first", WITHIN)
    await settle(lists, [a, b, c], WITHIN)
    await solve(cast, place, a, 312)
    for one in (b, c):
        await one.wait(community, "dispatch", "closed", within=WITHIN, outcome="duplicate")
    await settle(lists, [a, b, c], WITHIN)


@pytest.mark.parametrize("many", [2, 3])
async def test_who_repeat_one_another_in_the_same_moment_leave_one_with_the_matter(
    cast: Cast, lists: Lists, many: int
) -> None:
    """Colleagues bind orders to one another in a ring, all in the same moment.

    Before (d86edb6): all were closed as duplicates, each of the next.
    Before (28d5448): all were with the unit again, and none was bound.
    """
    place = everywhere()[7]
    for n in range(2):
        ring = [await ordered(cast, place, 320 + many * n + one) for one in range(many)]
        pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
        said = await asyncio.gather(*(bind(cast, place, *pair) for pair in pairs), return_exceptions=True)
        assert said.count(None) >= many - 1, said  # one of them at most is told that it would be a circle
        refused = [one for one in said if one is not None]
        assert all(isinstance(one, Refused) and one.slug == "circle-of-duplicates" for one in refused), said

        async def one_lives(ring: list[Record] = ring) -> bool:
            found = [await one.see(cast.community(place), "dispatch") or {} for one in ring]
            living = [one for one in found if one["state"] == "received"]
            merged = [one["order_id"] for one in found if one["state"] == "merged"]
            known = sorted(id for one in found for id in one["duplicates"])
            return len(living) == 1 and known == sorted(merged) and len(merged) == len(ring) - 1

        await until(one_lives, "one of the ring to be with the unit, and the others bound", WITHIN)
        await settle(lists, ring, WITHIN)
