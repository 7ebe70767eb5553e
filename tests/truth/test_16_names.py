"""Whoever reads an answer reads names beside the ids; a timeline goes by its numbers; a name is in one language."""

from __future__ import annotations

import json
import signal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.cast import Cast, Person, everywhere
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[33]
DISPATCH = "/api/dispatch/v1"
LINE = {"name": "rack", "kind": "goods", "amount": 2, "unit": "piece"}


def district(cast: Cast) -> Person:
    return cast.somebody("district", "district-1", area="370203")


async def placed(cast: Cast, resident: int) -> Record:
    record = Record()
    body = {"category": "noise", "text": "不对劲。", "place": PLACE.wire()}
    await record.order(cast.resident(resident), body)
    await record.wait(district(cast), "dispatch", "received", within=WITHIN)
    return record


async def in_the_register(system: System, plain: httpx.AsyncClient, name: str) -> str:
    """A person of the staff of the grid."""
    desk = Desk(plain, system.token(role="district", sub="district-1", area="370203"))
    id = f"worker-{uuid4().hex[:8]}"
    body = {"name": name, "role": "grid_worker", "area": PLACE.area}
    await desk.ask("PUT", f"/staff/{id}", 200, json=body)
    return id


async def test_every_answer_of_dispatch_has_the_names_of_what_it_shows(
    cast: Cast, system: System, plain: httpx.AsyncClient
) -> None:
    """An order that a grid worker has and a department was asked about: nobody has to know ids by heart.

    Before (f54ba62): 370203/370203014/…, `sewage` and `worker-1a2b3c4d`, and no name anywhere.
    """
    worker = await in_the_register(system, plain, "郑网格员")
    record, community = await placed(cast, 1601), cast.community(PLACE)
    given = await record.ask(community, "dispatch", "assignment", {"to": worker})
    assert given["names"][worker] == {"zh": "郑网格员"}
    asked = await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    sewage = {"zh": "排水管理处", "en": "Sewage Management Office"}
    assert asked["names"]["sewage"] == sewage
    at = f"{DISPATCH}/dispatches/{record.id}"
    public = (await plain.get(f"{DISPATCH}/names")).json()
    grid = public["areas"][PLACE.area]
    for path, shown in (
        (at, {PLACE.area, worker, "sewage"}),
        (f"{at}/history", {PLACE.area, worker, "sewage"}),
        (f"{at}/record", {PLACE.area, worker, "sewage"}),
        (f"{DISPATCH}/dispatches?list=all&area={PLACE.area}&limit=100", {PLACE.area, worker, "sewage"}),
        (f"{DISPATCH}/figures?area={PLACE.area}", {PLACE.area}),
        (f"{DISPATCH}/staff?area={PLACE.area}", {PLACE.area}),
        (f"{DISPATCH}/duty?area={PLACE.area}", {PLACE.area, PLACE.community}),
    ):
        names = (await community.get(path))["names"]
        assert shown <= names.keys(), path
        known = {PLACE.area: grid, worker: {"zh": "郑网格员"}, "sewage": sewage}
        assert all(names[id] == name for id, name in known.items() if id in shown), path


async def test_who_acted_for_a_department_is_called_what_the_department_is(cast: Cast) -> None:
    """In the register of the staff there are areas and no departments: nobody could enter an officer.

    Before (e41bcb1): `by.id` and `notes[].by` of a department were ids, and had no name.
    """
    record, community = await placed(cast, 1605), cast.community(PLACE)
    officer = cast.department("sewage")
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    accepting = {"accepted": True, "note": "明天派人"}
    await record.ask(officer, "dispatch", "referral/answer", accepting)
    page = await community.get(record.path("dispatch"))
    assert [one["by"] for one in page["notes"]] == [officer.id]
    for names in (page["names"], (await community.get(record.path("dispatch", "history")))["names"]):
        assert names[officer.id] == names["sewage"] == {"zh": "排水管理处", "en": "Sewage Management Office"}


async def test_what_areas_and_departments_are_called_is_public_and_people_are_not_in_it(
    cast: Cast, system: System, plain: httpx.AsyncClient
) -> None:
    """The answers of the other lists name paths and ids; a page loads the names once, and asks whether they changed.

    Before (f54ba62): 404; without a token nobody could learn what a path is called.
    """
    await in_the_register(system, plain, "钱网格员")
    answer = await plain.get(f"{DISPATCH}/names")
    assert answer.status_code == 200
    found = answer.json()
    assert found["areas"][PLACE.community]["zh"].endswith("居委会")
    assert found["departments"]["sewage"]["en"] == "Sewage Management Office"
    assert "钱网格员" not in answer.text
    again = await plain.get(f"{DISPATCH}/names", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    order = await (cast.resident(1602)).get((await placed(cast, 1602)).path("intake"))
    assert order["area"] in found["areas"]


async def test_a_timeline_goes_by_its_numbers_also_when_a_message_was_late(
    cast: Cast, system: System
) -> None:
    """The bus stands still while the unit takes the order and then corrects it at intake: both are kept, and what came
    first is heard last. Once and live they come in the same order.

    Before (f54ba62): `GET` showed the numbers …, 4, 3, and the live stream …, 3, 4.
    """
    record, community, resident = await placed(cast, 1603), cast.community(PLACE), cast.resident(1603)
    [bus] = system.pids("nats")
    await record.wait(resident, "intake", "accepted", within=WITHIN)
    await system.kill("nats", how=signal.SIGSTOP)
    try:
        await record.ask(community, "dispatch", "assignment", {})
        await record.ask(community, "intake", "amendment", {"urgency": "urgent", "reason": "看过了"})
    finally:
        await system.kill("nats", how=signal.SIGCONT)
    assert system.pids("nats") == [bus]
    seen = await record.wait(resident, "intake", "dispatched", within=WITHIN)
    lines = [(line["number"], line["event"]) for line in seen["timeline"]]
    assert [number for number, _ in lines] == list(range(1, len(lines) + 1))
    happened = {line["event"]: line["at"] for line in seen["timeline"]}
    assert happened["dispatch_assigned"] < happened["order_amended"], (
        "the story is of a message that was late"
    )
    live: list[tuple[int, str]] = []
    async for event in resident.live(record.path("intake", "live")):
        live.append((json.loads(event.data)["line"]["number"], event.event))
        if len(live) == len(lines):
            break
    assert live == lines


async def test_a_partner_s_name_is_in_one_language_to_a_field(cast: Cast, plain: httpx.AsyncClient) -> None:
    """On the call, on the timeline, in the public funding, among those that fit, and in the unit's list alike.

    Before (f54ba62): `partner_name` was 宏图建筑 / Hongtu Construction, whatever language the page was in.
    """
    record, community, partner = Record(), cast.community(PLACE), cast.partner(0)
    body = {"category": "drying_rack", "text": "没有晾衣架。", "place": PLACE.wire()}
    await record.order(cast.resident(1604), body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "call", {"lines": [LINE]})
    await record.wait(community, "partners", "open", within=WITHIN)
    name = {"zh": str(cast.partners[0]["name"]["zh"]), "en": str(cast.partners[0]["name"]["en"])}
    fitting = await community.get(f"{record.path('partners')}/matches")
    assert name in [one["partner_name"] for one in fitting["items"]]
    taken = {"lines": [{"name": "rack", "amount": 2}]}
    held = await record.ask(partner, "partners", "claims", taken)
    assert [one["partner_name"] for one in held["claims"]] == [name]
    assert held["names"] == {cast.partners[0]["id"]: name}

    async def claim_heard() -> Any:
        seen = await record.see(cast.resident(1604), "intake") or {"timeline": []}
        return [one for one in seen["timeline"] if one["event"] == "claim_made"] or None

    [line] = await until(claim_heard, "the resident to read of the claim", WITHIN)
    assert line["data"]["partner_name"] == name
    claimed = await record.wait(community, "dispatch", "claimed", within=WITHIN)
    assert [one["name"] for one in claimed["call"]["claims"]] == [name]
    assert claimed["names"][cast.partners[0]["id"]] == name
