"""The sums beside a list are what its entries add up to, whoever counts, breaks off or is held up."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.partners.domain.call import Call
from services.partners.domain.calls.finding import added_by
from services.partners.domain.states import ClaimState
from shared.store import sums
from shared.store.sums import Sums
from tests.integration.test_growth import AREAS, DAY, NOW, PARTNERS, Replica, call_of, replicas
from tests.unit.partners.given import FIRST
from tests.unit.partners.standing.test_standing import call_with, claim_of

__all__ = ["replicas"]


async def stored(replica: Replica) -> dict[str, Counter[str]]:
    """Every sum, by key; those that are nothing are left out."""
    found = await replica.calls.sums.changed("", 0)
    return {f"{path}|{of}": its for path, of, its in found if its}


def expected(calls: list[Call]) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {}
    for call in calls:
        for key, its in (added_by(call, ZoneInfo("Asia/Shanghai")) or {}).items():
            path, _, of = key.partition("|")
            parts = path.split("/")
            for depth in range(len(parts)):
                sums.setdefault(f"{'/'.join(parts[: depth + 1])}|{of}", Counter()).update(its)
    return sums


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_sums_are_what_all_entries_add_whoever_counts_and_whatever_changes_meanwhile(
    replicas: list[Replica], seed: int
) -> None:
    chance = random.Random(seed)
    calls = [call_of(chance) for _ in range(40)]
    for n, call in enumerate(calls, 1):
        await replicas[0].put(n, call)

    async def go_on_changing() -> None:
        for _ in range(60):
            n = chance.randrange(len(calls))
            calls[n] = call_of(
                chance
            )  # another area, other months, other partners: what it added before is gone
            await replicas[1].change(n + 1, calls[n])

    async def go_on_counting(replica: Replica) -> None:
        while not changing.done():
            await replica.calls.sums.count()

    changing = asyncio.create_task(go_on_changing())
    await asyncio.gather(changing, *map(go_on_counting, replicas))
    assert await replicas[0].calls.sums.count()

    assert await stored(replicas[0]) == expected(calls)


async def test_what_was_counted_with_others_before_its_turn_and_changed_is_counted_anew(
    replicas: list[Replica],
) -> None:
    chance = random.Random(9)
    calls = [call_of(chance, PARTNERS[0], ended=NOW - months * 31 * DAY) for months in (1, 1, 5)]
    there, elsewhere = calls[1:]
    await replicas[0].put(1, calls[0])
    await replicas[0].put(2, elsewhere)
    await replicas[0].calls.sums.count()

    await replicas[1].change(1, calls[0].but(area=calls[0].area))
    await replicas[1].change(2, there)
    await replicas[0].calls.sums.count(1)  # the first; the second is where it adds to already
    await replicas[1].change(2, elsewhere)
    while not await replicas[0].calls.sums.count(1):
        pass
    assert await stored(replicas[0]) == expected([calls[0], elsewhere])


STEPS = ("_begin", "_move", "_mark", "_finish")


async def put_and_change(replica: Replica, chance: random.Random) -> list[Call]:
    """Ten calls, counted, and of some of them something else, which is not."""
    calls = [call_of(chance) for _ in range(10)]
    for n, call in enumerate(calls, 1):
        await replica.put(n, call)
    await replica.calls.sums.count()
    for n in range(5):
        calls[n] = call_of(chance)
        await replica.change(n + 1, calls[n])
    return calls


@pytest.mark.parametrize("at_the_end", [False, True])
@pytest.mark.parametrize("step", STEPS)
async def test_a_count_that_broke_off_is_made_up_for(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch, step: str, at_the_end: bool
) -> None:
    chance, true = random.Random(4), getattr(Sums, step)
    calls = await put_and_change(replicas[0], chance)

    async def dies(*its: Any) -> None:
        if at_the_end:
            await true(*its)
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Sums, step, dies)
        with pytest.raises(ConnectionError):
            await replicas[0].calls.sums.count()
    calls[0] = call_of(chance)
    await replicas[0].change(1, calls[0])
    await replicas[1].calls.sums.count()
    assert await stored(replicas[1]) == expected(calls)


@pytest.mark.parametrize("step", [*STEPS, "_write"])
async def test_who_was_held_up_while_others_went_on_counting_moves_nothing_twice(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    chance, true = random.Random(7), getattr(Sums, step)
    calls = await put_and_change(replicas[0], chance)
    held, go_on = asyncio.Event(), asyncio.Event()
    slow = replicas[0].calls.sums

    async def held_up(sums: Sums, *its: Any) -> Any:
        if sums is slow and not held.is_set():
            held.set()
            await go_on.wait()
        return await true(sums, *its)

    monkeypatch.setattr(Sums, step, held_up)
    counting = asyncio.create_task(slow.count())
    await held.wait()
    for n in (2, 7, 2):
        await replicas[1].calls.sums.count()
        calls[n] = call_of(chance)
        await replicas[1].change(n + 1, calls[n])
    await replicas[1].calls.sums.count()
    go_on.set()
    await counting
    assert await slow.count()
    assert await stored(replicas[1]) == expected(calls)


async def test_what_a_batch_has_no_room_for_is_in_the_next_one(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "_ROOM", 30)
    calls = await put_and_change(replicas[0], random.Random(3))
    assert await replicas[0].calls.sums.last_batch() > 3
    assert not await replicas[0].calls.sums.count(3)
    assert await replicas[0].calls.sums.count()
    assert await stored(replicas[0]) == expected(calls)


async def test_sums_of_an_older_backup_than_the_entries_do_not_run_away(replicas: list[Replica]) -> None:
    beside, replica = replicas[0].calls.sums._sums, replicas[0]
    calls = await put_and_change(replica, random.Random(3))
    older = await beside.find().to_list(None)
    for n in range(6):
        calls[n] = call_of(random.Random(n))
        await replica.change(n + 1, calls[n])
        await replica.calls.sums.count()
    await beside.delete_many({})
    await beside.insert_many(older)
    await replica.change(1, calls[0].but(area=AREAS[0]))
    await replica.calls.sums.count()
    once = await stored(replica)
    await replica.calls.sums.count()
    assert await stored(replica) == once
    # What docs/operating.md says makes them right again.
    await beside.drop()
    await replica.calls._collection.update_many(
        {"find.sums": {"$exists": True}}, {"$set": {"find.uncounted": True}, "$unset": {"counted": ""}}
    )
    await replica.calls.sums.count()
    assert await stored(replica) == expected([calls[0].but(area=AREAS[0]), *calls[1:]])


async def test_a_batch_and_what_it_counts_are_seen_only_when_a_majority_has_them(
    replicas: list[Replica],
) -> None:
    """Counted of what is rolled back, or skipped because of a batch that is, sums would be wrong for good."""
    await put_and_change(replicas[0], random.Random(3))
    database = replicas[0].calls._collection.database
    await database.command("profile", 2)
    await replicas[0].calls.sums.count()
    await database.command("profile", 0)
    seen = await database["system.profile"].find({"op": "query"}).to_list(None)
    waiting = [one for one in seen if "find.uncounted" in one["command"]["filter"]]
    batches = [one for one in seen if one["command"]["filter"].get("_id") == "~"]
    assert waiting
    assert batches
    assert {one["command"]["readConcern"]["level"] for one in (*waiting, *batches)} == {"majority"}


async def test_a_name_may_hold_what_a_field_may_not_and_what_is_nothing_leaves_no_trace(
    replicas: list[Replica],
) -> None:
    replica, lines = replicas[0], (("pipe 3.5 % $x", "goods", 3, "m"), ("管", "goods", 4, "m"))
    call = call_with(claim_of(FIRST, 1, lines=lines).but(state=ClaimState.ACTIVE, ended_at=None, ending=None))
    await replica.put(1, call)
    await replica.calls.sums.count()
    assert await stored(replica) == expected([call])
    assert any("3.5 % $x" in name for its in (await stored(replica)).values() for name in its)
    await replica.change(1, call_with(claim_of(FIRST, 1)))
    await replica.calls.sums.count()
    raw = await replica.calls.sums._sums.find({"sum": {"$exists": True}}).to_list(None)
    assert all(n for one in raw for n in one["sum"].values())
    assert await stored(replica) == expected([call_with(claim_of(FIRST, 1))])
