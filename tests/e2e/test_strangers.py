"""What is not yours you cannot see, and cannot tell apart from nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.life import Way, life
from deploy.demo.record import RESOURCES, Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE, ELSEWHERE = everywhere()[0], everywhere()[-1]
NOTHING = UUID("01900000-0000-7000-8000-00000000dead")
VERDICT = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lived(cast: Cast, lists: Lists) -> Record:
    """An order of resident 1 that went through all four lists."""
    record = await life(cast, HERE, Way(resident=1), within=WITHIN)
    await settle(lists, [record], WITHIN)
    return record


def strangers(cast: Cast) -> list[Person]:
    return [
        cast.resident(2),
        cast.grid_worker(ELSEWHERE),
        cast.community(ELSEWHERE),
        cast.department("urban_management"),
        cast.person("operator"),
    ]


@pytest.mark.parametrize("service", ["intake", "dispatch", "evaluation"])
async def test_a_stranger_is_told_the_same_of_an_order_as_of_nothing(
    cast: Cast, lived: Record, service: str
) -> None:
    for stranger in strangers(cast):
        answers = []
        for id in (lived.id, NOTHING):
            with pytest.raises(Refused) as refused:
                await stranger.get(f"{RESOURCES[service].path}/{id}")
            answers.append((refused.value.status, dict(refused.value.problem)))
        assert answers[0] == answers[1], stranger.id
        assert answers[0][0] in (403, 404), "403 for roles that never read this list, 404 for all others"


async def test_another_resident_may_not_read_the_order(cast: Cast, lived: Record) -> None:
    for path in (lived.path("intake"), lived.path("intake", "live"), lived.path("evaluation")):
        with pytest.raises(Refused) as refused:
            await cast.resident(2).get(path)
        assert (refused.value.status, refused.value.slug) == (404, "not-found")


async def test_another_resident_may_not_withdraw_or_evaluate_it(
    cast: Cast, lists: Lists, lived: Record
) -> None:
    with pytest.raises(Refused) as refused:
        await cast.resident(2).post(lived.path("intake", "withdrawal"), {})
    assert (refused.value.status, refused.value.slug) == (404, "not-found")
    with pytest.raises(Refused) as refused:
        await cast.resident(2).post(lived.path("evaluation", "verdicts"), VERDICT)
    assert (refused.value.status, refused.value.slug) == (403, "stranger-may-not-evaluate")
    await settle(lists, [lived], WITHIN)


async def test_a_stranger_who_evaluates_nothing_is_told_the_same(cast: Cast, lived: Record) -> None:
    problems = []
    for id in (lived.id, NOTHING):
        with pytest.raises(Refused) as refused:
            await cast.resident(2).post(f"{RESOURCES['evaluation'].path}/{id}/verdicts", VERDICT)
        problems.append(refused.value.problem)
    assert problems[0] == problems[1]


async def test_a_partner_whom_a_call_was_not_offered_to_is_told_the_same_as_of_nothing(cast: Cast) -> None:
    record, community = Record(), cast.community(HERE)
    body = {"category": "noise", "text": "太吵了。", "place": HERE.wire()}
    await record.order(cast.resident(3), body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    lines = [{"name": "wall", "kind": "goods", "amount": 1}]
    offer = {"lines": lines, "offered_to": [cast.partners[0]["id"]]}
    await record.ask(community, "dispatch", "call", offer)
    await record.wait(cast.partner(0), "partners", "open", within=WITHIN)
    epoch = {"epoch": 1}
    asks: dict[str, dict[str, Any]] = {
        "claims": {"lines": [{"name": "wall", "amount": 1}]},
        f"claims/{NOTHING}/plan": {**epoch, "plan": "x", "starts": "2026-03-01", "ends": "2026-03-02"},
        f"claims/{NOTHING}/progress": {**epoch, "percent": 1},
        f"claims/{NOTHING}/delivery": epoch,
        f"claims/{NOTHING}/release": {**epoch, "reason": "x"},
    }
    unknown = cast.somebody("partner", "of-nobody", partner="nobody")
    for what, ask in asks.items():
        for stranger, expected in ((cast.partner(2), "not-found"), (unknown, "not-a-partner")):
            answers = []
            for id in (record.id, NOTHING):
                with pytest.raises(Refused) as refused:
                    await stranger.post(f"{RESOURCES['partners'].path}/{id}/{what}", ask)
                answers.append((refused.value.slug, dict(refused.value.problem)))
            assert answers[0] == answers[1], what
            assert answers[0][0] == expected, what


async def test_residents_and_partners_have_no_say_in_the_dispatch(cast: Cast, lived: Record) -> None:
    for person in (cast.resident(1), cast.partner(0), cast.department("sewage")):
        with pytest.raises(Refused) as refused:
            await person.post(lived.path("dispatch", "check"), {"passed": True})
        assert (refused.value.status, refused.value.slug) == (403, "not-allowed")


async def test_what_one_household_said_is_shown_to_the_staff_of_its_area_only(
    cast: Cast, lived: Record
) -> None:
    rates = f"/api/evaluation/v1/rates?area={HERE.area}"
    assert (await cast.community(HERE).get(rates))["counts"]["evaluated"] == 1
    for stranger in (cast.resident(2), cast.community(ELSEWHERE), cast.person("operator")):
        with pytest.raises(Refused) as refused:  # a grid is too small for everybody
            await stranger.get(rates)
        assert refused.value.slug == "not-public", stranger.id
        # nothing in the month that is published: it looks like little
        shown = await stranger.get(f"/api/evaluation/v1/rates?area={HERE.community}")
        assert set(shown["counts"].values()) == {None}, stranger.id


async def test_the_lists_of_others_are_empty(cast: Cast, lived: Record) -> None:
    mine = await cast.resident(1).get("/api/intake/v1/orders?limit=100")
    assert str(lived.id) in [order["id"] for order in mine["items"]]
    others = await cast.resident(150).get("/api/intake/v1/orders")
    assert str(lived.id) not in [order["id"] for order in others["items"]]
    queue = await cast.community(ELSEWHERE).get("/api/dispatch/v1/dispatches?limit=100")
    assert str(lived.id) not in [dispatch["order_id"] for dispatch in queue["items"]]
    with pytest.raises(Refused) as refused:
        await cast.community(ELSEWHERE).get(f"/api/dispatch/v1/dispatches?area={HERE.area}")
    assert refused.value.status == 404
