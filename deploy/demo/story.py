"""What a golden case is made of: steps, each by one person, and what every list must show after it.

A step is done when each list it touches shows the state that the step leads to, and the resident's timeline shows what
happened. So the next step finds everything heard that it needs, however long a message takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from deploy.demo.cast import Cast, Person
from deploy.demo.record import Record
from deploy.demo.waiting import until

LOCAL = timezone(timedelta(hours=8), "UTC+8")  # of the demonstration's jurisdiction

Act = Callable[["Case", Person], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one person does.

    `by` is an id of people.json. `leads_to`: list → state it must come to. `shows`: the events that the resident's
    timeline has of it, oldest first within one list.
    """

    zh: str
    en: str
    by: str
    leads_to: Mapping[str, str]
    shows: tuple[str, ...]
    do: Act


@dataclass(frozen=True, slots=True)
class Story:
    """A golden case. `resident` and `community` are the people who look at it from outside and from inside."""

    zh: str
    en: str
    place: str
    resident: str
    community: str
    steps: tuple[Step, ...]


def step(
    zh: str, en: str, *, by: str, leads_to: Mapping[str, str], shows: tuple[str, ...]
) -> Callable[[Act], Step]:
    """Makes a step of the function that does it."""
    return lambda do: Step(zh, en, by, leads_to, shows, do)


@dataclass(slots=True)
class Case:
    """One playing of a story, with what was learnt on the way."""

    story: Story
    cast: Cast
    within: float = 60.0  # seconds for a step to be seen by every list
    record: Record = field(default_factory=Record)
    claim: tuple[str, int] = ("", 0)  # id and epoch of the claim that holds
    notes: list[str] = field(default_factory=list)  # what onlookers should know that no timeline shows
    lines: int = 0  # of the resident's timeline, with those of the step that was done last

    @property
    def resident(self) -> Person:
        return self.cast.person(self.story.resident)

    @property
    def community(self) -> Person:
        return self.cast.person(self.story.community)

    def watcher(self, service: str) -> Person:
        """Who is shown this list's part of the order."""
        return self.resident if service in ("intake", "evaluation") else self.community

    async def play(self, pause: float = 0.0) -> AsyncGenerator[Step]:
        """Do the steps; each is given when all that it leads to is there. `pause` seconds between, for onlookers.

        Raises Refused, Unreachable, Stuck.
        """
        for each in self.story.steps:
            await each.do(self, self.cast.person(each.by))
            for service, state in each.leads_to.items():
                await self.record.wait(self.watcher(service), service, state, within=self.within)
            self.lines += len(each.shows)
            await self._shown(self.lines, each)
            yield each
            await asyncio.sleep(pause)

    async def _shown(self, lines: int, last: Step) -> None:
        async def look() -> list[Any] | None:
            seen = await self.record.see(self.resident, "intake")
            return seen["timeline"] if seen and len(seen["timeline"]) >= lines else None

        await until(look, f"the resident to see: {', '.join(last.shows)}", self.within)

    # ------------------------------------------------------- what several steps do

    async def ask(self, person: Person, service: str, what: str, **body: Any) -> Mapping[str, Any]:
        return (await self.record.ask(person, service, what, body)).body

    async def take_all(self, partner: Person) -> None:
        """Claim everything that the partner sees missing."""
        call = await self.record.wait(partner, "partners", "open", within=self.within)
        lines = [{"name": line["name"], "amount": line["missing"]} for line in call["lines"]]
        self.hold(await self.ask(partner, "partners", "claims", lines=lines))

    def hold(self, call: Mapping[str, Any]) -> None:
        """Remember the caller's own claim."""
        self.claim = held(call)

    async def work(self, partner: Person, what: str, **body: Any) -> None:
        """Say something about the work on the claim: `plan`, `progress`, `delivery`."""
        claim, epoch = self.claim
        await self.ask(partner, "partners", f"claims/{claim}/{what}", epoch=epoch, **body)

    async def ended(self) -> None:
        """Wait until evaluation has heard how it ended: the rates count it from then on."""
        await self.record.wait(self.resident, "evaluation", "evaluated", within=self.within, outcome="solved")
        self.record.outcome = "solved"


def held(call: Mapping[str, Any]) -> tuple[str, int]:
    """Id and epoch of the claim that the caller holds now."""
    mine = next(claim for claim in reversed(call["claims"]) if claim["mine"] and claim["state"] == "active")
    return mine["claim_id"], mine["epoch"]


def dates(days: int) -> dict[str, str]:
    """A work plan's dates: from today, for so many days."""
    starts = datetime.now(LOCAL).date()
    return {"starts": starts.isoformat(), "ends": (starts + timedelta(days=days)).isoformat()}
