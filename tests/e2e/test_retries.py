"""A resident who taps twice has one order; so has everybody else who asks twice."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.demo.cast import Cast, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.life import Way, life
from deploy.local.system import System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[7]
ORDERS = "/api/intake/v1/orders"


def body(text: str = "路灯不亮。") -> dict[str, object]:
    return {"category": "street_light", "text": text, "place": PLACE.wire()}


async def test_two_taps_at_once_are_one_order_and_one_answer(cast: Cast, lists: Lists) -> None:
    resident, key = cast.resident(11), uuid4().hex
    first, *others = await asyncio.gather(*(resident.post(ORDERS, body(), key) for _ in range(8)))
    assert all(other.body == first.body and other.status == first.status == 201 for other in others)
    assert await lists.placed_by(first.key) == [UUID(first["id"])]
    await settle(lists, [UUID(first["id"])], WITHIN)


async def test_a_retry_gets_the_very_bytes_of_the_first_answer(
    system: System, plain: httpx.AsyncClient
) -> None:
    token = system.token(role="resident", sub="resident-12")
    headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}
    first = await plain.post(ORDERS, json=body(), headers=headers)
    again = await plain.post(ORDERS, json=body(), headers=headers)
    assert (again.status_code, again.content, again.headers["etag"]) == (
        first.status_code, first.content, first.headers["etag"],
    )  # fmt: skip
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_the_same_key_with_another_body_is_refused_and_nothing_is_stored(
    cast: Cast, lists: Lists
) -> None:
    resident, key = cast.resident(13), uuid4().hex
    first = await resident.post(ORDERS, body(), key)
    before = await lists.ids("intake")
    with pytest.raises(Refused) as refused:
        await resident.post(ORDERS, body("另一件事。"), key)
    assert (refused.value.status, refused.value.slug) == (409, "key-reused")
    assert await lists.ids("intake") == before
    assert await lists.placed_by(first.key) == [UUID(first["id"])]


async def test_the_same_key_of_two_people_is_two_orders(cast: Cast) -> None:
    key = uuid4().hex
    mine, theirs = [await cast.resident(number).post(ORDERS, body(), key) for number in (14, 15)]
    assert mine["id"] != theirs["id"]


async def test_every_request_of_a_life_may_be_repeated_and_changes_nothing(cast: Cast, lists: Lists) -> None:
    record = await life(cast, PLACE, Way(resident=16), within=WITHIN)
    await settle(lists, [record], WITHIN)
    before = await lists.orders([record.id])
    verdict = {"verdict": "satisfied", "result": 3, "speed": 4, "manner": 5}
    done = next(one for one in record.acknowledged if one.service == "evaluation")
    again = await cast.resident(16).post(
        record.path("evaluation", "verdicts"), verdict, done.answer.key.rpartition(":")[2]
    )
    assert again.body == done.answer.body
    assert await lists.orders([record.id]) == before
