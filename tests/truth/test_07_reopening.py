"""It was closed and is not good: the resident opens it again, and whoever had it has it again."""

from __future__ import annotations

import pytest

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[7]
SERVED = next(place for place in everywhere() if place.area.startswith("370203/370203015"))  # by partners
GOOD = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
AGAIN = {"reason": "came_back", "words": "张三家 3-201 又漏水了"}


async def ordered(cast: Cast) -> tuple[Record, Person, Person]:
    record, resident, community = Record(), cast.resident(71), cast.community(PLACE)
    body = {"category": "other", "text": "管道漏水。", "place": PLACE.wire()}
    await record.order(resident, body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    return record, resident, community


async def done(record: Record, cast: Cast, community: Person, resident: Person) -> None:
    """Done by the grid worker who has it, passed by the community, evaluated by the resident."""
    await record.ask(cast.grid_worker(PLACE), "dispatch", "delivery", {"public_note": "修好了"})
    await record.ask(community, "dispatch", "check", {"passed": True, "public_note": "好"})
    await record.wait(resident, "evaluation", "open", within=WITHIN)
    await record.ask(resident, "evaluation", "verdicts", GOOD)
    await record.wait(resident, "intake", "closed", within=WITHIN)


async def test_what_was_closed_is_opened_again_by_its_resident_and_ends_with_a_new_evaluation(
    cast: Cast, lists: Lists
) -> None:
    """The grid worker who had it has it again, with a clock; what was said before stays on the record.

    Before (d86edb6): 404, there was no way to open an order again.
    """
    record, resident, community = await ordered(cast)
    await record.ask(cast.grid_worker(PLACE), "dispatch", "assignment", {})
    await done(record, cast, community, resident)
    again = await record.ask(resident, "intake", "reopening", AGAIN)
    assert (again["outcome"], again["closed_at"]) == (None, None)
    back = await record.wait(community, "dispatch", "assigned", within=WITHIN)
    assert (back["reopenings"], back["outcome"], back["closed_at"]) == (1, None, None)
    assert {"close_by", "handling"} <= back["clocks"].keys()
    waiting = await record.wait(resident, "evaluation", "waiting", within=WITHIN)
    assert (waiting["closed_at"], waiting["in_time"], waiting["verdict"]) == (None, None, None)
    assert [one["verdict"] for one in waiting["verdicts"]] == ["satisfied"]
    await record.wait(resident, "intake", "dispatched", within=WITHIN)
    await settle(lists, [record], within=WITHIN)

    await done(record, cast, community, resident)
    seen = await record.wait(resident, "evaluation", "evaluated", outcome="solved", within=WITHIN)
    assert [one["round"] for one in seen["verdicts"]] == [1, 2]
    record.outcome = "solved"
    await settle(lists, [record], within=WITHIN)
    told = (await lists.orders([record.id]))[record.id]
    public = str([entry["history"] for entry in told.values()])
    assert "又漏水" not in public
    assert "又漏水" in (await record.see(resident, "intake") or {})["reopenings"][0]["words"]


async def test_what_nobody_had_in_hand_is_received_again_and_counted_no_further_than_is_allowed(
    cast: Cast, lists: Lists
) -> None:
    """Not solved, and opened again three times: a fourth time is refused by name.

    Before (d86edb6): 404, there was no way to open an order again.
    """
    record, resident, community = await ordered(cast)
    for time in (1, 2, 3):
        closure = {"outcome": "not_solved", "public_note": f"it cannot be {time}"}
        await record.ask(community, "dispatch", "closure", closure)
        await record.wait(resident, "intake", "closed", within=WITHIN)
        await record.ask(resident, "intake", "reopening", AGAIN)
        back = await record.wait(community, "dispatch", "received", reopenings=time, within=WITHIN)
        assert {"dispatch", "close_by"} <= back["clocks"].keys()
        await record.wait(resident, "evaluation", "waiting", closed_at=None, within=WITHIN)
    await settle(lists, [record], within=WITHIN)
    await record.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "really"})
    await record.wait(resident, "intake", "closed", within=WITHIN)
    with pytest.raises(Refused) as refusal:
        await record.ask(resident, "intake", "reopening", AGAIN)
    assert (refusal.value.status, refusal.value.slug) == (409, "reopened-too-often")


async def test_neither_a_neighbour_nor_who_withdrew_opens_it_again(cast: Cast) -> None:
    """Each is told why not; a stranger is not told that there is such an order.

    Before (d86edb6): 404 to everybody.
    """
    record, resident, community = await ordered(cast)
    with pytest.raises(Refused) as refusal:
        await record.ask(resident, "intake", "reopening", AGAIN)
    assert refusal.value.slug == "not-closed"
    await record.ask(resident, "intake", "withdrawal", {"reason": "not any more"})
    await record.wait(community, "intake", "withdrawn", within=WITHIN)
    for person, slug in (
        (resident, "not-closed"),
        (community, "not-your-order"),
        (cast.resident(72), "not-found"),
    ):
        with pytest.raises(Refused) as refusal:
            await record.ask(person, "intake", "reopening", AGAIN)
        assert refusal.value.slug == slug


async def test_partners_who_did_it_keep_what_they_earned_and_a_new_call_can_follow(
    cast: Cast, lists: Lists
) -> None:
    """The call that was accepted stays so; the community has the order, and calls for what is missing now.

    Before (d86edb6): 404, there was no way to open an order again.
    """
    record, resident, community = Record(), cast.resident(73), cast.community(SERVED)
    body = {"category": "drying_rack", "text": "晾衣架倒了。", "place": SERVED.wire()}
    await record.order(resident, body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    for round in (1, 2):
        await called_and_done(record, cast, community, round)
        await record.wait(resident, "evaluation", "open", within=WITHIN)
        await record.ask(resident, "evaluation", "verdicts", GOOD)
        await record.wait(resident, "intake", "closed", within=WITHIN)
        await record.wait(community, "partners", "accepted", within=WITHIN)
        await record.ask(resident, "intake", "reopening", AGAIN)
        back = await record.wait(community, "dispatch", "in_handling", reopenings=round, within=WITHIN)
        assert back["handled_by"] == SERVED.community
        assert (back["money"]["cost"], back["money"]["gap"]) == (0, 0)
        history = await community.get(record.path("dispatch", "history"))
        assert cast.partners[3]["id"] in history["names"], (
            "who did it has a name, though nothing is claimed now"
        )
        await settle(lists, [record], within=WITHIN)
        call = await record.see(community, "partners")
        assert call is not None
        assert call["state"] == "accepted"
        assert [one["state"] for one in call["claims"]][-1] == "fulfilled"


async def called_and_done(record: Record, cast: Cast, community: Person, round: int) -> None:
    """A partner gives money and hands, delivers, and the community passes it."""
    lines = [
        {"name": "funds", "kind": "funds", "amount": 5000 * round},
        {"name": "rack", "kind": "goods", "amount": 2, "unit": "piece"},
    ]
    await record.ask(community, "dispatch", "call", {"lines": lines})
    await record.wait(community, "partners", "open", round=round, within=WITHIN)
    partner = cast.partner(3)
    taken = [{"name": one["name"], "amount": one["amount"]} for one in lines]
    claim, epoch = held((await record.ask(partner, "partners", "claims", {"lines": taken})).body)
    await record.wait(community, "dispatch", "claimed", within=WITHIN)
    await record.ask(
        partner, "partners", f"claims/{claim}/plan", {"epoch": epoch, "plan": f"rack {round}", **dates(2)}
    )
    await record.ask(partner, "partners", f"claims/{claim}/delivery", {"epoch": epoch, "public_note": "done"})
    await record.wait(community, "dispatch", "to_check", within=WITHIN)
    await record.ask(community, "dispatch", "check", {"passed": True, "public_note": f"good {round}"})
