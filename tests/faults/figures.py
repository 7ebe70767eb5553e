"""No figure lies: rates, figures, counts and lists are what the histories of random lives say, in every cell.

The lives go through the rules and the stores of dispatch and evaluation, and the read side of both answers; what they
must answer is worked out of the histories alone, by the definitions in words (`figures_told.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, product, takewhile
from typing import Any, NamedTuple
from uuid import UUID

from services.dispatch.domain.counting import counted
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock
from services.dispatch.queries.figures import FiguresOut, figures_of
from services.dispatch.queries.reading import counts
from services.dispatch.store import INDEXES as OF_DISPATCH
from services.dispatch.store import Dispatches, Queue, WorkList
from services.evaluation.domain.evaluation import Evaluation
from services.evaluation.domain.publishing import is_public
from services.evaluation.domain.rates import Counts
from services.evaluation.queries import Publication, counted_among
from services.evaluation.store import INDEXES as OF_EVALUATION
from services.evaluation.store import Among, Evaluations
from shared.asked import Asked
from shared.caller import lies_in, system
from shared.periods import midnight, month_before
from shared.settings import ServiceSettings
from shared.store import Database, Tail
from shared.telemetry import trace_from
from tests.faults.figures_added import Told
from tests.faults.figures_lives import CATEGORIES, Family, Life, live, time_to_answer
from tests.faults.figures_told import Order, in_order
from tests.faults.harness import SERVERS, Given, Verdict

NOW = datetime(2026, 6, 20, 9, 30, tzinfo=UTC)
_DAYS = 100
_MONTH = 32  # in which some begin earlier
_AT_ONCE = 300
_FAMILIES = (1, 1, 1, 1, 1, 2, 3)  # of orders that may repeat one another
_MOST = 1000  # that a count says; more is as many
_SHOWN = 20  # cells that differ, by name

SHORT = {"lives": 1500, "periods": 6}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=20_000, help="orders (20,000)")
    parser.add_argument("--periods", type=int, default=10, help="periods of each figure (10)")


class Lists(NamedTuple):
    dispatches: Dispatches
    evaluations: Evaluations
    database: Database


async def prove(given: Given, verdict: Verdict) -> None:
    lives: dict[UUID, Life] = {}
    async with given.system(only=SERVERS) as system_, _lists(system_.mongo_admin_url, lives) as lists:
        await _live(given, lists, lives)
        given.say(
            f"{len(lives)} lives, {sum(len(one.dispatch.told) for one in lives.values())} told by dispatch"
        )
        orders = await _orders(lists, lives)
        given.say("what was told is read")
        told = Told(list(orders.values()))
        _each_adds(verdict, orders, lives)
        await _orders_agree(verdict, lists, orders)
        await _rates_agree(given, verdict, lists, told)
        await _figures_agree(given, verdict, lists, told)
        given.say("rates and figures are compared")
        await _lists_agree(verdict, lists, orders, lives, told.areas)
        await _published_agree(verdict, lists, told)
    kinds = sum((one.rates() for one in orders.values()), Counter[str]())
    for kind in Counts.model_fields:
        verdict.check(kinds[kind] > 0, f"no life led to {kind}: nothing was proved of it")
    told_reopened = sum(one.reopenings > 0 for one in orders.values())
    verdict.check(told_reopened > 0, "no life was opened again: nothing was proved of it")
    verdict.figure(f"{len(lives)} lives")
    verdict.figure(f"{verdict.looked} cells")
    verdict.figure(
        f"{kinds['withdrawn']} withdrawn, {kinds['duplicates']} repeated, {told_reopened} reopened"
    )


@asynccontextmanager
async def _lists(url: str, lives: dict[UUID, Life]) -> AsyncIterator[Lists]:
    """The stores of both services; what they save is told to the life that it is of."""

    def by_dispatch(tail: Tail) -> None:
        lives[tail.id].told(lives[tail.id].dispatch, tail.events)

    def by_evaluation(tail: Tail) -> None:
        lives[tail.id].told(lives[tail.id].evaluation, tail.events)

    settings = ServiceSettings.model_validate({"mongo_url": url})
    ours, theirs = Database(settings, "dispatch"), Database(settings, "evaluation")
    await ours.open()
    await theirs.open()
    try:
        yield Lists(
            await ours.entries(Dispatches, "dispatches", Dispatch, OF_DISPATCH, by_dispatch),
            await theirs.entries(Evaluations, "evaluations", Evaluation, OF_EVALUATION, by_evaluation),
            theirs,
        )
    finally:
        await ours.close()
        await theirs.close()


async def _live(given: Given, lists: Lists, lives: dict[UUID, Life]) -> None:
    """Many at once; sums are counted meanwhile, so that they move by what changes."""
    numbers = iter(takewhile(lambda _: len(lives) < given.options.lives, count()))
    sums = (lists.dispatches.sums, lists.evaluations.sums)

    async def one_after_another() -> None:
        for n in numbers:
            chance = random.Random(f"{given.seed}/{n}")
            family = Family(_begin(chance, lists.dispatches))
            for k in range(min(chance.choice(_FAMILIES), given.options.lives - len(lives))):
                one = Life(lists.dispatches, lists.evaluations, chance, len(_FAMILIES) * n + k, family)
                lives[one.id] = one
            await live(family, chance)
            if n % 50 == 0:  # the others are under way
                await asyncio.gather(*(one.count() for one in sums))
            if n % 2000 == 1999:
                given.say(f"{n + 1} lives")

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
    for one in sums:
        while not await one.count():
            pass


def _begin(chance: random.Random, dispatches: Dispatches) -> datetime:
    """Some time; often next to the begin of a day or a month of the place."""
    at = NOW - timedelta(days=_DAYS) * chance.random()
    if chance.random() < 0.3:
        day = midnight(at, dispatches.zone)
        at = (day.replace(day=1) if chance.random() < 0.5 else day) + timedelta(
            milliseconds=chance.randrange(-2, 3)
        )
    return at.astimezone(UTC).replace(microsecond=0) + timedelta(milliseconds=chance.randrange(2))


async def _orders(lists: Lists, lives: dict[UUID, Life]) -> dict[UUID, Order]:
    """Each by its stored histories, and what intake said of it."""
    found: dict[UUID, Order] = {}
    for id, life in lives.items():
        intake: list[dict[str, Any]] = [
            {
                "n": n,
                "at": at,
                "type": message.type(),
                "data": message.model_dump(mode="json"),
                "by": {"id": ""},
            }
            for n, at, _, message in life.intake.told
        ]
        evaluation = await lists.evaluations.history(id)
        causes = {f"intake:{one['n']}": one["at"] for one in intake}
        causes |= {f"evaluation:{one['n']}": one["at"] for one in evaluation}
        histories = {
            "intake": intake,
            "evaluation": evaluation,
            "dispatch": await lists.dispatches.history(id),
        }
        order = Order(placed=intake[0]["at"], until=life.at, causes=causes, end=time_to_answer)
        found[id] = order.read(list(in_order(histories)))
    return found


# ---------------------------------------------------------------- figures and rates


def _periods(given: Given, lists: Lists) -> list[tuple[datetime, datetime]]:
    """Months of the place, and any others."""
    months, at = [], NOW
    for _ in range(3):
        months.append(month_before(at, lists.dispatches.zone))
        at = months[-1][0]
    some = [_begin(given.chance, lists.dispatches) for _ in range(2 * given.options.periods)]
    ends = [(min(pair), max(pair)) for pair in zip(some[::2], some[1::2], strict=True)]
    return [(NOW - timedelta(days=_DAYS + _MONTH), NOW), *months, *ends]


async def _rates_agree(given: Given, verdict: Verdict, lists: Lists, told: Told) -> None:
    narrower = [*product((None, *CATEGORIES), (None, "sewage", "urban_management"))]
    for area, (since, until) in product(told.areas, _periods(given, lists)):
        for category, department in narrower if area.count("/") < 2 else narrower[:1]:
            found = await lists.evaluations.counts(Among(area, since, until, category, department))
            wanted = told.rates(area, since, until, category, department)
            where = f"rates {area} {since} {until} {category} {department}"
            _same(verdict, where, found.model_dump(), wanted)


def _each_adds(verdict: Verdict, orders: dict[UUID, Order], lives: dict[UUID, Life]) -> None:
    """What each order adds to the figures: where a sum is wrong, this says by whom."""
    for id, told in orders.items():
        adds, wanted = counted(lives[id].dispatched.state), told.figures()
        adds["duplicates"] = adds.pop("duplicate", 0)
        differ = {name for name in {*adds, *wanted} if adds[name] != wanted[name]}
        said = ", ".join(f"{name} {adds[name]}, told {wanted[name]}" for name in sorted(differ))
        verdict.check(not differ, f"{id} adds {said}")


async def _orders_agree(verdict: Verdict, lists: Lists, orders: dict[UUID, Order]) -> None:
    """The orders that are listed behind each figure."""
    whole = Among("370203", NOW - timedelta(days=_DAYS + _MONTH), NOW)
    for figure in Counts.model_fields:
        ids: list[UUID] = []
        cursor = None
        while True:
            page, cursor = await counted_among(lists.evaluations, whole, figure, cursor=cursor, limit=100)
            ids += [entry.id for entry in page]
            if cursor is None:
                break
        wanted = {id for id, one in orders.items() if one.rates()[figure]}
        right = len(ids) == len(wanted) and set(ids) == wanted
        others = sorted(map(str, set(ids) ^ wanted))[:3]
        verdict.check(right, f"{len(ids)} orders behind {figure}, {len(wanted)} were told: {others}")


async def _figures_agree(given: Given, verdict: Verdict, lists: Lists, told: Told) -> None:
    for area, (since, until) in product(told.areas, _periods(given, lists)):
        found = figures_of(area, since, until, await lists.dispatches.counts(area, since, until))
        _same(verdict, f"figures {area} {since} {until}", _flat(found), told.figures(area, since, until))


def _flat(found: FiguresOut) -> dict[str, int]:
    names = ("dispatches", "withdrawn", "duplicates", "answer_due", "answered_in_time", "whistled", "whistles",
             "referrals", "referrals_answered", "refusals", "supervised", "overdue", "closed",
             "reopened", "reopenings")  # fmt: skip
    flat = {name: getattr(found, name) for name in names}
    flat["closing_ms"] = round((found.mean_seconds_to_close or 0) * found.closed * 1000)
    for unit in found.units:
        for name in ("asked", "answered", "in_time", "missed"):
            flat[f"{name}|{unit.what}|{unit.unit}"] = getattr(unit, name)
        flat[f"ms|{unit.what}|{unit.unit}"] = round((unit.mean_seconds or 0) * unit.answered * 1000)
    return flat


def _same(verdict: Verdict, where: str, found: dict[str, Any], told: Counter[str]) -> None:
    """Each cell. Means are rounded to a tenth of a millisecond, so of many answers some are left over."""
    for name in sorted({*found, *told}):
        is_mean = name == "closing_ms" or name.startswith("ms|")
        counted = told[name.replace("ms|", "answered|") if name != "closing_ms" else "closed"]
        near = 0.05 * counted + 1 if is_mean else 0
        seen = found.get(name) or 0
        verdict.check(
            abs(seen - told[name]) <= near, f"{where}: {name} is {seen}, and was told {told[name]} times"
        )


# ---------------------------------------------------------------- lists and counts


async def _lists_agree(
    verdict: Verdict, lists: Lists, orders: dict[UUID, Order], lives: dict[UUID, Life], areas: list[str]
) -> None:
    """Every list, through its pages, holds what was told; and its count is as long."""
    until = NOW + timedelta(hours=24)
    for area in areas:
        here = {id: one for id, one in orders.items() if lies_in(one.area, area)}
        allowed = Queue(area=area, units=(area,))
        shown = await counts(lists.dispatches, allowed, until=until)
        for kind in WorkList:
            queue = replace(allowed, of=kind, until=until if kind is WorkList.DUE else None)
            found = await _all(lists.dispatches, queue)
            verdict.check(len(found) == len(set(found)), f"{kind} of {area} repeats an order")
            count = getattr(shown, kind.value)
            verdict.check(count == min(len(found), _MOST), f"{kind} of {area}: {count} of {len(found)}")
            wanted = (
                _had_by(area, here, lives) if kind is WorkList.MINE else _wanted(kind, here, lives, until)
            )
            if wanted is not None:
                verdict.check(set(found) == wanted, f"{kind} of {area} holds others than were told")
        for state, count in shown.by_state.items():
            found = await _all(lists.dispatches, replace(allowed, state=state))
            verdict.check(count == min(len(found), _MOST), f"{state} of {area}: {count} of {len(found)}")


def _had_by(unit: str, here: dict[UUID, Order], lives: dict[UUID, Life]) -> set[UUID]:
    """In whose hands it is not all messages say: by who has it, or a part of it that has not ended."""
    found = set()
    for id, told in here.items():
        it = lives[id].dispatched.state
        parts = (task.unit for task in it.tasks if task.ended is None)
        if told.is_open and not told.merged and unit in (it.assigned_to, it.handled_by, *parts):
            found.add(id)
    return found


def _wanted(
    kind: WorkList, here: dict[UUID, Order], lives: dict[UUID, Life], until: datetime
) -> set[UUID] | None:
    match kind:
        case WorkList.ALL:
            return set(here)
        case WorkList.OVERDUE:
            return {id for id, one in here.items() if one.is_open and one.overdue}
        case WorkList.DUE:  # which clocks run is told to nobody: by those that would strike
            return {
                id
                for id in here
                if any(
                    end <= until and Clock.of(name) is not Clock.REMINDER
                    for name, end in lives[id].dispatched.state.due.items()
                )
            }
        case _:
            return None


async def _all(dispatches: Dispatches, queue: Queue) -> list[UUID]:
    found: list[UUID] = []
    cursor = None
    while True:
        page = await dispatches.queue(queue, cursor=cursor, limit=100)
        found += [row["_id"] for row in page.items]
        cursor = page.next
        if cursor is None:
            return found


# ---------------------------------------------------------------- what everybody sees


async def _published_agree(verdict: Verdict, lists: Lists, told: Told) -> None:
    """What is published is what was told, or nothing; where nothing is too few, all of it is published."""
    asked = Asked(system("proof"), NOW, trace_from(None))
    since, until = month_before(NOW, lists.evaluations.zone)
    for least, kept in ((5, "published"), (1, "published_all")):
        publication = Publication(
            lists.evaluations,
            lists.database.versions(kept),
            root="370203",
            least=least,
            after=timedelta(days=1),
        )
        shown = 0
        for area in filter(is_public, told.areas):
            found, _ = await publication.counts(Among(area, since, until), asked)
            wanted = told.rates(area, since, until)
            for name, n in found.model_dump().items():
                shown += n is not None
                right = n is None or (n == wanted[name] and (n == 0 or n >= least))
                verdict.check(
                    right, f"published of {area}, of {least} at least: {name} is {n} of {wanted[name]}"
                )
        verdict.figure(f"{shown} numbers published of {least} at least")
        verdict.check(shown > 0 or least > 1, "nothing was published: nothing was proved of it")
