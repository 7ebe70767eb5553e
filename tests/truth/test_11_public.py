"""What everybody sees of the rates tells of nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[24]
RATES = "/api/evaluation/v1/rates"


async def placed(cast: Cast, lists: Lists) -> Record:
    record = Record()
    body = {"category": "street_light", "text": "路灯不亮。", "place": PLACE.wire()}
    await record.order(cast.resident(24), body)
    await record.wait(cast.community(PLACE), "dispatch", "received", within=WITHIN)
    await settle(lists, [record], WITHIN)
    return record


async def test_nobody_finds_the_time_of_an_order_by_asking_again_and_again(
    system: System, cast: Cast, lists: Lists, plain: httpx.AsyncClient
) -> None:
    """Who knows that a neighbour ordered halves the time in which that was, with each question.

    Before (0378ae5): 23 questions without a token told the second; each was answered with a count.
    """
    begin = datetime.now(UTC) - timedelta(minutes=1)
    await placed(cast, lists)
    end = datetime.now(UTC) + timedelta(minutes=1)
    for _ in range(23):
        half = begin + (end - begin) / 2
        wanted = {"area": PLACE.community, "since": begin.isoformat(), "until": half.isoformat()}
        for headers in ({}, signed(system, role="resident", sub="resident-2")):
            answer = await plain.get(RATES, params=wanted, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-public")
        end = half


@pytest.mark.parametrize(
    "narrower", [{"area": PLACE.area}, {"category": "street_light"}, {"department": "sewage"}], ids=str
)
async def test_no_difference_of_two_figures_of_now_tells_of_one_household(
    cast: Cast, lists: Lists, plain: httpx.AsyncClient, narrower: dict[str, str]
) -> None:
    """A grid, a category or a department less than the whole is one household more or less.

    Before (0378ae5): each was answered with what it is at the moment.
    """
    await placed(cast, lists)
    answer = await plain.get(RATES, params={"area": PLACE.community, **narrower})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-public")


async def test_what_everybody_sees_does_not_move_with_an_order(
    cast: Cast, lists: Lists, plain: httpx.AsyncClient
) -> None:
    """Who asks before and after a neighbour is answered knows what it was about.

    Before (0378ae5): the figures of the district were those of the moment.
    """
    before = (await plain.get(RATES)).json()
    record = await placed(cast, lists)
    await record.ask(cast.grid_worker(PLACE), "dispatch", "assignment", {})
    await settle(lists, [record], WITHIN)
    after = (await plain.get(RATES)).json()
    assert after == before
    begin, end = (datetime.fromisoformat(after[name]) for name in ("since", "until"))
    assert timedelta(days=27) < end - begin < timedelta(days=32)
    assert end <= datetime.now(UTC) - timedelta(days=29)
    live = await cast.person("district-shibei").get(RATES)
    assert live["counts"]["dispatched"] > 0, "the staff see what is now"
