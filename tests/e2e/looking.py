"""Looks at a golden case after each step: in the store of the list that answers for it, and on the timeline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.check import Lists, money_of
from deploy.demo.record import RESOURCES
from deploy.demo.story import Case, Step
from shared.naming import SERVICES


@dataclass(slots=True)
class Look:
    """Follows one case. `lines` is the timeline as the resident has seen it so far."""

    case: Case
    lists: Lists
    lines: list[dict[str, Any]] = field(default_factory=list)

    async def at(self, step: Step) -> None:
        """Everything that must be true once a step is done."""
        await self._stores(step)
        new = await self._timeline()
        shown = Counter(line["event"] for line in new)
        assert shown == Counter(step.shows), f"{step.en}: the timeline shows {dict(shown)}"
        for line in new:
            history = (await self.lists.entry(line["service"], self.case.record.id))["history"]
            event = history[line["n"] - 1]
            assert event["type"].rpartition(".v")[0] == line["event"], (
                f"{step.en}: {line['service']} says {event['type']}"
            )
            assert event["by"]["role"] == line["role"], f"{step.en}: {event['by']} is shown as {line['role']}"
        await self.money(step.en)

    async def _stores(self, step: Step) -> None:
        for service, state in step.leads_to.items():
            stored = (await self.lists.entry(service, self.case.record.id))["state"]
            assert stored[RESOURCES[service].state] == state, f"{step.en}: {service}"

    async def _timeline(self) -> list[dict[str, Any]]:
        """The lines that are new since the last look; what was there before has not changed."""
        seen = await self.case.record.see(self.case.resident, "intake")
        assert seen is not None
        before = {line["number"]: line for line in self.lines}
        self.lines = seen["timeline"]
        now = {line["number"]: line for line in self.lines}
        assert {number: now[number] for number in before} == before
        assert sorted(now) == list(range(1, len(now) + 1))
        return [line for number, line in sorted(now.items()) if number not in before]

    async def money(self, when: str) -> None:
        """Every list that knows about the money says the same, to everybody, and it adds up."""
        order = (await self.lists.orders([self.case.record.id]))[self.case.record.id]
        stored = money_of(order)
        assert len(set(stored.values())) == 1, f"{when}: {stored}"
        expected = next(iter(stored.values()))
        for shown in await self._shown():
            parts = (
                shown["shares"],
                shown["subsidies"],
                shown.get("pledges", shown.get("pledged")),
                shown["gap"],
            )
            assert parts == expected, f"{when}: {shown} is not {expected}"
            assert shown["cost"] in (sum(parts), None), f"{when}: {shown} does not add up"

    async def _shown(self) -> list[dict[str, Any]]:
        """What the resident, the staff and whoever is signed in are shown of it."""
        record, case = self.case.record, self.case
        order = await record.see(case.resident, "intake")
        dispatch = await record.see(case.community, "dispatch")
        assert order is not None
        assert dispatch is not None
        shown = [order["funding"], dispatch["money"]]
        if await record.see(case.community, "partners") is not None:
            shown.append(await case.cast.resident(1).get(record.path("partners", "funding")))
        return shown

    async def stored(self, service: str) -> dict[str, Any]:
        """The state of the order in a list, as it is stored."""
        assert service in SERVICES
        state: dict[str, Any] = (await self.lists.entry(service, self.case.record.id))["state"]
        return state
