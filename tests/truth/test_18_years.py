"""Years at the ends of the calendar, sent to every route that takes a time: refused by name, and nobody else hurt."""

from __future__ import annotations

import httpx
import pytest

from deploy.demo.cast import everywhere
from deploy.local.system import System
from tests.contract.times import TimeIn, every_time
from tests.e2e.test_bad_input import ORDERS, is_problem, signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[30]
WHO = (
    {"role": "district", "sub": "d", "area": "370203"},
    {"role": "partner", "sub": "p", "partner": "01900000-0000-7000-8000-000000000001"},
    {"role": "department", "sub": "o", "department": "sewage"},
    {"role": "resident", "sub": "resident-30"},
)


@pytest.mark.parametrize("one", every_time(), ids=lambda one: f"{one.method} {one.at}")
async def test_a_far_year_is_refused_by_name_and_the_next_request_is_answered(
    system: System, plain: httpx.AsyncClient, one: TimeIn
) -> None:
    """Every route that takes a time, and whoever asks next.

    Before (5a5d4a3): 29 of 31 were answered otherwise, some with a fault of ours.
    """
    where, _, name = one.at.partition("/")
    params = {"area": PLACE.community} if one.path.endswith("/duty") else {}
    for far in one.far:
        answers = [
            await plain.request(
                one.method,
                one.path,
                params={**params, **({name: far} if where == "query" else {})},
                json=one.body(far),
                headers=signed(system, **who),
            )
            for who in WHO
        ]
        answer = max(answers, key=lambda it: it.status_code)  # of somebody who may ask
        wrong = {error["at"]: error["problem"] for error in is_problem(answer, 422)["errors"]}
        assert "the year must be between 2000 and 2200" in wrong[one.at]
        following = await plain.get(ORDERS, headers=signed(system, role="resident", sub="resident-30"))
        assert following.status_code == 200
