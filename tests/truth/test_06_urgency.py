"""How urgent it is can be put right, and its time is then counted as if it had been right from the beginning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.demo.cast import Cast, Refused, everywhere
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk
from tests.truth.test_02_recall import correct, district, placed, seen

__all__ = ["district"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[44]


def hours(it: dict[str, Any], clock: str) -> timedelta:
    return datetime.fromisoformat(it["clocks"][clock]) - datetime.fromisoformat(it["opened_at"])


async def judged(cast: Cast, id: str, urgency: str) -> dict[str, Any]:
    """What the figures are made of, once they know the urgency."""
    community = cast.community(PLACE)

    async def look() -> dict[str, Any] | None:
        try:
            it = await community.get(f"/api/evaluation/v1/evaluations/{id}")
        except Refused:
            return None
        return it if it["urgency"] == urgency else None

    return await until(look, "evaluation to know how urgent it is", WITHIN)


async def test_a_danger_that_was_taken_for_something_else_has_its_hour(cast: Cast) -> None:
    """`other` is corrected to `public_safety`: whoever has to take it has one hour from the placing.

    Before (d86edb6): urgency `general`, 24 hours, in dispatch and in the rates.
    """
    id = await placed(cast, "other", PLACE)
    assert hours(await seen(cast, id, lambda it: it["state"] == "received"), "dispatch") == timedelta(
        hours=24
    )
    await correct(cast, id, category="public_safety")
    it = await seen(cast, id, lambda it: it["category"] == "public_safety")
    assert (it["urgency"], hours(it, "dispatch")) == ("emergency", timedelta(hours=1))
    order = await cast.resident(4100).get(f"/api/intake/v1/orders/{id}")
    assert (order["urgency"], order["timeline"][-1]["data"].get("urgency")) in {
        ("emergency", "emergency"),
        ("emergency", None),
    }
    its = await judged(cast, id, "emergency")
    assert datetime.fromisoformat(its["answer_by"]) == datetime.fromisoformat(it["clocks"]["dispatch"])


async def test_staff_say_how_urgent_it_is_and_then_no_category_changes_it(cast: Cast) -> None:
    """With a reason; what was set by hand stays when the category is corrected afterwards.

    Before (d86edb6): 422, the amendment knew no urgency.
    """
    id = await placed(cast, "other", PLACE)
    await correct(cast, id, urgency="urgent")
    it = await seen(cast, id, lambda it: it["urgency"] == "urgent")
    assert hours(it, "dispatch") == timedelta(hours=2)
    await correct(cast, id, category="public_safety")
    it = await seen(cast, id, lambda it: it["category"] == "public_safety")
    assert (it["urgency"], hours(it, "dispatch")) == ("urgent", timedelta(hours=2))
    await judged(cast, id, "urgent")


async def test_chosen_answers_can_be_put_right(cast: Cast, district: Desk) -> None:
    """The resident chose the wrong answer; staff correct it, and the rules decide by the right one.

    Before (d86edb6): 422, the amendment knew no answers.
    """
    before = (await district.ask("GET", "/routing", 200)).json()["rules"]
    when = {"categories": ["sewage_pipe"], "area": PLACE.area, "answers": {"where_it_runs": "street"}}
    pipes = {"id": "street_pipes", "name": "street pipes", "when": when, "then": {"department": "sewage"}}
    await district.ask("PUT", "/routing", 200, json={"rules": [pipes]})
    answers = {"where_it_runs": "yard"}
    body = {"category": "sewage_pipe", "text": "冒水。", "place": PLACE.wire(), "answers": answers}
    id = (await cast.resident(4100).post("/api/intake/v1/orders", body))["id"]
    await seen(cast, id, lambda it: it["state"] == "received")
    await correct(cast, id, answers={"where_it_runs": "street"})
    it = await seen(cast, id, lambda it: it["state"] == "referred")
    assert it["referrals"][0]["by"] == "rule:street_pipes"
    await district.ask("PUT", "/routing", 200, json={"rules": before})
