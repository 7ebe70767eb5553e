"""For the proof of retries: hundreds of keyed requests in between, a day that passes, other people's same key.

The day passes in what is stored: every time at which something was answered is put back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp

from deploy.demo.cast import Place, everywhere
from deploy.local.system import System
from shared.asked import key_of
from shared.caller import Caller, Role
from tests.faults.harness import Given, Stored, Verdict, eventually

_ORDERS = "/api/intake/v1/orders"
_DISTRICT, _STREET = "370203", "370203/370203014"
_KEY = "the-same-key"


class Said(NamedTuple):
    """Status, ETag and body of an answer."""

    status: int
    etag: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.status} {json.loads(self.body).get('type', '')}"


@dataclass(frozen=True, slots=True)
class Person:
    session: aiohttp.ClientSession
    caller: Caller
    token: str

    async def post(self, path: str, body: Mapping[str, Any], key: str = _KEY) -> Said:
        headers = {
            "authorization": f"Bearer {self.token}",
            "idempotency-key": key,
            "content-type": "application/json",
            "accept-encoding": "identity",  # compared byte for byte
        }
        async with self.session.post(path, data=json.dumps(body).encode(), headers=headers) as answer:
            return Said(answer.status, answer.headers.get("etag", ""), await answer.read())


@dataclass(slots=True)
class Crowd:
    """One order, and four requests on it with one key, each of somebody else."""

    stored: Stored
    verdict: Verdict
    resident: Person
    staff: tuple[Person, Person, Person]  # the last is the first one, for another area
    order: dict[str, Any]
    id: UUID
    answers: list[Said]

    @property
    def path(self) -> str:
        return f"{_ORDERS}/{self.id}/amendment"

    def moved(self, n: int) -> dict[str, Any]:
        address = f"哈尔滨路 {n} 号"
        return {"place": {**self.order["place"], "address": address}, "reason": "地址写清楚"}

    async def again(self, when: str) -> None:
        """The same bytes for everybody, other bodies refused, and nothing is done twice."""
        version = (await self.stored.entry("intake", self.id))["version"]
        said = [await self.resident.post(_ORDERS, self.order)]
        said += [await one.post(self.path, self.moved(n)) for n, one in enumerate(self.staff)]
        for now, before in zip(said, self.answers, strict=True):
            self.verdict.check(now == before, f"{when}: {now} instead of {before}")
        others = [await self.resident.post(_ORDERS, {**self.order, "text": "另一件事。"})]
        others += [await one.post(self.path, self.moved(7)) for one in self.staff]
        for refused in others:
            right = str(refused) == "409 /problems/key-reused"
            self.verdict.check(right, f"{when}: another body with the key: {refused}")
        entry = await self.stored.entry("intake", self.id)
        self.verdict.check(entry["version"] == version, f"{when}: asking again has changed the order")
        made = await self.stored.placed_by(key_of(self.resident.caller, _KEY))
        self.verdict.check(made == [self.id], f"{when}: one key has placed {len(made)} orders")

    async def let_pass(self, time: timedelta) -> None:
        """Whatever was answered about this order was answered so much earlier."""
        seconds = int(time.total_seconds())
        earlier = {"$dateSubtract": {"startDate": "$$this.t", "unit": "second", "amount": seconds}}
        aged = {"$map": {"input": "$keys", "in": {"$mergeObjects": ["$$this", {"t": earlier}]}}}
        await self.stored.of("intake").update_one({"_id": self.id}, [{"$set": {"keys": aged}}])


async def in_the_crowd(given: Given, system: System, stored: Stored, verdict: Verdict) -> None:
    """`--crowd` keyed requests of others on one order before its first keys are used again; then a day passes."""
    async with aiohttp.ClientSession(system.gateway_url) as session:
        crowd = await _begin(system, session, stored, verdict)
        for n in range(given.options.crowd):
            said = await crowd.staff[n % 2].post(crowd.path, crowd.moved(100 + n), f"crowd-{n}")
            verdict.check(said.status == 200, f"request {n} of the crowd: {said}")
        await crowd.again("after the crowd")
        await crowd.let_pass(timedelta(hours=23, minutes=50))
        await crowd.again("almost a day later")
        await crowd.let_pass(timedelta(minutes=20))
        await _after_a_day(crowd)
    verdict.figure(
        f"the same after {given.options.crowd} requests in between and a day, each person's key their own"
    )


async def _begin(system: System, session: aiohttp.ClientSession, stored: Stored, verdict: Verdict) -> Crowd:
    def person(role: Role, id: str, area: str | None = None) -> Person:
        token = system.token(role=role.value, sub=id, area=area)
        return Person(session, Caller(id, role, area), token)

    resident = person(Role.RESIDENT, "resident-9001")
    staff = (
        person(Role.STREET, "street-9001", _STREET),
        person(Role.STREET, "street-9002", _STREET),
        person(Role.STREET, "street-9001", _DISTRICT),
    )
    place: Place = next(place for place in everywhere() if place.area.startswith(_STREET))
    order = {"category": "street_light", "text": "楼下路灯不亮。", "place": place.wire()}
    placed = await resident.post(_ORDERS, order)
    id = UUID(json.loads(placed.body)["id"])

    async def found() -> bool:
        return str((await stored.entry("intake", id))["state"]["area"]).startswith(_STREET)

    await eventually(found, "the grid of the order", 30.0)
    crowd = Crowd(stored, verdict, resident, staff, order, id, [placed])
    crowd.answers += [await one.post(crowd.path, crowd.moved(n)) for n, one in enumerate(staff)]
    statuses = [said.status for said in crowd.answers]
    verdict.check(statuses == [201, 200, 200, 200], f"the first requests with the key: {statuses}")
    different = len({said.body for said in crowd.answers}) == len(crowd.answers)
    verdict.check(different, "somebody else's same key was taken for the same request")
    return crowd


async def _after_a_day(crowd: Crowd) -> None:
    """A key is free again, but one that placed an order never places another."""
    late = await crowd.resident.post(_ORDERS, crowd.order)
    same = late.status == 201 and json.loads(late.body).get("id") == str(crowd.id)
    crowd.verdict.check(same, f"after a day the placing was answered {late}")
    other = await crowd.resident.post(_ORDERS, {**crowd.order, "text": "另一件事。"})
    crowd.verdict.check(str(other) == "409 /problems/key-reused", f"after a day, another body: {other}")
    free = await crowd.staff[0].post(crowd.path, crowd.moved(7))
    crowd.verdict.check(free.status == 200, f"after a day the key is not free: {free}")
    again = await crowd.staff[0].post(crowd.path, crowd.moved(7))
    crowd.verdict.check(again == free, f"the key that was used anew is not kept: {again}")
