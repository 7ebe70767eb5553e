"""What strangers and other partners see of a call moves with no verdict, and does not lead to anybody's door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast, Person, everywhere
from deploy.demo.life import LOOKED_AT
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

API = "/api/partners/v1"
PLACE = next(
    place for place in everywhere() if place.area.startswith("370203/370203015")
)  # served by partners
HOLDER, GAVE_BACK, OTHER = 0, 2, 3
LINES = [{"name": "funds", "amount": 300_00}]
VARIES = ("trace", "instance")


def token(system: System, cast: Cast, number: int) -> dict[str, str]:
    """Of a member of this partner, for requests that nothing is added to."""
    id = cast.partners[number]["id"]
    return signed(system, role="partner", sub=f"member-{id[-4:]}", partner=id)


async def called(cast: Cast, resident: int) -> tuple[Record, Person]:
    record, community = Record(), cast.community(PLACE)
    await record.order(
        cast.resident(resident), {"category": "sewage_pipe", "text": "漏水。", "place": PLACE.wire()}
    )
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "call", {"lines": [{**LINES[0], "kind": "funds"}]})
    await record.wait(cast.partner(HOLDER), "partners", "open", within=WITHIN)
    return record, community


class Watch:
    """Everything that somebody without a claim can ask about one order, again and again."""

    def __init__(self, plain: httpx.AsyncClient, record: Record, theirs: Mapping[str, Any]) -> None:
        self.plain, self.record, self.theirs = plain, record, theirs
        self.seen: dict[str, dict[str, Any]] = {}

    async def look(self, stage: str, claim: str, own: Mapping[str, tuple[str, int]]) -> None:
        at, found = self.record.path("partners"), dict[str, Any]()
        found["the funding, no token"] = (await self.plain.get(f"{at}/funding")).json()
        for who, headers in self.theirs.items():
            call = await self.plain.get(at, headers=headers)
            found[f"{who}: the call"] = call.status_code, call.json(), call.headers["etag"]
            for state in ("open", "covered", "in_work", "delivered", "accepted", "withdrawn"):
                page = (await self.plain.get(f"{API}/calls?state={state}&limit=100", headers=headers)).json()
                mine = [one for one in page["items"] if one["order_id"] == str(self.record.id)]
                found[f"{who}: on the list of {state}"] = mine
            asks: dict[str, tuple[str, dict[str, Any]]] = {
                "claims": ("claims", {"lines": [{"name": "funds", "amount": 1}]}),
                "asks for it": (f"claims/{claim}/takeover", {"reason": "我们来做"}),
                "declines": ("decline", {"reason": "没有人手"}),
                "leads": ("lead", {"partner_id": "01900000-0000-7000-8000-000000000001"}),
            }
            if who in own:
                mine_id, epoch = own[who]
                again = {"epoch": epoch, "reason": "人手不足"}
                asks["gives back again"] = (f"claims/{mine_id}/release", again)
                asks["plans"] = (f"claims/{mine_id}/plan", {"epoch": epoch, "plan": "…", **dates(2)})
            for what, (path, body) in asks.items():
                answer = await self.plain.post(f"{at}/{path}", json=body, headers=headers)
                said = {name: one for name, one in answer.json().items() if name not in VARIES}
                found[f"{who}: {what}"] = answer.status_code, said, answer.headers.get("etag")
        self.seen[stage] = found

    def moved(self) -> dict[str, list[str]]:
        """By what was asked, in which stages it was answered otherwise than in the first."""
        first, *later = self.seen
        return {
            asked: moved
            for asked, answer in self.seen[first].items()
            if (moved := [stage for stage in later if self.seen[stage][asked] != answer])
        }


async def test_no_answer_of_a_call_moves_with_a_check_or_a_verdict_for_who_has_no_part_in_it(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """Covered once, it is covered for strangers, other partners and who gave its part back; the holder sees all.

    Before (698984d): without a token the funding went covered → in_work → delivered → in_work after a failed check and
    after "unsatisfied" → accepted after "satisfied"; other partners saw the same, each claim with its end to the
    millisecond, and by the ETag, the lists and refusals.
    """
    record, community = await called(cast, 1401)
    holder, before, resident = cast.partner(HOLDER), cast.partner(GAVE_BACK), cast.resident(1401)
    own = held((await record.ask(before, "partners", "claims", {"lines": LINES})).body)
    gone = {"epoch": own[1], "reason": "人手不足"}
    await record.ask(before, "partners", f"claims/{own[0]}/release", gone)
    claim, epoch = held((await record.ask(holder, "partners", "claims", {"lines": LINES})).body)
    others = {"another": token(system, cast, OTHER), "who gave it back": token(system, cast, GAVE_BACK)}
    watch, told = Watch(plain, record, others), {"who gave it back": own}

    async def looks(stage: str, *states: str) -> None:
        seen = await record.wait(holder, "partners", *states, within=WITHIN)
        assert seen["claims"][-1]["mine"], "the holder sees all"
        await watch.look(stage, claim, told)

    async def delivers() -> None:
        await record.ask(
            holder, "partners", f"claims/{claim}/delivery", {"epoch": epoch, "public_note": "好"}
        )
        await record.wait(community, "dispatch", "to_check", within=WITHIN)

    async def checks(*, passed: bool) -> None:
        said = {"passed": passed, "public_note": "看过", "items": LOOKED_AT if passed else []}
        await record.ask(community, "dispatch", "check", said)

    async def judges(verdict: str, round: int) -> None:
        await record.wait(resident, "evaluation", "open", within=WITHIN, round=round)
        body = {"verdict": verdict, "reason": "leaks" if verdict == "unsatisfied" else None}
        said = {name: one for name, one in body.items() if one} | {"result": 3, "speed": 4, "manner": 5}
        await record.ask(resident, "evaluation", "verdicts", said)

    await looks("covered", "covered")
    plan = {"epoch": epoch, "plan": "三天内完成", **dates(3)}
    await record.ask(holder, "partners", f"claims/{claim}/plan", plan)
    await looks("planned", "covered", "in_work")
    await delivers()
    await looks("delivered", "delivered")
    await checks(passed=False)
    await looks("failed the check", "in_work")
    await delivers()
    await checks(passed=True)
    await judges("unsatisfied", 1)
    await looks("unsatisfied", "in_work")
    await delivers()
    await checks(passed=True)
    await judges("satisfied", 2)
    await looks("accepted", "accepted")
    assert watch.moved() == {}
    seen = watch.seen["covered"]
    assert seen["the funding, no token"]["state"] == seen["another: the call"][1]["state"] == "covered"
    assert [one["order_id"] for one in seen["who gave it back: on the list of covered"]] == [str(record.id)]
    staff = await community.get(record.path("partners"))
    assert (staff["state"], staff["claims"][-1]["state"]) == ("accepted", "fulfilled")
    assert staff["claims"][-1]["ended_at"]


async def test_the_way_to_the_door_is_for_who_has_the_work(cast: Cast) -> None:
    """The board and the map show where it is to about a hundred metres; to who has a part, and to the staff, the point.

    Before (698984d): the map of every partner had the very point that the resident had sent, the board the metres.
    """
    record, community = await called(cast, 1402)
    holder, other = cast.partner(HOLDER), cast.partner(GAVE_BACK)
    part = {"lines": [{"name": "funds", "amount": 100}]}
    exact = [PLACE.longitude, PLACE.latitude]
    coarse = [round(one, 3) for one in exact]
    assert exact != coarse

    async def on_map(who: Person) -> list[float]:
        found = (await who.get(f"{API}/board/map"))["features"]
        [point] = [one["geometry"]["coordinates"] for one in found if one["id"] == str(record.id)]
        return list(point)

    async def on_board(who: Person) -> dict[str, Any]:
        items = (await who.get(f"{API}/board?order=nearest&limit=100"))["items"]
        return next(dict(one) for one in items if one["order_id"] == str(record.id))

    for who in (holder, other):
        shown = await on_board(who)
        assert [shown["longitude"], shown["latitude"]] == coarse == await on_map(who)
        assert shown["metres"] % 100 == 0
        assert shown["match"]["metres"] == shown["metres"]
    await record.ask(holder, "partners", "claims", part)
    shown = await on_board(holder)
    assert [shown["longitude"], shown["latitude"]] == exact == await on_map(holder)
    assert await on_map(other) == coarse
    assert await on_map(community) == exact


async def test_who_has_no_part_yet_decides_on_what_it_saw(
    system: System, cast: Cast, plain: httpx.AsyncClient
) -> None:
    """Its ETag is as good for `If-Match` as that of the staff; who guesses is not told how often it was saved.

    Before (e41bcb1): it was that of the staff, which rose with every check and verdict.
    """
    record, community = await called(cast, 1403)
    at, mine = record.path("partners"), token(system, cast, GAVE_BACK)
    part = {"lines": [{"name": "funds", "amount": 100}]}
    seen = (await plain.get(at, headers=mine)).headers["etag"]
    staffs = signed(system, role="community", sub=community.id, area=PLACE.community)
    saved = (await plain.get(at, headers=staffs)).headers["etag"]
    guessed = await plain.post(f"{at}/claims", json=part, headers={**mine, "if-match": saved})
    assert (guessed.status_code, f'"{guessed.json()["version"]}"') == (412, seen)
    await record.ask(cast.partner(HOLDER), "partners", "claims", part)
    late = await plain.post(f"{at}/claims", json=part, headers={**mine, "if-match": seen})
    assert late.status_code == 412, "somebody took a part meanwhile"
    seen = (await plain.get(at, headers=mine)).headers["etag"]
    taken = await plain.post(f"{at}/claims", json=part, headers={**mine, "if-match": seen})
    assert taken.status_code == 200, taken.text
    assert taken.headers["etag"] == (await plain.get(at, headers=staffs)).headers["etag"]
