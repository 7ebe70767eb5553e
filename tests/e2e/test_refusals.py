"""What the rules do not allow is refused with the problem's own type, and says what is true instead."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from deploy.demo.cast import Cast, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[20]
ORDERS = "/api/intake/v1/orders"
BEIJING = {"longitude": 116.4, "latitude": 39.9}


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"place": BEIJING}, "outside-jurisdiction"),
        ({"category": "time_machine"}, "unknown-category"),
        ({"channel": "hotline"}, "channel-not-yours"),
        ({"ordered_for": "somebody-else"}, "only-for-yourself"),
    ],
)
async def test_an_order_that_cannot_be_taken_is_not_stored(
    cast: Cast, lists: Lists, changed: dict[str, Any], slug: str
) -> None:
    before = await lists.ids("intake")
    with pytest.raises(Refused) as refused:
        await cast.resident(20).post(
            ORDERS, {"category": "noise", "text": "太吵了。", "place": PLACE.wire(), **changed}
        )
    assert refused.value.slug == slug
    assert refused.value.status == (403 if slug in ("channel-not-yours", "only-for-yourself") else 409)
    assert await lists.ids("intake") == before


async def called(cast: Cast, fen: int, *, exclusive: bool = False) -> Record:
    """An order for which partners were called, for so much money."""
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(21), {"category": "noise", "text": "太吵了。", "place": PLACE.wire()})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    funds = {"name": "funds", "kind": "funds", "amount": fen}
    await record.ask(community, "dispatch", "call", {"lines": [funds], "exclusive": exclusive})
    await record.wait(community, "partners", "open", within=WITHIN)
    return record


def pledge(fen: int) -> dict[str, Any]:
    return {"lines": [{"name": "funds", "amount": fen}]}


async def test_a_claim_larger_than_the_gap_is_told_the_present_gap(cast: Cast, lists: Lists) -> None:
    record = await called(cast, 100_00)
    await record.ask(cast.partner(0), "partners", "claims", pledge(30_01))
    with pytest.raises(Refused) as refused:
        await cast.partner(2).post(record.path("partners", "claims"), pledge(70_00))
    assert (refused.value.status, refused.value.slug) == (409, "pledge-too-large")
    assert refused.value.problem["gap"] == 69_99
    assert refused.value.problem["missing"] == {"funds": 69_99}
    await record.ask(cast.partner(2), "partners", "claims", pledge(69_99))
    await record.wait(cast.community(PLACE), "dispatch", "claimed", within=WITHIN)
    await settle(lists, [record], WITHIN)


async def test_what_nobody_discussed_costs_nothing_known_once_its_call_has_ended(
    cast: Cast, lists: Lists
) -> None:
    record, community = await called(cast, 100_00), cast.community(PLACE)
    await record.ask(community, "dispatch", "call/withdrawal", {})
    await record.wait(community, "partners", "withdrawn", within=WITHIN)
    await settle(lists, [record], WITHIN)
    order, dispatch = await record.see(cast.resident(21), "intake"), await record.see(community, "dispatch")
    assert order is not None
    assert dispatch is not None
    call = await cast.resident(1).get(record.path("partners", "funding"))
    assert [(one["cost"] or 0, one["gap"]) for one in (order["funding"], dispatch["money"], call)] == [
        (0, 0)
    ] * 3


async def test_an_exclusive_call_has_one_winner(cast: Cast, lists: Lists) -> None:
    record = await called(cast, 50_00, exclusive=True)
    with pytest.raises(Refused) as refused:
        await cast.partner(0).post(record.path("partners", "claims"), pledge(20_00))
    assert refused.value.slug == "taken-as-a-whole"
    await record.ask(cast.partner(0), "partners", "claims", pledge(50_00))
    with pytest.raises(Refused) as refused:
        await cast.partner(2).post(record.path("partners", "claims"), pledge(50_00))
    assert (refused.value.status, refused.value.slug) == (409, "exclusively-taken")
    assert refused.value.problem["state"] == "covered"
    await settle(lists, [record], WITHIN)


async def test_funds_are_called_for_exactly_when_something_is_missing(cast: Cast, lists: Lists) -> None:
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(22), {"category": "noise", "text": "太吵了。", "place": PLACE.wire()})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    flats = [{"id": "1-101"}, {"id": "1-102"}, {"id": "1-201"}]
    consents = [{"household": flat["id"], "consent": "yes"} for flat in flats]
    opened = {"proposal": "三户平均", "cost": 100_00, "to_share": 10_00, "households": flats}
    await record.ask(community, "dispatch", "rounds", opened)
    await record.ask(community, "dispatch", "rounds/1/result", {"consents": consents, "subsidies": 5_00})
    await record.wait(community, "dispatch", "in_deliberation", on_notice=False, within=WITHIN)
    funds = {"name": "funds", "kind": "funds", "amount": 90_00}
    with pytest.raises(Refused) as refused:
        await community.post(record.path("dispatch", "call"), {"lines": [funds]})
    assert (refused.value.slug, refused.value.problem["gap"]) == ("funds-must-match-gap", 85_00)
    await settle(lists, [record], WITHIN)


async def test_a_displaced_holder_can_do_nothing_with_its_old_claim(cast: Cast, lists: Lists) -> None:
    record = await called(cast, 50_00, exclusive=True)
    first, second = cast.partner(0), cast.partner(2)
    claim = (await record.ask(first, "partners", "claims", pledge(50_00)))["claims"][0]
    at = f"claims/{claim['claim_id']}"
    await record.ask(first, "partners", f"{at}/release", {"reason": "人手不足", "epoch": claim["epoch"]})
    await record.ask(second, "partners", "claims", pledge(50_00))
    with pytest.raises(Refused) as refused:
        await first.post(record.path("partners", f"{at}/delivery"), {"epoch": claim["epoch"]})
    assert (refused.value.status, refused.value.slug) == (409, "displaced-holder")
    await settle(lists, [record], WITHIN)


async def test_work_that_is_not_done_cannot_be_checked(cast: Cast) -> None:
    record = await called(cast, 1_00)
    with pytest.raises(Refused) as refused:
        await cast.community(PLACE).post(record.path("dispatch", "check"), {"passed": True})
    assert (refused.value.status, refused.value.slug) == (409, "wrong-state")
    assert refused.value.problem["state"] == "called"


async def test_an_id_that_nobody_has_is_not_found(cast: Cast) -> None:
    nothing = Record(UUID("01900000-0000-7000-8000-00000000dead"))
    for person, service in (
        (cast.resident(1), "intake"),
        (cast.community(PLACE), "dispatch"),
        (cast.partner(1), "partners"),
        (cast.resident(1), "evaluation"),
    ):
        assert await nothing.see(person, service) is None
