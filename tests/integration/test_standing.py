"""What counts for partners, added up by a real database: of an area, in a period, of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.registry.partner import Partner
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import happened
from services.partners.domain.states import CallState, Ending
from services.partners.domain.terms import Terms
from services.partners.queries.standing.publication import Publication
from services.partners.queries.standing.shown import (
    ImpactOut,
    RankingOut,
    StandingOut,
    Standings,
    honours_for,
    impact_for,
    ranking_for,
    standing_for,
)
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import Caller, Role, system
from shared.entry import Decision
from shared.naming import Names
from shared.problems import NotPublic
from shared.store import Database
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.claims.test_limits import resource
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    SECOND,
    call_in,
    member,
    note_verdict,
    receiving,
    releasing,
)
from tests.unit.partners.standing.test_appeals import appealing, deciding
from tests.unit.partners.standing.test_standing import RULES, call_with, claim_of, evaluated

ELSEWHERE = "370203/370203015/370203015005/01"
GOOD = call_with(claim_of(FIRST, 1), claim_of(SECOND, 2))
HERE, THERE = evaluated(GOOD, "satisfied"), evaluated(GOOD).but(area=ELSEWHERE)
LOST = call_with(claim_of(FIRST, 3, ending=Ending.FORCED))
SECOND_ON = timedelta(seconds=1)


@pytest.fixture
async def database(servers: Servers, names: Names) -> AsyncIterator[Database]:
    database = Database(servers.settings(names), "partners")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def calls(database: Database) -> Calls:
    calls = await database.entries(Calls, "calls", Call, INDEXES, lambda _: None)
    asked = Asked(system("test"), database.now(), trace_from(None))
    for n, call in enumerate((HERE, THERE, LOST, *map(call_in, (CallState.OPEN, CallState.BLANK))), 1):
        await calls.place(UUID(int=n << 80), Decision(call), asked)
    return calls


async def test_the_database_adds_up_what_the_rule_finds(calls: Calls) -> None:
    expected: dict[UUID, Counter[Event]] = {}
    for call in (HERE, THERE, LOST):
        for one in happened(call):
            expected.setdefault(one.partner_id, Counter())[one.event] += 1
    assert await calls.counts(None, None) == expected
    assert expected[FIRST.id] == {
        Event.FULFILLED: 2,
        Event.SATISFIED: 1,
        Event.UNSATISFIED: 1,
        Event.LOST: 1,
    }


THEN = LATER.astimezone(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("area", "period", "fulfilled"),
    [
        (AREA.rpartition("/")[0], None, 1),
        ("370203", f"{THEN:%Y-%m}", 2),
        ("370203", f"{THEN:%Y}", 2),
        (None, f"{THEN.year - 1}-{THEN:%m}", None),
        (None, f"{THEN.year + 1}", None),
    ],
)
async def test_what_happened_elsewhere_or_at_another_time_does_not_count(
    calls: Calls, area: str | None, period: str | None, fulfilled: int | None
) -> None:
    counts = await calls.counts(area, Span.of(period, "Asia/Shanghai") if period else None)
    assert (counts[SECOND.id][Event.FULFILLED] if counts else None) == fulfilled


async def test_what_an_appeal_took_away_is_forgiven_whoever_claims_again(calls: Calls) -> None:
    asked = Asked(system("test"), LATER, trace_from(None))
    upheld = deciding(appealing(LOST, str(UUID(int=3)), "claim"))
    await calls.place(UUID(int=9 << 80), Decision(upheld), asked)
    carries = await calls.carried_by(FIRST, LATER + SECOND_ON, Terms())
    lost = {one.order_id.int >> 80: one.forgiven for one in carries if one.claim.ending is Ending.FORCED}
    assert lost == {3: False, 9: True}


async def test_a_partner_carries_what_came_in_of_a_claim_that_ended(calls: Calls) -> None:
    paid = receiving(call_in(CallState.OPEN), FIRST, 700)
    ended, id = releasing(paid.state, FIRST).state, UUID(int=9 << 80)
    await calls.place(id, Decision(ended), Asked(system("test"), LATER, trace_from(None)))
    has = FIRST.but(resources=(resource("funds", 1000, per="year"),))
    [owed] = [one.owed for one in await calls.carried_by(has, LATER, Terms()) if one.order_id == id]
    assert owed == {"money": 700}


async def test_a_partner_is_shown_what_counts_for_it_and_of_which_order(calls: Calls) -> None:
    found = await calls.happened_to(SECOND.id, most=9)
    assert sorted((id.int >> 80, one.event.value) for id, one in found) == [
        (1, "fulfilled"),
        (1, "satisfied"),
        (2, "fulfilled"),
        (2, "unsatisfied"),
    ]
    assert {one.at for _, one in found} == {LATER}
    assert await calls.counts_of(SECOND.id) == Counter(one.event for _, one in found)
    assert len(await calls.happened_to(SECOND.id, most=1)) == 1


def judged(who: Partner, n: int, verdict: str, at: datetime) -> Call:
    done = claim_of(who, n).but(ended_at=at, delivered_at=at)
    return note_verdict(call_with(done), n=1, verdict=verdict, at=at).state


FEBRUARY, MARCH = (datetime(2026, month, 9, tzinfo=UTC) for month in (2, 3))
AS_OF = datetime(2026, 5, 2, tzinfo=UTC)  # March ended more than thirty days ago
SAID = (
    *((FIRST, verdict, MARCH) for verdict in ("satisfied", "satisfied", "unsatisfied", "unsatisfied")),
    *((FIRST, verdict, FEBRUARY) for verdict in ("satisfied", "satisfied", "unsatisfied")),
    *((SECOND, "satisfied", FEBRUARY) for _ in range(2)),
    (SECOND, "unsatisfied", MARCH),
)
RESIDENT = Caller("r-1", Role.RESIDENT)


class Public:
    """What somebody is told of the two partners, as they read it."""

    def __init__(self, calls: Calls, database: Database, registry: Registry) -> None:
        kept = database.versions("published_months")
        publication = Publication(calls, kept, root="370203", least=2, after=timedelta(days=30))
        self.standings, self.registry = Standings(calls, RULES, publication), registry

    async def told(self, caller: Caller = RESIDENT, now: datetime = AS_OF) -> list[BaseModel]:
        asked, all = Asked(caller, now, trace_from(None)), (self.standings, self.registry)
        found: list[BaseModel] = [await honours_for(*all, None, "2026-03", asked)]
        for period in ("2026-02", "2026-03", None):
            found.append(await ranking_for(*all, "370203", period, asked, 9))
            found += [await impact_for(*all, one.id, period, asked) for one in (FIRST, SECOND)]
        return [*found, *[await standing_for(*all, one.id, asked) for one in (FIRST, SECOND)]]


@pytest.fixture
async def public(database: Database) -> Public:
    calls = await database.entries(Calls, "calls", Call, INDEXES, lambda _: None)
    asked = Asked(system("test"), database.now(), trace_from(None))
    for n, (who, verdict, at) in enumerate(SAID, 1):
        await calls.place(UUID(int=n << 80), Decision(judged(who, n, verdict, at)), asked)
    registry = Registry((FIRST, SECOND))
    await registry.open(database)
    return Public(calls, database, registry)


async def test_everybody_sees_of_a_month_what_tells_of_no_household(public: Public) -> None:
    told = await public.told()
    february, march, both = (one for one in told if isinstance(one, RankingOut))
    ranks = {
        of: [(one.partner_id, one.fulfilled, one.points) for one in seen.items]
        for of, seen in (("2", february), ("3", march))
    }
    assert ranks["3"] == [(FIRST.id, 4, 60)], "two and two; SECOND was judged by one"
    assert ranks["2"] == [(FIRST.id, 3, 45), (SECOND.id, 2, 30)], (
        "of work alone: one was unsatisfied; all were satisfied"
    )
    assert [(one.partner_id, one.fulfilled) for one in both.items] == [(FIRST.id, 7), (SECOND.id, 2)]
    first, second = (one for one in told if isinstance(one, StandingOut))
    assert first.months == ["2026-02", "2026-03"]
    shown = {event.value: n for event, n in first.counts.items() if n is not None}
    assert shown == {"fulfilled": 7, "on_time": 7, "satisfied": 2, "unsatisfied": 2}
    shown = {event.value: n for event, n in second.counts.items() if n is not None}
    assert shown == {"fulfilled": 2, "on_time": 2}
    assert (second.factors[0].rate, second.factors[0].text.en[:8]) == (None, "Too few ")
    assert [one.orders for one in told if isinstance(one, ImpactOut)] == [3, 2, 4, None, 7, 2]


async def test_what_was_published_does_not_move_with_a_verdict_or_an_appeal(
    public: Public, database: Database
) -> None:
    before = await public.told()
    calls = public.standings.calls
    asked = Asked(system("test"), database.now(), trace_from(None))
    for n, at in enumerate((MARCH, AS_OF), 100):
        await calls.place(UUID(int=n << 80), Decision(judged(SECOND, n, "unsatisfied", at)), asked)
    anew = Public(calls, database, public.registry)  # another replica, which has kept nothing in its memory
    assert await anew.told() == before
    near = await standing_for(
        anew.standings, anew.registry, SECOND.id, Asked(member(SECOND), AS_OF, trace_from(None))
    )
    assert (near.months, near.counts[Event.UNSATISFIED]) == (None, 3)


@pytest.mark.parametrize(
    ("area", "period"),
    [
        (AREA, "2026-03"), (AREA.rpartition("/")[0], "2026-03"), (AREA.rsplit("/", 2)[0], "2026-03"), (AREA, None),
        ("370203", "2026-04"), (None, "2026-05"), (None, "2026-Q1"), (None, "2026"), (None, "2025"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "who",
    [
        RESIDENT,
        member(FIRST),
        Caller("s-1", Role.STREET, area="370203/370203099"),
        Caller("d-1", Role.DEPARTMENT, area="370203", department="sewage"),
    ],
    ids=lambda who: who.role.value,
)
async def test_nothing_else_is_public(
    public: Public, who: Caller, area: str | None, period: str | None
) -> None:
    asked, all = Asked(who, AS_OF, trace_from(None)), (public.standings, public.registry)
    with pytest.raises(NotPublic):
        await ranking_for(*all, area, period, asked, 9)
    if period:
        with pytest.raises(NotPublic):
            await honours_for(*all, area, period, asked)
    if period and area is None and who != member(FIRST):
        with pytest.raises(NotPublic):
            await impact_for(*all, FIRST.id, period, asked)
    staff = Asked(Caller("d-2", Role.DISTRICT, area="370203"), AS_OF, trace_from(None))
    assert not (await ranking_for(*all, area, period, staff, 9)).published
