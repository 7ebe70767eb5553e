"""Live updates: what is new comes, from any replica, once, and a stream that breaks is resumed where it was."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import ClientDisconnect

from shared.caller import Caller, Role
from shared.entry import Entry
from shared.live import Live, LiveEvent, Sees
from shared.problems import TooBusy, TooManyStreams, Unavailable
from tests.integration.shared.toy import List, Lists, answered, blown, withdrawn
from tests.integration.waiting import eventually


def timeline(entry: Entry[Any]) -> Sequence[LiveEvent]:
    """Everything that was said; a withdrawal is the end."""
    return [
        LiveEvent(n, kind.partition(".")[0], {"n": n}, last=kind == "order_withdrawn.v1")
        for n, kind in enumerate(entry.said_types, 1)
    ]


def everybody(entry: Entry[Any], caller: Caller) -> bool:
    """May read it."""
    return True


class Reader:
    """A client of a stream: collects the ids of the events it gets."""

    def __init__(self, chunks: AsyncIterable[Any]) -> None:
        self._chunks = chunks
        self.text = ""
        self.ended = False
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for chunk in self._chunks:
            self.text += bytes(chunk).decode()
        self.ended = True

    @property
    def ids(self) -> list[int]:
        return [int(line[4:]) for line in self.text.splitlines() if line.startswith("id: ")]

    async def gets(self, *ids: int) -> None:
        await eventually(lambda: self.ids == list(ids))

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def listening(
    list_: List, id: UUID, last_id: int = 0, until: float = math.inf, sees: Sees = everybody
) -> AsyncGenerator[Reader]:
    who = Caller("r1", Role.RESIDENT, until=until)
    response = list_.live.response(id, timeline, last_id, who, sees=sees)
    reader = Reader(response.body_iterator)
    try:
        yield reader
    finally:
        await reader.leave()
        response.leave()


def bounded(list_: List, **most: int) -> None:
    settings = list_.settings.model_copy(update={f"streams_{name}": n for name, n in most.items()})
    list_.live = Live(settings, list_.entries, list_.database.now)


async def test_streams_are_bounded_of_a_person_of_an_entry_and_in_all(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    bounded(toys, of_person=2, of_entry=3, at_once=4)
    ids = [await toys.place(blown()) for _ in range(3)]

    def watch(n: int, sub: str) -> Any:
        return toys.live.response(ids[n], timeline, 0, Caller(sub, Role.RESIDENT), sees=everybody)

    first, _ = watch(0, "a"), watch(1, "a")
    with pytest.raises(TooManyStreams) as refused:
        watch(2, "a")
    assert refused.value.now == {"of": "person", "most": 2}
    watch(0, "b"), watch(0, "c")
    with pytest.raises(TooManyStreams) as refused:
        watch(0, "d")
    assert refused.value.now == {"of": "entry", "most": 3}
    with pytest.raises(TooBusy):
        watch(2, "d")
    first.leave()
    watch(0, "a")
    with pytest.raises(TooBusy):
        watch(2, "d")


async def test_a_stream_gives_its_place_back_however_it_ends(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    bounded(toys, of_person=1, of_entry=1, at_once=1)
    id, who = await toys.place(blown(), withdrawn()), Caller("a", Role.RESIDENT)

    async def hangs_up(message: Any) -> None:
        raise OSError

    async def takes(message: Any) -> None: ...

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    for send in (takes, hangs_up, takes):
        with suppress(ClientDisconnect):
            await toys.live.response(id, timeline, 0, who, sees=everybody)(scope, _never, send)
    assert not toys.live._taken


async def _never() -> Any:
    await asyncio.Event().wait()


async def test_what_happened_before_comes_at_once(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown(), answered())
    async with listening(toys, id) as reader:
        await reader.gets(1, 2)
        assert reader.text.startswith("retry: 1000\n\n")
        assert 'event: whistle_answered\ndata: {"n":2}\nid: 2\n\n' in reader.text


async def test_a_change_by_another_replica_comes_by_itself(lists: Lists) -> None:
    here, there = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    id = await there.place(blown())
    async with listening(here, id) as one, listening(here, id) as two:
        await one.gets(1)
        await two.gets(1)
        await there.say(id, answered())
        await one.gets(1, 2)
        await there.say(id, answered(), blown())
        await one.gets(1, 2, 3, 4)
        await two.gets(1, 2, 3, 4)


async def test_a_change_before_the_first_listener_really_listens_is_not_missed(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the entry first; the change stream is open a moment later; the change is in between."""
    here, there = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    id = await there.place(blown())
    changes, may_open = here.entries.changes, asyncio.Event()

    async def opened_late() -> AsyncGenerator[UUID | None]:
        await may_open.wait()
        async for change in changes():
            yield change

    monkeypatch.setattr(here.entries, "changes", opened_late)
    async with listening(here, id) as reader:
        await reader.gets(1)
        await there.say(id, answered())
        may_open.set()
        await reader.gets(1, 2)


async def test_others_changes_do_not_wake_a_listener(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    mine, other = await toys.place(blown()), await toys.place(blown())
    async with listening(toys, mine) as reader, listening(toys, other) as beside:
        await reader.gets(1)
        await toys.say(other, answered())
        await beside.gets(1, 2)
        assert reader.ids == [1]


async def test_a_stream_is_resumed_after_the_last_event_that_came(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown(), answered(), blown())
    async with listening(toys, id, last_id=2) as reader:
        await reader.gets(3)
        await toys.say(id, answered())
        await reader.gets(3, 4)
    async with listening(toys, id, last_id=4) as reader:
        await toys.say(id, answered())
        await reader.gets(5)


async def test_after_the_last_event_the_stream_ends(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    async with listening(toys, id) as reader:
        await reader.gets(1)
        await toys.say(id, withdrawn())
        await eventually(lambda: reader.ended)
        assert reader.ids == [1, 2]
        assert reader.text.endswith("event: end\ndata: {}\n\n")
    async with listening(toys, id, last_id=2) as reader:
        await eventually(lambda: reader.ended)
        assert reader.ids == [], "also for who has seen everything"


async def test_when_the_change_stream_breaks_nothing_is_skipped(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    id = await there.place(blown())
    changes, breaks = here.entries.changes, asyncio.Event()

    async def breaking() -> AsyncGenerator[UUID | None]:
        if breaks.is_set():
            async for change in changes():
                yield change
        yield None
        await breaks.wait()
        raise Unavailable

    monkeypatch.setattr(here.entries, "changes", breaking)
    async with listening(here, id) as reader:
        await reader.gets(1)
        await there.say(id, answered())
        breaks.set()
        await reader.gets(1, 2)
        await there.say(id, answered())
        await reader.gets(1, 2, 3)


async def test_while_the_database_is_away_a_listener_waits(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    peek, failures = toys.entries.peek, 0

    async def away_once(id: UUID) -> Entry[Any]:
        nonlocal failures
        failures += 1
        if failures == 1:
            raise Unavailable
        return await peek(id)

    toys.entries.peek = away_once  # type: ignore[method-assign]
    async with listening(toys, id) as reader:
        await reader.gets(1)


async def test_a_quiet_stream_says_now_and_then_that_it_is_there(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.live._COMFORT_SECONDS", 0.05)
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    async with listening(toys, id) as reader:
        await eventually(lambda: reader.text.count(": still here\n\n") >= 2)
        assert reader.ids == [1]


async def test_when_the_process_drains_its_streams_end(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    async with listening(toys, id) as reader:
        await reader.gets(1)
        await toys.live.close()
        await eventually(lambda: reader.ended)


async def test_a_stream_ends_with_the_token_that_opened_it(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    async with listening(toys, id, until=time.time() + 1.0) as reader:
        await reader.gets(1)
        await eventually(lambda: reader.ended)
    assert "event: end" not in reader.text, "the client comes back"
    async with listening(toys, id, until=time.time() - 1.0) as reader:
        await eventually(lambda: reader.ended)
        assert reader.ids == []


async def test_a_stream_ends_with_the_right_to_it_and_says_nothing_of_what_took_it_away(lists: Lists) -> None:
    here, there = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    id = await there.place(blown())

    def until_answered(entry: Entry[Any], caller: Caller) -> bool:
        return caller.id == "r1" and entry.said < 2

    async with listening(here, id, sees=until_answered) as reader, listening(here, id) as other:
        await reader.gets(1)
        await other.gets(1)
        await there.say(id, answered())
        await eventually(lambda: reader.ended)
        assert reader.ids == [1]
        assert reader.text.endswith("event: end\ndata: {}\n\n")
        await other.gets(1, 2)
    async with listening(here, id, sees=until_answered) as reader:
        await eventually(lambda: reader.ended)
        assert reader.ids == []


async def test_it_is_the_databases_clock_by_which_it_ends(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    toys.live = Live(toys.settings, toys.entries, lambda: toys.database.now() + timedelta(hours=2))
    async with listening(toys, id, until=time.time() + 3600.0) as reader:
        await eventually(lambda: reader.ended)
        assert reader.ids == []


async def test_nobody_watches_when_nobody_listens(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    async with listening(toys, id) as reader, listening(toys, id):
        await reader.gets(1)
        watching = toys.live._watching
        assert watching is not None
    await eventually(watching.done)
    assert (toys.live._watching, toys.live._listeners) == (None, {})
    async with listening(toys, id) as reader:
        await toys.say(id, answered())
        await reader.gets(1, 2)
