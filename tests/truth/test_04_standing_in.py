"""Who stands in can stand in, whoever leaves leaves nothing behind, and nobody is given work whom nobody knows."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast, Place, everywhere
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = everywhere()[11]
THERE = next(place for place in everywhere() if place.community != HERE.community)
AWAY = [{"since": "2020-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z"}]
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


class Office:
    """The people of one story, each with an id of their own."""

    def __init__(self, system: System, plain: httpx.AsyncClient, cast: Cast) -> None:
        self._system, self._plain, self._cast = system, plain, cast
        self._story = uuid.uuid4().hex[:6]
        self.district = Desk(plain, system.token(role="district", sub=self.id("district"), area="370203"))

    def id(self, name: str) -> str:
        return f"{name}-{self._story}"

    def desk(self, name: str, place: Place = HERE, role: str = "grid_worker") -> Desk:
        area = place.area if role == "grid_worker" else place.community
        return Desk(self._plain, self._system.token(role=role, sub=self.id(name), area=area))

    async def enter(self, name: str, place: Place = HERE, expects: int = 200, **more: Any) -> httpx.Response:
        """Into the register; `substitutes` are named as the people are."""
        more["substitutes"] = [self.id(one) for one in more.get("substitutes", ())]
        person = {"name": name, "role": "grid_worker", "area": place.area, **more}
        return await self.district.ask("PUT", f"/staff/{self.id(name)}", expects, json=person)

    async def order(self, place: Place = HERE) -> str:
        body = {"category": "street_light", "text": f"灯不亮 {uuid.uuid4()}", "place": place.wire()}
        order = (await self._cast.resident(4).post("/api/intake/v1/orders", body))["id"]

        async def there() -> str | None:
            answer = await self.district.look(f"/dispatches/{order}")
            return str(order) if answer.status_code == 200 else None

        return await until(there, "the order to be dispatched", WITHIN)

    async def seen_by(self, desk: Desk, order: str, query: str = "") -> bool:
        rows = (await desk.ask("GET", f"/dispatches?limit=100{query}", 200)).json()["items"]
        return order in [row["order_id"] for row in rows]


@pytest.fixture
def office(system: System, plain: httpx.AsyncClient, cast: Cast) -> Office:
    return Office(system, plain, cast)


async def test_who_stands_in_sees_and_does_what_the_absent_one_may(office: Office) -> None:
    """Li, of another community, stands in for Sun, who had taken an order before the leave.

    Before (d86edb6): `duty` named Li, who was answered 404 on the order and found it on no list.
    """
    sun, li = office.desk("sun"), office.desk("li", THERE)
    await office.enter("li", THERE)
    await office.enter("sun", substitutes=["li"])
    order = await office.order()
    one = f"/dispatches/{order}"
    await sun.ask("POST", f"{one}/assignment", 200, json={})
    await li.ask("GET", one, 404)
    mine = (await li.ask("GET", "/counts", 200)).json()["mine"]

    await office.enter("sun", substitutes=["li"], away=AWAY)
    for path in (one, f"{one}/history", f"{one}/record"):
        await li.ask("GET", path, 200)
    for query in ("", "&list=mine", f"&area={HERE.area}", f"&list=mine&area={HERE.area}"):
        assert await office.seen_by(li, order, query), query
    assert (await li.ask("GET", "/counts", 200)).json()["mine"] == mine + 1
    assert order in (await li.ask("GET", "/map", 200)).text
    await li.ask("POST", f"{one}/reports", 200, json={"public_note": "看过了"})
    told = (await li.ask("GET", f"{one}/history", 200)).json()["items"]
    assert (told[-1]["by"]["id"], told[-1]["stands_in_for"]) == (office.id("li"), office.id("sun"))
    assert told[-2]["stands_in_for"] is None, "what Sun did himself"

    other = await office.order()
    await li.ask("POST", f"/dispatches/{other}/assignment", 200, json={})
    taken = (await li.ask("GET", f"/dispatches/{other}", 200)).json()
    assert taken["assigned_to"] == office.id("sun"), "it is Sun's, and not lost when Sun is back"
    await li.ask("POST", f"{one}/referral", 403, json={"department": "sewage"})  # nor may Sun
    await li.ask("POST", f"{one}/delivery", 200, json={"public_note": "修好了"})

    await office.enter("sun", substitutes=["li"])
    await li.ask("GET", one, 404)
    await li.ask("POST", f"/dispatches/{other}/reports", 404, json={"public_note": "我"})
    assert not await office.seen_by(li, order)
    await sun.ask("POST", f"/dispatches/{other}/reports", 200, json={"public_note": "我回来了"})


async def test_who_stands_in_for_a_higher_level_may_what_that_level_may(office: Office) -> None:
    """A grid worker stands in for the secretary of another community: a referral, and no more than that.

    Before (d86edb6): 404.
    """
    li = office.desk("li", THERE)
    await office.enter("li", THERE)
    secretary: dict[str, Any] = {"role": "community", "area": HERE.community, "substitutes": ["li"]}
    await office.enter("secretary", **secretary)
    order = await office.order()
    referral = {"department": "sewage"}
    sign = {"name": "赵", "role": "grid_worker", "area": HERE.area}
    await office.desk("secretary", role="community").ask(
        "POST", f"/dispatches/{order}/assignment", 200, json={}
    )
    await li.ask("POST", f"/dispatches/{order}/referral", 404, json=referral)
    await office.enter("secretary", **secretary, away=AWAY)
    await li.ask("POST", f"/dispatches/{order}/referral", 200, json=referral)
    for name in ("zhao", "secretary"):  # by borrowed power nobody makes that power last
        await li.ask("PUT", f"/staff/{office.id(name)}", 404, json=sign)
    await li.ask("POST", f"/dispatches/{order}/supervision", 403, json={"unit": "sewage", "measures": "快",
                 "due": "2090-01-01T00:00:00Z"})  # fmt: skip


async def test_a_substitute_of_a_substitute_stands_in_and_a_circle_is_refused(office: Office) -> None:
    """Sun is away, Li, who stands in, is away too, Zhao stands in for Li.

    Before (d86edb6): nobody was on duty, and a circle was taken.
    """
    halves = ("00:00", "12:00"), ("12:00", "00:00")
    always = [{"days": EVERY_DAY, "between": {"begins": begins, "ends": ends}} for begins, ends in halves]
    await office.enter("zhao", THERE)
    await office.enter("li", THERE, substitutes=["zhao"], away=AWAY)
    await office.enter("sun", substitutes=["li"], away=AWAY, duty=always)
    refused = await office.enter("zhao", THERE, 409, substitutes=["sun"])
    assert refused.json()["type"] == "/problems/circle-of-substitutes"
    await office.enter("wang", HERE, 409, substitutes=["wang"])

    order = await office.order()
    await office.desk("zhao", THERE).ask("POST", f"/dispatches/{order}/assignment", 200, json={})
    await office.desk("li", THERE).ask("GET", f"/dispatches/{order}", 404)
    units = (await office.district.ask("GET", f"/duty?area={HERE.area}", 200)).json()["units"]
    there = [(one["id"], one["stands_in_for"]) for one in units[0]["on_duty"]]
    assert (office.id("zhao"), office.id("sun")) in there


async def test_nobody_is_given_work_who_cannot_see_it(office: Office) -> None:
    """To an id that nobody has, to somebody of another community, to a resident, to somebody who left.

    Before (d86edb6): 200 each time, and the order lay there unseen.
    """
    community = office.desk("community", role="community")
    await office.enter("sun")
    await office.enter("elsewhere", THERE)
    await office.enter("leader", role="building_leader")
    await office.enter("gone")
    await office.district.ask("DELETE", f"/staff/{office.id('gone')}", 204)
    order = await office.order()
    give = f"/dispatches/{order}/assignment"
    for name, why in {"nobody": "unknown-person", "gone": "unknown-person", "elsewhere": "not-of-the-area",
                      "leader": "not-of-the-area"}.items():  # fmt: skip
        refused = await community.ask("POST", give, 409, json={"to": office.id(name)})
        assert refused.json()["type"] == f"/problems/{why}", name
    await office.desk("x", THERE, "community").ask("POST", give, 404, json={"to": office.id("nobody")})
    await community.ask("POST", give, 200, json={"to": office.id("sun")})

    assert await office.seen_by(community, order, f"&assigned_to={office.id('sun')}")
    assert not await office.seen_by(community, order, f"&assigned_to={office.id('gone')}")
    held = (await community.ask("GET", "/holders", 200)).json()["items"]
    (sun,) = [one for one in held if one["id"] == office.id("sun")]
    assert (sun["name"], sun["known"], sun["open"], sun["away"]) == ("sun", True, 1, False)


async def test_who_leaves_hands_over_first(office: Office, cast: Cast) -> None:
    """Sun leaves with two open orders, one of them with the partners by now.

    Before (d86edb6): 204, and both stayed with an id that nobody has.
    """
    await office.enter("sun")
    await office.enter("li")
    await office.enter("elsewhere", THERE)
    sun, li = office.desk("sun"), office.desk("li")
    community = office.desk("community", role="community")
    orders = [await office.order() for _ in range(2)]
    for order in orders:
        await sun.ask("POST", f"/dispatches/{order}/assignment", 200, json={})
    lines = [{"name": "lamp", "kind": "goods", "amount": 1, "unit": "piece"}]
    await community.ask("POST", f"/dispatches/{orders[1]}/call", 200, json={"lines": lines})
    await _seen_by_resident(cast, orders[1], "call_published", "open_to_partners")

    leave = f"/staff/{office.id('sun')}"
    refused = (await community.ask("DELETE", leave, 409)).json()
    assert (refused["type"], refused["open"]) == ("/problems/still-has-work", 2)
    await community.ask("DELETE", f"{leave}?successor={office.id('nobody')}", 409)
    await community.ask("DELETE", f"{leave}?successor={office.id('sun')}", 409)
    outside = (await community.ask("DELETE", f"{leave}?successor={office.id('elsewhere')}", 409)).json()
    assert outside["type"] == "/problems/not-of-the-area"
    moved = await office.enter("sun", THERE, 409)
    assert moved.json()["open"] == 2, "who goes to another area leaves this one"
    await community.ask("GET", leave, 200)

    await community.ask("DELETE", f"{leave}?successor={office.id('li')}", 204)
    await community.ask("GET", leave, 404)
    for order, told in zip(orders, ("dispatch_assigned.v1", "work_handed_over.v1"), strict=True):
        found = (await li.ask("GET", f"/dispatches/{order}/record", 200)).json()
        assert found["dispatch"]["assigned_to"] == office.id("li")
        assert (found["history"][-1]["type"], found["history"][-1]["data"]["to"]) == (told, office.id("li"))
    assert await office.seen_by(li, orders[0], "&list=mine")
    await li.ask("POST", f"/dispatches/{orders[0]}/reports", 200, json={"public_note": "接手了"})
    await _seen_by_resident(cast, orders[1], "work_handed_over", "open_to_partners")


async def _seen_by_resident(cast: Cast, order: str, told: str, progress: str) -> None:
    """How far the order is when this is on its timeline: who has it does not change that."""

    async def there() -> bool | None:
        found = await cast.resident(4).get(f"/api/intake/v1/orders/{order}")
        seen = [line["event"] for line in found["timeline"]]
        return True if told in seen and found["progress"] == progress else None

    await until(there, f"{told} to be seen, and the order {progress}", WITHIN)


async def test_a_night_belongs_to_the_day_that_it_begins_on(office: Office) -> None:
    """A rule for the nights of workdays, tried at two o'clock on Saturday and on Monday; and 24 hours of duty.

    Before (d86edb6): Saturday was no workday, so Friday's night had no rule after midnight, Sunday's had; and a span
    of 24 hours was refused.
    """
    night = {"categories": ["noise"], "between": {"begins": "22:00", "ends": "06:00"}, "workday": True}
    rules = [{"id": "night", "name": "夜间", "when": night, "then": {"level": "street"}}]
    where = {"longitude": HERE.longitude, "latitude": HERE.latitude}
    fits = []
    for at in ("2026-03-06T18:00:00Z", "2026-03-08T18:00:00Z"):
        trial = {"category": "noise", **where, "rules": rules, "at": at}
        decided = (await office.district.ask("POST", "/routing/trial", 200, json=trial)).json()["decided"]
        fits.append(decided is not None)
    assert fits == [True, False]
    day = [{"days": [1], "between": {"begins": "08:00", "ends": "08:00"}}]
    await office.enter("guard", duty=day)
    for at, there in (("2026-03-02T00:00:00Z", True), ("2026-03-02T23:59:00Z", True),
                      ("2026-03-03T00:00:00Z", False)):  # fmt: skip
        units = (await office.district.ask("GET", f"/duty?area={HERE.area}&at={at}", 200)).json()["units"]
        assert (office.id("guard") in [one["id"] for one in units[0]["on_duty"]]) is there, at
