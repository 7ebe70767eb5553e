"""One order as the people who acted for it saw it: what they asked for, and what was acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from deploy.demo.cast import Answer, Person, Refused, Unreachable
from deploy.demo.waiting import until


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A request that got its 2xx. `what` is the path without version and ids, e.g. `dispatches/whistle/answer`."""

    service: str
    what: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Resource:
    """Where a list shows its part of an order, and what it calls the state there."""

    path: str
    state: str = "state"


RESOURCES: Mapping[str, Resource] = {
    "intake": Resource("/api/intake/v1/orders", "progress"),
    "dispatch": Resource("/api/dispatch/v1/dispatches"),
    "partners": Resource("/api/partners/v1/calls"),
    "evaluation": Resource("/api/evaluation/v1/evaluations"),
}


@dataclass(slots=True)
class Record:
    """What a checker compares the lists with.

    `unknown` are requests whose answer nobody saw: they may have been done once, or not at all. `outcome` is how the
    dispatch must end, None as long as that is open.
    """

    order_id: UUID | None = None
    acknowledged: list[Acknowledged] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    outcome: str | None = None

    @property
    def id(self) -> UUID:
        assert self.order_id is not None, "nothing was ordered yet"
        return self.order_id

    def path(self, service: str, *more: object) -> str:
        """The address of this order in a list, and below it."""
        return "/".join(map(str, (RESOURCES[service].path, self.id, *more)))

    async def order(self, person: Person, body: Mapping[str, Any]) -> Answer:
        """Place the order that this record is about."""
        answer = await self._post(person, RESOURCES["intake"].path, body)
        self.order_id = UUID(answer["id"])
        return answer

    async def ask(self, person: Person, service: str, what: str, body: Mapping[str, Any]) -> Answer:
        """One request about the order, e.g. `ask(leader, "dispatch", "whistle", {})`. Raises Refused, Unreachable."""
        return await self._post(person, self.path(service, what), body)

    async def see(self, person: Person, service: str) -> dict[str, Any] | None:
        """What a list shows this person of the order; None when it shows nothing (yet)."""
        try:
            return await person.get(self.path(service))
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None

    async def wait(
        self, person: Person, service: str, *states: str, within: float = 60.0, **also: Any
    ) -> dict[str, Any]:
        """Wait until this person sees it in one of the states, with these members besides. Raises Stuck."""

        async def look() -> dict[str, Any] | None:
            seen = await self.see(person, service)
            if seen is None or seen[RESOURCES[service].state] not in states:
                return None
            return seen if all(seen[name] == value for name, value in also.items()) else None

        wanted = " or ".join(states) + "".join(f", {name} {value}" for name, value in also.items())
        return await until(look, f"{service} of order {self.id} to be {wanted}", within)

    async def _post(self, person: Person, path: str, body: Mapping[str, Any]) -> Answer:
        try:
            answer = await person.post(path, body)
        except Unreachable:
            self.unknown.append(path)
            raise
        self.acknowledged.append(Acknowledged(path.split("/")[2], _what(path), answer))
        return answer


def _what(path: str) -> str:
    words = path.split("/")[4:]
    return "/".join(word for word in words if not (word.isdigit() or len(word) == 36))
