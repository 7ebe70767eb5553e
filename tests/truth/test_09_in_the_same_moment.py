"""What was acknowledged while the other end was not heard of yet: it is not lost, and all services agree."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = everywhere()[52]
ELSEWHERE = next(
    one for one in everywhere() if one.community.rpartition("/")[0] != HERE.community.rpartition("/")[0]
)
NOT_SOLVED = {"outcome": "not_solved", "public_note": "没有办法"}


@contextmanager
def nobody_hears(system: System) -> Iterator[None]:
    """The bus stands still: everybody decides by what they have heard until now."""
    (pid,) = system.pids("nats")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def ordered(cast: Cast) -> Record:
    record = Record()
    body = {"category": "drying_rack", "text": f"坏了 {uuid.uuid4()}", "place": HERE.wire()}
    await record.order(cast.resident(52), body)
    await record.wait(cast.community(HERE), "dispatch", "received", within=WITHIN)
    await record.wait(cast.resident(52), "intake", "accepted", within=WITHIN)
    return record


async def agreed(cast: Cast, record: Record, **facts: Any) -> None:
    """All three say this of it."""
    district = cast.somebody("district", "district-of-all", area="370203")

    async def so() -> bool | None:
        seen = [await record.see(district, one) for one in ("intake", "dispatch", "evaluation")]
        said = [{name: one[name] for name in facts} for one in seen if one is not None]
        return True if len(said) == 3 and all(one == facts for one in said) else None

    await until(so, f"all to agree on {facts} of {record.id}", WITHIN)


async def test_a_correction_of_what_was_closed_in_the_same_moment_is_kept_by_all(
    system: System, cast: Cast
) -> None:
    """The community ends it, the district corrects what and where it is, and the resident opens it again.

    Before (e41bcb1): 200, and dispatch kept the wrong category and place for ever, also after the reopening.
    """
    record = await ordered(cast)
    district = cast.somebody("district", "district-of-all", area="370203")
    right = {"category": "street_light", "place": ELSEWHERE.wire(), "reason": "不是这里"}
    with nobody_hears(system):
        await record.ask(cast.community(HERE), "dispatch", "closure", NOT_SOLVED)
        await record.ask(district, "intake", "amendment", right)
    await agreed(cast, record, category="street_light", area=ELSEWHERE.area, outcome="not_solved")
    await record.ask(cast.resident(52), "intake", "reopening", {"reason": "came_back"})
    back = await record.wait(cast.grid_worker(ELSEWHERE), "dispatch", "received", within=WITHIN)
    assert back["answers_for"] == ELSEWHERE.area
    assert {"dispatch", "close_by"} <= back["clocks"].keys()
    assert await record.see(cast.community(HERE), "dispatch") is None


async def test_what_was_withdrawn_while_it_was_closed_ended_as_withdrawn_for_all(
    system: System, cast: Cast
) -> None:
    """The resident does not want it any more, which is acknowledged; the unit had just ended it otherwise.

    Before (e41bcb1): the timeline said withdrawn and then not solved, and it stood in the denominators.
    """
    record = await ordered(cast)
    resident = cast.resident(52)
    with nobody_hears(system):
        await record.ask(cast.community(HERE), "dispatch", "closure", NOT_SOLVED)
        await record.ask(resident, "intake", "withdrawal", {"reason": "不要了"})
    await agreed(cast, record, outcome="withdrawn")
    await record.wait(resident, "intake", "withdrawn", within=WITHIN)
