"""The unit's time ends with the passed check: silence of the resident makes no good work late."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from deploy.local.system import PARTS, System

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[26]
WITHIN = 60.0
HURRIED = {
    "HEHUO_DISPATCH_CLOSE": "PT12S",
    "HEHUO_DISPATCH_OVERDUE": "PT1S",
    "HEHUO_EVALUATION_WINDOW": "PT18S",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system of its own, in which the whole has to end before residents have said anything."""
    parts = [part for part in PARTS if part != "web"]
    async with System(tmp_path_factory.mktemp("hurried"), only=parts, env=HURRIED) as system:
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(hurried: System) -> AsyncIterator[Cast]:
    async with Cast(hurried.gateway_url, hurried.token, patience=WITHIN) as cast:
        yield cast


async def checked(cast: Cast, number: int) -> Record:
    """Good work of a grid worker, that passed its check in time."""
    record, worker, community = Record(), cast.grid_worker(PLACE), cast.community(PLACE)
    order = {"category": "noise", "text": "吵。", "place": PLACE.wire()}
    await record.order(cast.resident(number), order)
    await record.wait(worker, "dispatch", "received", within=WITHIN)
    await record.ask(worker, "dispatch", "assignment", {})
    await record.ask(worker, "dispatch", "delivery", {"public_note": "劝停了"})
    await record.ask(community, "dispatch", "check", {"passed": True})
    return record


async def test_good_work_is_in_time_however_long_the_resident_is_silent(cast: Cast) -> None:
    """A grid worker did it at once, the resident never said anything: it ends in time, and nobody was warned.

    Before (d86edb6): overdue after the limit, supervised a day later, and closed as not in time.
    """
    record = await checked(cast, 26)
    waiting = await record.see(cast.community(PLACE), "dispatch")
    assert waiting is not None
    assert set(waiting["clocks"]) == {"evaluation"}
    closed = await record.wait(cast.community(PLACE), "dispatch", "closed", within=WITHIN)
    assert (closed["outcome"], closed["overdue"], closed["supervised"]) == ("solved", False, [])
    assert closed["in_time"] is True
    ended = await record.wait(cast.resident(26), "intake", "closed", within=WITHIN)
    told = [line["event"] for line in ended["timeline"]]
    assert not {"dispatch_overdue", "supervision_raised"} & set(told)


async def test_what_is_done_again_has_a_time_of_its_own(cast: Cast) -> None:
    """A resident who is not satisfied gives the unit a new time, not what was left of the old one.

    Before (d86edb6): the first end stayed, and the rework was late before it began.
    """
    record = await checked(cast, 27)
    before = await record.see(cast.community(PLACE), "dispatch")
    assert before is not None
    await record.wait(cast.resident(27), "evaluation", "open", within=WITHIN)
    verdict = {"verdict": "unsatisfied", "reason": "noisy", "result": 1, "speed": 1, "manner": 1}
    await record.ask(cast.resident(27), "evaluation", "verdicts", verdict)
    again = await record.wait(cast.community(PLACE), "dispatch", "in_handling", within=WITHIN, reworks=1)
    assert again["close_by"] == again["clocks"]["close_by"] > before["close_by"]
    assert not again["overdue"]
