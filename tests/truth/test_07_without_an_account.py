"""Orders of somebody without an account, by telephone, and what a grid worker finds: as all others, to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import PARTS, System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[11]
TEXT = {"category": "street_light", "text": "路灯不亮了。", "place": PLACE.wire()}
CALLER = {"name": "王奶奶", "phone": "053282860000"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quiet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system of its own, in which residents are not waited for long."""
    parts = [part for part in PARTS if part != "web"]
    env = {"HEHUO_EVALUATION_WINDOW": "PT3S"}
    async with System(tmp_path_factory.mktemp("quiet"), only=parts, env=env) as system:
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(quiet: System) -> AsyncIterator[Cast]:
    async with Cast(quiet.gateway_url, quiet.token, patience=WITHIN) as cast:
        yield cast


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lists(quiet: System) -> AsyncIterator[Lists]:
    async with Lists(quiet.mongo_admin_url) as lists:
        yield lists


async def to_the_end(record: Record, cast: Cast, lists: Lists, taker: Person) -> None:
    """Taken, done, checked; whoever took the order may not evaluate; it closes by silence, in no figure of it."""
    worker, community = cast.grid_worker(PLACE), cast.community(PLACE)
    row = await record.wait(community, "dispatch", "received", within=WITHIN)
    assert {"dispatch", "close_by"} <= row["clocks"].keys()
    await record.ask(worker, "dispatch", "assignment", {})
    await record.ask(worker, "dispatch", "delivery", {"public_note": "换了灯泡"})
    await record.ask(community, "dispatch", "check", {"passed": True, "public_note": "亮了"})
    await record.wait(community, "evaluation", "open", "lapsed", within=WITHIN)
    verdict: dict[str, Any] = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
    with pytest.raises(Refused) as refusal:
        await record.ask(taker, "evaluation", "verdicts", verdict)
    assert refusal.value.slug in ("stranger-may-not-evaluate", "did-the-work")
    await record.wait(taker, "intake", "closed", outcome="solved", within=WITHIN)
    record.outcome = "solved"
    await settle(lists, [record], within=WITHIN)


async def test_an_order_by_telephone_needs_no_account_and_its_caller_stays_in_intake(
    cast: Cast, lists: Lists
) -> None:
    """The community writes down who called; nobody else learns it, and when it came back she calls again.

    Before (d86edb6): 409 for-whom-missing, orders of people without an account were refused.
    """
    record, community = Record(), cast.community(PLACE)
    placed = await record.order(community, {**TEXT, "contact": CALLER})
    assert (placed["channel"], placed["ordered_for"]) == ("hotline", None)
    await to_the_end(record, cast, lists, community)
    other = cast.somebody("street", "street-7", area=PLACE.community.rpartition("/")[0])
    await record.ask(other, "intake", "reopening", {"reason": "not_done"})
    back = await record.wait(community, "dispatch", "assigned", within=WITHIN)
    assert back["reopenings"] == 1
    await settle(lists, [Record(record.id)], within=WITHIN)
    told = (await lists.orders([record.id]))[record.id]
    assert "王奶奶" in str(told["intake"]["state"])
    assert "王奶奶" not in str([entry["history"] for entry in told.values()])
    assert "王奶奶" not in str([told[one]["state"] for one in ("dispatch", "evaluation")])


async def test_what_a_grid_worker_finds_is_an_order_that_they_do_not_evaluate(
    cast: Cast, lists: Lists
) -> None:
    """It is taken, done, checked by somebody else, and closes when nobody has said anything.

    Before (d86edb6): 409 for-whom-missing, a grid worker's own find was refused.
    """
    record, worker = Record(), cast.grid_worker(PLACE)
    placed = await record.order(worker, TEXT)
    assert (placed["channel"], placed["ordered_for"], placed["contact"]) == ("grid_worker", None, None)
    await to_the_end(record, cast, lists, worker)


async def test_for_whom_has_no_account_the_staff_answer_and_whoever_wrote_it_down_withdraws(
    cast: Cast, lists: Lists
) -> None:
    """She is called back, and says in the end that her son has done it.

    Before (e41bcb1): the question stopped all clocks and nobody could answer it, withdrawing was refused to everybody.
    """
    record, community, worker = Record(), cast.community(PLACE), cast.grid_worker(PLACE)
    await record.order(community, {**TEXT, "contact": CALLER})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(worker, "dispatch", "assignment", {})
    await record.ask(worker, "dispatch", "questions", {"question": "哪一盏？"})
    await _asked(record, community)
    await record.ask(worker, "intake", "questions/1/answer", {"text": "楼门口那盏"})
    row = await record.wait(community, "dispatch", "assigned", paused=None, within=WITHIN)
    assert {"handling", "close_by"} <= row["clocks"].keys()

    for by, reason, slug in ((worker, "已修好", "not-your-order"), (community, "", "say-why-withdrawn")):
        with pytest.raises(Refused) as refusal:
            await record.ask(by, "intake", "withdrawal", {"reason": reason})
        assert refusal.value.slug == slug
    await record.ask(community, "intake", "withdrawal", {"reason": "儿子修好了"})
    await record.wait(community, "dispatch", "closed", outcome="withdrawn", within=WITHIN)
    record.outcome = "withdrawn"
    await settle(lists, [record], within=WITHIN)


async def _asked(record: Record, community: Person) -> None:
    async def there() -> bool | None:
        return bool((await record.see(community, "intake") or {})["questions"]) or None

    await until(there, "the question to be there", WITHIN)
