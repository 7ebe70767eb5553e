"""A community gets a new code: whoever lives there, and whoever works there, finds every order again."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import AsyncMongoClient

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import System
from services.dispatch.domain.ground.importing import Import
from shared.naming import Names
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[90]
STREET, OLD = PLACE.community.rpartition("/")[0], PLACE.community
NEW = f"{STREET}/370203015999"
GEOJSON = {"content-type": "application/geo+json"}


async def ordered(cast: Cast, category: str) -> Record:
    record = Record()
    order = {"category": category, "text": f"{category}坏了。", "place": PLACE.wire()}
    await record.order(cast.resident(90), order)
    await record.wait(cast.community(PLACE), "dispatch", "received", within=WITHIN)
    return record


async def in_every_state(cast: Cast) -> dict[str, Record]:
    """Orders of one community, by the state that they are left in."""
    community, street = cast.community(PLACE), cast.somebody("street", "street-areas", area=STREET)
    states = ("received", "whistled", "referred", "paused", "called", "closed")
    made = {state: await ordered(cast, "drying_rack") for state in states}
    for state in states[1:]:
        await made[state].ask(community, "dispatch", "assignment", {})
    await made["whistled"].ask(community, "dispatch", "whistle", {"kind": "resident"})
    await made["referred"].ask(community, "dispatch", "referral", {"department": "sewage"})
    end = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    more = {"kind": "pause", "reason": "等材料", "until": end}
    await made["paused"].ask(community, "dispatch", "time-requests", more)
    await made["paused"].ask(street, "dispatch", "time-requests/answer", {"granted": True})
    line = {"name": "rack", "kind": "goods", "amount": 2, "unit": "piece"}
    await made["called"].ask(community, "dispatch", "call", {"lines": [line]})
    await made["called"].wait(community, "partners", "open", within=WITHIN)
    no = {"outcome": "out_of_remit", "public_note": "自行处理", "rule": "业主自行维修"}
    await made["closed"].ask(community, "dispatch", "closure", no)
    await made["closed"].wait(community, "dispatch", "closed", within=WITHIN)
    return made


async def land_of(district: Desk, area: str) -> dict[str, Any]:
    found: dict[str, Any] = (await district.ask("GET", f"/territory?area={area}", 200)).json()
    return found


def recoded(land: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The same land, in which one community has another code."""
    written: dict[str, Any] = json.loads(json.dumps(land).replace(f'"{old}', f'"{new}'))
    return written


async def ended(district: Desk, id: str) -> dict[str, Any]:
    """The import, when it has ended."""

    async def over() -> dict[str, Any] | None:
        it: dict[str, Any] = (await district.ask("GET", f"/territory/imports/{id}", 200)).json()
        return None if it["state"] in ("checking", "moving") else it

    return await until(over, "the import to be done", WITHIN)


async def bring(district: Desk, land: dict[str, Any], area: str = STREET) -> dict[str, Any]:
    """Import the street, and wait until everything has moved."""
    asked = {**GEOJSON, "prefer": "respond-async"}
    answer = (await district.ask("PUT", f"/territory?area={area}", 202, json=land, headers=asked)).json()
    it = await ended(district, answer["id"])
    assert it["state"] == "done", it
    return it


async def seen_in(record: Record, by: Person, service: str, area: str) -> None:
    async def there() -> bool | None:
        found = await record.see(by, service)
        return True if found is not None and found["area"] == area else None

    await until(there, f"{service} to show {record.id} in {area}", WITHIN)


async def test_of_a_community_with_a_new_code_every_order_is_found_by_its_staff(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """A resident's order goes on in the hands of the staff who are there now, whatever state it was in.

    Before (d86edb6): the received one moved by `territory/application`, and the one that was whistled to the street;
    the referred, the paused, the called and the closed one stayed where nobody has a token,
    and the staff were answered 404.
    """
    made = await in_every_state(cast)
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    sun = {"name": "孙", "role": "grid_worker", "area": PLACE.area}
    await Desk(plain, system.token(role="community", sub="community-areas", area=OLD)).ask(
        "PUT", "/staff/sun-areas", 200, json=sun
    )
    before = await land_of(district, STREET)
    it = await bring(district, {**recoded(before, OLD, NEW), "successors": {OLD: NEW}})
    staff = cast.somebody("community", "community-of-the-new-code", area=NEW)
    grid = PLACE.area.replace(OLD, NEW)
    try:
        at = f"/territory/imports/{it['id']}"
        await Desk(plain, system.token(role="district", sub="another-of-it", area="370203")).ask(
            "GET", at, 200
        )
        for role, area in (("district", "370202"), ("street", STREET), ("grid_worker", PLACE.area)):
            # Before (e41bcb1): 200 to all of these
            await Desk(plain, system.token(role=role, sub=f"{role}-looking", area=area)).ask("GET", at, 404)
        assert it["left"]["staff"] == ["sun-areas"], it
        assert it["moved"] >= len(made)
        for state, record in made.items():
            await seen_in(record, staff, "dispatch", grid)
            now = await record.see(staff, "dispatch")
            assert now is not None
            assert now["state"] == ("assigned" if state == "paused" else state), state
            await seen_in(record, staff, "intake", grid)
            await seen_in(record, staff, "evaluation", grid)
        await seen_in(made["called"], staff, "partners", grid)
        since, end = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
        period = f"since={since:%Y-%m-%dT%H:%M:%SZ}&until={end:%Y-%m-%dT%H:%M:%SZ}"
        figures = await staff.get(f"/api/dispatch/v1/figures?{period}&area={NEW}")
        assert figures["dispatches"] >= len(made)
        told = [line["event"] for line in (await made["closed"].see(staff, "intake") or {})["timeline"]]
        assert "dispatch_moved" not in told  # nobody is told of what has ended
        told = [line["event"] for line in (await made["whistled"].see(staff, "intake") or {})["timeline"]]
        assert told[-1] == "dispatch_moved"
        street = cast.somebody("street", "street-areas", area=STREET)
        await made["whistled"].ask(street, "dispatch", "whistle/answer", {"measures": "来看"})
        await made["paused"].ask(staff, "dispatch", "resumption", {})
    finally:
        await bring(district, {**before, "successors": {NEW: OLD}})
        await Desk(plain, system.token(role="district", sub="d", area="370203")).ask(
            "DELETE", "/staff/sun-areas", 204
        )
    await seen_in(made["closed"], cast.community(PLACE), "dispatch", PLACE.area)


async def test_what_somebody_had_who_is_in_no_register_is_received_by_the_unit_that_comes_after(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """A grid worker whom the register does not know has an order, and the community gets a new code.

    Before (28d5448): it stayed `assigned` to them, who were answered 404, and `/holders` showed them, `known: false`.
    """
    record = await ordered(cast, "drying_rack")
    alone = cast.somebody("grid_worker", "alone-areas", area=PLACE.area)
    await record.ask(alone, "dispatch", "assignment", {})
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    before, grid = await land_of(district, STREET), PLACE.area.replace(OLD, NEW)
    await bring(district, {**recoded(before, OLD, NEW), "successors": {OLD: NEW}})
    there = cast.somebody("grid_worker", "there-areas", area=grid)
    try:
        await seen_in(record, there, "dispatch", grid)
        now = await record.see(there, "dispatch") or {}
        assert (now["state"], now["level"], now["assigned_to"]) == ("received", "grid", None)
        assert now["answer_by"] == now["clocks"]["dispatch"]
        assert await record.see(alone, "dispatch") is None
        held = (await district.ask("GET", "/holders", 200)).json()["items"]
        assert "alone-areas" not in [one["id"] for one in held]
        await seen_in(record, there, "intake", grid)
        line = (await record.see(there, "intake") or {})["timeline"][-1]
        assert line["event"] == "dispatch_moved"
        assert now["answer_by"] in json.dumps(line), line
        assert (await record.ask(there, "dispatch", "assignment", {}))["assigned_to"] == there.id
    finally:
        await bring(district, {**before, "successors": {NEW: OLD}})


async def test_an_order_is_not_handed_to_where_it_lies_but_for_the_same_said_again(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """The community hands it to the grid where it lies, so does a grid worker; a double click takes it next door.

    Before (28d5448): 200 to each of them, also while a department had it; nothing happened, and the reason was nowhere.
    """
    record, community = await ordered(cast, "drying_rack"), cast.community(PLACE)
    worker = cast.somebody("grid_worker", "worker-areas", area=PLACE.area)
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    codes = [one["properties"]["code"] for one in (await land_of(district, OLD))["features"]]
    next_door = next(one for one in codes if one.count("/") == 3 and one != PLACE.area)
    here, there = ({"to": one, "reason": "属于这个网格"} for one in (PLACE.area, next_door))

    async def refused(by: Person, body: dict[str, str]) -> str:
        with pytest.raises(Refused) as refusal:
            await record.ask(by, "dispatch", "transfer", body)
        return refusal.value.slug

    assert await refused(community, here) == "lies-there-already"
    assert await refused(worker, here) == "not-your-level"
    for _ in range(2):
        assert (await record.ask(community, "dispatch", "transfer", there))["area"] == next_door
    assert await refused(community, {**there, "reason": "另一个理由"}) == "lies-there-already"
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    assert await refused(community, {**there, "reason": "另一个理由"}) == "wrong-state"

    async def told() -> list[str] | None:
        lines = (await record.see(community, "intake") or {})["timeline"]
        events = [line["event"] for line in lines]
        return events if "referral_made" in events else None

    events = await until(told, f"intake to tell of the referral of {record.id}", WITHIN)
    assert events.count("dispatch_moved") == 1


async def test_an_area_does_not_go_while_orders_would_lie_nowhere(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """The district forgets a community in its file, and hears how many orders lie there.

    Before (d86edb6): the community was gone, the answer was 200, and its open orders stayed in it.
    """
    record = await ordered(cast, "drying_rack")
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    before = await land_of(district, STREET)
    without = [one for one in before["features"] if not one["properties"]["code"].startswith(OLD)]
    try:
        answer = await district.ask(
            "PUT", f"/territory?area={STREET}", 409, json={**before, "features": without}, headers=GEOJSON
        )
        assert answer.json()["type"] == "/problems/orders-stand-in-the-way"
        assert answer.json()["areas"][PLACE.area]["received"] >= 1
        assert record.id is not None
        assert await land_of(district, STREET) == before
    finally:
        await bring(district, before)


def renamed(land: dict[str, Any], zh: str) -> tuple[dict[str, Any], str]:
    """The same land, in which the first community has another name; and which one that is."""
    code = min(
        one["properties"]["code"] for one in land["features"] if one["properties"]["code"].count("/") == 2
    )
    written: dict[str, Any] = json.loads(json.dumps(land))
    for one in written["features"]:
        if one["properties"]["code"] == code:
            one["properties"]["name"]["zh"] = zh
    return written, code


async def name_of(district: Desk, area: str, code: str) -> str:
    found = (one["properties"] for one in (await land_of(district, area))["features"])
    return next(str(one["name"]["zh"]) for one in found if one["code"] == code)


@pytest.mark.parametrize("prefer", ["respond-async", "wait=10"])
async def test_of_two_imports_in_the_same_moment_one_is_done_and_the_other_is_told_to_wait(
    system: System, plain: httpx.AsyncClient, prefer: str
) -> None:
    """Two streets are brought at once, each with a new name for a community; what is answered done is there.

    Before (e41bcb1): both ended `done` with the same version, and only one of the names was there.
    """
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    streets = [STREET, min({one.community.rpartition("/")[0] for one in everywhere()} - {STREET})]
    before = [await land_of(district, street) for street in streets]
    asked = {**GEOJSON, "prefer": prefer}
    try:
        for attempt in range(3):
            brought = [renamed(land, f"社区{attempt}") for land in before]
            answers = await asyncio.gather(
                *(
                    district.put(f"/territory?area={street}", json=land, headers=asked)
                    for street, (land, _) in zip(streets, brought, strict=True)
                )
            )
            went_on = [one.json() for one in answers if one.status_code < 300]
            ends = [await ended(district, one.get("import_id") or one["id"]) for one in went_on]
            assert {(one["state"], one["changed"]) for one in ends} == {("done", True)}
            for street, (_, code), answer in zip(streets, brought, answers, strict=True):
                if answer.status_code < 300:
                    assert await name_of(district, street, code) == f"社区{attempt}"
                else:
                    assert answer.json()["type"] == "/problems/import-running"
    finally:
        for street, land in zip(streets, before, strict=True):
            await bring(district, land, street)


async def test_an_import_that_was_broken_off_does_not_take_the_version_of_another_for_its_own(
    system: System, plain: httpx.AsyncClient
) -> None:
    """It was about to write the version that another one wrote meanwhile; whoever goes on with it says that it is lost.

    Before (e41bcb1): it ended `done`, and nothing of it was there.
    """
    district = Desk(plain, system.token(role="district", sub="district-areas", area="370203"))
    before = await land_of(district, STREET)
    try:
        other = await bring(district, renamed(before, "别的社区")[0])
        broken_off = {**other, "state": "moving", "by": ["district", "district-areas"], "ended_at": None}
        kept = {name: broken_off[name] for name in Import.model_fields}
        id = str(uuid4())
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(system.mongo_admin_url)
        async with client:
            imports = client[Names().database("dispatch")]["imports"]
            await imports.insert_one({"_id": id, "version": 1, "value": kept})
        it = await ended(district, id)
        assert (it["state"], it["changed"]) == ("failed", False)
        assert (await ended(district, other["id"]))["state"] == "done"
    finally:
        await bring(district, before)
