"""What happened is told from the histories: the only place that publishes messages of the lists.

After a save the relay publishes the new end of the history, in order per entry, waits for the acknowledgements and
moves `told`. What a crash or an outage left untold is found by a sweep. The same message id makes a repetition
harmless, and listeners apply every number once.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg

from shared.contracts.registry import audience
from shared.problems import Unavailable
from shared.settings import ServiceSettings
from shared.store import Database, Entries, Tail
from shared.stream import OwnStream, Refusing
from shared.telemetry import TELL_SECONDS, TOLD, UNTOLD, log

_ACK_SECONDS = 5.0  # publish_async's futures never time out by themselves
_WAITING = 20_000  # tails in memory; beyond it the sweep tells them
_AT_ONCE = 256  # messages under way
_SWEPT = 500  # entries that the sweep takes at once
_MOVED = 500  # entries of which it is noted at once what was told
_ROOM_SECONDS = 60.0  # how long telling again waits for room; far below the time for which ids are known
_ROOM_LOOK_SECONDS = 0.5
_MOVE_SECONDS = (
    1.0  # `told` is moved in bulk, once for what an entry said meanwhile: a sweep looks later still
)
_log = log(__name__)

Move = tuple[UUID, int, int]


class Relay:
    """Tells what one service's entries say. Made before the bus is there; told when it is."""

    def __init__(self, service: str, settings: ServiceSettings, database: Database) -> None:
        self._service = service
        self._settings = settings
        self._database = database
        self._entries: Entries[Any] | None = None
        self._nats: Client | None = None
        self._jetstream: JetStreamContext | None = None
        self._waiting: deque[tuple[Tail, float]] = deque()
        self._wake = asyncio.Event()
        self._moves: dict[UUID, list[tuple[int, int]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._telling = asyncio.Lock()
        self._swept = -math.inf  # when a sweep last found nothing, by our monotonic clock
        self.stream = OwnStream(service, settings.names)

    def after_save(self, tail: Tail) -> None:
        """The store calls this after each save. Never blocks, never fails: the sweep is behind it."""
        if self._nats is not None and self._nats.is_connected and len(self._waiting) < _WAITING:
            self._waiting.append((tail, time.monotonic()))
            self._wake.set()

    def start(self, entries: Entries[Any]) -> None:
        self._entries = entries
        self._tasks = [
            asyncio.create_task(loop()) for loop in (self._tell_loop, self._move_loop, self._sweep_loop)
        ]

    def connected(self, nats: Client) -> None:
        """The bus is there (nats-py reconnects by itself from now on)."""
        self._nats = nats
        # The bound is ours (_AT_ONCE): the one of nats-py loses a place whenever its own publish raises.
        self._jetstream = Refusing(nats, publish_async_max_pending=2**31, timeout=_ACK_SECONDS)
        self.stream.connected(nats, self._jetstream)

    async def stop(self) -> None:
        """Tell what waits, note it, and stop."""
        with contextlib.suppress(TimeoutError, NatsError, Unavailable):
            async with asyncio.timeout(5):
                while self._waiting or self._telling.locked():
                    await self._tell_waiting()
                    async with self._telling:  # whoever has a batch in hand finishes it
                        pass
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # the sweep of the next start finds what could not be noted
            await self._move(everything=True)

    # --------------------------------------------------------------- telling

    async def _tell_loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await _keep_going(self._tell_waiting)

    async def _tell_waiting(self) -> None:
        while self._waiting:
            batch: list[Tail] = []
            since = self._waiting[0][1]
            messages = 0
            while self._waiting and messages < _AT_ONCE:
                tail, _ = self._waiting.popleft()
                batch.append(tail)
                messages += len(tail.events)
            self._note(await self._tell(batch))
            TELL_SECONDS.observe(time.monotonic() - since)

    async def _tell(self, tails: Iterable[Tail], again: str = "") -> list[Move]:
        """Publish the events of these tails; returns what was acknowledged, contiguous from each tail's beginning."""
        async with self._telling:
            under_way: list[tuple[Tail, list[asyncio.Future[Any]]]] = []
            for tail in tails:
                futures: list[asyncio.Future[Any]] = []
                under_way.append((tail, futures))
                try:
                    for subject, body, headers in self._messages(tail, again):
                        futures.append(await self._publish(subject, body, headers))
                except NatsError:  # the rest of this tail, and whoever comes after, is told by the sweep
                    break
            everything = [future for _, futures in under_way for future in futures]
            if everything:
                await asyncio.wait(everything, timeout=_ACK_SECONDS)
        if refused := [why for future in everything if (why := _refusal(future))]:
            _log.warning("the bus refuses what we say", reason=str(refused[0])[:200], messages=len(refused))
        moves: list[Move] = []
        for tail, futures in under_way:
            taken = [future.done() and not future.cancelled() and not _refusal(future) for future in futures]
            acknowledged = taken.index(False) if False in taken else len(taken)
            if acknowledged:
                first = tail.events[0]["n"]
                moves.append((tail.id, first, first + acknowledged - 1))
                TOLD.labels("again" if again else "first").inc(acknowledged)
        for future in everything:
            if not future.done():
                future.cancel()
        return moves

    async def _publish(self, subject: str, body: bytes, headers: dict[str, str]) -> asyncio.Future[Any]:
        assert self._jetstream is not None and self._nats is not None
        if not self._nats.is_connected:
            raise NatsError
        return await self._jetstream.publish_async(subject, body, headers=headers)

    def _messages(self, tail: Tail, again: str) -> Iterable[tuple[str, bytes, dict[str, str]]]:
        names, jurisdiction = self._settings.names, self._settings.jurisdiction
        last = _last_heard(self._service, tail.types[: tail.events[0]["n"] - 1]) if tail.events else {}
        for event in tail.events:
            n, listeners = event["n"], audience(self._service, event["type"])
            name, _, version = event["type"].rpartition(".v")
            subject = names.subject(self._service, name, int(version), jurisdiction, tail.id)
            message_id = f"{self._service}:{tail.id}:{n}"
            yield subject, _body(tail.id, event, {one: last.get(one, 0) for one in listeners}), {
                "Nats-Msg-Id": f"{message_id}:{again}" if again else message_id,
                "ce-specversion": "1.0",
                "ce-id": message_id,
                "ce-source": f"/{self._service}",
                "ce-type": event["type"],
                "ce-subject": str(tail.id),
                "ce-time": event["at"].isoformat(),
                "content-type": "application/json",
                "hehuo-n": str(n),
                "traceparent": event["trace"],
            }  # fmt: skip
            for one in listeners:
                last[one] = n

    # ----------------------------------------------------- noting what was told

    def _note(self, moves: Iterable[Move]) -> None:
        for id, first, last in moves:
            noted = self._moves.setdefault(id, [])
            if noted and noted[-1][1] == first - 1:
                noted[-1] = (noted[-1][0], last)
            else:
                noted.append((first, last))  # another replica told what is in between

    async def _move_loop(self) -> None:
        while True:
            await asyncio.sleep(_MOVE_SECONDS)
            await _keep_going(self._move)

    async def _move(self, everything: bool = False) -> None:
        """Note what was told until now; with `everything`, also the answers that would wait for a moment more."""
        assert self._entries is not None
        told = list(self._moves)
        for start in range(0, len(told), _MOVED):
            some = told[start : start + _MOVED]
            moves = [(id, first, last) for id in some for first, last in self._moves.pop(id)]
            await self._entries.move_told(moves, self._database.now())
        later = timedelta(minutes=1) if everything else timedelta(0)
        await self._entries.move_told([], self._database.now() + later)

    # ------------------------------------------------------------------ sweep

    async def _sweep_loop(self) -> None:
        while True:
            await asyncio.sleep(self._settings.sweep_seconds)
            await _keep_going(self.sweep)

    async def sweep(self) -> None:
        """Tell what a crash or an outage left untold. One process at a time does it, by lease.

        Nobody looks again while nobody writes: what is too young to be left over is asked for until it is old enough.
        """
        after = self._settings.sweep_after_seconds
        if self._entries is None or self._database.still(self._swept - after):
            return
        self._swept, begun = -math.inf, time.monotonic()
        if not await self._entries.count_untold(self._database.now() - timedelta(seconds=after), 1):
            UNTOLD.set(0)
            self._swept = begun
            return
        if not await self._database.hold("sweep", max(10.0, 3 * self._settings.sweep_seconds)):
            UNTOLD.set(0)  # whoever holds the lease says how many
            return
        while True:
            before = self._database.now() - timedelta(seconds=after)
            found = await self._entries.untold(before, _SWEPT)
            UNTOLD.set(len(found) if len(found) < _SWEPT else await self._entries.count_untold(before))
            if self._nats is None or not self._nats.is_connected:
                return
            moved = await self._tell([tail for tail, _ in found if tail.events])
            settled = [(tail.id, told + 1, told) for tail, told in found if not tail.events]
            if moved or settled:
                await self._entries.move_told([*moved, *settled], self._database.now())
            if len(found) < _SWEPT or not moved:
                return

    async def tell_once_more(self, kept: RawStreamMsg, round: int) -> None:
        """Say a message of our stream again, byte for byte: somebody's deliveries of it are used up.

        `round` counts how often that was so. Raises NatsError when the bus does not take it.
        """
        if self._jetstream is None:
            raise NatsError
        told = {k: v for k, v in (kept.headers or {}).items() if not k.lower().startswith("nats-")}
        headers = {
            **told,
            "Nats-Msg-Id": f"{told.get('ce-id', self._service)}:given-up-{kept.seq}",  # two may give up the same
            "hehuo-round": str(round),
        }
        await self._jetstream.publish(
            kept.subject or "", kept.data or b"", headers=headers, timeout=_ACK_SECONDS
        )
        TOLD.labels("given_up").inc()

    # ---------------------------------------------------- for the listening side

    async def set_aside(self, sender: str, raw: Msg, order_id: UUID | None, n: int, reason: str) -> None:
        """Copy a message that nobody can use to ASIDE, with the reason. Raises when the bus does not take it."""
        if self._jetstream is None:
            raise NatsError
        kept = {k: v for k, v in (raw.headers or {}).items() if not k.lower().startswith("nats-")}
        place = f"{raw.metadata.stream}:{raw.metadata.sequence.stream}"
        headers = {
            **kept,
            "Nats-Msg-Id": f"aside:{self._service}:{place}",
            "hehuo-listener": self._service,
            "hehuo-sender": sender,
            "hehuo-order": str(order_id or ""),
            "hehuo-n": str(n),
            "hehuo-subject": raw.subject,
            "hehuo-reason": " ".join(reason.split())[:500],
        }
        subject = self._settings.names.aside(self._service, sender)
        await self._jetstream.publish(subject, raw.data, headers=headers, timeout=_ACK_SECONDS)

    async def ask_again(self, sender: str, order_id: UUID, from_n: int, anew: bool = False) -> None:
        """Ask a sender to tell an order's history again. Not kept by anybody: whoever misses something asks again.

        `anew`: even if it was just told again, because then it was acknowledged unread.
        """
        if self._nats is not None and self._nats.is_connected:
            request = {"order_id": order_id, "from_n": from_n, "anew": anew}
            await self._nats.publish(
                self._settings.names.control(sender, "tell_again"), orjson.dumps(request)
            )

    # ------------------------------------------------------------- tell again

    async def tell_again(
        self, id: UUID | None, from_n: int, since: str | None, anew: bool = False
    ) -> tuple[int, int]:
        """Publish histories anew, of one entry or of all. Returns how many entries and messages.

        Of one entry, at most once in five seconds unless it has to be `anew`: many may miss the same at one moment.
        Raises Unavailable when the bus or the database does not answer, ValueError for a `since` that is no time.
        """
        assert self._entries is not None
        often = id is not None and not anew
        again = f"again-{int(time.time()) // 5}" if often else f"replay-{time.time_ns()}"
        entries = messages = 0
        batch: list[Tail] = []

        async def tell() -> int:
            wanted = sum(len(tail.events) for tail in batch)
            deadline = time.monotonic() + _ROOM_SECONDS
            while sum(last - first + 1 for _, first, last in await self._tell(batch, again)) < wanted:
                if time.monotonic() > deadline:
                    raise Unavailable("the bus did not take everything; call again")
                with contextlib.suppress(
                    NatsError
                ):  # a full stream has room again when its listeners have read
                    await self.stream.forget()
                await asyncio.sleep(_ROOM_LOOK_SECONDS)
            batch.clear()
            return wanted

        moment = datetime.fromisoformat(since) if since else None
        async for tail in self._entries.histories(moment, id, from_n):
            batch.append(tail)
            entries += 1
            if sum(len(one.events) for one in batch) >= _AT_ONCE:
                messages += await tell()
        return entries, messages + await tell()


def _refusal(future: asyncio.Future[Any]) -> BaseException | None:
    return future.exception() if future.done() and not future.cancelled() else None


def _body(id: UUID, event: dict[str, Any], after: dict[str, int]) -> bytes:
    wanted = ("n", "at", "by", "cause", "data")
    return orjson.dumps({"order_id": id, "after": after, **{key: event[key] for key in wanted}})


def _last_heard(service: str, types: Sequence[str]) -> dict[str, int]:
    """For each listener the number of the last of these events that it hears."""
    last: dict[str, int] = {}
    for n, type_ in enumerate(types, 1):
        for listener in audience(service, type_):
            last[listener] = n
    return last


async def _keep_going(step: Callable[[], Any]) -> None:
    """One failed step must not end the loop: what it left undone the next sweep finds."""
    try:
        await step()
    except (NatsError, Unavailable, OSError) as error:
        _log.warning("could not tell just now", error=type(error).__name__)
    except Exception:  # noqa: BLE001 - whatever it was, the loop goes on
        _log.exception("telling failed")
