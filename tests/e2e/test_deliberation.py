"""Branches of golden case A, through the gateway: an objection, a call that nobody takes, a check that failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.cast import Cast, Refused
from deploy.demo.check import Lists, settle
from deploy.demo.life import Way, life
from deploy.demo.record import Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLATS: list[dict[str, Any]] = [
    {"id": "1-101", "area": 89.5},
    {"id": "1-102", "area": "60"},
    {"id": "1-201", "area": 50.5, "pays": 50},
]
ALL = [{"household": flat["id"], "consent": "yes"} for flat in FLATS]


async def discussing(cast: Cast) -> Record:
    """An order whose households discuss by area what they pay of 1,000 yuan."""
    place, record = cast.place("harbin_road"), Record()
    community = cast.community(place)
    order = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire()}
    await record.order(cast.resident(31), order)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "deadlock", {"reason": "无人负责"})
    await record.ask(community, "dispatch", "rounds", proposed("第一轮"))
    return record


def proposed(proposal: str) -> dict[str, Any]:
    estimate = {"name": "预算.pdf", "sha256": "a" * 64, "size": 90_210}
    return {
        "proposal": proposal,
        "cost": 1_000_00,
        "to_share": 300_01,
        "allocation": "by_area",
        "households": FLATS,
        "documents": [estimate],
    }


async def test_an_objection_that_is_upheld_makes_the_next_round_and_shares_bind_after_its_notice(
    cast: Cast, lists: Lists
) -> None:
    record, community = await discussing(cast), cast.community(cast.place("harbin_road"))
    for said in ALL:
        await record.ask(community, "dispatch", "rounds/1/consents", {"consents": [said]})
    closed = await record.ask(community, "dispatch", "rounds/1/result", {"minutes": "三户到场，一致同意。"})
    assert closed["on_notice"]
    assert closed["money"]["shares"] == 0
    objection = {"household": "1-102", "reason": "面积算错了"}
    await record.ask(community, "dispatch", "rounds/1/objections", objection)
    answer = {"household": "1-102", "upheld": True, "reason": "确有差错"}
    void = await record.ask(community, "dispatch", "rounds/1/objections/answer", answer)
    assert (void["on_notice"], void["rounds"][0]["binds"]) == (False, False)

    await record.ask(community, "dispatch", "rounds", proposed("第二轮"))
    await record.ask(community, "dispatch", "rounds/2/result", {"consents": ALL})
    bound = await record.wait(community, "dispatch", "in_deliberation", on_notice=False, within=WITHIN)
    shares = [household["share"] for household in bound["rounds"][1]["households"]]
    assert sum(shares) == 300_01 == bound["money"]["shares"]
    assert bound["money"]["gap"] == 699_99

    payment = {"household": "1-101", "fen": shares[0], "receipt": "No-1"}
    paid = await record.ask(community, "dispatch", "payments", payment)
    assert paid["money"]["collected"] == shares[0]
    with pytest.raises(Refused) as refused:
        await community.post(record.path("dispatch", "payments"), {**payment, "fen": 1, "receipt": "No-2"})
    assert (refused.value.status, refused.value.slug) == (409, "payment-passes-share")
    await record.ask(community, "dispatch", "payments/returns", {**payment, "receipt": "No-3"})

    await settle(lists, [record], WITHIN)
    order = await record.see(cast.resident(31), "intake")
    assert order is not None
    events = [line["event"] for line in order["timeline"] if line["service"] == "dispatch"]
    assert [event for event in events if "notice" in event or "objection" in event] == [
        "notice_opened",
        "objection_raised",
        "objection_answered",
        "notice_closed",
        "notice_opened",
        "notice_closed",
    ]
    assert "面积算错了" not in str(order)
    assert (order["funding"]["shares"], order["funding"]["gap"]) == (300_01, 699_99)


async def test_a_call_that_nobody_takes_comes_back_with_a_clock_of_its_own(cast: Cast, lists: Lists) -> None:
    record, community = await discussing(cast), cast.community(cast.place("harbin_road"))
    await record.ask(community, "dispatch", "rounds/1/result", {})
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    need = {"lines": [{"name": "crew", "kind": "labour", "amount": 8, "unit": "hours"}], "until": soon}
    await record.ask(community, "dispatch", "call", need)
    back = await record.wait(community, "dispatch", "in_deliberation", within=WITHIN)
    assert back["call"]["ended"] == "expired"
    assert "returned" in back["clocks"]
    await settle(lists, [record], WITHIN)


async def test_a_check_that_failed_sends_the_same_hands_back_and_is_counted(cast: Cast, lists: Lists) -> None:
    record = await life(cast, cast.place("harbin_road"), Way(resident=32, fails_check=True), within=WITHIN)
    await settle(lists, [record], WITHIN)
    dispatch = (await lists.entry("dispatch", record.id))["state"]
    assert (dispatch["reworks"], len(dispatch["done_by"])) == (1, 2)
    assert [item["code"] for item in dispatch["check"]["items"]] == ["flows", "surface"]
