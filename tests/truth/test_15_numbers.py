"""Which numbers are taken out of what staff write: those of people, and no others. The whole table is a unit test."""

from __future__ import annotations

import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[12]
OF_THINGS = "0301、0302、0303户换管，井盖 37020312345678，电杆 10kV海云线042号，电梯 31103702032018050123"
OF_PEOPLE = {
    "甲": "83812345",
    "乙": "一三八一二三四五六七八",
    "丙": "138-123-45678",
    "丁": "138<b>1234</b>5678",
    "戊": "١٣٨١٢٣٤٥٦٧٨",
    "己": "0532-83812345",
    "庚": "370203199001011233",
}


async def test_residents_read_rooms_and_poles_and_nobodys_telephone(cast: Cast) -> None:
    """What a unit writes reaches the resident with the numbers of things, and without those of people.

    Before (d86edb6): the rooms and the number of the lift were gone, and five of seven numbers of people were read.
    """
    record, community = Record(), cast.community(PLACE)
    order = {"category": "noise", "text": "太吵了。", "place": PLACE.wire()}
    await record.order(cast.resident(21), order)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    for note in (OF_THINGS, *(f"{who}说：请找 {number} 商量。" for who, number in OF_PEOPLE.items())):
        await record.ask(community, "dispatch", "reports", {"public_note": note})

    async def notes() -> list[str] | None:
        seen = await record.see(cast.resident(21), "intake")
        assert seen is not None
        said = [line["data"]["note"] for line in seen["timeline"] if line["event"] == "handling_reported"]
        return said if len(said) > len(OF_PEOPLE) else None

    things, *people = await until(notes, "all that the unit said", WITHIN)
    assert things == OF_THINGS
    assert people == [f"{who}说：请找 *** 商量。" for who in OF_PEOPLE]
