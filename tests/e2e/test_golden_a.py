"""The broken sewage pipe, Harbin Road: through the gateway, each step seen in its store and on the timeline."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from deploy.demo.cast import Cast
from deploy.demo.check import Lists, Money, settle
from deploy.demo.sewage_pipe import COST, GAP, HOUSEHOLDS, SEWAGE_PIPE, TO_SHARE
from deploy.demo.story import Case
from tests.e2e.conftest import WITHIN
from tests.e2e.looking import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_broken_pipe_that_nobody_answers_for_is_mended_by_a_partner(cast: Cast, lists: Lists) -> None:
    case = Case(SEWAGE_PIPE, cast, WITHIN)
    look = Look(case, lists)
    done, looked = [], []
    async for step in case.play():
        await look.at(step)
        done.append(step)
        if step.shows == ("referral_answered",):
            await _was_refused(look)
            looked.append("refused")
        if "round_closed" in step.shows:
            await _was_discussed(look, agreed="notice_closed" in step.shows)
            looked.append("agreed" if "notice_closed" in step.shows else "discussed")
        if step.shows == ("claim_made", "call_covered"):
            await _gap_is_closed(look)
            looked.append("covered")
    assert tuple(done) == SEWAGE_PIPE.steps
    assert looked == ["refused", "discussed", "agreed", "covered"]
    await settle(lists, [case.record], WITHIN)
    await _has_ended(look)


async def _was_refused(look: Look) -> None:
    """With a reason and the rule it rests on; the community has it again."""
    dispatch = await look.stored("dispatch")
    referral = dispatch["referrals"][-1]
    assert (referral["department"], referral["accepted"], referral["reason"]) == (
        "sewage",
        False,
        "out_of_remit",
    )
    assert referral["rule"]
    assert (dispatch["refusals"], dispatch["level"]) == (1, "community")
    assert dispatch["handled_by"] == look.case.cast.place("harbin_road").community


async def _was_discussed(look: Look, *, agreed: bool) -> None:
    dispatch = await look.stored("dispatch")
    round = dispatch["rounds"][-1]
    shares = [household["share"] for household in round["households"]]
    assert round["agreed"] is agreed
    assert (round["notice"] or {}).get("stands", False) is agreed
    assert [household["id"] for household in round["households"]] == list(HOUSEHOLDS)
    assert max(shares) - min(shares) == 1, (
        "the fen do not divide evenly, and nobody bears more than one of them"
    )
    assert sum(shares) == (TO_SHARE if agreed else COST)
    order = await look.case.record.see(look.case.resident, "intake")
    assert order is not None
    funding = order["funding"]
    wanted = (COST, TO_SHARE, GAP) if agreed else (0, 0, 0)
    assert (funding["cost"], funding["shares"], funding["gap"]) == wanted


async def _gap_is_closed(look: Look) -> None:
    """By one partner that bears all of it, to the fen."""
    call = await look.stored("partners")
    amounts = {line["name"]: line["amount"] for line in call["lines"]}
    assert amounts == {"gap": GAP, "fitters": 40}
    (claim,) = call["claims"]
    assert {line["name"]: line["amount"] for line in claim["lines"]} == amounts
    assert str(claim["partner_id"]) == look.case.cast.partners[0]["id"]
    funding = await look.case.resident.get(look.case.record.path("partners", "funding"))
    assert Money(funding["shares"], funding["subsidies"], funding["pledges"], funding["gap"]) == Money(
        TO_SHARE, 0, GAP, 0
    )


async def _has_ended(look: Look) -> None:
    dispatch, evaluation = await look.stored("dispatch"), await look.stored("evaluation")
    assert (dispatch["outcome"], dispatch["reworks"], dispatch["supervised"]) == ("solved", 0, [])
    assert dispatch["done_by"] == [look.case.cast.partners[0]["id"], "partner-hongtu"]
    assert (evaluation["verdict"], evaluation["outcome"], evaluation["in_time"]) == (
        "satisfied",
        "solved",
        True,
    )
    (claim,) = (await look.stored("partners"))["claims"]
    assert claim["state"] == "fulfilled"
    order = await look.case.record.see(look.case.resident, "intake")
    assert order is not None
    times = [datetime.fromisoformat(line["at"]) for line in order["timeline"]]
    assert all(before <= after for before, after in pairwise(times))
    assert order["funding"] == {
        "cost": COST, "shares": TO_SHARE, "subsidies": 0, "pledged": GAP, "gap": 0,
    }  # fmt: skip


async def test_contact_and_text_of_the_order_stay_in_intake(cast: Cast, lists: Lists) -> None:
    case = Case(SEWAGE_PIPE, cast, WITHIN)
    async for _ in case.play():
        break  # placed and heard of by dispatch and evaluation
    orders = await lists.orders([case.record.id])
    assert "13800000000" in str(orders[case.record.id].pop("intake")["state"])
    others = str(orders[case.record.id])
    assert "13800000000" not in others
    assert "老人走过容易滑倒" not in others
    history = str((await lists.entry("intake", case.record.id))["history"])
    assert "13800000000" not in history
    assert "老人走过容易滑倒" not in history
