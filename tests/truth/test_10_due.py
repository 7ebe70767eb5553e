"""The list of what is due and its count are of the same orders, by their deadlines."""

from __future__ import annotations

from datetime import datetime

import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[23]
LISTS = "/api/dispatch/v1"


async def placed(cast: Cast) -> Record:
    record = Record()
    body = {"category": "street_light", "text": "路灯不亮。", "place": PLACE.wire()}
    await record.order(cast.resident(23), body)
    await record.wait(cast.community(PLACE), "dispatch", "received", within=WITHIN)
    return record


async def test_a_reminder_is_no_deadline(cast: Cast) -> None:
    """An order has a day to be taken, and is reminded of after 18 hours: it is due with the day.

    Before (0378ae5): it stood on the list of the next 20 hours, with the time of its reminder.
    """
    record, community = await placed(cast), cast.community(PLACE)
    rows = [
        row
        for hours in (20, 25)
        for row in (await community.get(f"{LISTS}/dispatches?list=due&hours={hours}&limit=100"))["items"]
        if row["order_id"] == str(record.id)
    ]
    assert [datetime.fromisoformat(row["next_at"]) for row in rows] == [
        datetime.fromisoformat(row["answer_by"]) for row in rows
    ]
    assert len(rows) == 1, "not due within 20 hours, but within 25"


async def test_the_count_is_that_of_the_list(cast: Cast) -> None:
    """An order that was placed a moment ago is reminded of in exactly 18 hours, and due in exactly 24.

    Before (0378ae5): the list ended with the begun minute and the count with the second: one did not hold it, and the
    other did.
    """
    await placed(cast)
    community = cast.community(PLACE)
    for hours in (18, 24):
        query = f"{LISTS}/dispatches?list=due&hours={hours}&limit=100"
        listed, counted = await community.get(query), await community.get(f"{LISTS}/counts?hours={hours}")
        again = await community.get(query)
        # A minute may have begun meanwhile.
        assert counted["due"] in {len(listed["items"]), len(again["items"])}
