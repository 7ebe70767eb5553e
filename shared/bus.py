"""Messages in: one durable consumer for each sender this service hears, several replicas sharing it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.asked import Asked
from shared.broker import answerable, broker
from shared.caller import Caller, Role
from shared.contracts.message import Heard
from shared.contracts.registry import heard_by
from shared.entry import Decision, Entry, NotYet, State
from shared.given_up import GivenUp
from shared.hearing import Arrived, Reactions, patience, read
from shared.problems import LostRace, NotFound, Unavailable
from shared.pull import Hear, Pull
from shared.relay import Relay
from shared.settings import ServiceSettings
from shared.store import Database, Entries
from shared.telemetry import HEAR_SECONDS, HEARD, hearing, log, trace_from
from shared.waiting import ANY_VERSION, Waiting

_TICK = timedelta(milliseconds=1)  # as exact as times are kept
_FAILURES_KNOWN = 10_000
_ASKED_AT_ONCE = 8  # who wants one order told again does not wait for who wants them all
_log = log(__name__)


class Bus:
    """Hears for one service. Starting never fails: while the bus is away it goes on trying, and HTTP works."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        database: Database,
        entries: Entries[Any],
        state: type[State],
        relay: Relay,
        reactions: Reactions,
    ) -> None:
        self._service = service
        self._settings = settings
        self._database = database
        self._entries = entries
        self._state = state
        self._relay = relay
        self._reactions = reactions
        self._starting: asyncio.Task[None] | None = None
        self._nats: Client | None = None
        self._failures: dict[tuple[str, UUID | None, int], int] = {}  # of reactions, the latest last
        self._waiting = Waiting(entries.versions, self._hear_again, self._ask_for_missing)
        self._pulls: list[tuple[Pull, Hear]] = []
        self.broker = broker(service, settings)
        self._listen()

    def _listen(self) -> None:
        names = self._settings.names
        for sender, messages in heard_by(self._service).items():
            missing = [message.__name__ for message in messages if message not in self._reactions]
            assert not missing, f"{self._service} hears {missing} but has no reaction"
            self._pull(sender, partial(self._hear_raw, sender))
        self._pull("advisories", GivenUp(self._relay).hear)
        for verb, handle in (("tell_again", self._tell_again), ("unpark", self._unpark)):
            control = names.control(self._service, verb)
            self.broker.subscriber(
                control, queue=self._service, parser=answerable, max_workers=_ASKED_AT_ONCE
            )(handle)

    def _pull(self, stream: str, hear: Hear) -> None:
        where = self._settings.names.stream(stream)
        self._pulls.append((Pull(stream=where, durable=self._service, batch=self._settings.batch), hear))

    async def _hear_raw(self, sender: str, batch: list[Msg]) -> None:
        await self.hear([read(raw, sender=sender, listener=self._service) for raw in batch])

    @property
    def connected(self) -> bool:
        return self._nats is not None and self._nats.is_connected

    @property
    def lost(self) -> bool:
        """The client has given up for ever (its user was taken away, say): only a new process comes back."""
        return self._nats is not None and self._nats.is_closed

    def start(self) -> None:
        self._waiting.start()
        self._starting = asyncio.create_task(self._start())

    async def _start(self) -> None:
        while True:
            try:
                self._nats = await self.broker.connect()
                self._relay.connected(self._nats)
                await self.broker.start()
                for pull, hear in self._pulls:
                    await pull.start(self._nats, hear)
                _log.info("on the bus")
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, go on trying
                _log.warning("waiting for the bus", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def stop_listening(self) -> None:
        """Fetch nothing more and finish what is in hand."""
        if self._starting is not None:
            for _ in range(5):  # a client that is just connecting may swallow a cancellation
                self._starting.cancel()
                if (await asyncio.wait({self._starting}, timeout=1))[0]:
                    break
        for subscriber in self.broker.subscribers:
            with contextlib.suppress(NatsError, OSError):
                await subscriber.stop()
        await asyncio.gather(*(pull.stop() for pull, _ in self._pulls))
        await self._waiting.stop()

    async def close(self) -> None:
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            await self.broker.stop()
        if self._nats is not None:  # FastStream drains it, which nats-py refuses to do while the bus is away
            await self._nats.close()

    # ---------------------------------------------------------------- hearing

    async def hear(self, batch: Sequence[Arrived]) -> None:
        """Apply a batch: entries are loaded with one query, orders go side by side, each order's messages in order."""
        by_entry: dict[UUID | None, list[Arrived]] = {}
        for one in batch:
            by_entry.setdefault(one.order_id if one.heard else None, []).append(one)
        hopeless = by_entry.pop(None, [])
        guesses = {id: guess for id in by_entry if id is not None and (guess := self._entries.guess(id))}
        ids = {one.order_id for one in batch if one.order_id is not None and one.order_id not in guesses}
        ids |= {one.order_id for one in hopeless if one.order_id is not None}
        known: Mapping[UUID, Entry[Any]] | None = {}
        if ids:
            try:
                known = await self._entries.load_many(list(ids))
            except Unavailable:
                await self._wait_all(batch)
                return
            except RuntimeError:  # an entry that cannot be read must not hold up the others
                known = None
        await asyncio.gather(
            *(self._hear_hopeless(one, known or {}) for one in hopeless),
            *(
                self._hear_entry(id, known, some, guesses.get(id))
                for id, some in by_entry.items()
                if id is not None
            ),
        )

    async def _hear_hopeless(self, one: Arrived, known: Mapping[UUID, Entry[Any]]) -> None:
        """Set aside what nobody can read; but a bad copy of what was applied long ago holds up nothing."""
        entry = known.get(one.order_id) if one.order_id else None
        if entry is None or not 0 < one.n <= entry.heard.get(one.sender, 0):
            await self._set_aside(one, one.reason)
            return
        HEARD.labels(one.sender, "known").inc()
        with contextlib.suppress(NatsError):
            await one.raw.ack()

    async def _hear_entry(
        self,
        id: UUID,
        known: Mapping[UUID, Entry[Any]] | None,
        arrived: list[Arrived],
        guess: Entry[Any] | None = None,
    ) -> None:
        """Apply the messages of one entry, and what waited for them; what cannot be applied yet waits here.

        The entry is loaded anew in each turn but the first, if it is known then; also after a `guess` that was of no
        use, before anything is concluded from it.
        """
        place = (arrived[0].sender, id)
        waiting = sorted([*self._waiting.take(place), *arrived], key=lambda one: one.n)
        entry = guess or (known.get(id) if known is not None else None)
        fresh, lost = guess is not None or known is not None, False
        try:
            while waiting:
                if not fresh:
                    entry = (await self._entries.load_many([id])).get(id)
                left = await self._turn(entry or Entry(id, self._state()), waiting, guess is not None)
                fresh, guess = False, None
                if left is None:
                    continue
                if len(left) == len(waiting):
                    break
                waiting = left
                self._waiting.wake(id)
        except LostRace:
            lost = True
        except Unavailable:
            await self._wait_all(waiting)
            waiting = []
        except Exception as error:  # noqa: BLE001 - a fault of ours must not hold up the others
            failed, *waiting = waiting
            _log.exception("a reaction failed", order=str(id), message=failed.raw.subject, n=failed.n)
            if self._fails_for_good(failed):
                await self._set_aside(failed, f"the reaction fails: {type(error).__name__}")
            else:
                await self._later(failed, "failed")
        if waiting:
            HEARD.labels(place[0], "overtaken").inc(len(waiting))
        tried_on = ANY_VERSION if lost else entry.version if entry else 0
        for one in self._waiting.keep(place, waiting, tried_on):
            await self._nak(one, patience(one.tries))

    async def _turn(self, entry: Entry[Any], waiting: list[Arrived], guessed: bool) -> list[Arrived] | None:
        """What still waits after it; None when the entry was a guess, and a wrong one."""
        try:
            left = await self._apply(entry, waiting)
        except Unavailable:
            raise
        except Exception:
            if guessed and await self._is_old(entry):
                return None
            raise
        return None if guessed and len(left) == len(waiting) and await self._is_old(entry) else left

    async def _is_old(self, entry: Entry[Any]) -> bool:
        return (await self._entries.load_many([entry.id]))[entry.id].version != entry.version

    async def _hear_again(self, id: UUID, waiting: list[Arrived]) -> None:
        """The entry has changed since they came."""
        await self._hear_entry(id, None, waiting)

    def _fails_for_good(self, one: Arrived) -> bool:
        """Whether its reaction has failed often enough here. Deliveries for other reasons do not count."""
        message = (one.sender, one.order_id, one.n)
        self._failures[message] = self._failures.pop(message, 0) + 1
        if len(self._failures) > _FAILURES_KNOWN:
            del self._failures[next(iter(self._failures))]
        if self._failures[message] < self._settings.tries:
            return False
        del self._failures[message]  # told anew it may try as often again
        return True

    async def _apply(self, entry: Entry[Any], arrived: list[Arrived]) -> list[Arrived]:
        """Apply what is next, all in one save; acknowledge what is done; return what must wait. Raises LostRace."""
        done: list[Arrived] = []
        applied: list[Heard[Any]] = []
        waiting: list[Arrived] = []
        decision: Decision[Any] = Decision(entry.state)
        sender = arrived[0].sender
        last = entry.heard.get(sender, 0)
        for one in arrived:
            heard = one.heard
            assert heard is not None
            if sender in entry.parked or heard.n <= last:
                done.append(one)
            elif heard.after > last or waiting:
                waiting.append(one)
            else:
                try:
                    reaction = self._reactions[type(heard.data)](decision.state, heard)
                except NotYet:
                    waiting.append(one)
                    continue
                except Exception:
                    if not done:
                        raise
                    waiting.append(one)  # settle what was before it; it fails alone in its next turn
                    continue
                decision = Decision(reaction.state, decision.events + reaction.events)
                applied.append(heard)
                done.append(one)
                last = heard.n
        if applied:
            with self._span(sender, applied):
                await self._entries.save(entry, decision, self._asked(applied[-1]), applied)
            now = self._database.now()
            for heard in applied:
                HEAR_SECONDS.labels(sender).observe(max(0.0, (now - heard.at).total_seconds()))
        for one in done:
            with contextlib.suppress(NatsError):  # then it comes again, and is known
                await one.raw.ack()
        HEARD.labels(sender, "applied").inc(len(applied))
        HEARD.labels(sender, "known").inc(len(done) - len(applied))
        return waiting

    def _span(self, sender: str, applied: Sequence[Heard[Any]]) -> AbstractContextManager[None]:
        if not self._settings.traces:
            return nullcontext()
        return hearing(self._service, sender, [heard.trace for heard in applied])

    def _asked(self, heard: Heard[Any]) -> Asked:
        """Reactions act as the system, because of the message; at the database's time, but always after its cause."""
        return Asked(
            caller=Caller(heard.sender, Role.SYSTEM),
            now=max(self._database.now(), heard.at + _TICK),  # the sender's clock may be ahead of ours
            trace=trace_from(heard.trace),
            cause=f"{heard.sender}:{heard.n}",
        )

    # -------------------------------------------------------- what must wait

    async def _ask_for_missing(self, id: UUID, waiting: list[Arrived]) -> None:
        """They have waited long. A copy that was asked for does not ask: whoever asked for it does."""
        with contextlib.suppress(NatsError, Unavailable):
            entry = (await self._entries.load_many([id])).get(id)
            sender = waiting[0].sender
            last = entry.heard.get(sender, 0) if entry else 0
            if any(not one.again and one.heard is not None and one.heard.after > last for one in waiting):
                await self._relay.ask_again(sender, id, last + 1)

    async def _later(self, one: Arrived, why: str) -> None:
        HEARD.labels(one.sender, why).inc()
        await self._nak(one, patience(one.tries))

    async def _nak(self, one: Arrived, delay: float) -> None:
        with contextlib.suppress(NatsError):  # without it the server delivers again after ack_wait
            await one.raw.nak(delay=delay)

    async def _wait_all(self, batch: Sequence[Arrived]) -> None:
        """The database is away: everything waits at the server, and so do we before the next batch.

        What is of one order comes back together.
        """
        pauses: dict[UUID | None, float] = {}
        for one in batch:
            HEARD.labels(one.sender, "store_away").inc()
            await self._nak(one, pauses.setdefault(one.order_id, patience(one.tries, least=1.0)))
        await asyncio.sleep(patience(0, least=1.0))

    async def _set_aside(self, one: Arrived, reason: str) -> None:
        """Keep a hopeless message where an operator finds it, hold its order, and end its delivery."""
        try:
            await self._relay.set_aside(one.sender, one.raw, one.order_id, one.n, reason)
            if one.order_id is not None:
                await self._entries.park(one.order_id, one.sender, one.n, reason)
        except (NatsError, Unavailable, TimeoutError) as error:
            _log.warning(
                "cannot set aside just now", order=str(one.order_id), n=one.n, error=type(error).__name__
            )
            await self._later(one, "failed")
            return
        HEARD.labels(one.sender, "aside").inc()
        _log.error("set aside", sender=one.sender, order=str(one.order_id), n=one.n, reason=reason)
        with contextlib.suppress(NatsError):
            await one.raw.term()

    # ----------------------------------------------------- control by requests

    async def _tell_again(self, request: dict[str, Any]) -> dict[str, Any]:
        """`{"order_id": uuid|null, "from_n": 1, "since": iso|null, "anew": false}` → how much was told again."""
        try:
            id = UUID(request["order_id"]) if request.get("order_id") else None
            entries, messages = await self._relay.tell_again(
                id, int(request.get("from_n", 1)), request.get("since"), request.get("anew") is True
            )
        except (Unavailable, ValueError, TypeError, KeyError, OverflowError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "entries": entries, "messages": messages}

    async def _unpark(self, request: dict[str, Any]) -> dict[str, Any]:
        """`{"order_id": uuid, "sender": name}`: listen again, and ask the sender for what was not read."""
        try:
            id, sender = UUID(request["order_id"]), str(request["sender"])
            last = await self._entries.unpark(id, sender)
            await self._relay.ask_again(sender, id, last + 1, anew=True)
        except (Unavailable, NotFound, NatsError, ValueError, TypeError, KeyError) as error:
            return {"ok": False, "error": str(error) or type(error).__name__}
        return {"ok": True, "from_n": last + 1}
