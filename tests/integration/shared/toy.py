"""The smallest list there can be, and services built around it in this process: the real mechanism, real servers.

A `Toy` counts what it heard and did. It says real messages, because who hears what is a matter of the contracts:
intake says `placed` and `withdrawn` (dispatch hears both, evaluation the first only); dispatch says `blown` (intake
hears it), `answered` (intake, evaluation) and `called` (partners).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import NotFoundError
from uuid_utils.compat import uuid7

from shared.asked import Asked
from shared.bus import Bus
from shared.caller import Caller, Role
from shared.clock import Clock, Strike
from shared.contracts.from_dispatch import PartnersCalledV1, WhistleAnsweredV1, WhistleBlownV1
from shared.contracts.from_dispatch.works import NeedLine
from shared.contracts.from_intake.orders import OrderPlacedV1, OrderWithdrawnV1, Place
from shared.contracts.message import Heard, Message
from shared.contracts.registry import every_message
from shared.entry import Decision, Entry, State, decided
from shared.hearing import Reactions
from shared.live import Live
from shared.naming import Names
from shared.relay import Relay
from shared.settings import ServiceSettings
from shared.store import Database, Entries, Tail, retry_lost_races
from shared.telemetry import trace_from
from tests.integration.waiting import PATIENCE, eventually
from tests.parts import Servers

NEVER = 3600.0  # seconds: for loops that a test wants out of its way
RESIDENT = Caller("r1", Role.RESIDENT)
WHEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Toy(State):
    """What was heard, as `sender:n`, and how often something was done."""

    count: int = 0
    seen: tuple[str, ...] = ()
    area: str = ""


class Toys(Entries[Toy]):
    """No queries of its own."""


def placed(title: str = "a lamp is broken") -> OrderPlacedV1:
    place = Place(longitude=120.4, latitude=36.1)
    return OrderPlacedV1(
        kind="problem", category="lighting", title=title, place=place, urgency="general", channel="app"
    )


def withdrawn(reason: str = "") -> OrderWithdrawnV1:
    return OrderWithdrawnV1(reason=reason)


def blown(note: str = "") -> WhistleBlownV1:
    return WhistleBlownV1(
        kind="resident", from_level="grid", to_level="community", area="370203", answer_by=WHEN, note=note
    )


def answered(measures: str = "") -> WhistleAnsweredV1:
    return WhistleAnsweredV1(level="community", measures=measures)


def called() -> PartnersCalledV1:
    line = NeedLine(name="lamp", kind="funds", amount=100)
    return PartnersCalledV1(
        round=1,
        title="a lamp",
        category="lighting",
        area="370203",
        lines=(line,),
        exclusive=False,
        until=WHEN,
    )


def noted(toy: Toy, heard: Heard[Any]) -> Decision[Toy]:
    """The reaction to everything: say nothing, remember that it was heard."""
    return decided(toy.but(count=toy.count + 1, seen=(*toy.seen, f"{heard.sender}:{heard.n}")))


def counted(toy: Toy, *events: Message) -> Decision[Toy]:
    """The rule of every command: do it once more, and say so."""
    return decided(toy.but(count=toy.count + 1), *events)


def stopped(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
    """What clocks do: count, and stop."""
    return counted(toy.with_clock(name, None), answered(f"{name} struck"))


def asked(now: datetime, caller: Caller = RESIDENT, *, body: str = "the same body", **more: Any) -> Asked:
    """A request; `body` stands for everything that its fingerprint covers."""
    return Asked(
        caller,
        now,
        trace_from(None),
        fingerprint=body,
        view=lambda entry, _: f"{entry.id} {entry.version} {entry.state.count}".encode(),
        **more,
    )


@dataclass(slots=True)
class List:
    """One process of one service."""

    service: str
    settings: ServiceSettings
    database: Database
    relay: Relay
    entries: Toys
    bus: Bus
    clock: Clock
    live: Live

    def asked(self, later: timedelta = timedelta(0), **more: Any) -> Asked:
        return asked(self.database.now() + later, **more)

    async def place(self, *events: Message, id: UUID | None = None, **more: Any) -> UUID:
        """A new entry that says these."""
        id = id or uuid7()
        await self.entries.place(id, counted(Toy(), *events), self.asked(creates=True, **more))
        return id

    async def say(self, id: UUID, *events: Message, **more: Any) -> Entry[Toy]:
        """A command on an entry that is there."""
        return await self.say_as(id, self.asked(**more), *events)

    @retry_lost_races
    async def say_as(self, id: UUID, request: Asked, *events: Message) -> Entry[Toy]:
        """The same, by a request that is already there."""
        entry = await self.entries.load(id, request)
        return await self.entries.save(entry, counted(entry.state, *events), request)

    async def set_clocks(self, id: UUID, clocks: Mapping[str, datetime]) -> None:
        entry = await self.entries.peek(id)
        await self.entries.save(entry, decided(entry.state.but(due=clocks)), self.asked())

    async def seen(self, id: UUID) -> tuple[str, ...]:
        entry = (await self.entries.load_many([id])).get(id)
        return entry.state.seen if entry else ()

    async def told(self, id: UUID) -> int:
        """Up to which number the list knows that its history is on the bus."""
        return int((await self.raw(id))["told"])

    async def raw(self, id: UUID) -> dict[str, Any]:
        """The document as it is stored."""
        return await self.entries._one({"_id": id}, {})

    async def tell(self, id: UUID, *numbers: int, altered: Mapping[str, Any] | None = None) -> None:
        """Put these numbers of a history on the bus, in this order; `altered` instead of an event's own members."""
        history = await self.entries.history(id)
        types = tuple(event["type"] for event in history)
        for n in numbers:
            event = {**history[n - 1], **(altered or {})}
            await self.relay._tell([Tail(id, types, (event,))], again=f"by hand {trace_from(None)}")

    async def close(self) -> None:
        """As a service drains."""
        await self.live.close()
        await self.bus.stop_listening()
        await self.clock.stop()
        await self.relay.stop()
        await self.bus.close()
        await self.database.close()


class Lists:
    """Opens lists in the namespace of a test, as many replicas as wanted, and closes what it opened."""

    def __init__(self, servers: Servers, names: Names) -> None:
        self.servers = servers
        self.names = names
        self._open: list[List] = []

    async def open(
        self,
        service: str,
        reactions: Reactions | None = None,
        *,
        strike: Strike = stopped,
        tells: bool = True,
        on_bus: bool = True,
        wait: bool = True,
        **knobs: Any,
    ) -> List:
        """A process of a service. Its reactions are `noted` but for those given.

        `tells=False`: nothing is told by itself, only by hand. `on_bus=False`: it never sees the bus. `wait=False`:
        do not wait until it is connected. Sweeps are quick, clocks do not run unless started.
        """
        quick = {"sweep_seconds": 0.1, "sweep_after_seconds": 0.3, "clock_seconds": 0.05}
        slow = {} if tells else {"sweep_seconds": NEVER}
        settings = self.servers.settings(self.names, **{**quick, **slow, **knobs})
        database = Database(settings, service)
        await database.open()
        relay = Relay(service, settings, database)
        tell: Callable[[Tail], None] = relay.after_save if tells else lambda _: None
        entries = await database.entries(Toys, "toys", Toy, (), tell)
        every = dict.fromkeys(every_message().values(), noted)
        bus = Bus(service, settings, database, entries, Toy, relay, {**every, **(reactions or {})})
        clock = Clock(settings, database, entries, strike)
        made = List(
            service, settings, database, relay, entries, bus, clock, Live(settings, entries, database.now)
        )
        self._open.append(made)
        if on_bus:
            relay.start(entries)
            bus.start()
            if wait:
                await eventually(lambda: bus.connected)
        return made

    async def close(self, *some: List) -> None:
        """Close these, or all that are open."""
        for each in some or self._open[::-1]:
            self._open.remove(each)
            await each.close()

    # ------------------------------------------------------------- the bus, looked at from outside

    @property
    def nats(self) -> Client:
        return self.servers.nats

    async def stored(self, stream: str) -> list[Msg]:
        """Everything that a stream keeps (`intake`, `aside`, …), oldest first, with subject, headers and body."""
        js = self.nats.jetstream()
        state = (await js.stream_info(self.names.stream(stream))).state
        found = []
        for sequence in range(max(1, state.first_seq), state.last_seq + 1):
            with contextlib.suppress(NotFoundError):
                kept = await js.get_msg(self.names.stream(stream), sequence)
                found.append(Msg(self.nats, kept.subject or "", "", kept.data or b"", kept.headers))
        return found

    async def aside(self) -> list[dict[str, str]]:
        """The headers of what was set aside."""
        return [message.headers or {} for message in await self.stored("aside")]

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Say something past every relay, as a broken program would."""
        await self.nats.jetstream().publish(subject, body, headers=headers)

    async def request(self, service: str, verb: str, body: bytes) -> bytes:
        """Ask a service by its control subject, as the operator does."""

        async def answer() -> bytes:
            try:
                return (
                    await self.nats.request(self.names.control(service, verb), body, timeout=PATIENCE)
                ).data
            except NoRespondersError:  # connected, but it does not listen yet
                return b""

        return await eventually(answer)


def _of_the_driver(task: asyncio.Task[Any]) -> bool:
    """The tests' own connection to the database, which lives as long as the run, keeps tasks of its own."""
    return "pymongo" in getattr(getattr(task.get_coro(), "cr_code", None), "co_filename", "")


async def no_task_is_left(before: Iterable[asyncio.Task[Any]]) -> None:
    """Raises AssertionError for tasks that are there now, were not before, and do not end by themselves."""
    known = {*before, asyncio.current_task()}

    def left() -> list[Any]:
        return [task for task in asyncio.all_tasks() - known if not task.done() and not _of_the_driver(task)]

    try:
        await eventually(lambda: not left(), within=30)
    except AssertionError:
        raise AssertionError(f"still running: {left()}") from None


def without_marks(document: dict[str, Any]) -> dict[str, Any]:
    """A stored document without what differs between two ways to the same outcome."""
    kept = {key: value for key, value in document.items() if key not in ("version", "told", "untold", "_id")}
    kept["history"] = [{**event, "trace": "", "at": None} for event in document["history"]]
    return kept
