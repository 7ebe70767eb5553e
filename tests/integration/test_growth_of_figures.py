"""Figures and rates read as much as they show, and are what all entries of the area and period add up to."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.dispatch.domain.counting import counted
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.store import INDEXES, Dispatches, Queue, WorkList
from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Verdict
from services.evaluation.domain.rates import Counts
from services.evaluation.queries import Publication
from services.evaluation.store import INDEXES as RATED
from services.evaluation.store import Among, Evaluations
from shared.asked import Asked
from shared.caller import system
from shared.entry import decided
from shared.naming import Names
from shared.problems import NotFound, NotPublic
from shared.store import Database
from shared.telemetry import trace_from
from tests.integration.test_growth import AREAS, NOW, examined
from tests.parts import Servers
from tests.unit.dispatch.situations import situations

ASKED = Asked(system("test"), NOW, trace_from(None))
HOUR = timedelta(hours=1)
DAYS = 200
SINCE = NOW - timedelta(days=DAYS)
HERE = "370203/370203014"


def order(at: datetime, n: int) -> UUID:
    """The id of an order that was placed then."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | n)


def some_time(chance: random.Random) -> datetime:
    """Often on a boundary of days or months, or next to it."""
    at = SINCE + HOUR * chance.randrange(24 * DAYS)
    if chance.random() < 0.4:
        at = at.replace(hour=0, day=chance.choice((1, at.day))) + chance.choice((-1, 0, 1)) * timedelta(
            milliseconds=1
        )
    return at


def periods(chance: random.Random) -> list[tuple[datetime, datetime]]:
    ends = [sorted((some_time(chance), some_time(chance))) for _ in range(25)]
    near = [(at, at + chance.randrange(30) * HOUR) for at, _ in ends[:10]]
    return [(first, last) for first, last in ends] + near


@pytest.fixture
async def dispatches(servers: Servers, names: Names) -> AsyncIterator[Dispatches]:
    database = Database(servers.settings(names), "dispatch")
    await database.open()
    yield await database.entries(Dispatches, "dispatches", Dispatch, INDEXES, lambda _: None)
    await database.close()


def dispatch(chance: random.Random) -> Dispatch:
    known = [one for one in situations().values() if one.state is not DispatchState.UNKNOWN]
    return chance.choice(known).but(area=chance.choice(AREAS))


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_of_any_period_are_what_its_orders_add_up_to(dispatches: Dispatches, seed: int) -> None:
    chance = random.Random(seed)
    stored: dict[UUID, tuple[datetime, Dispatch]] = {}
    for n in range(80):
        at, state = some_time(chance), dispatch(chance)
        stored[order(at, n)] = at, state
        await dispatches.place(order(at, n), decided(state), ASKED)
    await dispatches.sums.count()
    for id in chance.sample(sorted(stored), 20):  # some go on, and to another area
        saved = await dispatches.save(await dispatches.peek(id), decided(dispatch(chance)), ASKED)
        stored[id] = stored[id][0], saved.state
    for since, until in periods(chance):
        for area in ("370203", HERE, *AREAS):
            total: Counter[str] = Counter()
            for at, state in stored.values():
                if since <= at < until and f"{state.area}/".startswith(f"{area}/"):
                    total.update(counted(state))
            assert await dispatches.counts(area, since, until) == total, (area, since, until)


@pytest.mark.parametrize(("of", "field"), [(WorkList.MINE, "find.has"), (WorkList.WAITING, "find.waits_for")])
async def test_what_a_unit_has_in_hand_is_found_by_that_and_not_by_its_area(
    dispatches: Dispatches, of: WorkList, field: str
) -> None:
    """Left to itself, with a million stored the database looked at every open order of the district: 6.5 s."""
    queue = Queue(area="370203", units=("370203/370203014",), of=of)
    database = dispatches._collection.database
    await database.command("profile", 2)
    await dispatches.queue(queue, cursor=None, limit=20)
    await dispatches.places(queue, most=100)
    await dispatches.count_each([queue], most=100)
    await database.command("profile", 0)
    asked = await database["system.profile"].find({"ns": {"$regex": "dispatches$"}}).to_list(None)
    assert len(asked) == 3
    assert {one["planSummary"] for one in asked} == {f"IXSCAN {{ {field}: 1, _id: 1 }}"}
    assert all(one["command"]["hint"] == {field: 1, "_id": 1} for one in asked)


@pytest.mark.parametrize("of", [WorkList.ALL, WorkList.DUE])
async def test_whoever_reads_all_pages_sees_what_does_not_change_once(
    dispatches: Dispatches, of: WorkList
) -> None:
    """Meanwhile some move to the front or the back, some end and some come; many end at the same moment."""
    chance = random.Random(4)

    def one() -> Dispatch:
        ends = {name: NOW + chance.randrange(4) * HOUR for name in ("dispatch", "close_by")}
        return situations()["received"].but(area=AREAS[0], due=ends, answered_in_time=True)

    ids = [order(NOW - n * HOUR, n) for n in range(60)]
    for id in ids:
        await dispatches.place(id, decided(one()), ASKED)
    changed: set[UUID] = set()
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await dispatches.queue(Queue(area=AREAS[0], of=of), cursor=cursor, limit=7)
        seen += [row["_id"] for row in page.items]
        if (cursor := page.next) is None:
            break
        for id in chance.sample(ids, 4):
            entry = await dispatches.peek(id)
            ended = entry.state.but(state=DispatchState.CLOSED, due={}, area=AREAS[1])
            await dispatches.save(entry, decided(chance.choice((one(), ended))), ASKED)
            changed.add(id)
        new = order(NOW - chance.randrange(60) * HOUR, 1000 + len(changed))
        await dispatches.place(new, decided(one()), ASKED)
    still = [id for id in ids if id not in changed]
    assert len(still) > 20
    assert sorted(id for id in seen if id in still) == sorted(still)


async def test_an_id_beyond_all_time_is_counted_too(dispatches: Dispatches) -> None:
    last = UUID(int=2**128 - 1)
    await dispatches.place(last, decided(dispatch(random.Random(1))), ASKED)
    assert (await dispatches.counts("370203", NOW, NOW.replace(year=9998)))["dispatches"] == 0


async def test_figures_read_no_more_when_ten_times_as_much_is_stored(dispatches: Dispatches) -> None:
    chance = random.Random(3)
    month_ago = NOW - timedelta(days=30)
    seen = []
    for first, until in ((0, 30), (30, 300)):
        for n in range(first, until):
            # At noon in UTC: what lies next to the ends of a period is read, and is as much as a few hours bring.
            at = (NOW - timedelta(days=1 + n % 29)).replace(hour=12)
            await dispatches.place(order(at, n), decided(dispatch(chance)), ASKED)
        await dispatches.sums.count()
        seen.append([
            await examined(dispatches, partial(dispatches.counts, "370203", since, NOW))
            for since in (month_ago, SINCE)
        ])  # fmt: skip
    little, much = seen
    assert all(many <= few + 15 for few, many in zip(little, much, strict=True)), seen


# ── rates ──


@pytest.fixture
async def evaluations(servers: Servers, names: Names) -> AsyncIterator[Evaluations]:
    database = Database(servers.settings(names), "evaluation")
    await database.open()
    yield await database.entries(Evaluations, "evaluations", Evaluation, RATED, lambda _: None)
    await database.close()


def evaluation(chance: random.Random, at: datetime | None) -> Evaluation:
    """Of an order that was dispatched then: open or closed, put off, judged or not. None: it was not yet."""
    if at is None:
        return Evaluation(orderer="li", category="noise")
    closed, maybe = chance.random() < 0.6, (None, True, False)
    return Evaluation(
        area=chance.choice(AREAS), category=chance.choice(("noise", "parking")),
        department=chance.choice((None, "sewage", "urban_management")), dispatched_at=at,
        answered_in_time=chance.choice(maybe), done_in_time=None if closed else chance.choice(maybe),
        closed_at=at + 30 * HOUR if closed else None, in_time=chance.random() < 0.5 if closed else None,
        outcome=chance.choice(("solved", "partly", "not_solved", "withdrawn", "duplicate")) if closed else None,
        deferred="pause" if not closed and chance.random() < 0.4 else None,
        verdict=chance.choice((None, *Verdict)), state=chance.choice(list(EvaluationState)),
    )  # fmt: skip


async def every_one_read(evaluations: Evaluations, among: Among) -> Counts:
    """The rates by their definitions, of fields as they are stored: the database looks at each."""

    def how_many(*conditions: Any) -> dict[str, Any]:
        return {"$sum": {"$cond": [{"$and": list(conditions)}, 1, 0]}}

    def field(name: str, *values: Any) -> dict[str, Any]:
        return {"$in": [f"$state.{name}", list(values)]}

    nobodys, closed = field("outcome", "withdrawn", "duplicate"), {"$gt": ["$state.closed_at", None]}
    ours, verdicts = {"$not": nobodys}, [one.value for one in Verdict]
    late, done = field("done_in_time", False), field("done_in_time", True)
    due = {"$or": [closed, late, done]}
    kept = {"$or": [{"$and": [closed, field("in_time", True)]}, {"$and": [{"$not": closed}, done]}]}
    counts = {
        "dispatched": how_many(ours),
        "answer_due": how_many(ours, field("answered_in_time", True, False)),
        "answered_in_time": how_many(ours, field("answered_in_time", True)),
        "evaluated": how_many(ours, field("verdict", *verdicts)),
        "solved": how_many(ours, closed, field("outcome", "solved"), field("verdict", "satisfied", "mostly")),
        **{one: how_many(ours, field("verdict", one)) for one in verdicts},
        "lapsed": how_many(ours, field("state", "lapsed"), {"$not": field("verdict", *verdicts)}),
        "due": how_many(ours, due),
        "deferred": how_many(ours, {"$gt": ["$state.deferred", None]}, {"$not": due}),
        "closed_in_time": how_many(ours, kept),
        "withdrawn": how_many(field("outcome", "withdrawn")),
        "duplicates": how_many(field("outcome", "duplicate")),
    }
    found = await evaluations.aggregate([{"$match": among.filter()}, {"$group": {"_id": None, **counts}}])
    return Counts.model_validate(found[0]) if found else Counts()


@pytest.mark.parametrize("seed", [1, 2])
async def test_rates_of_any_period_are_what_they_are_when_every_evaluation_is_read(
    evaluations: Evaluations, seed: int
) -> None:
    chance = random.Random(seed)
    times = {order(some_time(chance), n): some_time(chance) if n % 9 else None for n in range(150)}
    for id, at in times.items():
        await evaluations.place(id, decided(evaluation(chance, at)), ASKED)
    await evaluations.sums.count()
    for id in chance.sample(sorted(times), 40):  # some go on: they close, or lie elsewhere
        new = evaluation(chance, times[id] or some_time(chance))
        await evaluations.save(await evaluations.peek(id), decided(new), ASKED)
    shown: set[int | None] = set()
    for since, until in [*periods(chance), (None, None), (None, NOW), (SINCE, None), (NOW, SINCE)]:
        for area in ("370203", HERE, *AREAS, "370203/370203099"):
            which = (chance.choice((None, "noise", "parking")), chance.choice((None, "sewage", "unknown")))
            for among in (Among(area, since, until), Among(area, since, until, *which)):
                found = await evaluations.counts(among)
                assert found == await every_one_read(evaluations, among), among
                shown |= {found.deferred, found.due}
    assert len(shown) > 20


async def test_what_was_published_of_a_month_stays_whatever_comes_after(
    evaluations: Evaluations, servers: Servers, names: Names
) -> None:
    """Otherwise whoever asks before and after a verdict knows it. Two replicas publish the same."""
    chance, first = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC).astimezone(evaluations.zone)
    end = first.replace(month=2, hour=0)
    wanted = Among("370203", end.replace(month=1), end)
    good = evaluation(chance, NOW).but(closed_at=NOW, outcome="solved", in_time=True, done_in_time=None,
        answered_in_time=True, deferred=None)  # fmt: skip
    for n in range(40):
        verdict = (Verdict.SATISFIED, Verdict.MOSTLY)[n % 2]
        await evaluations.place(
            order(first + n * HOUR, n), decided(good.but(verdict=verdict, area=AREAS[0])), ASKED
        )
    database = Database(servers.settings(names), "evaluation")
    await database.open()
    two = [
        Publication(evaluations, database.versions("published"), root="370203", least=5, after=30 * 24 * HOUR)
        for _ in range(2)
    ]
    late = Asked(system("test"), end + 31 * 24 * HOUR, ASKED.trace)
    with pytest.raises(NotPublic):
        await two[0].counts(wanted, Asked(system("test"), end + 29 * 24 * HOUR, ASKED.trace))
    before = await asyncio.gather(*(one.counts(wanted, late) for one in two))
    assert before[0] == before[1]
    assert before[0][0].evaluated == 40
    await evaluations.place(order(first, 99), decided(good.but(verdict=Verdict.UNSATISFIED)), ASKED)
    assert (await evaluations.counts(wanted)).evaluated == 41
    new = Publication(
        evaluations, database.versions("published"), root="370203", least=5, after=30 * 24 * HOUR
    )
    for one in (*two, new):
        assert await one.counts(wanted, late) == before[0]
    nowhere, _ = await new.counts(replace(wanted, area="370203/370203099"), late)
    assert nowhere == Counts.hidden(), "that there is something elsewhere would tell"
    with pytest.raises(NotFound):
        await new.counts(replace(wanted, area="370212"), late)
    for area, since, until in [
        (AREAS[0], wanted.since, wanted.until), ("370203", wanted.since, end - HOUR), ("370203", first, end),
        ("370203", wanted.since, end.replace(month=3)),
    ]:  # fmt: skip
        with pytest.raises(NotPublic):
            await new.counts(Among(area, since, until), late)
    await database.close()


async def test_rates_read_no_more_when_ten_times_as_much_is_stored(evaluations: Evaluations) -> None:
    chance = random.Random(3)
    wanted = (
        Among("370203"), Among("370203", NOW - timedelta(days=30), NOW), Among("370203", None, NOW, "noise", "sewage")
    )  # fmt: skip
    seen = []
    for first, until in ((0, 30), (30, 300)):
        for n in range(first, until):
            at = (NOW - timedelta(days=1 + n % 29)).replace(hour=12)
            await evaluations.place(order(at, n), decided(evaluation(chance, at)), ASKED)
        await evaluations.sums.count()
        seen.append([await examined(evaluations, partial(evaluations.counts, one)) for one in wanted])
    little, much = seen
    assert all(many <= few + 15 for few, many in zip(little, much, strict=True)), seen
