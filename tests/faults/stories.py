"""Stories that say what a straight life does not: units together, time asked for, places corrected, objections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from deploy.demo.record import Record
from deploy.demo.story import held
from tests.faults.harness import eventually

_SOON = 4  # seconds until a deadline that is meant to be missed
_EARLY = (403, 404, 409)  # what whoever asks before the news has come is told
_NO = {"accepted": False, "reason": "out_of_remit", "rule": "§ 12"}


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def _soon(person: Person, path: str, body: Mapping[str, Any], within: float) -> None:
    """Ask until it is allowed: another list may not have heard yet, or a clock may still run."""

    async def allowed() -> bool:
        try:
            await person.post(path, body)
        except Refused as refused:
            if refused.status not in _EARLY:
                raise
            return False
        return True

    await eventually(allowed, f"{path.rpartition('/')[2]} to be possible", within)


async def _begun(cast: Cast, place: Place, number: int, within: float) -> Record:
    record = Record()
    order = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire()}
    await record.order(cast.resident(number), order)
    await record.wait(cast.community(place), "dispatch", "received", within=within)
    return record


async def units(cast: Cast, within: float) -> Record:
    """Called together, disputed, refused three times more, supervised, led, in parts, late."""
    place = everywhere()[5]
    record, community, sewage = (
        await _begun(cast, place, 14, within),
        cast.community(place),
        cast.department("sewage"),
    )
    street = cast.somebody("street", "street-stories", area=place.community.rpartition("/")[0])
    district = cast.somebody("district", "district-stories", area=place.area.partition("/")[0])

    async def ask(who: Person, what: str, body: Mapping[str, Any]) -> None:
        await who.post(record.path("dispatch", what), body)

    await ask(community, "assignment", {})
    await ask(
        community, "whistle", {"kind": "joint", "units": ["sewage", "street"], "public_note": "请到现场"}
    )
    await ask(sewage, "whistle/answer", {"measures": "来看"})
    await ask(community, "whistle/end", {"public_note": "不再等"})
    for number in range(4):  # the first refusal was right, and counts no more
        await ask(community, "referral", {"department": "sewage", "public_note": f"第{number}次"})
        await ask(sewage, "referral/answer", _NO)
        if number == 0:
            await ask(community, "referral/dispute", {"reason": "公共管道"})
            await ask(street, "referral/dispute/ruling", {"upheld": True, "public_note": "不属其职责"})
    await ask(district, "supervision", {"unit": "sewage", "measures": "限期办理", "due": _in(_SOON)})
    part = {"title": "围挡", "unit": "street", "deadline": _in(_SOON)}
    await ask(district, "lead", {"unit": "sewage", "co_units": [part]})

    async def late() -> bool:
        seen = await record.see(district, "dispatch")
        return bool(seen and seen["supervisions"][-1]["overdue"] and seen["tasks"][0]["late"])

    await eventually(late, "the task and the supervision to be late", within)
    await ask(street, "tasks/1/result", {"public_note": "已围挡"})
    await ask(district, "supervision/result", {"result": "已督促"})
    await ask(district, "assignment", {})  # out of the hands of the department
    await ask(district, "closure", {"outcome": "not_solved", "public_note": "无人能办"})
    record.outcome = "not_solved"
    return record


async def times(cast: Cast, within: float) -> Record:
    """A word on how it stands, a question and its answer, a pause, more time refused and granted."""
    place = everywhere()[6]
    record, community, worker = (
        await _begun(cast, place, 15, within),
        cast.community(place),
        cast.grid_worker(place),
    )

    async def ask(who: Person, what: str, body: Mapping[str, Any]) -> None:
        await _soon(who, record.path("dispatch", what), body, within)

    await ask(worker, "assignment", {})
    await ask(worker, "reports", {"public_note": "明日再看"})
    await ask(worker, "questions", {"question": "哪一户？"})
    await _soon(cast.resident(15), record.path("intake", "questions", 1, "answer"), {"text": "二楼"}, within)
    for kind, granted in (("pause", True), ("extension", False), ("extension", True)):
        body = {
            "kind": kind,
            "reason": f"{kind} {granted}",
            "until": _in(40 * 86_400 if kind == "extension" else 86_400),
        }
        await ask(worker, "time-requests", body)
        await ask(community, "time-requests/answer", {"granted": granted})
        if kind == "pause":
            await ask(worker, "resumption", {})
    await ask(community, "closure", {"outcome": "not_solved", "public_note": "无法解决"})
    record.outcome = "not_solved"
    return record


async def corrected(cast: Cast, within: float) -> Record:
    """Staff correct where it is: it is found in another grid."""
    place, there = everywhere()[7], everywhere()[8]
    record = await _begun(cast, place, 16, within)
    district = cast.somebody("district", "district-stories", area=place.area.partition("/")[0])
    body = {"place": there.wire(), "reason": "地址写错了"}
    await _soon(district, record.path("intake", "amendment"), body, within)

    async def moved() -> bool:
        seen = await record.see(district, "dispatch")
        return bool(seen and seen["area"] == there.area)

    await eventually(moved, "the order to be found in the other grid", within)
    await district.post(
        record.path("dispatch", "closure"), {"outcome": "not_solved", "public_note": "无法解决"}
    )
    record.outcome = "not_solved"
    return record


async def offered(cast: Cast, within: float) -> Record:
    """A need is offered to those who fit it best; they decline, and it is open to all."""
    place = everywhere()[10]
    record, community = await _begun(cast, place, 18, within), cast.community(place)
    await record.ask(community, "dispatch", "assignment", {})
    lines = [{"name": "rack", "kind": "goods", "amount": 1, "unit": "piece"}]
    await record.ask(community, "dispatch", "call", {"lines": lines, "matched": True})
    await record.wait(community, "partners", "open", within=within)
    partners = map(cast.partner, range(len(cast.partners)))
    asked = [partner for partner in partners if await record.see(partner, "partners")]
    for partner in asked:
        await partner.post(record.path("partners", "decline"), {"reason": "没有安装工人"})

    async def open_to_all() -> bool:
        seen = await record.see(community, "partners")
        return bool(seen and not seen["offered"])

    await eventually(open_to_all, "the need to be open to all", within)
    await record.ask(community, "dispatch", "call/withdrawal", {"reason": "不再需要"})
    await _soon(
        community,
        record.path("dispatch", "closure"),
        {"outcome": "not_solved", "public_note": "无法解决"},
        within,
    )
    record.outcome = "not_solved"
    return record


async def objected(cast: Cast, within: float) -> Record:
    """What was agreed is on notice; a household objects, and is answered."""
    place = everywhere()[9]
    record, community = await _begun(cast, place, 17, within), cast.community(place)

    async def ask(what: str, body: Mapping[str, Any]) -> None:
        await community.post(record.path("dispatch", what), body)

    await ask("assignment", {})
    households = [{"id": "1-101"}, {"id": "1-102"}]
    await ask("rounds", {"proposal": "换管", "cost": 1000, "households": households})
    await ask(
        "rounds/1/result", {"consents": [{"household": one["id"], "consent": "yes"} for one in households]}
    )
    await ask("rounds/1/objections", {"household": "1-101", "reason": "太贵"})
    await ask("rounds/1/objections/answer", {"household": "1-101", "upheld": False, "reason": "已议定"})
    await _soon(
        community,
        record.path("dispatch", "closure"),
        {"outcome": "not_solved", "public_note": "无法解决"},
        within,
    )
    record.outcome = "not_solved"
    return record


async def pledged(cast: Cast, within: float) -> Record:
    """A need that grows; money comes in of a pledge that is given back, and goes back."""
    place = everywhere()[10]
    record, community = await _begun(cast, place, 18, within), cast.community(place)
    partner = cast.partner(0)
    lines = [{"name": "funds", "kind": "funds", "amount": 1000}]
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "call", {"lines": lines})
    await record.wait(partner, "partners", "open", within=within)
    taken = await record.ask(partner, "partners", "claims", {"lines": [{"name": "funds", "amount": 400}]})
    claim, epoch = held(taken.body)
    more = {"lines": [{**lines[0], "amount": 1500}], "reason": "又发现一处"}
    await record.ask(community, "dispatch", "call/changes", more)
    await record.wait(partner, "partners", "open", gap=1100, within=within)
    paper = {"name": "funds", "amount": 400, "day": datetime.now(UTC).date().isoformat()}
    await record.ask(partner, "partners", f"claims/{claim}/confirmation", {"epoch": epoch})
    await record.ask(community, "partners", f"claims/{claim}/receipts", {**paper, "reference": "R-1"})
    release = {"reason": "资金另有用途", "epoch": epoch}
    await record.ask(partner, "partners", f"claims/{claim}/release", release)
    back = {**paper, "reference": "B-1", "reason": "已退还"}
    await record.ask(community, "partners", f"claims/{claim}/returns", back)
    await record.ask(community, "dispatch", "call/withdrawal", {"reason": "另行筹款"})
    await record.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "无法解决"})
    record.outcome = "not_solved"
    return record


async def asked_for(cast: Cast, within: float) -> Record:
    """A partner leads and keeps silent: it is reminded, then stale; another asks for its part, and it goes on."""
    place = everywhere()[11]
    record, community = await _begun(cast, place, 19, within), cast.community(place)
    holder, other = cast.partner(0), cast.partner(2)
    lines = [{"name": "funds", "kind": "funds", "amount": 1000}]
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "call", {"lines": lines})
    await record.wait(holder, "partners", "open", within=within)
    taken = await record.ask(holder, "partners", "claims", {"lines": [{"name": "funds", "amount": 400}]})
    claim, epoch = held(taken.body)
    lead = {"partner_id": taken.body["claims"][0]["partner_id"]}
    await record.ask(community, "partners", "lead", lead)

    at = f"claims/{claim}"
    await record.ask(holder, "partners", f"{at}/survey", {"public_note": "已到现场", "epoch": epoch})
    blocked = {"reason": "等待停水", "until": _in(3600), "epoch": epoch}
    await record.ask(holder, "partners", f"{at}/block", blocked)
    await record.ask(holder, "partners", f"{at}/resumption", {"epoch": epoch})

    async def silent() -> bool:
        seen = await record.see(holder, "partners")
        return bool(seen and seen["claims"][0]["stale"])

    await eventually(silent, "the claim to be stale", within)
    await record.ask(other, "partners", f"claims/{claim}/takeover", {"reason": "本周可以开工"})
    no = {"agreed": False, "reason": "明日开工", "epoch": epoch}
    await record.ask(holder, "partners", f"claims/{claim}/takeover/answer", no)
    await record.ask(community, "dispatch", "call/withdrawal", {"reason": "另行筹款"})
    await record.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "无法解决"})
    record.outcome = "not_solved"
    return record


async def repeated(cast: Cast, within: float) -> Record:
    """Two of the same: one is bound to the other, and comes back."""
    place = everywhere()[12]
    first, record = await _begun(cast, place, 20, within), await _begun(cast, place, 21, within)
    community = cast.community(place)
    same = {"outcome": "duplicate", "duplicate_of": str(first.id), "public_note": "同一件事"}
    await record.ask(community, "dispatch", "closure", same)
    await record.ask(community, "dispatch", "unbinding", {"reason": "不是同一件事"})
    for one in (first, record):
        await one.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "无法解决"})
    record.outcome = "not_solved"
    return record


async def taken_back(cast: Cast, within: float) -> Record:
    """What was asked is taken back, urgency and title are corrected, and after its end it is opened again."""
    place = everywhere()[13]
    record, community = await _begun(cast, place, 22, within), cast.community(place)

    async def ask(what: str, body: Mapping[str, Any]) -> None:
        await _soon(community, record.path("dispatch", what), body, within)

    async def amend(**changes: str) -> None:
        await _soon(community, record.path("intake", "amendment"), {"reason": "看过了", **changes}, within)

    await amend(urgency="emergency")
    await record.wait(community, "dispatch", "received", urgency="emergency", within=within)
    await ask("assignment", {})
    await ask("referral", {"department": "sewage"})
    await ask("referral/recall", {"reason": "派错了"})
    await ask("whistle", {})
    await ask("whistle/recall", {"reason": "自己能办"})
    await ask("call", {"lines": [{"name": "funds", "kind": "funds", "amount": 100}]})
    await amend(title="楼后下水")
    await amend(urgency="general")
    await record.wait(community, "dispatch", "called", urgency="general", within=within)
    await ask("call/withdrawal", {"reason": "不需要了"})
    await ask("closure", {"outcome": "not_solved", "public_note": "无法解决"})
    again = {"reason": "came_back", "words": "还在漏"}
    await _soon(cast.resident(22), record.path("intake", "reopening"), again, within)
    await ask("closure", {"outcome": "not_solved", "public_note": "还是无法解决"})
    record.outcome = "not_solved"
    return record
