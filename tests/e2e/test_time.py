"""The resident is asked and the clocks stand still; time is asked for, refused and granted: through the gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[26]


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def begun(cast: Cast, number: int) -> Record:
    """An order that the grid worker of the place has in hand."""
    record = Record()
    order = {"category": "sewage_pipe", "text": "下水道堵了。", "place": PLACE.wire()}
    await record.order(cast.resident(number), order)
    await record.wait(cast.community(PLACE), "dispatch", "received", within=WITHIN)
    await record.ask(cast.grid_worker(PLACE), "dispatch", "assignment", {})
    return record


async def test_the_answer_of_the_resident_starts_the_clocks_again(cast: Cast, lists: Lists) -> None:
    record, worker, resident = await begun(cast, 26), cast.grid_worker(PLACE), cast.resident(26)
    before = await record.see(worker, "dispatch")
    assert before is not None

    await record.ask(worker, "dispatch", "questions", {"question": "哪一户的下水道？"})
    asked = await record.see(worker, "dispatch")
    assert asked is not None
    assert asked["paused"]["kind"] == "question"
    with pytest.raises(Refused) as refused:
        await record.ask(worker, "dispatch", "whistle", {})
    assert (refused.value.slug, refused.value.status) == ("is-paused", 409)

    async def reads(person: Person) -> list[dict[str, object]]:
        seen = await record.see(person, "intake")
        assert seen is not None
        return list(seen["questions"])

    await record.wait(resident, "intake", "dispatched", within=WITHIN)
    await settle(lists, [record], WITHIN)
    assert [one["text"] for one in await reads(resident)] == ["哪一户的下水道？"]
    assert await record.see(cast.resident(27), "intake") is None, "a stranger reads no question"
    with pytest.raises(Refused) as refused:
        await record.ask(cast.resident(27), "intake", "questions/1/answer", {"text": "不是我"})
    assert refused.value.status == 404

    await record.ask(resident, "intake", "questions/1/answer", {"text": "三单元二楼"})
    after = await record.wait(worker, "dispatch", "assigned", within=WITHIN, paused=None)
    assert set(asked["clocks"]) == {"pause"}, "the others stand still"
    assert set(after["clocks"]) == set(before["clocks"])
    timeline = [line["event"] for line in (await resident.get(record.path("intake")))["timeline"]]
    assert {"question_asked", "question_answered"} <= {*timeline}


async def test_more_time_is_decided_by_the_next_level(cast: Cast, lists: Lists) -> None:
    record, worker, community = await begun(cast, 28), cast.grid_worker(PLACE), cast.community(PLACE)
    before = await record.see(worker, "dispatch")
    assert before is not None
    asked = {"kind": "extension", "reason": "等材料", "until": in_days(45)}

    with pytest.raises(Refused) as refused:
        await record.ask(worker, "dispatch", "time-requests", {**asked, "until": in_days(5_000)})
    assert refused.value.slug == "time-out-of-range"
    await record.ask(worker, "dispatch", "time-requests", asked)
    with pytest.raises(Refused) as refused:
        await record.ask(worker, "dispatch", "time-requests", {**asked, "reason": "又一次"})
    assert refused.value.slug == "time-asked-already"
    with pytest.raises(Refused) as refused:
        await record.ask(worker, "dispatch", "time-requests/answer", {"granted": True})
    assert refused.value.slug == "not-your-level"

    await record.ask(
        community, "dispatch", "time-requests/answer", {"granted": False, "public_note": "材料已到"}
    )
    with pytest.raises(Refused) as refused:
        await record.ask(community, "dispatch", "time-requests/answer", {"granted": True})
    assert refused.value.slug == "no-time-asked"
    seen = await record.see(worker, "dispatch")
    assert seen is not None
    assert seen["close_by"] == before["close_by"]

    await record.ask(worker, "dispatch", "time-requests", asked)
    await record.ask(community, "dispatch", "time-requests/answer", {"granted": True})
    longer = await record.see(worker, "dispatch")
    assert longer is not None
    assert longer["close_by"] > before["close_by"]

    pause = {"kind": "pause", "reason": "等居民回家", "until": in_days(2)}
    await record.ask(worker, "dispatch", "time-requests", pause)
    await record.ask(community, "dispatch", "time-requests/answer", {"granted": True})
    await record.wait(worker, "dispatch", "assigned", within=WITHIN)
    with pytest.raises(Refused) as refused:
        await record.ask(worker, "dispatch", "reports", {"public_note": "在看"})
    assert refused.value.slug == "is-paused"
    await record.ask(worker, "dispatch", "resumption", {})
    await settle(lists, [record], WITHIN)
    timeline = [line["event"] for line in (await cast.resident(28).get(record.path("intake")))["timeline"]]
    wanted = ["extension_granted", "dispatch_paused", "dispatch_resumed"]
    assert [event for event in timeline if event in wanted] == wanted
