"""A life that is walked by chance through the gateway: who could act next does something that fits, or does not."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.cast import Cast, Person, Place, Refused
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from tests.faults.harness import last

DEPARTMENTS = ("sewage", "urban_management")
FLATS = [{"id": f"1-{number}"} for number in range(101, 104)]
LOOKED_AT = [{"code": code, "passed": True} for code in ("flows", "surface")]  # of checklists.json
STATES = (
    "received", "assigned", "in_handling", "whistled", "referred", "deadlocked", "in_deliberation", "called", "claimed",
    "to_check", "to_evaluate",
)  # fmt: skip
_STRANGE = 0.15  # of all moves: any, by anybody
_SILENT = 0.25  # of all moves: nobody does anything for a while
_LONGEST_SILENCE = 4.0  # seconds
_UPHOLDS_NOT = {"household": "1-102", "upheld": False, "reason": "按议定"}
_NO = {"accepted": False, "reason": "out_of_remit", "rule": "§ 12"}


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@dataclass(frozen=True, slots=True)
class Move:
    """One request: `who` of the people of the place, to which list, and what it says."""

    who: str
    what: str
    body: Mapping[str, Any] = field(default_factory=dict)
    service: str = "dispatch"


def _with_a_unit(seen: Mapping[str, Any]) -> Sequence[Move]:
    unit = _hand(seen)
    return (
        Move(unit, "whistle"),
        Move(unit, "whistle", {"kind": "joint", "units": ["sewage", "street"], "public_note": "请到现场"}),
        Move("community", "referral", {"department": "sewage"}),
        Move("community", "referral", {"department": "urban_management"}),
        Move("community", "deadlock", {"reason": "没有责任主体"}),
        Move("community", "rounds", {"proposal": "三户分摊", "cost": 100_00, "to_share": 50_00, "households": FLATS}),
        Move("community", "call", {"lines": [{"name": "funds", "kind": "funds", "amount": 100}], "until": soon(6)}),
        Move(unit, "delivery", {"public_note": "已完成"}),
        Move(unit, "delivery", {"public_note": "已完成"}),
        Move(unit, "reports", {"public_note": f"在办 {soon(0)}"}),
        Move(unit, "tasks", {"title": "围挡", "unit": "sewage", "deadline": soon(5)}),
        Move("sewage", "tasks/1/result"),
        Move(unit, "time-requests", {"kind": "extension", "reason": "等材料", "until": soon(9)}),
        Move(unit, "time-requests", {"kind": "pause", "reason": "下雨", "until": soon(5)}),
        Move("street", "time-requests/answer", {"granted": True}),
        Move("district", "time-requests/answer", {"granted": False, "public_note": "不行"}),
        Move(unit, "questions", {"question": "哪一天开始的？"}),
        Move("community", "closure", {"outcome": "not_solved", "public_note": "无法解决"}),
        Move("sewage", "referral/answer", _NO),
        Move("community", "referral/dispute", {"reason": "公共管道"}),
        Move("district", "supervision", {"unit": "community", "measures": "限期办结", "due": soon(5)}),
        Move("district", "supervision/result", {"result": "已督办"}),
    )  # fmt: skip


def _hand(seen: Mapping[str, Any]) -> str:
    """Who has it, as far as that is one of the people of the place."""
    if seen.get("handled_by") in DEPARTMENTS:
        return str(seen["handled_by"])
    return "worker" if seen["level"] == "grid" else str(seen["level"])


def _fitting(seen: Mapping[str, Any]) -> Mapping[str, Sequence[Move]]:
    """By state, what fits there."""
    level, round = seen["level"], f"rounds/{len(seen['rounds'])}"
    asked = next((one["department"] for one in reversed(seen["referrals"])), DEPARTMENTS[0])
    yes, no = ([{"household": flat["id"], "consent": said} for flat in FLATS] for said in ("yes", "no"))
    return {
        "received": (
            Move("worker", "assignment"), Move("worker", "assignment"), Move("community", "assignment"),
            Move("worker", "whistle"),
            Move("resident", "amendment", {"category": "street_light", "reason": "是路灯"}, "intake"),
            Move("community", "amendment", {"category": "sewage_pipe", "reason": "是下水"}, "intake"),
        ),
        "assigned": _with_a_unit(seen),
        "in_handling": _with_a_unit(seen),
        "whistled": (
            Move(level, "whistle/answer", {"measures": "马上去"}),
            Move(level, "whistle/answer", {"measures": "马上去", "deadline": soon(5)}),
            Move("sewage", "whistle/answer", {"measures": "来看"}),
            Move("street", "whistle/answer", {"measures": "协调"}),
            Move("community", "whistle/end", {"public_note": "够了"}), Move(level, "whistle"),
        ),
        "referred": (
            *(Move(one, "referral/answer", {"accepted": True}) for one in (asked, asked, asked, *DEPARTMENTS)),
            Move(asked, "referral/answer", _NO),
            Move("street", "referral/dispute/ruling", {"upheld": False, "public_note": "由其办理"}),
            Move("district", "referral/dispute/ruling", {"upheld": True, "public_note": "不归其管"}),
        ),
        "deadlocked": (
            Move("community", "rounds", {"proposal": "三户分摊", "cost": 100_00, "households": FLATS}),
            Move("community", "call", {"lines": [{"name": "funds", "kind": "funds", "amount": 100}], "until": soon(6)}),
            Move("community", "deadlock/supervision"),
            Move("street", "closure", {"outcome": "not_solved", "public_note": "无解"}),
        ),
        "in_deliberation": (
            Move("community", f"{round}/result", {"consents": yes, "subsidies": 10}),
            Move("community", f"{round}/result", {"consents": no}),
            Move("worker", f"{round}/objections", {"household": "1-102", "reason": "太贵"}),
            Move("community", f"{round}/objections/answer", _UPHOLDS_NOT),
            Move("community", "call", {"lines": [{"name": "funds", "kind": "funds"}], "until": soon(6)}),
            *_with_a_unit(seen)[:3],
        ),
        "called": (
            *(Move("partner", "claims", {"lines": [{"name": "funds", "amount": amount}]}, "partners")
              for amount in (40, 100, 100)),
            Move("community", "call/withdrawal", {"reason": "不需要了"}),
        ),
        "claimed": (
            Move("partner", "claims/{claim}/plan", {"plan": "三天内完成", **dates(3)}, "partners"),
            Move("partner", "claims/{claim}/delivery", {"public_note": "已完成"}, "partners"),
            Move("partner", "claims/{claim}/delivery", {"public_note": "已完成"}, "partners"),
            Move("partner", "claims/{claim}/release", {"reason": "人手不足"}, "partners"),
            Move("community", "call/withdrawal", {"reason": "不需要了"}),
        ),
        "to_check": (
            Move("community", "check", {"passed": True, "public_note": "合格", "items": LOOKED_AT}),
            Move("community", "check", {"passed": True, "public_note": "合格"}),
            Move("street", "check", {"passed": True, "public_note": "合格", "items": LOOKED_AT}),
            Move("street", "check", {"passed": False, "public_note": "还在漏"}),
            Move("district", "closure", {"outcome": "partly", "public_note": "路面未修"}),
        ),
        "to_evaluate": (
            Move("resident", "verdicts", {"verdict": "satisfied", "result": 5, "speed": 4, "manner": 5}, "evaluation"),
            Move("resident", "verdicts",
                 {"verdict": "unsatisfied", "reason": "leaks", "result": 1, "speed": 2, "manner": 3}, "evaluation"),
        ),
    }  # fmt: skip


_ALWAYS = (
    Move("resident", "withdrawal", {"reason": "已自行解决"}, "intake"),
    Move("resident", "questions/1/answer", {"text": "上周"}, "intake"),
    Move("community", "resumption"),
)


def takes_note(service: str, what: str) -> bool:
    """Whether a word for the staff can go with it."""
    settles = what.startswith("rounds/") and what.endswith("/result")
    return service in ("dispatch", "partners") and what not in ("assignment", "claims") and not settles


@dataclass(slots=True)
class Walk:
    """One life by chance. `state` is what the district saw last; None before dispatch has heard of it."""

    cast: Cast
    place: Place
    chance: random.Random
    record: Record = field(default_factory=Record)
    resident: int = 0
    partner: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)  # what the order says besides
    note: str = ""  # that the staff keep with whatever they do, where it takes one
    claim: tuple[str, int] | None = None
    is_open: bool = False  # as far as is known: dispatch has it, and nobody has seen its end
    moves: int = 0
    noted: set[str] = field(default_factory=set)  # what was done and took a note
    refusals: list[str] = field(default_factory=list)

    def person(self, who: str) -> Person:
        cast, place = self.cast, self.place
        street = place.community.rpartition("/")[0]
        match who:
            case "resident":
                return cast.resident(self.resident)
            case "worker" | "grid":
                return cast.grid_worker(place)
            case "community":
                return cast.community(place)
            case "street":
                return cast.somebody("street", f"street-{street[-9:]}", area=street)
            case "district":
                return cast.somebody("district", "district-desk", area=place.area.partition("/")[0])
            case "colleague":
                return cast.somebody("district", "district-colleague", area=place.area.partition("/")[0])
            case "partner":
                return cast.partner(self.partner)
            case department:
                return cast.department(department)

    async def live(self, steps: int) -> None:
        """Place it, and do so many things to it, or less when it has ended. Raises Refused for a fault of ours."""
        category = self.chance.choice(("sewage_pipe", "street_light", "noise"))
        order = {"category": category, "text": "请来看看。", "place": self.place.wire(), **self.said}
        await self.record.order(self.person("resident"), order)
        await self.record.wait(self.person("district"), "dispatch", *STATES, "closed")
        self.is_open = True
        for _ in range(steps):
            seen = await self.seen()
            if seen["state"] not in STATES:
                return
            await self.step(seen)

    async def seen(self) -> Mapping[str, Any]:
        return await self.person("district").get(self.record.path("dispatch"))

    async def step(self, seen: Mapping[str, Any]) -> None:
        if self.chance.random() < _SILENT:
            await last(self.chance.random() * _LONGEST_SILENCE)
            return
        fitting = _fitting(seen)[seen["state"]]
        if self.chance.random() < _STRANGE:
            fitting = (*_fitting(seen)[self.chance.choice(STATES)], *_ALWAYS)
        await self.do(self.chance.choice(fitting))

    async def do(self, move: Move) -> bool:
        """Whether it was done; what the rules refuse is fine."""
        what, body = move.what, dict(move.body)
        if "{claim}" in what:
            if self.claim is None:
                return False
            what, body["epoch"] = what.format(claim=self.claim[0]), self.claim[1]
        self.moves += 1
        if self.note and takes_note(move.service, what):
            body["note"] = self.note
        try:
            answer = await self.person(move.who).post(self.record.path(move.service, *what.split("/")), body)
        except Refused as refusal:
            if refusal.status >= 500:
                raise
            self.refusals.append(f"{move.who} {what}: {refusal.slug}")
            return False
        if "note" in body:
            self.noted.add(move.what)
        if what == "claims":
            self.claim = held(answer.body)
        return True
