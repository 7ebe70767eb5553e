"""What is asked often reads as much as it shows, however much is stored; and the sums for that are never wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.partners.books import Registry
from services.partners.domain.call import Appeal, Call, Deed, Written
from services.partners.domain.claim import Claim, Pledged
from services.partners.domain.claims.claimant import Claimant, must_carry
from services.partners.domain.claims.reserve import Carried, carried, reserve_of
from services.partners.domain.matching.score import Scale
from services.partners.domain.registry.partner import Partner
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import happened
from services.partners.domain.states import ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.queries.matching.market import Market
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import system
from shared.entry import Decision
from shared.naming import Names
from shared.problems import LostRace, RuleBroken
from shared.store import Database, Entries
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.claims.test_limits import resource
from tests.unit.partners.given import FIRST, SECOND, THIRD, open_to_partners
from tests.unit.partners.standing.test_standing import call_with, claim_of, evaluated

AREAS = (
    "370203/370203014/370203014008/06",
    "370203/370203014/370203014008",
    "370203/370203015/370203015005/01",
)
PARTNERS = (FIRST, SECOND, THIRD)
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class Replica:
    """One process over the list of calls."""

    def __init__(self, database: Database, calls: Calls) -> None:
        self.database, self.calls = database, calls

    @property
    def asked(self) -> Asked:
        return Asked(system("test"), self.database.now(), trace_from(None))

    async def put(self, n: int, call: Call) -> None:
        await self.calls.place(UUID(int=n << 80), Decision(call), self.asked)

    async def change(self, n: int, call: Call) -> None:
        while True:
            entry = await self.calls.peek(UUID(int=n << 80))
            try:
                await self.calls.save(entry, Decision(call), self.asked)
            except LostRace:
                continue
            return

    async def examined(self, asking: Callable[[], Awaitable[Any]]) -> int:
        return await examined(self.calls, asking)


async def examined(entries: Entries[Any], asking: Callable[[], Awaitable[Any]]) -> int:
    """How many documents the database looks at until that is answered."""
    database = entries._collection.database
    await database.command("profile", 2)
    try:
        await asking()
    finally:
        await database.command("profile", 0)
    seen = await database["system.profile"].find({"ns": {"$not": {"$regex": "profile$"}}}).to_list(None)
    await database.drop_collection("system.profile")
    assert seen
    return sum(one.get("docsExamined", 0) for one in seen)


@pytest.fixture
async def replicas(servers: Servers, names: Names) -> AsyncIterator[list[Replica]]:
    made = []
    for _ in range(2):
        database = Database(servers.settings(names), "partners")
        await database.open()
        made.append(Replica(database, await database.entries(Calls, "calls", Call, INDEXES, lambda _: None)))
    yield made
    for one in made:
        await one.database.close()


def call_of(chance: random.Random, partner: Partner | None = None, *, ended: datetime | None = None) -> Call:
    """A call of which claims ended, well or badly, at some time of the last months, and of which somebody spoke."""
    claims = []
    for n in range(chance.randrange(1, 3)):
        ending = chance.choice((None, None, Ending.FORCED, Ending.GIVEN_BACK)) if partner is None else None
        claim = claim_of(partner or chance.choice(PARTNERS), n + 1, ending=ending)
        at = ended or NOW - chance.randrange(400) * DAY
        claims.append(claim.but(at=at - DAY, ended_at=at))
    call = call_with(*claims).but(area=chance.choice(AREAS))
    if chance.random() < 0.6:
        call = evaluated(call, chance.choice(("satisfied", "mostly", "unsatisfied")))
    return call


def written(claim: Claim, amount: int) -> Written:
    """So much of the money came in."""
    return Written(
        deed=Deed.RECEIVED, claim_id=claim.claim_id, line="money", kind="funds", amount=amount, at=claim.at,
        by="li", day=claim.at.date(), reference=f"paper-{claim.claim_id}",
    )  # fmt: skip


ZONES = ("Asia/Shanghai", "UTC", "America/New_York")


@pytest.mark.parametrize("zone", ZONES)
async def test_what_happened_in_a_period_is_the_same_as_if_every_call_was_read(
    replicas: list[Replica], zone: str
) -> None:
    chance = random.Random(5)
    replicas[0].calls.zone = ZoneInfo(zone)
    begin = datetime(2025, 12, 1, tzinfo=UTC)
    near = [begin + hours * timedelta(hours=1) for hours in range(-12, 13)]
    calls = [call_of(chance, ended=chance.choice(near) if n % 2 else None) for n in range(80)]
    for n, call in enumerate(calls, 1):
        await replicas[0].put(n, call)
    for area in (None, *AREAS, "370203/370203014"):
        for period in (None, "2025", "2026", "2025-Q4", "2025-11", "2025-12", "2026-03"):
            span = Span.of(period, zone) if period else None
            counted: dict[UUID, Counter[Event]] = {}
            for call in calls:
                inside = area is None or call.area == area or call.area.startswith(area + "/")
                for one in happened(call) if inside else ():
                    if span is None or span.since <= one.at < span.until:
                        counted.setdefault(one.partner_id, Counter())[one.event] += 1
            assert await replicas[0].calls.counts(area, span) == counted, (area, period)


def everything_of(partner: Partner, calls: list[Call]) -> list[Carried]:
    return [
        carried(
            UUID(int=n << 80), call.area, claim, partner.id, record=call.record,
            forgiven=any(one.of == str(claim.claim_id) and one.decision == "upheld" for one in call.appeals),
        )
        for n, call in enumerate(calls, 1)
        for claim in call.claims
        if claim.partner_id == partner.id
    ]  # fmt: skip


def said_to(call: Call, by: Claimant, at: datetime, terms: Terms) -> str:
    """What a partner is told that asks for lines of a call."""
    lines = (
        Pledged(name="pipe", kind="goods", amount=3, unit="m"),
        Pledged(name="money", kind="funds", amount=700, unit="fen"),
    )
    try:
        must_carry(call, lines, by, at, terms)
    except RuleBroken as refused:
        return f"{type(refused).__name__}: {refused} {refused.now}"
    return "taken"


@pytest.mark.parametrize("seed", range(6))
async def test_a_partner_is_told_the_same_as_if_every_claim_it_ever_had_was_read(
    replicas: list[Replica], seed: int
) -> None:
    chance = random.Random(seed)
    calls = []
    for n in range(1, 50):
        ending = chance.choice((None, None, None, *([Ending.FORCED] * (seed % 3)), Ending.CALL_ENDED))
        at = NOW - chance.randrange(500) * DAY
        sized = (
            ("pipe", "goods", chance.randrange(1, 5), "m"),
            ("money", "funds", chance.randrange(900), "fen"),
        )
        lines = tuple(Pledged(name=a, kind=b, amount=c, unit=d) for a, b, c, d in sized)
        claim = claim_of(FIRST, n, ending=ending).but(at=at - DAY, ended_at=at, lines=lines)
        if chance.random() < 0.1:
            claim = claim.but(state=ClaimState.ACTIVE, ended_at=None, ending=None)
        call = call_with(claim).but(area=chance.choice(AREAS))
        if claim.ended_at and chance.random() < 0.3:
            call = call.but(record=(written(claim, chance.randrange(1, 500)),))
        if claim.ending is Ending.FORCED and chance.random() < 0.3:
            forgiven = Appeal(
                id=UUID(int=n), partner_id=FIRST.id, against="claim", of=str(claim.claim_id), reason="", at=at,
                decision="upheld",
            )  # fmt: skip
            call = call.but(appeals=(forgiven,))
        calls.append(call)
        await replicas[0].put(n, call)
    heard = set()
    for per in ("once", "year", "month"):
        for quantity, area in ((60, "370203"), (25, AREAS[1])):
            pipes = resource("goods", quantity, "pipe", unit="m", per=per, area=area)
            money = resource("funds", 9000, unit="fen", per=chance.choice(("once", "year", "month")))
            for resources in ((pipes, money, resource("goods", 9, "pipe", "x", unit="m")), (), (money,)):
                has = FIRST.but(resources=resources)
                terms = Terms(finished_from=3, finished_least=chance.choice((0, 30, 40, 50, 60, 70, 95, 100)))
                known = await replicas[0].calls.carried_by(has, NOW, terms)
                every = tuple(everything_of(FIRST, calls))
                assert reserve_of(has, known, NOW) == reserve_of(has, every, NOW)
                answers = [
                    said_to(open_to_partners(), Claimant(has, some), NOW, terms) for some in (known, every)
                ]
                assert answers[0] == answers[1]
                heard.add(answers[0].partition(":")[0])
    assert heard >= ({"taken", "TooFewFinished"} if seed % 3 else {"taken"}), heard


async def test_a_start_a_claim_and_a_ranking_read_no_more_when_ten_times_as_much_is_stored(
    replicas: list[Replica],
) -> None:
    replica, chance = replicas[0], random.Random(6)
    has = FIRST.but(
        resources=(
            resource("funds", 10**9, per="year"),
            resource("goods", 10**6, "valve"),
            resource("labour", 9, "x"),
        )
    )
    registry = Registry([has, SECOND, THIRD])
    await registry.open(replica.database)
    month = Span.of("2026-02", "Asia/Shanghai")

    async def start() -> None:
        market = Market(registry, Scale())
        await market.open(replica.calls, replica.database)
        await market.refresh()

    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "a start": start,
        "a claim": lambda: replica.calls.carried_by(has, NOW, Terms()),
        "what is in hand": lambda: replica.calls.held_number(FIRST.id),
        "a ranking of a month": lambda: replica.calls.counts(None, month),
        "a ranking": lambda: replica.calls.counts(AREAS[0], None),
    }
    seen = []
    for until in (30, 300):
        for n in range(1 if until == 30 else 31, until + 1):
            # Of the last year, and all of what ended in this one in February.
            ended = NOW - timedelta(days=90 + n % 200) if n % 3 else datetime(2026, 2, 10, tzinfo=UTC)
            await replica.put(n, call_of(chance, PARTNERS[n % 3], ended=ended))
        await replica.calls.sums.count()
        seen.append({name: await replica.examined(asking) for name, asking in questions.items()})
    little, much = seen
    assert {name: much[name] for name in questions if much[name] > little[name] + 15} == {}, seen
