"""What was asked of the wrong one is taken back and counts for nobody; whoever is deleted leaves nobody waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[41]
SEWAGE, URBAN = "sewage", "urban_management"


def rule(id: str, category: str, **then: Any) -> dict[str, Any]:
    return {"id": id, "name": id, "when": {"categories": [category], "area": PLACE.area}, "then": then}


@pytest.fixture
def district(system: System, plain: httpx.AsyncClient) -> Desk:
    return Desk(plain, system.token(role="district", sub="district-1", area="370203"))


@pytest_asyncio.fixture(loop_scope="session")
async def rules(district: Desk) -> Any:
    """Two rules of one grid; those that were there before count again afterwards."""
    before = (await district.ask("GET", "/routing", 200)).json()["rules"]
    new = [rule("noise_there", "noise", department=SEWAGE), rule("dirt", "garbage", department=URBAN)]
    await district.ask("PUT", "/routing", 200, json={"rules": new})
    yield
    await district.ask("PUT", "/routing", 200, json={"rules": before})


async def placed(cast: Cast, category: str, place: Place = PLACE, resident: int = 4100) -> str:
    """An order that dispatch has heard of."""
    body = {"category": category, "text": "不对劲。", "place": place.wire()}
    id: str = (await cast.resident(resident).post("/api/intake/v1/orders", body))["id"]
    await seen(cast, id, lambda it: it["state"] != "unknown")
    return id


async def seen(cast: Cast, id: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The dispatch once it is so."""
    district = cast.somebody("district", "district-1", area="370203")

    async def look() -> dict[str, Any] | None:
        try:
            it = await district.get(f"/api/dispatch/v1/dispatches/{id}")
        except Refused:
            return None
        return it if so(it) else None

    return await until(look, "the dispatch to be so", WITHIN)


async def ask(who: Person, id: str, what: str, **body: Any) -> Any:
    return (await who.post(f"/api/dispatch/v1/dispatches/{id}/{what}", body)).body


async def correct(cast: Cast, id: str, **what: Any) -> None:
    """By the community, which sees it once intake knows where it lies."""
    who = cast.somebody("district", "district-1", area="370203")
    await who.post(f"/api/intake/v1/orders/{id}/amendment", {"reason": "看过了", **what})


async def refused(asking: Awaitable[Any]) -> str:
    with pytest.raises(Refused) as refusal:
        await asking
    return refusal.value.slug


async def test_the_grid_takes_back_what_a_rule_sent_to_the_wrong_department(cast: Cast, rules: None) -> None:
    """A rule asks a department that has nothing to do with it; who knows the place takes it back with a reason.

    Before (d86edb6): there was no such request (404); nine others at three levels were refused.
    """
    id = await placed(cast, "noise")
    worker = cast.grid_worker(PLACE)
    assert (await seen(cast, id, lambda it: it["state"] == "referred"))["referrals"][0][
        "by"
    ] == "rule:noise_there"
    it = await ask(worker, id, "referral/recall", reason="此处没有排水设施")
    assert (it["state"], it["handled_by"], it["refusals"]) == ("in_handling", PLACE.area, 0)
    assert it["referrals"][0]["recalled"]["reason"] == "此处没有排水设施"
    no = {"accepted": False, "reason": "out_of_remit", "rule": "§ 1"}
    assert await refused(ask(cast.department(SEWAGE), id, "referral/answer", **no)) == "not-found"
    order = await cast.resident(4100).get(f"/api/intake/v1/orders/{id}")
    await until(lambda: _line(cast, id, "referral_recalled"), "the resident to read of it", WITHIN)
    assert order["id"] == id


async def _line(cast: Cast, id: str, event: str) -> dict[str, Any] | None:
    order = await cast.resident(4100).get(f"/api/intake/v1/orders/{id}")
    return next((line for line in order["timeline"] if line["event"] == event), None)


async def test_a_corrected_category_lets_the_rules_ask_another_department(cast: Cast, rules: None) -> None:
    """The rules asked by a category that was wrong; once it is right they ask the right department by themselves.

    Before (d86edb6): it stayed with the wrong one, and nobody could ask the right one.
    """
    id = await placed(cast, "noise")
    await correct(cast, id, category="garbage")
    it = await seen(cast, id, lambda it: len(it["referrals"]) == 2)
    assert it["state"] == "referred"
    assert [(one["department"], bool(one["recalled"])) for one in it["referrals"]] == [
        (SEWAGE, True),
        (URBAN, False),
    ]
    yes = await ask(cast.department(URBAN), id, "referral/answer", accepted=True)
    assert yes["handled_by"] == URBAN


async def test_a_rightful_refusal_counts_for_nobody_once_the_category_is_right(
    cast: Cast, rules: None
) -> None:
    """The department was right to refuse what the rules would not send it any more.

    Before (d86edb6): `refusals` stayed 1, in the record and in the figures of the area.
    """
    id = await placed(cast, "noise")
    no = {"accepted": False, "reason": "out_of_remit", "rule": "§ 1"}
    assert (await ask(cast.department(SEWAGE), id, "referral/answer", **no))["refusals"] == 1
    await correct(cast, id, category="garbage")
    it = await seen(cast, id, lambda it: it["category"] == "garbage")
    assert (it["refusals"], it["referrals"][0]["recalled"]["by"]) == (0, "rule:dirt")


async def test_who_asked_says_that_the_refusal_was_right(cast: Cast) -> None:
    """A community asked the wrong department by mistake, and says so after its refusal.

    Before (d86edb6): 404, and the refusal counted against the department for ever.
    """
    id = await placed(cast, "other")
    community = cast.community(PLACE)
    await ask(community, id, "assignment")
    await ask(community, id, "referral", department=SEWAGE)
    no = {"accepted": False, "reason": "out_of_remit", "rule": "§ 1"}
    await ask(cast.department(SEWAGE), id, "referral/answer", **no)
    it = await ask(community, id, "referral/recall", reason="问错了部门")
    assert (it["state"], it["refusals"]) == ("in_handling", 0)


async def test_who_blew_the_whistle_takes_it_back(cast: Cast) -> None:
    """The grid worker whistled, and then could do it alone.

    Before (d86edb6): 404; only the community could end it, by answering what nobody wanted any more.
    """
    id = await placed(cast, "other")
    worker = cast.grid_worker(PLACE)
    await ask(worker, id, "whistle", public_note="来看看")
    it = await ask(worker, id, "whistle/recall", reason="已经自己处理")
    assert (it["state"], it["level"], it["handled_by"], it["whistles"]) == (
        "in_handling",
        "grid",
        PLACE.area,
        0,
    )
    assert (await ask(worker, id, "delivery", public_note="好了"))["state"] == "to_check"


async def test_a_department_that_is_asked_is_not_deleted_without_a_successor(
    cast: Cast, district: Desk
) -> None:
    """Somebody waits for its answer: whoever deletes it says who answers instead. Its id is never used again.

    Before (d86edb6): 204 at once; the referral waited for nobody, and the id could be given to another office.
    """
    old, new = (f"office_{uuid4().hex[:8]}" for _ in range(2))
    for id in (old, new):
        await district.ask("PUT", f"/departments/{id}", 200, json={"name": {"zh": "办公室"}})
    order = await placed(cast, "other")
    community = cast.community(PLACE)
    await ask(community, order, "assignment")
    await ask(community, order, "referral", department=old)
    problem = (await district.ask("DELETE", f"/departments/{old}", 409)).json()
    assert (problem["type"], problem["orders"]) == ("/problems/department-in-use", [order])
    await district.ask("DELETE", f"/departments/{old}", 409, params={"successor": old})
    await district.ask("DELETE", f"/departments/{old}", 204, params={"successor": new})
    it = await seen(cast, order, lambda it: it["referrals"][-1]["department"] == new)
    assert it["state"] == "referred"
    assert (await ask(cast.department(new), order, "referral/answer", accepted=True))["handled_by"] == new
    again = await district.ask("PUT", f"/departments/{old}", 409, json={"name": {"zh": "另一个"}})
    assert again.json()["type"] == "/problems/id-used-before"


async def test_the_id_of_who_left_is_never_given_to_another(
    system: System, cast: Cast, district: Desk
) -> None:
    """What somebody did stays under their id, so nobody else gets it; not after a restart either.

    Before (d86edb6): 200, and the newcomer was shown as the one who had done it all.
    """
    person, office = f"wang-{uuid4().hex[:8]}", f"office_{uuid4().hex[:8]}"
    wang = {"name": "王", "role": "grid_worker", "area": PLACE.area}
    await district.ask("PUT", f"/staff/{person}", 200, json=wang)
    await district.ask("PUT", f"/departments/{office}", 200, json={"name": {"zh": "办公室"}})
    await district.ask("DELETE", f"/staff/{person}", 204)
    await district.ask("DELETE", f"/departments/{office}", 204)
    for _ in range(2):
        one = await district.ask("PUT", f"/staff/{person}", 409, json=wang)
        other = await district.ask("PUT", f"/departments/{office}", 409, json={"name": {"zh": "另一个"}})
        assert {it.json()["type"] for it in (one, other)} == {"/problems/id-used-before"}
        await system.stop_part("dispatch")
        await system.start_part("dispatch")
        await system.wait_ready()
