"""Nobody is answered before it is written down that they read it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.intake.api import Use, get_order
from services.intake.domain.order import Order
from services.intake.queries import shown_to
from shared.asked import Asked
from shared.caller import Caller, Role
from shared.entry import Decision, Entry
from shared.http import to_json
from shared.problems import LostRace, NotFound, Unavailable
from shared.store.document import after
from tests.unit.intake.given import COMMUNITY, DISTRICT, NEIGHBOUR, NOON, ORDER, RESIDENT, placed

CONTACT = {"name": "李四", "phone": "13812345678"}


class Store:
    """One order. The `refusals` are raised by the next writes, one by each."""

    zone = ZoneInfo("Asia/Shanghai")

    def __init__(self, *refusals: Exception) -> None:
        self.entry = Entry(ORDER, placed(contact=CONTACT), version=1)
        self.reads, self.writes, self._refusals = 0, 0, list(refusals)

    def guess(self, _: UUID) -> None:
        return None

    async def load(self, _: UUID, __: Asked) -> Entry[Order]:
        self.reads += 1
        return self.entry

    async def save(self, entry: Entry[Order], decision: Decision[Order], asked: Asked) -> Entry[Order]:
        if decision.state is entry.state:
            return entry
        self.writes += 1
        if self._refusals:
            raise self._refusals.pop(0)
        self.entry = after(entry, decision, asked)
        return self.entry


async def read(store: Any, by: Caller, **also: Any) -> dict[str, Any]:
    asked = Asked(by, NOON, "", view=lambda entry, caller: to_json(shown_to(entry, caller)), **also)
    use: Use = SimpleNamespace(orders=store)  # type: ignore[assignment]  # what this route needs of it
    found: dict[str, Any] = orjson.loads((await get_order(ORDER, asked, use)).body)
    return found


async def test_an_owner_costs_one_read_and_no_write() -> None:
    store = Store()
    assert (await read(store, RESIDENT))["contact"] == CONTACT
    assert (store.reads, store.writes) == (1, 0)


async def test_staff_cost_one_write_a_day_and_are_answered_with_it() -> None:
    store = Store()
    assert [one["id"] for one in (await read(store, DISTRICT))["looks"]] == [DISTRICT.id]
    await read(store, DISTRICT)
    assert (store.writes, store.entry.version, store.entry.said) == (1, 2, 0)


async def test_a_lost_race_is_run_again() -> None:
    store = Store(LostRace(), LostRace())
    await read(store, DISTRICT)
    assert (store.writes, len(store.entry.state.looks)) == (3, 1)


async def test_what_cannot_be_written_down_is_not_read() -> None:
    with pytest.raises(Unavailable):
        await read(Store(Unavailable("the database went away")), DISTRICT)


async def test_a_condition_on_the_version_keeps_nobody_from_reading() -> None:
    assert (await read(Store(), DISTRICT, expects=7))["text"]


@pytest.mark.parametrize(
    "by", [NEIGHBOUR, COMMUNITY, Caller("o-1", Role.DEPARTMENT, department="sewage")], ids=lambda by: by.id
)
async def test_who_may_not_read_it_leaves_nothing_behind(by: Caller) -> None:
    store = Store()
    with pytest.raises(NotFound):
        await read(store, by)
    assert store.writes == 0
