"""A short whole life of one order, for proofs and measurements: through all four lists to its end, in about ten
requests, with detours by chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from deploy.demo.cast import Answer, Cast, Person, Place
from deploy.demo.record import Record
from deploy.demo.story import dates, held

LOOKED_AT = [{"code": code, "passed": True} for code in ("flows", "surface")]  # of checklists.json
RESIDENTS = 200  # who order, in turn or by chance: enough to be different people


@dataclass(frozen=True, slots=True)
class Way:
    """How a life goes. As it stands: straight through, with one partner."""

    resident: int = 0
    first_partner: int = 0  # of partners.json; the next ones that serve the place follow
    hands: str = "partners"  # who does the work: partners, unit, department
    deliberates: bool = False  # only before partners are called
    shared: bool = False  # two partners, a line each
    released: bool = False  # the first partner gives it back, another one takes it
    fails_check: bool = False
    reworks: int = 0  # how often the resident is not satisfied
    verdict: str = "satisfied"
    withdrawn: str | None = None  # after: placed, assigned, called, claimed

    @classmethod
    def drawn(cls, chance: random.Random) -> Self:
        """Any way: about half of them straight."""

        def happens(share: float) -> bool:
            return chance.random() < share

        hands = chance.choices(("partners", "unit", "department"), (80, 10, 10))[0]
        return cls(
            resident=chance.randrange(RESIDENTS),
            first_partner=chance.randrange(10),
            hands=hands,
            deliberates=hands == "partners" and happens(0.15),
            shared=happens(0.15),
            released=happens(0.15),
            fails_check=happens(0.1),
            reworks=1 if happens(0.1) else 0,
            verdict=chance.choices(("satisfied", "mostly"), (75, 25))[0],
            withdrawn=chance.choice(("placed", "assigned", "called", "claimed")) if happens(0.12) else None,
        )


async def life(
    cast: Cast,
    place: Place,
    way: Way | random.Random | None = None,
    record: Record | None = None,
    within: float = 60.0,
) -> Record:
    """Live one life; the record says what was acknowledged, also when this raises Refused, Unreachable or Stuck.

    `way` is a way, or the chance to draw one from. `within` seconds every list must have heard of what was done.
    """
    if not isinstance(way, Way):
        way = Way.drawn(way) if way else Way()
    lived = _Life(cast, place, way, record or Record(), within)
    await lived.live()
    return lived.record


@dataclass(slots=True)
class _Life:
    cast: Cast
    place: Place
    way: Way
    record: Record
    within: float
    claims: list[tuple[Person, str, int]] = field(default_factory=list)  # holder, claim, epoch

    async def live(self) -> None:
        """From the order to its end."""
        for stage, act in (
            ("placed", self.place_it),
            ("assigned", self.assign),
            ("called", self.call if self.way.hands == "partners" else self.hand_over),
            ("claimed", self.claim if self.way.hands == "partners" else self.nothing),
        ):
            await act()
            if self.way.withdrawn == stage:
                await self.withdraw()
                return
        await self.finish()

    # -------------------------------------------------------------- who acts

    @property
    def resident(self) -> Person:
        return self.cast.resident(self.way.resident)

    @property
    def worker(self) -> Person:
        return self.cast.grid_worker(self.place)

    @property
    def community(self) -> Person:
        return self.cast.community(self.place)

    @property
    def street(self) -> Person:
        area = self.place.community.rpartition("/")[0]
        return self.cast.somebody("street", f"street-{area[-9:]}", area=area)

    @property
    def department(self) -> Person:
        return self.cast.department("sewage")

    async def ask(self, person: Person, service: str, what: str, **body: Any) -> Answer:
        return await self.record.ask(person, service, what, body)

    async def wait(self, person: Person, service: str, *states: str, **also: Any) -> Mapping[str, Any]:
        return await self.record.wait(person, service, *states, within=self.within, **also)

    # ------------------------------------------------------------ what they do

    async def nothing(self) -> None:
        """A stage that this way does not have."""

    async def place_it(self) -> None:
        body = {"category": "sewage_pipe", "text": "下水道堵了。", "place": self.place.wire()}
        await self.record.order(self.resident, body)

    async def assign(self) -> None:
        await self.wait(self.worker, "dispatch", "received")
        await self.ask(self.worker, "dispatch", "assignment")
        await self.ask(self.worker, "dispatch", "whistle")
        await self.ask(self.community, "dispatch", "whistle/answer", measures="已到现场")
        if self.way.deliberates:
            flats = [{"id": f"1-{number}"} for number in range(101, 104)]
            said = [{"household": flat["id"], "consent": "yes"} for flat in flats]
            await self.ask(
                self.community, "dispatch", "rounds",
                proposal="三户分摊一部分", cost=1_000_00, to_share=500_00, households=flats,
            )  # fmt: skip
            await self.ask(self.community, "dispatch", "rounds/1/result", consents=said, subsidies=100_01)
            await self.wait(self.community, "dispatch", "in_deliberation", on_notice=False)

    async def hand_over(self) -> None:
        """To whoever does it without partners: a department, or the community itself."""
        if self.way.hands == "department":
            await self.ask(self.community, "dispatch", "referral", department="sewage")
            await self.ask(self.department, "dispatch", "referral/answer", accepted=True)

    async def call(self) -> None:
        funds: dict[str, Any] = {"name": "funds", "kind": "funds"}
        if not self.way.deliberates:
            funds["amount"] = 300_01
        labour = {"name": "labour", "kind": "labour", "amount": 8, "unit": "hours"}
        await self.ask(
            self.community, "dispatch", "call", lines=[funds, labour], exclusive=not self.way.shared
        )

    async def claim(self) -> None:
        first = self.partner(0)
        call = await self.wait(first, "partners", "open")
        lines = [{"name": line["name"], "amount": line["missing"]} for line in call["lines"]]
        if self.way.released:
            partner, claim, epoch = await self.take(first, lines)
            await self.ask(partner, "partners", f"claims/{claim}/release", reason="人手不足", epoch=epoch)
        parts = [lines[:1], lines[1:]] if self.way.shared else [lines]
        for number, part in enumerate(parts, int(self.way.released)):
            self.claims.append(await self.take(self.partner(number), part))
        for partner, claim, epoch in self.claims:
            await self.ask(
                partner, "partners", f"claims/{claim}/plan", plan="三天内完成", epoch=epoch, **dates(3)
            )

    def partner(self, number: int) -> Person:
        """Of those who serve the place, from the first one on."""
        every = self.cast.partners
        turned = [n % len(every) for n in range(self.way.first_partner, self.way.first_partner + len(every))]
        serving = [n for n in turned if any(self.place.area.startswith(own) for own in every[n]["areas"])]
        return self.cast.partner(serving[number % len(serving)])

    async def take(self, partner: Person, lines: list[dict[str, Any]]) -> tuple[Person, str, int]:
        answer = await self.ask(partner, "partners", "claims", lines=lines)
        return (partner, *held(answer.body))

    async def deliver(self) -> None:
        for partner, claim, epoch in self.claims:
            await self.ask(partner, "partners", f"claims/{claim}/delivery", public_note="已完成", epoch=epoch)
        if self.way.hands != "partners":
            unit = self.department if self.way.hands == "department" else self.community
            await self.ask(unit, "dispatch", "delivery", public_note="已完成")

    async def finish(self) -> None:
        """Deliver, check and evaluate until the resident is content, and wait for the end."""
        rounds, checks = 0, 0
        while True:
            await self.deliver()
            await self.wait(self.community, "dispatch", "to_check")
            checks += 1
            if self.way.fails_check and checks == 1:
                await self.ask(self.community, "dispatch", "check", passed=False, public_note="还在漏水")
                await self.at_work_again()
                continue
            # Nobody passes the check of their own work.
            checker = self.street if self.way.hands == "unit" else self.community
            await self.ask(checker, "dispatch", "check", passed=True, public_note="合格", items=LOOKED_AT)
            rounds += 1
            await self.wait(self.resident, "evaluation", "open", round=rounds)
            content = rounds > self.way.reworks
            verdict = (
                {"verdict": self.way.verdict} if content else {"verdict": "unsatisfied", "reason": "leaks"}
            )
            await self.ask(self.resident, "evaluation", "verdicts", **verdict, result=3, speed=4, manner=5)
            if content:
                break
            await self.at_work_again()
        await self.wait(self.resident, "intake", "closed", outcome="solved")
        self.record.outcome = "solved"

    async def at_work_again(self) -> None:
        """Whoever did the work has heard that it is to be done again."""
        if self.claims:
            await self.wait(self.claims[0][0], "partners", "in_work")
        else:
            await self.wait(self.community, "dispatch", "in_handling")

    async def withdraw(self) -> None:
        await self.ask(self.resident, "intake", "withdrawal", reason="已自行解决")
        await self.wait(self.resident, "intake", "withdrawn", outcome="withdrawn")
        self.record.outcome = "withdrawn"
