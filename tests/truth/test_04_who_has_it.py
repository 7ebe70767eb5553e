"""Whoever has an order is there, and sees it: also after it was opened again, or lies elsewhere than was thought."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast, Person, Place, everywhere
from deploy.demo.record import Record
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = everywhere()[54]
ELSEWHERE = next(
    one for one in everywhere() if one.community.rpartition("/")[0] != HERE.community.rpartition("/")[0]
)
NOT_SOLVED = {"outcome": "not_solved", "public_note": "没有办法"}
AGAIN = {"reason": "came_back"}


@pytest.fixture
def district(system: System, plain: httpx.AsyncClient) -> Desk:
    return Desk(plain, system.token(role="district", sub="district-who-has-it", area="370203"))


async def ordered(cast: Cast) -> tuple[Record, Person, Person]:
    record, resident, community = Record(), cast.resident(54), cast.community(HERE)
    body = {"category": "drying_rack", "text": f"晾衣架坏了 {uuid.uuid4()}", "place": HERE.wire()}
    await record.order(resident, body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    return record, resident, community


async def ours(record: Record, person: Person) -> bool:
    """Whether it is on the list of what this one's unit answers for."""
    rows = await person.get("/api/dispatch/v1/dispatches?list=ours&limit=100")
    return str(record.id) in [row["order_id"] for row in rows["items"]]


async def reopened(record: Record, resident: Person, community: Person) -> dict[str, Any]:
    await record.wait(resident, "intake", "closed", within=WITHIN)
    await record.ask(resident, "intake", "reopening", AGAIN)
    return await record.wait(
        community, "dispatch", "received", "assigned", "in_handling", reopenings=1, within=WITHIN
    )


def worker(place: Place) -> dict[str, Any]:
    return {"name": "孙网格员", "role": "grid_worker", "area": place.area}


@pytest.mark.parametrize("leaves", [True, False])
async def test_what_somebody_had_who_has_gone_meanwhile_is_received_by_the_unit(
    cast: Cast, district: Desk, leaves: bool
) -> None:
    """Sun had it when it was closed; then Sun leaves, or goes to another street; then it is opened again.

    Before (e41bcb1): it was assigned to Sun, who got 404, and the grid worker got 409 `taken-already`.
    """
    sun = f"sun-{uuid.uuid4().hex[:6]}"
    await district.ask("PUT", f"/staff/{sun}", 200, json=worker(HERE))
    record, resident, community = await ordered(cast)
    await record.ask(community, "dispatch", "assignment", {"to": sun})
    await record.ask(community, "dispatch", "closure", NOT_SOLVED)
    if leaves:
        await district.ask("DELETE", f"/staff/{sun}", 204)
    else:
        await district.ask("PUT", f"/staff/{sun}", 200, json=worker(ELSEWHERE))
    back = await reopened(record, resident, community)
    assert (back["state"], back["assigned_to"]) == ("received", None)
    assert {"dispatch", "close_by"} <= back["clocks"].keys()
    grid_worker = cast.grid_worker(HERE)
    assert await ours(record, grid_worker)
    await record.ask(grid_worker, "dispatch", "assignment", {})


async def test_what_a_department_had_that_is_no_more_is_the_levels(cast: Cast, district: Desk) -> None:
    """It accepted, did it, and was deleted; then the resident opens the order again.

    Before (e41bcb1): `handled_by` was the deleted department, and the order on no living unit's list.
    """
    gone = f"gone{uuid.uuid4().hex[:6]}"
    await district.ask("PUT", f"/departments/{gone}", 200, json={"name": {"zh": "某局", "en": "An office"}})
    record, resident, community = await ordered(cast)
    officer = cast.department(gone)
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "referral", {"department": gone})
    await record.ask(officer, "dispatch", "referral/answer", {"accepted": True})
    await record.ask(officer, "dispatch", "delivery", {})
    await record.ask(community, "dispatch", "check", {"passed": True})
    await record.wait(resident, "evaluation", "open", within=WITHIN)
    good = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
    await record.ask(resident, "evaluation", "verdicts", good)
    await record.wait(resident, "intake", "closed", within=WITHIN)
    await district.ask("DELETE", f"/departments/{gone}", 204)
    back = await reopened(record, resident, community)
    assert (back["state"], back["handled_by"], back["answers_for"]) == (
        "in_handling",
        HERE.community,
        HERE.community,
    )
    assert await ours(record, community)

    await record.wait(resident, "intake", "dispatched", within=WITHIN)
    assert await record.see(officer, "intake") is None
    await record.ask(community, "dispatch", "reports", {"public_note": "再看"})


async def test_what_is_paused_and_lies_in_another_street_is_free_for_who_is_there(cast: Cast) -> None:
    """The community had it and pauses it; staff correct the place; the community there goes on with it.

    Before (e41bcb1): it stayed in the hands of the first, who got 404, and the other was refused it: `taken-already`.
    """
    record, _, community = await ordered(cast)
    street = cast.somebody("street", "street-who-has-it", area=HERE.community.rpartition("/")[0])
    district = cast.somebody("district", "district-who-has-it", area="370203")
    await record.ask(community, "dispatch", "assignment", {})
    end = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    more = {"kind": "pause", "reason": "等材料", "until": end}
    await record.ask(community, "dispatch", "time-requests", more)
    await record.ask(street, "dispatch", "time-requests/answer", {"granted": True})
    await record.ask(district, "intake", "amendment", {"place": ELSEWHERE.wire(), "reason": "地址错"})
    there = cast.community(ELSEWHERE)
    moved = await record.wait(there, "dispatch", "assigned", area=ELSEWHERE.area, within=WITHIN)
    assert (moved["assigned_to"], moved["paused"] is None) == (None, False)
    assert await record.see(community, "dispatch") is None
    assert await ours(record, there)
    await record.ask(there, "dispatch", "resumption", {})
    taken = await record.ask(there, "dispatch", "assignment", {})
    assert "handling" in taken["clocks"]
