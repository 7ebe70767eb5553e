"""What a resident writes is read by the staff who have the work, and is never a title."""

from __future__ import annotations

import json

import pytest

from deploy.demo.cast import Cast, Person, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[14]
WORDS = "张美丽家住辽源路26号3单元201，丈夫李建国瘫痪在床"
PRIVATE = ("张美丽", "3单元201", "李建国", "瘫痪")
LINE = {"name": "rack", "kind": "goods", "amount": 2, "unit": "piece"}


async def called(cast: Cast) -> tuple[Record, Person]:
    """An order whose title and text name people, open to partners."""
    record, community = Record(), cast.community(PLACE)
    where = {**PLACE.wire(), "address": "辽源路26号3单元201 张美丽"}
    body = {"category": "drying_rack", "title": WORDS, "text": f"{WORDS}。没有晾衣架。", "place": where}
    await record.order(cast.resident(14), body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "call", {"lines": [LINE]})
    await record.wait(community, "partners", "open", within=WITHIN)
    return record, community


async def test_a_resident_s_words_reach_no_partner_and_no_message_as_a_title(
    cast: Cast, lists: Lists
) -> None:
    """The title is the category's words with the name of the community.

    Before (d86edb6): the title was 张美丽家住辽源路26号3单元201，丈夫李建国瘫痪在床, on the board of every partner.
    """
    record, community = await called(cast)
    partner = cast.partner(2)
    call = await record.see(partner, "partners") or {}
    assert call["title"].startswith("晾衣设施 Drying rack · ")
    board = await partner.get("/api/partners/v1/board?order=newest&limit=100")
    assert str(record.id) in [one["order_id"] for one in board["items"]]
    area = PLACE.area
    for shown in (call, board, await community.get(f"/api/dispatch/v1/dispatches/{record.id}/history")):
        text = json.dumps(shown, ensure_ascii=False)
        assert not [word for word in PRIVATE if word in text], area
    assert (await record.see(community, "intake") or {})["text"].startswith(WORDS)
    told = (await lists.orders([record.id]))[record.id]
    titles = str([event["data"].get("title") for entry in told.values() for event in entry["history"]])
    assert "晾衣设施" in titles
    assert not [word for word in PRIVATE if word in titles]


async def test_staff_write_a_title_and_every_list_shows_it(cast: Cast, lists: Lists) -> None:
    """Also on the call that partners read already; a telephone number in it is masked.

    Before (d86edb6): 422, nobody could change the title of an order.
    """
    record, community = await called(cast)
    title = "26号院需要两个晾衣架，电话13812345678"
    amended = await record.ask(
        community, "intake", "amendment", {"title": title, "reason": "clearer for the partners"}
    )
    assert amended["title"] == "26号院需要两个晾衣架，电话***"
    call = await record.wait(
        cast.partner(2), "partners", "open", title=(await name(cast, record, "26号院")), within=WITHIN
    )
    assert call["title"].startswith("26号院需要两个晾衣架，电话*** · ")
    await record.wait(community, "evaluation", "waiting", title=amended["title"], within=WITHIN)
    await settle(lists, [record], within=WITHIN)


async def name(cast: Cast, record: Record, begins: str) -> str:
    """The title as dispatch has it, once it begins so."""

    async def look() -> str | None:
        seen = await record.see(cast.community(PLACE), "dispatch") or {}
        return str(seen["title"]) if seen["title"].startswith(begins) else None

    return await until(look, "dispatch to know the title", WITHIN)


async def test_why_a_resident_withdrew_is_read_by_the_staff_and_by_no_partner(
    cast: Cast, lists: Lists
) -> None:
    """Their own words stay in intake, beside the text.

    Before (d86edb6): the words went over the bus, to partners too, as why the call was withdrawn.
    """
    record, community = await called(cast)
    await record.ask(cast.resident(14), "intake", "withdrawal", {"reason": "李建国已经去世"})
    await record.wait(community, "dispatch", "closed", within=WITHIN)
    await settle(lists, [record], within=WITHIN)
    told = (await lists.orders([record.id]))[record.id]
    assert "李建国" not in str([entry["history"] for entry in told.values()])
    assert (await record.see(community, "intake") or {})["withdrawn_because"] == "李建国已经去世"
