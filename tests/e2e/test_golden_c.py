"""A ramp, Harbin Road: three partners share one need, one drops out, the other two close the gap to the fen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast, Refused
from deploy.demo.check import Lists, settle
from deploy.demo.ramp import AGAIN, DROPPED, FIRST, FUNDS, LAST, PAID, RAIL, RAMP
from deploy.demo.story import Case
from tests.e2e.conftest import WITHIN
from tests.e2e.looking import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEED = FUNDS + RAIL
# By the step that was done last: pledged, confirmed, paid, returned, owed.
AFTER = {
    "call": (0, 0, 0, 0, 0),
    "first": (FIRST, 0, 0, 0, 0),
    "more": (FIRST, 0, 0, 0, 0),
    "second": (FIRST + DROPPED, DROPPED, 0, 0, 0),
    "paid": (FIRST + DROPPED, DROPPED, PAID, 0, 0),
    "third": (NEED, DROPPED, PAID, 0, 0),
    "drop_out": (FIRST + LAST, 0, PAID, 0, PAID),
    "give_back": (FIRST + LAST, 0, PAID, PAID, 0),
    "first_adds": (FIRST + LAST + AGAIN[0], 0, PAID, PAID, 0),
    "third_adds": (NEED, 0, PAID, PAID, 0),
}


async def test_three_partners_share_a_need_and_two_close_the_gap_that_the_third_left(
    cast: Cast, lists: Lists, plain: httpx.AsyncClient
) -> None:
    case = Case(RAMP, cast, WITHIN)
    look = Look(case, lists)
    assert AFTER.keys() <= {step.do.__name__ for step in RAMP.steps}, "else nobody looks after some step"
    expected: tuple[int, ...] | None = None
    async for step in case.play():
        await look.at(step)
        name = step.do.__name__
        expected = AFTER.get(name, expected)
        if expected is not None:
            await _page_says(plain, case, FUNDS if name in {"call", "first"} else NEED, expected)
        if name == "drop_out":
            await _has_no_hold_any_more(case)
    await settle(lists, [case.record], WITHIN)
    call = await look.stored("partners")
    assert sorted(claim["state"] for claim in call["claims"]) == ["fulfilled"] * 4 + ["released"]
    assert [deed["deed"] for deed in call["record"]] == ["confirmed", "received", "returned"]


async def _page_says(plain: httpx.AsyncClient, case: Case, cost: int, expected: tuple[int, ...]) -> None:
    """To everybody, without a token; and no paper is named."""
    answer = await plain.get(case.record.path("partners", "funding"))
    page: dict[str, Any] = answer.json()
    shown = tuple(page[name] for name in ("pledges", "confirmed", "paid", "returned", "owed"))
    assert shown == expected
    assert page["cost"] == cost == page["shares"] + page["subsidies"] + page["pledges"] + page["gap"]
    assert page["pledges"] == sum(one["promised"] for one in page["pledged_by"])
    assert "SJ-0001" not in answer.text


async def _has_no_hold_any_more(case: Case) -> None:
    """Whoever dropped out can do nothing with what it had."""
    claim, epoch = case.claim
    for what in ("confirmation", "delivery", "plan"):
        body: dict[str, Any] = {"epoch": epoch}
        if what == "plan":
            body |= {"plan": "…", "starts": "2026-01-01", "ends": "2026-01-02"}
        with pytest.raises(Refused) as refused:
            await case.cast.person("partner-third").post(
                case.record.path("partners", f"claims/{claim}/{what}"), body
            )
        assert (refused.value.status, refused.value.slug) == (409, "displaced-holder")
    body = {"name": "funds", "amount": 1, "day": "2026-01-01", "reference": "SJ-0002"}
    with pytest.raises(Refused) as refused:
        await case.community.post(case.record.path("partners", f"claims/{claim}/receipts"), body)
    assert (refused.value.status, refused.value.slug) == (409, "pledge-is-over")
