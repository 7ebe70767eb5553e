"""The drying rack, 26 Liaoyuan Road: offered to exactly the partners who can, and evaluated by whom it is for."""

from __future__ import annotations

import pytest

from deploy.demo.cast import Cast, Person, Refused
from deploy.demo.check import Lists, settle
from deploy.demo.drying_rack import DRYING_RACK, claim, evaluate
from deploy.demo.story import Case
from tests.e2e.conftest import WITHIN
from tests.e2e.looking import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

HONGTU, HARDWARE = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
# Who has a rack, or the steel for one, and serves 26 Liaoyuan Road; the garden shop has racks, and is elsewhere.
REASONS = {
    HARDWARE: "piece of rust-proof steel drying racks · 100 m away",
    HONGTU: "piece of rust-proof steel to weld racks of · 1.7 km away",
}
VERDICT = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}


async def test_a_missing_rack_is_given_by_the_one_partner_that_has_racks(cast: Cast, lists: Lists) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    look = Look(case, lists)
    done, looked = [], []
    async for step in case.play():
        await look.at(step)
        done.append(step)
        if step.shows == ("call_published",):
            await _only_who_can_is_asked(case, look)
            looked.append("asked")
        if "evaluation_opened" in step.shows:
            await _nobody_else_may_evaluate(case)
            looked.append("to evaluate")
    assert tuple(done) == DRYING_RACK.steps
    assert looked == ["asked", "to evaluate"]
    await settle(lists, [case.record], WITHIN)
    assert (await look.stored("evaluation"))["orderer"] == "resident-liaoyuan-1"
    hands = (await look.stored("evaluation"))["done_by"]
    assert hands == [HARDWARE, "partner-hardware"], "who gave it neither checks nor evaluates it"
    (given,) = (await look.stored("evaluation"))["verdicts"]
    assert (given["resident"], given["verdict"]) == ("resident-liaoyuan-1", "satisfied")
    money = (await look.stored("dispatch"))["money"]
    assert not any(money.values()), "goods, no money"


async def _only_who_can_is_asked(case: Case, look: Look) -> None:
    call = await look.stored("partners")
    assert call["offered_to"] == list(REASONS), "the best first"
    lines = {"lines": [{"name": "rack", "amount": 1}]}
    for number, partner in enumerate(case.cast.partners):
        member = case.cast.partner(number)
        seen = await case.record.see(member, "partners")
        assert (seen is not None) == (partner["id"] in REASONS), f"{partner['name']['en']}"
        await _why(case, member, partner["id"])
        if partner["id"] not in REASONS:
            with pytest.raises(Refused) as refused:
                await member.post(case.record.path("partners", "claims"), lines)
            assert (refused.value.status, refused.value.slug) == (404, "not-found")  # as if there were none
    assert (await look.stored("partners"))["claims"] == []
    matches = await case.community.get(case.record.path("partners", "matches"))
    assert [one["partner_id"] for one in matches["items"]] == list(REASONS)
    assert all(REASONS[one["partner_id"]] in one["words"]["en"] for one in matches["items"])


async def _why(case: Case, member: Person, partner: str) -> None:
    """Its board shows the call with the reasons, which add up; or not at all."""
    board = await member.get("/api/partners/v1/board?order=newest&limit=100")
    shown = {one["order_id"]: one["match"] for one in board["items"]}
    assert (str(case.record.id) in shown) == (partner in REASONS)
    if partner in REASONS:
        match = shown[str(case.record.id)]
        assert REASONS[partner] in match["words"]["en"]
        assert sum(one["weight"] * one["worth"] for one in match["factors"]) == match["score"]


async def _nobody_else_may_evaluate(case: Case) -> None:
    """Not the building leader who reported it, nor the shop that did the work."""
    for other in ("building-leader-26", "partner-hardware"):
        with pytest.raises(Refused) as refused:
            await case.cast.person(other).post(case.record.path("evaluation", "verdicts"), VERDICT)
        assert (refused.value.status, refused.value.slug) in (
            (403, "stranger-may-not-evaluate"),
            (403, "did-the-work"),
        )


async def test_the_leader_and_the_resident_both_follow_the_order(cast: Cast) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    async for step in case.play():
        if step is claim:
            break
    leader = await cast.person("building-leader-26").get(case.record.path("intake"))
    resident = await case.resident.get(case.record.path("intake"))
    assert leader == resident
    assert (leader["placed_by"], leader["ordered_for"]) == ("building-leader-26", "resident-liaoyuan-1")


async def test_it_cannot_be_evaluated_before_the_check(cast: Cast) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    async for step in case.play():
        if step is claim:
            break
    else:
        pytest.fail("it has no claim, so it was played to its end")
    with pytest.raises(Refused) as refused:
        await evaluate.do(case, case.resident)
    assert (refused.value.status, refused.value.slug) == (409, "not-open")
