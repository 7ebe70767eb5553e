"""Silence climbs: nobody takes it, nobody answers, each level in time, up to supervision; and so do refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deploy.demo.cast import Cast, Place, everywhere
from deploy.demo.record import Record
from tests.faults.harness import Given, Stored, Verdict, eventually

_SECONDS = 3  # until somebody must have taken it, and a level must have answered
_LATE = 5.0  # seconds that a clock may strike late (promise 14)
_ORDERS = 40  # that nobody touches
_PATIENCE = 90.0  # seconds
_LEVELS = [("grid", "community"), ("community", "street"), ("street", "district")]
_NO = {"accepted": False, "reason": "out_of_remit", "rule": "§ 12"}


async def prove(given: Given, verdict: Verdict) -> None:
    env = {
        "HEHUO_DISPATCH_TAKE_EMERGENCY": str(_SECONDS),
        "HEHUO_DISPATCH_ANSWER_EMERGENCY": str(_SECONDS),
    }
    async with (
        given.system(env=env, replicas={"dispatch": 2}) as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast,
    ):
        places = [given.chance.choice(everywhere()) for _ in range(_ORDERS)]
        silent = [await _placed(cast, place, "emergency") for place in places]
        refused = await _placed(cast, everywhere()[0], "general")
        await _refuse_three_times(cast, refused)
        dispatches = stored.of("dispatch")

        async def all_supervised() -> bool:
            wanted = {"_id": {"$in": [record.id for record in silent]}, "state.supervised": "silence"}
            return await dispatches.count_documents(wanted) == len(silent)

        await eventually(all_supervised, "every silent order to be supervised", _PATIENCE)
        late = 0.0
        for record in silent:
            found = await dispatches.find_one({"_id": record.id})
            assert found is not None
            late = max(late, _judge(found["history"], str(record.id), verdict))
        last = await dispatches.find_one({"_id": refused.id})
        assert last is not None
        causes = [
            one["data"]["cause"] for one in last["history"] if one["type"].startswith("supervision_raised")
        ]
        verdict.check(causes == ["refusals"], f"three refusals raised {causes}")
        verdict.check(last["state"]["refusals"] == 3, f"{last['state']['refusals']} refusals are counted")
    verdict.figure(f"{len(silent)} silent orders climbed 3 levels to supervision, each clock once")
    verdict.figure(f"0 early, at most {late:.1f} s late; the third refusal is supervised")


async def _placed(cast: Cast, place: Place, urgency: str) -> Record:
    record = Record()
    order = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire(), "urgency": urgency}
    await record.order(cast.resident(1), order)
    return record


async def _refuse_three_times(cast: Cast, record: Record) -> None:
    community, officer = cast.community(everywhere()[0]), cast.department("sewage")
    await record.wait(community, "dispatch", "received", within=_PATIENCE)
    await record.ask(community, "dispatch", "assignment", {})
    for number in range(3):
        await record.ask(
            community, "dispatch", "referral", {"department": "sewage", "public_note": f"{number}"}
        )
        await record.ask(officer, "dispatch", "referral/answer", _NO)


def _judge(history: list[dict[str, Any]], order: str, verdict: Verdict) -> float:
    """Each level was called once, when the one below had its time and no sooner. Returns the latest in seconds."""
    whistles = [one for one in history if one["type"].startswith("whistle_blown")]
    climbed = [(one["data"]["from_level"], one["data"]["to_level"]) for one in whistles]
    verdict.check(climbed == _LEVELS, f"{order} climbed {climbed}")
    verdict.check(all(one["data"]["by_silence"] for one in whistles), f"{order}: somebody whistled")
    raised = [one for one in history if one["type"].startswith("supervision_raised")]
    verdict.check(len(raised) == 1, f"{order} was raised {len(raised)} times")
    due = [history[0]["data"]["answer_by"], *(one["data"]["answer_by"] for one in whistles)]
    struck = [*(one["at"] for one in whistles), *(one["at"] for one in raised)]
    late: list[float] = [
        (at - datetime.fromisoformat(wanted)).total_seconds() for wanted, at in zip(due, struck, strict=True)
    ]
    verdict.check(min(late) >= 0, f"{order}: a clock struck {-min(late):.3f} s early")
    verdict.check(max(late) <= _LATE, f"{order}: a clock struck {max(late):.1f} s late")
    return max(late)
