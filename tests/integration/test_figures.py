"""The figures and the register of supervision, added up by a real database out of dispatches that the rules made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from services.dispatch.clock import strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.supervision.directing import CloseSupervision, close_supervision
from services.dispatch.domain.works.tasks import FinishTask, finish_task
from services.dispatch.queries.figures import AskedOut, FiguresOut, figures_of
from services.dispatch.store import INDEXES, Dispatches
from shared.asked import Asked
from shared.caller import system
from shared.entry import decided
from shared.naming import Names
from shared.store import Database
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, DISTRICT, LIMITS, NOW, SEWAGE, STREET, later


def made() -> list[Dispatch]:
    """Six dispatches: one untouched, five with something that is counted."""
    there = situations()
    joint = there["whistled, together"]
    joint = answer(joint, AnswerWhistle(), by=SEWAGE, at=later(hours=2), limits=LIMITS).state
    joint = strike(joint, "unit/urban_management", joint.due["unit/urban_management"], limits=LIMITS).state
    split = finish_task(there["in_handling, split"], 1, FinishTask(), by=STREET, at=later(days=9)).state
    watched = there["in_handling, supervised"]
    seen_to = close_supervision(watched, CloseSupervision(result="done"), by=DISTRICT, at=NOW).state
    return [there["received"], there["in_handling, refused"], watched, seen_to, joint, split]


@pytest.fixture
async def dispatches(servers: Servers, names: Names) -> AsyncIterator[Dispatches]:
    database = Database(servers.settings(names), "dispatch")
    await database.open()
    kept = await database.entries(Dispatches, "dispatches", Dispatch, INDEXES, lambda _: None)
    for state in made():
        await kept.place(uuid7(), decided(state), Asked(system("test"), database.now(), trace_from(None)))
    yield kept
    await database.close()


async def figures(dispatches: Dispatches, area: str, *, days_ago: int = 0) -> FiguresOut:
    until = datetime.now(UTC) + timedelta(hours=1) - timedelta(days=days_ago)
    since = until - timedelta(days=1)
    return figures_of(area, since, until, await dispatches.counts(area, since, until))


async def test_whistles_refusals_and_supervision_are_counted_by_area_and_period(
    dispatches: Dispatches,
) -> None:
    for area in (AREA, AREA[:-3], "370203"):
        found = await figures(dispatches, area)
        assert (found.dispatches, found.whistled, found.whistles, found.supervised) == (6, 5, 6, 2)
        assert (found.referrals, found.refusals, found.refusal_rate) == (1, 1, 1.0)
    assert (await figures(dispatches, "370203/370203015")).dispatches == 0
    assert (await figures(dispatches, AREA, days_ago=2)).dispatches == 0


async def test_it_is_shown_how_long_each_level_and_unit_takes(dispatches: Dispatches) -> None:
    units = {(one.what, one.unit): one for one in (await figures(dispatches, AREA)).units}
    assert units[("whistle", "sewage")] == AskedOut(
        what="whistle", unit="sewage", asked=1, answered=1, in_time=1, mean_seconds=7200.0
    )
    silent = units[("whistle", "urban_management")]
    assert (silent.asked, silent.answered, silent.mean_seconds) == (1, 0, None)
    assert units[("whistle", "community")].asked == 5
    assert (units[("referral", "sewage")].answered, units[("whistle", "street")].asked) == (1, 1)
    late = units[("task", "370203/370203014")]
    assert (late.answered, late.in_time) == (1, 0)


async def test_the_register_lists_what_is_supervised_now_or_ever_was(dispatches: Dispatches) -> None:
    now = await dispatches.supervised(AREA[:-3], still=True, cursor=None, limit=20)
    ever = await dispatches.supervised("370203", still=False, cursor=None, limit=20)
    assert [entry.state.supervision is not None for entry in now.items] == [True]
    assert [entry.state.supervision is not None for entry in ever.items] == [False, True]
    elsewhere = await dispatches.supervised("370203/370203015", still=False, cursor=None, limit=20)
    assert not elsewhere.items
