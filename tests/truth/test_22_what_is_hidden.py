"""What one list hides from somebody is shown to them nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.cast import Cast
from deploy.demo.record import Record
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk
from tests.e2e.test_deliberation import ALL, FLATS, proposed
from tests.e2e.test_partners import APPLICATION, COMMUNITY, RACK

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def called(cast: Cast) -> Record:
    """Households agreed, partners are called, and a department has a part besides."""
    place, record = cast.place("harbin_road"), Record()
    community = cast.community(place)
    order = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire()}
    await record.order(cast.resident(31), order)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    part = {"title": "围挡", "unit": "sewage", "deadline": tomorrow}
    await record.ask(community, "dispatch", "tasks", part)
    await record.ask(community, "dispatch", "deadlock", {"reason": "无人负责"})
    await record.ask(community, "dispatch", "rounds", proposed("第一轮"))
    await record.ask(community, "dispatch", "rounds/1/result", {"consents": ALL})
    await record.wait(community, "dispatch", "in_deliberation", on_notice=False, within=WITHIN)
    need = {"lines": [{"name": "money", "kind": "funds", "amount": 699_99}]}
    await record.ask(community, "dispatch", "call", need)
    return record


@pytest.mark.parametrize("where", ["history", "record"])
async def test_a_department_reads_neither_flats_nor_who_ordered(cast: Cast, where: str) -> None:
    """What the entry hides from a department is not in what was told of it either.

    Before (d86edb6): the event `partners_called` showed `own_of` (who ordered it) and `households` (the flats).
    """
    record = await called(cast)
    path = record.path("dispatch", where)
    shown = json.dumps(await cast.department("sewage").get(path))
    assert "partners_called" in shown
    for secret in ("resident-31", *(str(flat["id"]) for flat in FLATS), "own_of"):
        assert secret not in shown
    staff = json.dumps(await cast.community(cast.place("harbin_road")).get(path))
    assert "own_of" in staff, "the staff of the area see all of it"


async def application(system: System, plain: httpx.AsyncClient) -> tuple[str, Desk]:
    """Somebody's application that waits, with a seat and something to give."""
    owner = Desk(plain, system.token(role="resident", sub=f"wang-{uuid4().hex[:8]}"), "partners")
    seat = {"longitude": 120.3638, "latitude": 36.0927}
    made = await owner.ask("POST", "/partners", 201, json={**APPLICATION, "seat": seat})
    id: str = made.json()["id"]
    await owner.ask("POST", f"/partners/{id}/resources", 200, json=RACK)
    return id, owner


@pytest.mark.parametrize("after", ["waiting", "withdrawn", "refused"])
async def test_an_application_is_seen_by_its_people_and_by_who_verifies_alone(
    system: System, plain: httpx.AsyncClient, after: str
) -> None:
    """Who was never verified is nobody to the others: no page, no seat, no resources, no reason.

    Before (d86edb6): every member of the staff anywhere read the resources of one that waits; a withdrawn one had a
    page for everybody, with its seat and its resources.
    """
    id, owner = await application(system, plain)
    community = Desk(plain, system.token(role="community", sub="c-1", area=COMMUNITY), "partners")
    if after == "withdrawn":
        await owner.ask("POST", f"/partners/{id}/departure", 200, json={"reason": "家里有事"})
    if after == "refused":
        await community.ask("POST", f"/partners/{id}/refusal", 200, json={"reason": "执照已过期"})
    for who in _others():
        stranger = Desk(plain, system.token(**who), "partners")
        for path in ("", "/registration", "/reserve", "/standing", "/impact"):
            refused = 403 if path == "/reserve" and who["role"] == "resident" else 404
            await stranger.ask("GET", f"/partners/{id}{path}", refused)
    for near in (owner, community):
        assert (await near.ask("GET", f"/partners/{id}/registration", 200)).json()["resources"]
    await community.ask("GET", f"/partners/{id}/reserve", 200)


async def test_who_was_verified_and_left_keeps_a_name_and_nothing_else(
    system: System, plain: httpx.AsyncClient
) -> None:
    """Histories name it; where it sits and what it had are its own again.

    Before (d86edb6): its page showed seat and resources for ever.
    """
    id, owner = await application(system, plain)
    community = Desk(plain, system.token(role="community", sub="c-1", area=COMMUNITY), "partners")
    await community.ask("POST", f"/partners/{id}/verification", 200)
    await owner.ask("POST", f"/partners/{id}/departure", 200, json={})
    stranger = Desk(plain, system.token(role="resident", sub="zhao"), "partners")
    page = (await stranger.ask("GET", f"/partners/{id}", 200)).json()
    assert (page["name"]["zh"], page["seat"], page["resources"]) == (APPLICATION["name"]["zh"], None, [])


def _others() -> list[dict[str, Any]]:
    return [
        {"role": "resident", "sub": "zhao"},
        {"role": "grid_worker", "sub": "sun", "area": f"{COMMUNITY}/06"},
        {"role": "community", "sub": "c-2", "area": "370203/370203015/370203015005"},
        {"role": "partner", "sub": "p", "partner": str(uuid4())},
    ]
