"""Who waits for somebody is not forgotten: each wait has a clock, and silence goes up when it is over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, everywhere
from deploy.demo.life import Way, life
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import PARTS, System

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[26]
WITHIN = 40.0
LEVELS = "HEHUO_DISPATCH_SPECIAL_LIMITS"
HURRIED = {
    LEVELS: json.dumps([{"limit": "answer", "category": "sewage_pipe", "within": "PT2S"}]),
    "HEHUO_DISPATCH_CHECK": "PT5S",
    "HEHUO_PARTNERS_APPEAL_ANSWER": "PT2S",
}
_PARTS = [part for part in PARTS if part != "web"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system of its own, in which nobody has much time to answer."""
    async with System(tmp_path_factory.mktemp("hurried"), only=_PARTS, env=HURRIED) as system:
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(hurried: System) -> AsyncIterator[Cast]:
    async with Cast(hurried.gateway_url, hurried.token, patience=WITHIN) as cast:
        yield cast


async def in_hand(cast: Cast, category: str = "sewage_pipe") -> Record:
    """An order that the community of the place works on."""
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(26), {"category": category, "text": "堵了。", "place": PLACE.wire()})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    return record


async def seen_with(cast: Cast, record: Record, what: str, **wanted: Any) -> dict[str, Any]:
    """What the community sees once these fields are so."""

    async def look() -> dict[str, Any] | None:
        seen = await record.see(cast.community(PLACE), "dispatch")
        assert seen is not None
        return seen if all(seen.get(name) == value for name, value in wanted.items()) else None

    return await until(look, what, WITHIN)


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_a_request_for_more_time_goes_up_when_nobody_answers(cast: Cast) -> None:
    """A community that asked the street for more time is heard by the district when the street is silent.

    Before (d86edb6): no clock ran for it, and the street had to decide for ever.
    """
    record, community = await in_hand(cast), cast.community(PLACE)
    asked = {"kind": "pause", "reason": "霜冻", "until": in_seconds(9 * 86_400)}
    answer = await record.ask(community, "dispatch", "time-requests", asked)
    assert "time_request" in answer["clocks"]

    async def decided_above() -> bool | None:
        seen = await record.see(community, "dispatch")
        assert seen is not None
        return seen["time_requests"][-1]["decided_by"] == "district" or None

    await until(decided_above, "the district to have to decide", WITHIN)
    supervised = await seen_with(cast, record, "silence to be supervised", supervised=["silence"])
    assert "time_request" in supervised["clocks"], "and it is still waited for"


async def test_a_request_for_more_time_lapses_when_a_whistle_gives_the_matter_to_others(cast: Cast) -> None:
    """Who got it by a whistle does not find the request of those who had it before.

    Before (d86edb6): it stayed open, and nobody else could ask for time.
    """
    record, community = await in_hand(cast, "noise"), cast.community(PLACE)
    asked = {"kind": "extension", "reason": "等材料", "until": in_seconds(30 * 86_400)}
    await record.ask(community, "dispatch", "time-requests", asked)
    await record.ask(community, "dispatch", "whistle", {})
    seen = await record.see(community, "dispatch")
    assert seen is not None
    assert seen["time_requests"][-1]["lapsed"] is True
    assert "time_request" not in seen["clocks"]


async def test_work_that_nobody_checks_is_asked_of_the_level_above(cast: Cast) -> None:
    """Delivered work that the community leaves lying is told to the street.

    Before (d86edb6): only the limit of the whole ran on, three weeks.
    """
    record, community = await in_hand(cast), cast.community(PLACE)
    delivered = await record.ask(community, "dispatch", "delivery", {"public_note": "通了"})
    assert "check" in delivered["clocks"]
    seen = await seen_with(cast, record, "the street to be asked", check_level="street")
    assert (seen["state"], seen["level"]) == ("to_check", "community"), "who was silent may still check it"


async def test_a_deadline_that_a_unit_named_is_watched(cast: Cast) -> None:
    """A community that answered "until then" and did nothing is whistled over.

    Before (d86edb6): the deadline was shown, and no clock looked at it.
    """
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(27), {"category": "noise", "text": "吵。", "place": PLACE.wire()})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(cast.grid_worker(PLACE), "dispatch", "whistle", {})
    promise = {"measures": "今天去", "deadline": in_seconds(3)}
    answer = await record.ask(community, "dispatch", "whistle/answer", promise)
    assert "deadline" in answer["clocks"]
    seen = await seen_with(cast, record, "the street to be whistled to", state="whistled")
    assert (seen["level"], seen["whistle"]["by_silence"]) == ("street", True)


async def test_the_unit_whose_call_ended_is_waited_for(cast: Cast) -> None:
    """What came back from a call without result is as any other matter that a unit has in hand.

    Before (d86edb6): `handling` did not run.
    """
    record, community = await in_hand(cast, "drying_rack"), cast.community(PLACE)
    need = {"lines": [{"name": "rack", "kind": "goods", "amount": 2, "unit": "set"}]}
    await record.ask(community, "dispatch", "call", need)
    back = await record.ask(community, "dispatch", "call/withdrawal", {"reason": "自己修"})
    assert {"handling", "returned"} <= set(back["clocks"])
    said = await record.ask(community, "dispatch", "reports", {"public_note": "明天修"})
    assert "handling" in said["clocks"]
    assert "returned" not in said["clocks"], "it has said what comes next"


async def test_an_appeal_of_a_partner_goes_up_when_the_street_is_silent(cast: Cast) -> None:
    """A partner that appealed is not forgotten: the district has to decide, and it shows when that is late.

    Before (d86edb6): it stood on the list of the street until somebody decided.
    """
    record = await life(cast, PLACE, Way(resident=8, first_partner=4, reworks=1), within=WITHIN)
    acting, one = cast.partner(4), f"/api/partners/v1/partners/{cast.partners[4]['id']}/standing"

    async def blamed() -> str | None:
        its = [each for each in (await acting.get(one))["happened"] if each["event"] == "unsatisfied"]
        return next((each["of"] for each in its if each["order_id"] == str(record.id)), None)

    of = await until(blamed, "the verdict to count", WITHIN)
    body = {"against": "verdict", "of": of, "reason": "当天停电"}
    [made] = (await acting.post(record.path("partners", "appeals"), body)).body["appeals"]
    assert (made.get("level"), made.get("overdue")) == ("street", False)

    async def overdue() -> bool | None:
        [appeal] = (await acting.get(record.path("partners")))["appeals"]
        return True if (appeal["level"], appeal["overdue"]) == ("district", True) else None

    await until(overdue, "the appeal to be overdue at the district", WITHIN)
    district = cast.somebody("district", "district-appeals", area="370203")
    listed = await district.get("/api/partners/v1/appeals?limit=100")
    assert str(record.id) in [each["order_id"] for each in listed["items"]]


async def _moved(cast: Cast, record: Record, end: str) -> dict[str, Any] | None:
    found = await record.see(cast.community(PLACE), "dispatch")
    return found if found and found["close_by"] != end else None


async def test_a_new_list_of_holidays_moves_what_is_open(tmp_path: Path) -> None:
    """Deadlines that were set before the list came are where they would be if it had been known.

    Before (d86edb6): they stayed where they were.
    """
    free = {(datetime.now(UTC) + timedelta(days=n)).date().isoformat(): "holiday" for n in range(60)}
    lists = {name: tmp_path / f"{name}.json" for name in ("before", "after")}
    lists["before"].write_text("{}")
    lists["after"].write_text(json.dumps({"days": free}))
    seen = {}
    record = Record()
    for name, path in lists.items():
        env = {"HEHUO_DISPATCH_CALENDAR": str(path)}
        async with (
            System(tmp_path / "data", only=_PARTS, env=env) as system,
            Cast(system.gateway_url, system.token, patience=WITHIN) as cast,
        ):
            if name == "before":
                record = await in_hand(cast)
                seen[name] = await record.see(cast.community(PLACE), "dispatch")
                continue
            was = seen["before"]
            assert was is not None

            now = await until(
                partial(_moved, cast, record, was["close_by"]), "the end to be counted anew", WITHIN
            )
            last = datetime.now(UTC) + timedelta(days=59)
            assert now["close_by"] == now["clocks"]["close_by"]
            for clock in ("close_by", "handling"):
                assert datetime.fromisoformat(now["clocks"][clock]) > last
                assert datetime.fromisoformat(was["clocks"][clock]) < last
