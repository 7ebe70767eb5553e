"""What became of a partner's work counts for it, where everybody can see it, until an appeal is upheld."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.life import Way, life
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

API, HERE = "/api/partners/v1", everywhere()[12]
QINGDAO = ZoneInfo("Asia/Shanghai")  # whose months count


async def test_a_verdict_counts_until_an_appeal_is_upheld(cast: Cast, lists: Lists) -> None:
    record = await life(cast, HERE, Way(resident=8, first_partner=4, reworks=1), within=WITHIN)
    await settle(lists, [record], WITHIN)
    acting, anybody, id = cast.partner(4), cast.resident(1), cast.partners[4]["id"]
    street = cast.somebody("street", "street-appeals", area=HERE.community.rpartition("/")[0])
    one = f"{API}/partners/{id}"

    async def counting(*expected: str) -> dict[str, Any] | None:
        """The standing, when exactly this counts of the order. What is shown may be a second old."""
        shown: dict[str, Any] = await acting.get(f"{one}/standing")
        its = sorted(each["event"] for each in shown["happened"] if each["order_id"] == str(record.id))
        return shown if its == sorted(expected) else None

    async def waiting() -> bool:
        listed = await street.get(f"{API}/appeals?limit=100")
        return str(record.id) in [each["order_id"] for each in listed["items"]]

    good = ("fulfilled", "on_time", "satisfied")
    seen = await until(partial(counting, *good, "unsatisfied"), "both verdicts to count", WITHIN)
    assert seen["score"] == sum(factor["points"] for factor in seen["factors"])
    assert (await anybody.get(f"{one}/standing"))["happened"] is None

    [blamed] = [
        each
        for each in seen["happened"]
        if (each["order_id"], each["event"]) == (str(record.id), "unsatisfied")
    ]
    body = {"against": "verdict", "of": blamed["of"], "reason": "当天停电"}
    [appeal] = (await acting.post(record.path("partners", "appeals"), body)).body["appeals"]
    assert await waiting()
    decision = record.path("partners", f"appeals/{appeal['id']}/decision")
    await street.post(decision, {"decision": "upheld", "answer": "查实停电"})
    assert not await waiting()
    after = await until(partial(counting, *good), "the appeal to count", WITHIN)
    assert after["points"] > seen["points"]


async def test_the_staff_see_now_what_a_partner_did_and_who_is_first(cast: Cast, lists: Lists) -> None:
    record = await life(cast, HERE, Way(resident=9, first_partner=9), within=WITHIN)
    await settle(lists, [record], WITHIN)
    staff, id, now = cast.community(HERE), cast.partners[9]["id"], datetime.now(QINGDAO)

    impact = await cast.partner(9).get(f"{API}/partners/{id}/impact?period={now.year}")
    assert (impact["orders"] >= 1, impact["months"]) == (True, None)
    assert (await cast.partner(9).get(f"{API}/partners/{id}/impact?period=2020"))["orders"] == 0
    ranking = await staff.get(f"{API}/ranking?area={HERE.area}&limit=100")
    assert id in [each["partner_id"] for each in ranking["items"]]
    honours = await staff.get(f"{API}/honours?area={HERE.area}&period={now:%Y-%m}")
    assert [honour["code"] for honour in honours["items"]] == ["partner_of_the_month"]
    assert id in [each["partner_id"] for each in honours["items"][0]["items"]]
