"""What a partner did and what happened to it is read as far as it is shown, however much it did."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.claim import Report
from services.partners.domain.matching.score import Scale
from services.partners.domain.registry.resource import key_of
from services.partners.domain.standing.impact import came_to, done_by, impact_of, photos_among
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.score import happened
from services.partners.domain.states import ClaimState, Ending
from services.partners.queries.matching.market import Market
from tests.integration.test_growth import NOW, PARTNERS, ZONES, Replica, call_of, replicas, written
from tests.unit.partners.given import FIRST, SECOND
from tests.unit.partners.standing.test_standing import call_with, claim_of

__all__ = ["replicas"]
LINES = (("money", "funds", 500, "fen"), ("crew", "labour", 8, "hours"), ("pipe", "goods", 12, "m"))
PERIODS = (
    "2025",
    "2026",
    "2025-Q4",
    "2026-Q1",
    *(f"2025-{month:02}" for month in range(9, 13)),
    "2026-01",
    "2026-02",
)


def some_time(chance: random.Random) -> datetime:
    """Often near the begin of a month."""
    begin = datetime(2025, 8, 1, tzinfo=UTC) + chance.randrange(8) * timedelta(days=31)
    near = begin.replace(day=1) + chance.randrange(-16, 16) * timedelta(hours=1)
    return near if chance.random() < 0.5 else NOW - chance.randrange(300) * timedelta(days=1)


def worked_on(chance: random.Random, n: int) -> Call:
    """An order on which a partner worked once or more often, with photos or without."""
    claims = []
    for which in range(chance.choice((1, 1, 1, 2, 3))):
        photos = tuple(
            Report(percent=percent, note="", at=NOW, photos=(f"{n}-{which}-{percent}",))
            for percent in (10, 100)
            if chance.random() < 0.6
        )
        claim = claim_of(chance.choice((FIRST, FIRST, SECOND)), 10 * n + which, lines=LINES)
        claims.append(claim.but(reports=photos, ended_at=some_time(chance)))
    call = call_with(*claims).but(category=chance.choice(("noise", "parking")))
    call = call.but(households=("1-101", "1-102") if chance.random() < 0.3 else ())
    return call.but(record=(written(claims[0], 70),)) if chance.random() < 0.4 else call


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_a_partner_did_in_a_period_is_the_same_as_if_every_call_was_read(
    replicas: list[Replica], seed: int, zone: str
) -> None:
    chance = random.Random(seed)
    replicas[0].calls.zone = ZoneInfo(zone)
    calls = [worked_on(chance, n) for n in range(90)]
    # One with work accepted at both ends of October, in the hours in which it is another month in Qingdao.
    first, last = (claim_of(FIRST, 900, lines=LINES), claim_of(FIRST, 901, lines=LINES[1:]))
    begin, end = datetime(2025, 9, 30, 18, tzinfo=UTC), datetime(2025, 10, 31, 18, tzinfo=UTC)
    calls.append(call_with(first.but(ended_at=begin), last.but(ended_at=end)))
    for n, call in enumerate(calls):
        await replicas[0].put(n, call)
    every = [(UUID(int=n << 80), call) for n, call in enumerate(calls)]
    for period in (None, *PERIODS):
        span = Span.of(period, zone) if period else None

        def inside(at: datetime, span: Span | None = span) -> bool:
            return span is None or span.since <= at < span.until

        expected: Counter[str] = Counter()
        for call in calls:
            if done := done_by(call, FIRST.id, inside):
                expected.update(came_to(call, done))
        total, photos = await replicas[0].calls.came_to(FIRST.id, span)
        among = photos_among(every, FIRST.id, inside)
        assert impact_of(total, photos) == impact_of(expected, among), period


async def test_the_latest_that_happened_to_a_partner_is_shown(replicas: list[Replica]) -> None:
    chance = random.Random(5)
    calls = [call_of(chance) for _ in range(80)]
    for n, call in enumerate(calls, 1):
        await replicas[0].put(n, call)
    every = [one for call in calls for one in happened(call) if one.partner_id == FIRST.id]
    latest = sorted((one.at for one in every), reverse=True)
    assert await replicas[0].calls.counts_of(FIRST.id) == Counter(one.event for one in every)
    for most in (1, 5, 20, 200):
        found = await replicas[0].calls.happened_to(FIRST.id, most=most)
        assert [one.at for _, one in found] == latest[:most]


async def test_a_partners_page_reads_no_more_when_it_did_ten_times_as_much(replicas: list[Replica]) -> None:
    replica = replicas[0]
    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "standing": partial(replica.calls.counts_of, FIRST.id),
        "the latest": partial(replica.calls.happened_to, FIRST.id, most=5),
        "impact ever": partial(replica.calls.came_to, FIRST.id, None),
        "impact of a year": partial(replica.calls.came_to, FIRST.id, Span.of("2025", "Asia/Shanghai")),
    }
    seen = []
    for first, until in ((1, 181), (181, 800)):
        for n in range(first, until):  # one a day, and then many more in the time before that
            ended = NOW - timedelta(days=n if n < 181 else 210 + n % 150)
            shown = (Report(percent=100, note="", at=NOW, photos=(f"{n}",)),)
            await replica.put(n, call_with(claim_of(FIRST, n).but(ended_at=ended, reports=shown)))
        await replica.calls.sums.count()
        seen.append({name: await replica.examined(asking) for name, asking in questions.items()})
    little, much = seen
    assert {name: much[name] for name in questions if much[name] > little[name] + 15} == {}, seen


async def test_a_look_at_what_is_in_hand_reads_what_changed_and_not_all_that_is_held(
    replicas: list[Replica],
) -> None:
    replica, seen = replicas[0], []
    registry = Registry(PARTNERS)
    await registry.open(replica.database)
    market = Market(registry, Scale())
    await market.open(replica.calls, replica.database)

    def held(n: int) -> Call:
        who = PARTNERS[n % 3]
        return call_with(
            claim_of(who, n, lines=LINES).but(state=ClaimState.ACTIVE, ended_at=None, ending=None)
        )

    for first, until in ((0, 30), (30, 300)):
        for n in range(first, until):
            await replica.put(n, held(n))
        await market.refresh()
        assert {id: market.loads[id].held for id in (FIRST.id, SECOND.id)} == dict.fromkeys(
            (FIRST.id, SECOND.id), until // 3
        )
        seen.append(await replica.examined(market.refresh))
    few, many = seen
    assert many <= few + 15, seen
    assert market.loads[FIRST.id].taken["year"][key_of("labour", "hours", "crew")] == 100 * 8

    await replica.change(0, call_with(claim_of(FIRST, 0, ending=Ending.GIVEN_BACK)))
    await market.refresh()
    assert market.loads[FIRST.id].held == 99
