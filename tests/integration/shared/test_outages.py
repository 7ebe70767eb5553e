"""While the bus or the database is away nothing is lost and nothing is set aside; afterwards it goes on by itself."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

import pytest

from deploy.nats.provision import consumers, provision, withdraw
from shared.problems import LostRace, Unavailable
from shared.reconcile import Reconciler
from shared.stream import Mark
from tests.integration.door import Door
from tests.integration.shared.looking import deliveries, everything_read, has_seen, is_told, numbers
from tests.integration.shared.toy import NEVER, List, Lists, placed, withdrawn
from tests.integration.waiting import PATIENCE, eventually


class Away:
    """Methods of a list's entries that cannot be reached until somebody says so."""

    def __init__(self, list_: List, *methods: str) -> None:
        self.asked = 0
        self._away = True
        for name in methods:
            setattr(list_.entries, name, self._unless_away(getattr(list_.entries, name)))

    def _unless_away(self, method: Any) -> Any:
        async def answer(*args: Any) -> Any:
            self.asked += 1
            if self._away:
                raise Unavailable("the database does not answer")
            return await method(*args)

        return answer

    def back(self) -> None:
        self._away = False


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("methods", [("save",), ("load_many", "save", "park")])
async def test_while_the_database_is_away_nothing_is_set_aside(
    lists: Lists, methods: tuple[str, ...]
) -> None:
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", tries=1)
    away = Away(dispatch, *methods)
    ids = [await intake.place(placed(), withdrawn()) for _ in range(10)]

    await eventually(lambda: away.asked >= 2)
    assert await lists.aside() == []
    away.back()

    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    assert await lists.aside() == []


async def test_while_the_database_is_away_a_message_is_not_asked_for_over_and_over(lists: Lists) -> None:
    """The pause doubles: few tries, not thousands."""
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    away = Away(dispatch, "load_many")
    begun = time.monotonic()
    await intake.place(placed())
    await eventually(lambda: away.asked >= 2)
    assert time.monotonic() - begun >= 1.0
    assert await deliveries(lists, "intake", "dispatch") <= 2 + (time.monotonic() - begun)
    away.back()


@pytest.mark.usefixtures("hasty")
async def test_a_race_that_the_listener_loses_is_run_again(lists: Lists) -> None:
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    save, losses = dispatch.entries.save, 0

    async def lose_some(*args: Any) -> Any:
        nonlocal losses
        losses += 1
        if losses <= 5:
            raise LostRace
        return await save(*args)

    dispatch.entries.save = lose_some  # type: ignore[assignment,method-assign]
    id = await intake.place(placed(), withdrawn())
    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    assert await lists.aside() == []


async def test_a_service_starts_without_the_bus_saves_and_tells_later(lists: Lists) -> None:
    async with Door(lists.servers.nats_login.url) as door:
        intake = await lists.open("intake", nats_url=door.url, wait=False)
        dispatch = await lists.open("dispatch")
        ids = [await intake.place(placed(), withdrawn()) for _ in range(10)]
        assert not intake.bus.connected
        assert await intake.told(ids[0]) == 0

        await door.open()

        for id in ids:
            await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
            await eventually(partial(is_told, intake, id))
        await lists.close(intake)


async def test_a_service_that_never_saw_the_bus_ends_all_the_same(lists: Lists) -> None:
    async with Door(lists.servers.nats_login.url) as door:
        intake = await lists.open("intake", nats_url=door.url, wait=False)
        await intake.place(placed())
        await asyncio.wait_for(lists.close(intake), PATIENCE)


async def test_a_service_that_ends_while_it_connects_hangs_up(lists: Lists) -> None:
    """Somebody takes the call and says nothing."""
    calls: set[asyncio.StreamReader] = set()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.add(reader)
        await reader.read()  # until the other side hangs up
        calls.remove(reader)
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        intake = await lists.open("intake", nats_url=url, wait=False)
        await eventually(lambda: calls)
        await asyncio.wait_for(lists.close(intake), PATIENCE)
        await eventually(lambda: not calls)


async def test_a_service_that_ends_while_it_waits_for_the_bus_comes_back_no_more(lists: Lists) -> None:
    async with Door(lists.servers.nats_login.url) as door:
        await door.open()
        intake = await lists.open("intake", nats_url=door.url)
        await door.close()
        await eventually(lambda: not intake.bus.connected)
        await asyncio.wait_for(lists.close(intake), PATIENCE)
        assert intake.bus.lost, "its connection is closed for good"


async def test_when_the_bus_comes_back_both_sides_go_on(lists: Lists) -> None:
    async with Door(lists.servers.nats_login.url) as door:
        await door.open()
        intake = await lists.open("intake", nats_url=door.url)
        dispatch = await lists.open("dispatch", nats_url=door.url)
        first = await intake.place(placed())
        await eventually(has_seen(dispatch, first, "intake:1"))

        await door.close()
        await eventually(lambda: not intake.bus.connected and not dispatch.bus.connected)
        ids = [await intake.place(placed(), withdrawn()) for _ in range(20)]
        await intake.say(first, withdrawn())
        assert await intake.told(ids[0]) == 0
        await door.open()

        for id in (first, *ids):
            await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
        assert await lists.aside() == []
        await lists.close()


@pytest.mark.usefixtures("hasty")
async def test_no_error_ends_the_listening(lists: Lists) -> None:
    """A loop that ends leaves messages unseen, and nobody hears of it."""
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    errors = [TimeoutError(), OSError("gone"), RuntimeError("a fault of the client")]
    await fail_next_pulls(dispatch, "intake", errors)
    await eventually(lambda: not errors)

    id = await intake.place(placed())

    await eventually(has_seen(dispatch, id, "intake:1"))


async def fail_next_pulls(list_: List, sender: str, errors: list[Exception]) -> None:
    """Each error ends one pull of the sender's messages, and is taken out of the list."""
    stream = list_.settings.names.stream(sender)
    pull: Any = next(pull for pull, _ in list_.bus._pulls if pull.stream == stream)
    await eventually(lambda: pull._running)
    take = pull.take

    async def fails() -> Any:
        if errors:
            raise errors.pop(0)
        return await take()

    pull.take = fails


async def test_a_request_that_has_lain_its_time_is_made_anew(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.pull._EXPIRES", 0.1)
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    for _ in range(3):
        await asyncio.sleep(0.2)  # house(sleep): as long as nothing comes, requests end one after the other
        id = await intake.place(placed())
        await eventually(has_seen(dispatch, id, "intake:1"))
    assert await deliveries(lists, "intake", "dispatch") == 3


@pytest.mark.usefixtures("hasty")
async def test_listening_goes_on_when_its_stream_was_lost_and_made_anew(lists: Lists) -> None:
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    old = await intake.place(placed())
    await eventually(has_seen(dispatch, old, "intake:1"))

    await withdraw(lists.nats, lists.names)
    lost = await intake.place(placed())
    await provision(lists.nats, lists.names)
    new = await intake.place(placed())

    for id in (lost, new):
        await eventually(has_seen(dispatch, id, "intake:1"))
    await intake.say(old, withdrawn())
    await eventually(has_seen(dispatch, old, "intake:1", "intake:2"))


@pytest.mark.usefixtures("hasty")
async def test_listening_goes_on_when_its_consumer_was_lost_and_made_anew(lists: Lists) -> None:
    """It begins at the start of the stream again, which has no effect."""
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    old = await intake.place(placed())
    await eventually(has_seen(dispatch, old, "intake:1"))
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    await js.delete_consumer(stream, "dispatch")
    for where, config in consumers(lists.names):
        if (where, config.durable_name) == (stream, "dispatch"):
            await js.add_consumer(stream, config)

    new = await intake.place(placed())

    await eventually(has_seen(dispatch, new, "intake:1"))
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert await dispatch.seen(old) == ("intake:1",)


async def test_what_a_killed_listener_had_in_hand_is_heard_by_the_next(lists: Lists) -> None:
    """It had fetched the first message of each order and acknowledged none; the second ones overtake."""
    intake = await lists.open("intake", tells=False)
    ids = [await intake.place(placed(), withdrawn()) for _ in range(20)]
    for id in ids:
        await intake.tell(id, 1)
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    config = (await js.consumer_info(stream, "dispatch")).config
    config.ack_wait = 1.0
    await js.add_consumer(stream, config)
    killed = await js.pull_subscribe_bind(consumer="dispatch", stream=stream)
    assert len(await killed.fetch(20)) == 20
    await killed.unsubscribe()

    dispatch = await lists.open("dispatch")
    for id in ids:
        await intake.tell(id, 2)

    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))


def reconciler(list_: List) -> Reconciler:
    return Reconciler(
        list_.settings, list_.database, list_.relay.stream, lambda: list_.relay.tell_again(None, 1, None)
    )


async def test_a_stream_that_was_lost_is_noticed_and_told_again(lists: Lists) -> None:
    intake = await lists.open("intake", sweep_seconds=NEVER)
    dispatch = await lists.open("dispatch")
    ids = [await intake.place(placed(), withdrawn()) for _ in range(5)]
    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    compares = reconciler(intake)
    assert await compares.compare() is False, "the first time there is nothing to compare with"
    assert await compares.compare() is False, "and nothing was lost"

    await withdraw(lists.nats, lists.names)
    assert await compares.compare() is False, "nobody knows before it is there again"
    await provision(lists.nats, lists.names)

    assert await compares.compare() is True
    stored = await lists.stored("intake")
    assert all(numbers(stored, id) == [1, 2] for id in ids)
    assert await compares.compare() is False, "once is enough"


async def test_a_stream_that_came_back_from_an_older_copy_is_noticed(lists: Lists) -> None:
    intake = await lists.open("intake", sweep_seconds=NEVER)
    id = await intake.place(placed())
    await eventually(lambda: is_told(intake, id))
    now = await intake.relay.stream.mark()
    assert now is not None
    await intake.database.remember("stream", Mark(now.created, now.last + 7)._asdict())

    assert await reconciler(intake).compare() is True
    assert numbers(await lists.stored("intake"), id) == [1, 1]


async def test_an_older_copy_is_noticed_also_when_more_was_told_since_than_is_missing(lists: Lists) -> None:
    """Where we saw the last message stands another one by now."""
    intake = await lists.open("intake", sweep_seconds=NEVER)
    id = await intake.place(placed())
    await eventually(lambda: is_told(intake, id))
    compares = reconciler(intake)
    await compares.compare()
    noted = await intake.database.recall("stream")
    assert noted is not None
    await intake.database.remember("stream", {**noted, "id": "intake:lost-with-the-newer-store:1"})
    await intake.say(id, withdrawn())
    await eventually(lambda: is_told(intake, id))

    assert await compares.compare() is True
    assert numbers(await lists.stored("intake"), id) == [1, 2, 1, 2]
    assert await compares.compare() is False, "once is enough"


async def test_one_replica_at_a_time_compares(lists: Lists) -> None:
    one = await lists.open("intake", sweep_seconds=NEVER)
    other = await lists.open("intake", sweep_seconds=NEVER)
    await one.database.remember("stream", Mark("long ago", 1)._asdict())
    assert await reconciler(one).compare() is True
    await one.database.remember("stream", Mark("long ago", 1)._asdict())
    assert await reconciler(other).compare() is False
