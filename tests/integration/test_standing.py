"""What counts for partners, added up by a real database: of an area, in a period, of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import VERDICTS, happened
from services.partners.domain.states import CallState, Ending
from services.partners.domain.terms import Terms
from services.partners.queries.standing import Standings, ranking_for, standing_for
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import Caller, Role, system
from shared.entry import Decision
from shared.naming import Names
from shared.store import Database
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.claims.test_limits import resource
from tests.unit.partners.given import AREA, FIRST, LATER, SECOND, call_in, member, receiving, releasing
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


async def test_the_public_is_not_told_what_single_households_said(database: Database, calls: Calls) -> None:
    registry = Registry((FIRST, SECOND))
    await registry.open(database)
    few, enough = Standings(calls, RULES, 3), Standings(calls, RULES, 2)
    resident = Caller("r-1", Role.RESIDENT)

    exact = await standing_for(few, registry, FIRST.id, member(FIRST))
    public = await standing_for(few, registry, FIRST.id, resident)
    ranking = await ranking_for(few, registry, None, None, "UTC", 9)
    [ranked] = [one for one in ranking.items if one.partner_id == FIRST.id]

    assert (exact.counts[Event.SATISFIED], exact.counts[Event.UNSATISFIED], exact.counts[Event.LOST]) == (
        1,
        1,
        1,
    )
    assert [event for event, n in public.counts.items() if n is None] == list(VERDICTS)
    said, *others = public.factors
    assert (said.rate, said.events, said.text.en[:8]) == (None, None, "Too few ")
    assert others == exact.factors[1:]
    assert said.points != exact.factors[0].points, "the mean is taken"
    assert (ranked.points, ranked.score) == (public.points, public.score) == (10, public.score)
    assert (await standing_for(enough, registry, FIRST.id, resident)).counts == exact.counts
