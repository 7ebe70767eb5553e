"""What partners have taken a department has not: it reads again when they are gone."""

from __future__ import annotations

import pytest

from deploy.demo.cast import Cast, Person
from deploy.demo.record import Record
from deploy.demo.story import held
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN
from tests.truth.test_12_who_may_read import PHONE, RACK, SERVED, TEXT, ordered, pages, reads, reads_nothing

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTACT = {"name": "李四", "phone": PHONE}
CLAIMS = {"lines": [{"name": "rack", "amount": 1}]}


async def test_what_partners_have_taken_a_department_reads_again_when_they_give_it_back(cast: Cast) -> None:
    """Stuck, and called without an answer, it still has it; from the claim on the partner has, until the release.

    Before (28d5448): intake went on showing it text and contact, and dispatch the notes, as if it had it.
    """
    record, _, community = await ordered(cast, 1213, SERVED)
    sewage, partner = cast.department("sewage"), cast.partner(3)
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    await record.ask(sewage, "dispatch", "referral/answer", {"accepted": True})
    await record.ask(community, "dispatch", "deadlock", {"reason": "缺材料"})
    await record.ask(community, "dispatch", "call", {**RACK, "note": "问过宏图"})
    await record.wait(partner, "partners", "open", within=WITHIN)
    await reads(record, sewage, text=TEXT, contact=CONTACT)
    assert await _has(record, sewage)
    was = await pages(record, sewage)
    assert [one["text"] for one in was[""]["notes"]] == ["问过宏图"]

    claim, epoch = held((await record.ask(partner, "partners", "claims", CLAIMS)).body)
    await reads_nothing(record, sewage)
    await record.wait(community, "dispatch", "claimed", within=WITHIN)
    resting = await pages(record, sewage)
    assert (resting[""]["notes"], resting[""]["answers_for"]) == (None, None)
    assert [one["accepted"] for one in resting[""]["referrals"]] == [True]
    assert resting["history"] == was["history"], "what was told until the claim"
    assert not await _has(record, sewage)

    gone = {"epoch": epoch, "reason": "来不了"}
    await record.ask(partner, "partners", f"claims/{claim}/release", gone)
    await reads(record, sewage, text=TEXT, contact=CONTACT)
    await until(lambda: _has(record, sewage), "the department to have it again", WITHIN)
    assert (await pages(record, sewage))[""]["notes"] == was[""]["notes"]


async def _has(record: Record, who: Person) -> bool:
    """Whether it stands on their list of what they have."""
    listed = await who.get("/api/dispatch/v1/dispatches?list=mine&limit=100")
    return str(record.id) in [one["order_id"] for one in listed["items"]]
