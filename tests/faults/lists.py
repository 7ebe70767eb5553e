"""No order dies, or waits, unseen: at every moment it stands on one unit's list, with a clock or a pause that ends.

Random lives are walked with short clocks and looked at as the units see them: by their lists, through the gateway,
never in the store. Then each unit works off its own list, knowing nothing but what stands there; nothing stays open.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from tests.faults.harness import Given, Verdict, last
from tests.faults.walking import DEPARTMENTS, LOOKED_AT, STATES, Move, Walk

_SECONDS = "PT3S"
CLOCKS = {
    **{f"HEHUO_DISPATCH_{limit}_{urgency}": _SECONDS
       for limit in ("TAKE", "ANSWER", "HANDLE") for urgency in ("EMERGENCY", "URGENT", "GENERAL")},
    **{f"HEHUO_DISPATCH_{name}": _SECONDS
       for name in ("DEADLOCK", "SUPERVISION", "OVERDUE", "QUESTION", "OBJECTION", "RETURNED", "NOTICE", "ROUND",
                    "CALL")},
    "HEHUO_DISPATCH_CLOSE": "PT20S",
    "HEHUO_EVALUATION_WINDOW": "PT4S",
    **{f"HEHUO_PARTNERS_{name}": _SECONDS for name in ("PLAN_WITHIN", "TAKE_BACK_AFTER", "TAKEOVER_SILENCE")},
    "HEHUO_PARTNERS_REMIND_BEFORE": "PT1S",
    "HEHUO_PARTNERS_COOL_DOWN": "PT1S",
    "HEHUO_PARTNERS_COOL_DOWN_FORCED": "PT1S",
    "HEHUO_PARTNERS_HELD_MOST": "10000",
    "HEHUO_PARTNERS_FINISHED_LEAST": "0",
    "HEHUO_PARTNERS_ELSEWHERE_ALLOWED": "true",
}  # fmt: skip
_LONGEST_CLOCK = 60.0  # seconds: of everything that is set above, one after the other, and some more
_ROUNDS = 15  # more than any order needs that each unit does the next thing with
_AT_ONCE, _BETWEEN_ROUNDS = 8, 0.2  # orders worked at side by side; seconds
_LATE = timedelta(seconds=10)  # that a clock may strike late with both cores busy
_PLACES, _PARTNERS, _RESIDENTS = 3, 10, 200
_AT_ONE_DESK = 4  # times as many lives as are walked at once, before the lists are worked off
_RARE, _FEW = 3, 200  # states that fewer lives than these need not come to
_OFTEN = 100  # each state is seen of one order in so many lives
_SHOWN = 3  # of what stays open
_LOOKS_AGAIN = 20  # when something moves while one looks
_DISPATCHES = "/api/dispatch/v1/dispatches"
_UNSOLVED = ("closure", {"outcome": "not_solved", "public_note": "无法解决"})
_DEPTHS = {"district": 1, "street": 2, "community": 3, "grid": 4}
# Which clocks wait for somebody in a state, besides the end of the whole. While partners have it, theirs run.
_WAITS: Mapping[str, frozenset[str]] = {
    "received": frozenset({"dispatch"}),
    "assigned": frozenset({"handling"}),
    "in_handling": frozenset({"handling"}),
    "whistled": frozenset({"whistle", "unit"}),
    "referred": frozenset({"referral", "dispute"}),
    "deadlocked": frozenset({"deadlock", "returned"}),
    "in_deliberation": frozenset({"round", "notice", "returned"}),
    "to_check": frozenset({"check"}),
}
_Steps = Sequence[tuple[str, Mapping[str, Any]]]
_WORK: _Steps = (
    ("delivery", {"public_note": "已完成"}),
    _UNSOLVED,
)
# What leads on to the end, by state.
_NEXT: Mapping[str, _Steps] = {
    "received": (("assignment", {}),),
    "assigned": _WORK,
    "in_handling": _WORK,
    "whistled": (
        ("whistle/answer", {"measures": "马上去"}),
        ("whistle/end", {"public_note": "够了"}),
    ),
    "referred": (
        ("referral/answer", {"accepted": True}),
        ("referral/dispute/ruling", {"upheld": False, "public_note": "由其办理"}),
    ),
    "deadlocked": (_UNSOLVED,),
    "in_deliberation": (
        *((f"rounds/{number}/result", {}) for number in range(1, 9)),
        _UNSOLVED,
    ),
    "called": (("call/withdrawal", {"reason": "不需要了"}),),
    "claimed": (("call/withdrawal", {"reason": "不需要了"}),),
    "to_check": (
        *(("check", {"passed": True, "public_note": "合格", "items": items}) for items in (LOOKED_AT, ())),
    ),
    "to_evaluate": (),
}

SHORT = {"lives": 60, "steps": 8, "at_once": 20}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=2000, help="orders that are walked through (2000)")
    parser.add_argument("--steps", type=int, default=12, help="things done to each, or not done (12)")
    parser.add_argument("--at-once", type=int, default=40, help="lives at once (40)")


async def prove(given: Given, verdict: Verdict) -> None:
    async with (
        given.system(env=CLOCKS) as system,
        Cast(system.gateway_url, system.token, patience=60.0) as cast,
    ):
        places = given.chance.sample(everywhere(), _PLACES)
        lists = Lists(cast, places, verdict)
        chances = (random.Random(given.chance.random()) for _ in range(given.options.lives))
        walks = (
            Walk(cast, own.choice(places), own, resident=number % _RESIDENTS, partner=number % _PARTNERS)
            for number, own in enumerate(chances)
        )
        moves = lives = 0
        while some := list(islice(walks, given.options.at_once * _AT_ONE_DESK)):
            await _walked(given, some, lists)
            lives, moves = lives + len(some), moves + sum(one.moves for one in some)
            if not await lists.worked_off(verdict):
                break
            given.say(
                f"{lives} lives, {moves} moves; all lists looked at {lists.passes} times, and worked off"
            )
    verdict.figure(f"{lives} lives, {moves} moves")
    fewest = min(lists.states[state] for state in STATES)
    verdict.figure(f"{lists.looked} looks at {len(lists.states)} states, each of {fewest} orders or more")
    verdict.figure(f"{lists.passes} times all lists")
    theirs = len({id for id, unit, state in lists.read if unit in DEPARTMENTS and state == "in_handling"})
    verdict.check(theirs > 0, "no order was ever seen in the hands of a department")
    verdict.figure(f"{theirs} in the hands of departments")
    rare = sorted(state for state in STATES if lists.states[state] < max(1, lives // _OFTEN))
    verdict.check(
        len(rare) <= (_RARE if lives < _FEW else 0), f"few orders were ever seen {rare}: {lists.states}"
    )


async def _walked(given: Given, walks: Sequence[Walk], lists: Lists) -> None:
    """Walk some lives, `at_once` of them side by side, and look at all lists all the time."""
    waiting = iter(walks)
    lists.walks = walks

    async def walker() -> None:
        for walk in waiting:
            await walk.live(given.options.steps)

    async with asyncio.TaskGroup() as group:
        walkers = [group.create_task(walker()) for _ in range(given.options.at_once)]
        while not all(one.done() for one in walkers):
            await lists.look()
    await lists.look()


Row = Mapping[str, Any]


def _who_answers(seen: Row) -> str | None:
    """By what is seen of it: the department that is asked or has the work, else the level of its area."""
    asked, hand = seen["state"] == "referred", seen["handled_by"]
    if seen["state"] not in STATES:
        return None
    if asked and seen["referrals"][-1]["accepted"] is None:
        return str(seen["referrals"][-1]["department"])
    if seen["state"] == "in_handling" and hand in DEPARTMENTS:
        return str(hand)
    return "/".join(seen["area"].split("/")[: _DEPTHS[seen["level"]]])


@dataclass(slots=True)
class Lists:
    """The lists of all units of the places, each as somebody of the unit sees it."""

    cast: Cast
    places: Sequence[Place]
    verdict: Verdict
    walks: Sequence[Walk] = ()
    passes: int = 0
    looked: int = 0
    states: Counter[str] = field(default_factory=Counter)  # in how many orders each was seen
    read: set[tuple[str, str, str]] = field(default_factory=set)

    def desks(self) -> Mapping[str, Person]:
        """Somebody of each unit: by the path of its area, or the department's id."""
        found: dict[str, Person] = {one: self.cast.department(one) for one in DEPARTMENTS}
        for place in self.places:
            walk = Walk(self.cast, place, random.Random(0))
            codes = place.area.split("/")
            for depth, who in enumerate(("district", "street", "community", "worker"), 1):
                found["/".join(codes[:depth])] = walk.person(who)
        return found

    async def all(self) -> dict[str, list[tuple[str, Row]]]:
        """What stands on the list of each unit, by order: the unit, and the row."""
        found: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)

        async def read(unit: str, person: Person) -> None:
            cursor = ""
            while True:
                page = await person.get(f"{_DISPATCHES}?list=ours&limit=100{cursor}")
                now = datetime.now(UTC)
                for row in page["items"]:
                    found[row["order_id"]].append((unit, {**row, "seen_at": now}))
                if page["next"] is None:
                    break
                cursor = f"&cursor={page['next']}"

        await asyncio.gather(*(read(*desk) for desk in self.desks().items()))
        return found

    async def look(self) -> None:
        """Each open order is on the list of one unit, which can read it, with a clock or a pause."""
        opened = [walk for walk in self.walks if walk.is_open]
        found = await self.all()
        self.passes += 1
        await asyncio.gather(*(self._look_at(walk, found[str(walk.record.id)]) for walk in opened))

    async def _look_at(self, walk: Walk, found: list[tuple[str, Row]]) -> None:
        match found:
            case [(unit, row)]:
                await self._judge(walk, unit, row)
            case _:
                await self._look_again(walk)

    async def _look_again(self, walk: Walk) -> None:
        """It moved between two lists while they were read, or it is nowhere, or twice: looked at until it stands."""
        for _ in range(_LOOKS_AGAIN):
            before = await walk.seen()
            if before["answers_for"] is None:
                walk.is_open = False
                return
            found = (await self.all())[str(walk.record.id)]
            if await walk.seen() == before:
                units = [unit for unit, _ in found]
                self.verdict.check(
                    units == [before["answers_for"]],
                    f"{walk.record.id} ({before['state']}) is of {before['answers_for']}, and on the lists of {units}",
                )
                return
        self.verdict.check(False, f"{walk.record.id} did not stand still")

    async def _judge(self, walk: Walk, unit: str, row: Row) -> None:
        self.looked += 1
        id, state = row["order_id"], row["state"]
        self.verdict.check(row["answers_for"] == unit, f"{id} is on the list of {unit}: {row['answers_for']}")
        if (id, unit, state) not in self.read:
            self.states[state] += all((id, state) != (one, then) for one, _, then in self.read)
            self.read.add((id, unit, state))
            await self._read(walk, self.desks()[unit], row)
        if row["next_at"] is None:
            await self._without_clock(walk, row)
            return
        late = row["seen_at"] - datetime.fromisoformat(row["next_at"])
        self.verdict.check(late < _LATE, f"{id} ({state}): its clock should have struck {late} before")

    async def _read(self, walk: Walk, person: Person, row: Row) -> None:
        """Whoever has it can read it, and waits for somebody; who no longer has it, by now, need not."""
        try:
            seen, hidden = await person.get(walk.record.path("dispatch")), "all but its own part"
        except Refused as refusal:
            seen, hidden = {"answers_for": None}, str(refusal)
        if seen["answers_for"] is None:
            moved = (await walk.seen())["answers_for"] != row["answers_for"]
            self.verdict.check(moved, f"{person.id} has {walk.record.id} and cannot read it: {hidden}")
            return
        which, right = f"{walk.record.id} ({seen['state']})", _who_answers(seen)
        self.verdict.check(
            seen["answers_for"] == right, f"{which} is of {seen['answers_for']}, not of {right}"
        )
        clocks = {name.partition("/")[0] for name in seen["clocks"]}
        waits = _WAITS.get(seen["state"])
        waited_for = waits is None or seen["paused"] or waits & clocks
        self.verdict.check(bool(waited_for), f"{which} waits for nobody: {sorted(seen['clocks'])}")

    async def _without_clock(self, walk: Walk, row: Row) -> None:
        """Only while the resident has the time: then the evaluation is open, and ends."""
        evaluation = await walk.person("resident").get(walk.record.path("evaluation"))
        now = await walk.seen()
        waits = evaluation["state"] == "open" and evaluation["until"]
        moved = (
            now["state"] != row["state"] or now["clocks"] or evaluation["state"] not in ("waiting", "open")
        )
        self.verdict.check(
            bool(waits or moved or (evaluation["state"] == "waiting" and row["state"] == "to_evaluate")),
            f"{row['order_id']} ({row['state']}) has no clock; its evaluation is {evaluation['state']}",
        )

    async def worked_off(self, verdict: Verdict) -> bool:
        """Each unit does what has to be done next with what is on its list, until nothing is left on any.

        On a busy machine a round through all lists takes long, and what is silent meanwhile goes up by itself.
        """
        begun, rounds = time.monotonic(), 0
        while left := [one for rows in (await self.all()).values() for one in rows]:
            if rounds >= _ROUNDS and time.monotonic() - begun > _LONGEST_CLOCK:
                break
            rounds += 1
            some = asyncio.Semaphore(_AT_ONCE)
            await asyncio.gather(*(self._work_at(*one, some) for one in left))
            await last(_BETWEEN_ROUNDS)
        for unit, row in left[:_SHOWN]:
            tried = list(dict.fromkeys(self._walk(row).refusals[-20:]))
            verdict.check(False, f"{row['order_id']} stays on the list of {unit}, {row['state']}: {tried}")
        verdict.check(not left, f"{len(left)} stay open though all work off their lists, {rounds} times")
        still = [str(one.record.id) for one in self.walks if (await one.seen())["answers_for"] is not None]
        verdict.check(not still, f"{len(still)} are open and on no list: {still[:5]}")
        return not left and not still

    def _walk(self, row: Row) -> Walk:
        return next(one for one in self.walks if str(one.record.id) == row["order_id"])

    async def _work_at(self, unit: str, row: Row, some: asyncio.Semaphore) -> None:
        """The first that can be done of what leads on from there, by the unit or a level above it."""
        async with some:
            await self._work_on(self._walk(row), unit, row)

    async def _work_on(self, walk: Walk, unit: str, row: Row) -> None:
        seen = await walk.seen()
        resumed: _Steps = (
            (("resumption", {}),) if seen["paused"] else ()
        )  # else it is so already, and nothing follows
        tasks = [task["number"] for task in seen["tasks"] if task["ended"] is None]
        cancelled = [(f"tasks/{number}/cancellation", {"reason": "不再需要"}) for number in tasks]
        levels = ("grid", "community", "street", "district")
        above = levels[levels.index(row["level"]) :]
        # nobody passes the check of their own work: at the top a colleague does
        for who in (unit if unit in DEPARTMENTS else row["level"], *above, "colleague"):
            for what, body in (*resumed, *cancelled, *_NEXT[row["state"]]):
                if await walk.do(Move(who, what, body)):
                    return
