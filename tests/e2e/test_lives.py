"""Lives of every kind, side by side: each ends, all four lists agree, and the checker that says so can say no."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from deploy.demo.cast import Answer, Cast, everywhere
from deploy.demo.check import Lists, Unsettled, faults_of, settle, state_hash, wrong
from deploy.demo.life import Way, life
from deploy.demo.record import Acknowledged, Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAYS = {
    "straight": Way(),
    "after a discussion": Way(deliberates=True),
    "shared by two partners": Way(shared=True, verdict="mostly"),
    "given back and taken by another": Way(released=True),
    "given back and taken by two": Way(released=True, shared=True),
    "failing its check": Way(fails_check=True),
    "not satisfying": Way(reworks=1),
    "not satisfying twice, shared": Way(reworks=2, shared=True),
    "by the community itself": Way(hands="unit"),
    "by the community, again and again": Way(hands="unit", fails_check=True, reworks=1),
    "by a department": Way(hands="department", reworks=1),
    "withdrawn at once": Way(withdrawn="placed"),
    "withdrawn when somebody has it": Way(withdrawn="assigned"),
    "withdrawn from the board": Way(withdrawn="called"),
    "withdrawn from the partners": Way(withdrawn="claimed", deliberates=True),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_a_life_ends_and_all_lists_agree(cast: Cast, lists: Lists, way: Way) -> None:
    record = await life(cast, everywhere()[40], way, within=WITHIN)
    await settle(lists, [record], WITHIN)
    assert record.outcome == ("withdrawn" if way.withdrawn else "solved")
    dispatch = (await lists.entry("dispatch", record.id))["state"]
    assert (dispatch["state"], dispatch["outcome"]) == ("closed", record.outcome)
    assert dispatch["reworks"] == way.reworks + way.fails_check


async def test_lives_side_by_side_do_not_touch_one_another(cast: Cast, lists: Lists) -> None:
    chance = random.Random(2022)
    places = [chance.choice(everywhere()) for _ in range(24)]
    before = len(await lists.ids("intake"))
    records = await asyncio.gather(
        *(life(cast, place, random.Random(seed), within=WITHIN) for seed, place in enumerate(places))
    )
    await settle(lists, records, WITHIN)
    assert len(await lists.ids("intake")) == before + len(records)
    assert await state_hash(lists) == await state_hash(lists)


# ---------------------------------------------------------------------------------------------------- the checker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lived(cast: Cast, lists: Lists) -> Record:
    record = await life(cast, everywhere()[41], Way(deliberates=True, shared=True), within=WITHIN)
    await settle(lists, [record], WITHIN)
    return record


def lost_event(order: dict[str, Any]) -> None:
    del order["partners"]["history"][1]


def doubled_event(order: dict[str, Any]) -> None:
    order["dispatch"]["history"].append(order["dispatch"]["history"][-1])


def not_told(order: dict[str, Any]) -> None:
    order["intake"]["told"] -= 1


def still_untold(order: dict[str, Any]) -> None:
    order["evaluation"]["untold"] = order["evaluation"]["history"][0]["at"]


def not_heard(order: dict[str, Any]) -> None:
    order["intake"]["heard"]["partners"] -= 1


def heard_of_nobody(order: dict[str, Any]) -> None:
    order["evaluation"]["heard"]["partners"] = 1


def parked(order: dict[str, Any]) -> None:
    order["partners"]["parked"] = {"dispatch": {"n": 3, "reason": "unreadable"}}


def not_there(order: dict[str, Any]) -> None:
    del order["evaluation"]


def reopened(order: dict[str, Any]) -> None:
    order["dispatch"]["state"]["state"] = "to_evaluate"


def other_outcome(order: dict[str, Any]) -> None:
    order["evaluation"]["state"]["outcome"] = "partly"


def released(order: dict[str, Any]) -> None:
    order["partners"]["state"]["state"] = "withdrawn"


def a_fen_less(order: dict[str, Any]) -> None:
    order["dispatch"]["state"]["money"]["pledged"] -= 1


def a_fen_more(order: dict[str, Any]) -> None:
    lines = [line for claim in order["partners"]["state"]["claims"] for line in claim["lines"]]
    next(line for line in lines if line["kind"] == "funds")["amount"] += 1


def pledged_twice(order: dict[str, Any]) -> None:
    pledges = order["intake"]["state"]["funding"]["pledges"]
    pledges["another"] = next(iter(pledges.values()))


@pytest.mark.parametrize(
    "harm",
    [
        lost_event, doubled_event, not_told, still_untold, not_heard, heard_of_nobody, parked, not_there, reopened,
        other_outcome, released, a_fen_less, a_fen_more, pledged_twice,
    ],
)  # fmt: skip
async def test_the_checker_sees(lists: Lists, lived: Record, harm: Callable[[dict[str, Any]], None]) -> None:
    order = deepcopy((await lists.orders([lived.id]))[lived.id])
    assert list(faults_of(order)) == []
    harm(order)
    assert list(faults_of(order))


async def test_the_checker_misses_what_was_acknowledged_and_is_not_there(lists: Lists, lived: Record) -> None:
    made_up = Answer(200, {}, f"community:c:{uuid4().hex}", uuid4().hex)
    record = Record(lived.id, [*lived.acknowledged, Acknowledged("dispatch", "dispatches/whistle", made_up)])
    (faults,) = (await wrong(lists, [record])).values()
    assert "dispatch: dispatches/whistle was acknowledged and is there 0 times" in faults
    with pytest.raises(Unsettled, match="was acknowledged"):
        await settle(lists, [record], within=0)


async def test_the_checker_misses_an_order_that_is_nowhere(lists: Lists) -> None:
    nowhere = uuid4()
    assert await wrong(lists, [Record(nowhere)]) == {
        nowhere: [f"{service} has nothing of it" for service in ("intake", "dispatch", "evaluation")]
    }
