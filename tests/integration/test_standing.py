"""What counts for partners, added up by a real database: of an area, in a period, of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.partners.domain.call import Call
from services.partners.domain.rules import Event
from services.partners.domain.standing import happened
from services.partners.domain.states import CallState, Ending
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import system
from shared.entry import Decision
from shared.naming import Names
from shared.store import Database
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.given import AREA, FIRST, LATER, SECOND, call_in
from tests.unit.partners.test_standing import call_with, claim_of, evaluated

ELSEWHERE = "370203/370203015/370203015005/01"
GOOD = call_with(claim_of(FIRST, 1), claim_of(SECOND, 2))
HERE, THERE = evaluated(GOOD, "satisfied"), evaluated(GOOD).but(area=ELSEWHERE)
LOST = call_with(claim_of(FIRST, 3, ending=Ending.FORCED))
SECOND_ON = timedelta(seconds=1)


@pytest.fixture
async def calls(servers: Servers, names: Names) -> AsyncIterator[Calls]:
    database = Database(servers.settings(names), "partners")
    await database.open()
    calls = await database.entries(Calls, "calls", Call, INDEXES, lambda _: None)
    asked = Asked(system("test"), database.now(), trace_from(None))
    for n, call in enumerate((HERE, THERE, LOST, *map(call_in, (CallState.OPEN, CallState.BLANK))), 1):
        await calls.place(UUID(int=n << 80), Decision(call), asked)
    yield calls
    await database.close()


async def test_the_database_adds_up_what_the_rule_finds(calls: Calls) -> None:
    expected: dict[UUID, Counter[Event]] = {}
    for call in (HERE, THERE, LOST):
        for one in happened(call):
            expected.setdefault(one.partner_id, Counter())[one.event] += 1
    assert await calls.counts(None, None, None) == expected
    assert expected[FIRST.id] == {
        Event.FULFILLED: 2,
        Event.SATISFIED: 1,
        Event.UNSATISFIED: 1,
        Event.LOST: 1,
    }


@pytest.mark.parametrize(
    ("area", "since", "until", "fulfilled"),
    [
        (AREA.rpartition("/")[0], None, None, 1),
        ("370203", LATER, LATER + SECOND_ON, 2),
        (None, None, LATER, None),
        (None, LATER + SECOND_ON, None, None),
    ],
)
async def test_what_happened_elsewhere_or_at_another_time_does_not_count(
    calls: Calls, area: str | None, since: Any, until: Any, fulfilled: int | None
) -> None:
    counts = await calls.counts(area, since, until)
    assert (counts[SECOND.id][Event.FULFILLED] if counts else None) == fulfilled


async def test_a_partner_is_shown_what_counts_for_it_and_of_which_order(calls: Calls) -> None:
    found = await calls.happened_to(SECOND.id)
    assert sorted((id.int >> 80, one.event.value) for id, one in found) == [
        (1, "fulfilled"),
        (1, "satisfied"),
        (2, "fulfilled"),
        (2, "unsatisfied"),
    ]
    assert {one.at for _, one in found} == {LATER}
    assert len(await calls.done_by(FIRST.id)) == 4
