"""While nobody writes, nobody looks and nobody writes; and nothing is missed by it."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.integration.shared.looking import is_told
from tests.integration.shared.test_clocks import SECOND, strikes
from tests.integration.shared.test_outages import reconciler
from tests.integration.shared.toy import NEVER, Lists, blown
from tests.integration.waiting import eventually


async def test_while_nobody_writes_nobody_looks_and_a_clock_strikes_all_the_same(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the next one strikes is known from the last look, or from the save that set it."""
    toys = await lists.open("dispatch", on_bus=False)
    learn, looks, asked = toys.entries.learn_next_clock, 0, 0

    async def looked() -> None:
        nonlocal looks
        looks += 1
        await learn()

    def still(moment: float) -> bool:
        nonlocal asked
        asked += 1
        return moment > -math.inf

    monkeypatch.setattr(toys.entries, "learn_next_clock", looked)
    monkeypatch.setattr(toys.database, "still", still)
    known, saved = await toys.place(blown()), await toys.place(blown())
    await toys.set_clocks(known, {"whistle": toys.database.now() + 1 * SECOND})
    await toys.set_clocks(await toys.place(blown()), {"whistle": toys.database.now() + 3600 * SECOND})
    toys.entries.next_clock = datetime.max.replace(tzinfo=UTC)  # as if another process had set them
    toys.clock.start()

    async def struck(id: UUID) -> bool:
        return await strikes(toys, id) == 1

    await eventually(lambda: asked >= 3)
    assert (looks, await struck(known)) == (1, False)
    await eventually(lambda: struck(known))
    await eventually(lambda: looks == 2)
    await toys.set_clocks(saved, {"whistle": toys.database.now()})
    await eventually(lambda: struck(saved))
    await eventually(lambda: looks == 3)
    before = asked
    await eventually(lambda: asked >= before + 3)
    assert looks == 3


async def test_a_clock_that_another_process_sets_is_heard_of(lists: Lists) -> None:
    """By the write alone: the process that set it is gone before it strikes."""
    one, other = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    other.clock.start()
    id = await one.place(blown())
    await eventually(lambda: other.database.still(time.monotonic()))
    await one.set_clocks(id, {"whistle": one.database.now() + 2 * SECOND})
    await lists.close(one)

    async def struck() -> bool:
        return await strikes(other, id) == 1

    await eventually(struck)
    *_, event = await other.entries.history(id)
    assert event["at"] - (await other.raw(id))["history"][0]["at"] < 5 * SECOND


async def test_where_nothing_is_due_nobody_takes_the_lease(lists: Lists) -> None:
    """A write each second and a half, of each service, for nothing."""
    toys = await lists.open("dispatch", on_bus=False)
    toys.clock.start()
    await toys.set_clocks(await toys.place(blown()), {"whistle": toys.database.now() + 3600 * SECOND})
    await eventually(lambda: toys.entries.next_clock < toys.database.now() + 3601 * SECOND)
    await eventually(lambda: toys.database.still(time.monotonic()))
    leases = lists.servers.mongo[lists.names.database("dispatch")]["leases"]
    assert await asyncio.to_thread(leases.count_documents, {}) == 0


async def test_the_sweep_looks_until_what_was_written_is_old_enough_and_then_no_more(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = await lists.open("dispatch", tells=False, sweep_after_seconds=1.0)
    count, looks = dispatch.entries.count_untold, 0

    async def counted_too(before: datetime, most: int = 1) -> int:
        nonlocal looks
        looks += 1
        return await count(before, most)

    monkeypatch.setattr(dispatch.entries, "count_untold", counted_too)
    id = await dispatch.place(blown())
    written = time.monotonic()
    monkeypatch.setattr(dispatch.database, "still", lambda moment: written < moment)
    await dispatch.relay.sweep()
    assert (looks, await lists.stored("dispatch")) == (1, []), "it may be being told"

    async def told() -> bool:
        await dispatch.relay.sweep()
        return await is_told(dispatch, id)

    async def rests() -> bool:
        before = looks
        await dispatch.relay.sweep()
        return looks == before

    await eventually(told)
    await eventually(rests)


async def test_who_compares_and_finds_nothing_new_writes_nothing(lists: Lists) -> None:
    """Else nobody would ever be still."""
    intake = await lists.open("intake", sweep_seconds=NEVER)
    other = await lists.open("intake", sweep_seconds=NEVER)
    await reconciler(intake).compare()
    leases = lists.servers.mongo[lists.names.database("intake")]["leases"]
    await asyncio.to_thread(leases.delete_many, {})

    assert await reconciler(other).compare() is False

    assert await asyncio.to_thread(leases.count_documents, {}) == 0
