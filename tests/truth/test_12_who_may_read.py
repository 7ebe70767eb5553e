"""Who has the work reads what the work needs, as long as they have it; who read it stands on the order."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists
from deploy.demo.record import Record
from deploy.demo.story import held
from deploy.demo.waiting import until
from tests.e2e.conftest import WITHIN
from tests.e2e.test_deliberation import ALL, FLATS, proposed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDERS = "/api/intake/v1/orders"
PLACE = everywhere()[12]
SERVED = next(place for place in everywhere() if place.area.startswith("370203/370203015"))  # by partners
TEXT, PHONE, SAID = "厨房下水管漏水，三天了。", "13812345678", "下午五点后在家"
NO = {"accepted": False, "reason": "out_of_remit", "rule": "§ 1"}
RACK = {"lines": [{"name": "rack", "kind": "goods", "amount": 1, "unit": "piece"}]}


async def ordered(cast: Cast, resident: int, place: Any = PLACE) -> tuple[Record, Person, Person]:
    """An order with a contact, in the hands of its community."""
    record, who, community = Record(), cast.resident(resident), cast.community(place)
    contact = {"name": "李四", "phone": PHONE}
    body = {"category": "other", "text": TEXT, "place": place.wire(), "contact": contact}
    await record.order(who, body)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    return record, who, community


async def reads(record: Record, who: Person, **also: Any) -> dict[str, Any]:
    """What they read of it, once that has these members."""

    async def look() -> dict[str, Any] | None:
        try:
            seen = await record.see(who, "intake")
        except Refused as refusal:
            if refusal.status != 403:  # what it was before: a role that never reads this list
                raise
            return None
        return seen if seen and all(seen[name] == value for name, value in also.items()) else None

    return await until(look, f"{who.id} to read it", WITHIN)


async def reads_nothing(record: Record, who: Person) -> None:
    """Not any more: as if there were none."""

    async def look() -> bool:
        return await record.see(who, "intake") is None

    await until(look, f"{who.id} to read nothing", WITHIN)


async def test_a_department_reads_what_the_work_needs_as_long_as_it_has_the_work(cast: Cast) -> None:
    """Asked, it reads text and answers to decide; accepted, also the contact and what it asked itself.

    Before (f54ba62): 403 all along: who had accepted read a category and a point.
    """
    record, resident, community = await ordered(cast, 1201)
    sewage = cast.department("sewage")
    assert await record.see(sewage, "intake") is None
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    asked = await reads(record, sewage)
    assert (asked["text"], asked["contact"], asked["questions"]) == (TEXT, None, [])
    assert asked["place"]["address"] == PLACE.address
    await record.ask(sewage, "dispatch", "referral/answer", {"accepted": True})
    await reads(record, sewage, contact={"name": "李四", "phone": PHONE})
    await record.ask(sewage, "dispatch", "questions", {"question": "何时在家？"})
    await until(lambda: _asked(record, resident), "the resident to be asked", WITHIN)
    await record.ask(resident, "intake", "questions/1/answer", {"text": SAID})
    assert [one["answer"] for one in (await reads(record, sewage))["questions"]] == [SAID]
    await record.ask(community, "dispatch", "assignment", {})
    await reads_nothing(record, sewage)


async def test_a_department_that_refused_reads_nothing_any_more(cast: Cast) -> None:
    """It has decided; what it read to decide is closed to it, and so is what is asked of others.

    Before (f54ba62): 403, also while it was asked.
    """
    record, _, community = await ordered(cast, 1202)
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    await reads(record, cast.department("sewage"), text=TEXT)
    assert await record.see(cast.department("urban_management"), "intake") is None
    await record.ask(cast.department("sewage"), "dispatch", "referral/answer", NO)
    await reads_nothing(record, cast.department("sewage"))


async def test_who_is_called_or_has_a_part_reads_it_until_it_is_over(cast: Cast) -> None:
    """Called together with others it reads what was written; with a part also whom to ask; after the end not.

    Before (f54ba62): 403 all along.
    """
    record, resident, community = await ordered(cast, 1207)
    sewage = cast.department("sewage")
    await record.ask(community, "dispatch", "whistle", {"kind": "joint", "units": ["sewage", "street"]})
    await reads(record, sewage, text=TEXT, contact=None)
    await record.ask(sewage, "dispatch", "whistle/answer", {"measures": "来看"})
    await reads_nothing(record, sewage)
    await record.ask(community, "dispatch", "whistle/end", {"public_note": "先做起来"})
    part = {
        "title": "围挡",
        "unit": "sewage",
        "deadline": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    await record.ask(community, "dispatch", "tasks", part)
    await reads(record, sewage, contact={"name": "李四", "phone": PHONE})
    await record.ask(sewage, "dispatch", "tasks/1/result", {"public_note": "已围挡"})
    await reads_nothing(record, sewage)
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    await record.ask(sewage, "dispatch", "referral/answer", {"accepted": True})
    await reads(record, sewage, contact={"name": "李四", "phone": PHONE})
    await record.ask(resident, "intake", "withdrawal", {"reason": "不用了"})
    assert await record.see(sewage, "intake") is None, "at once, though dispatch may not have heard of it"


async def test_a_partner_reads_it_from_the_claim_to_the_release(cast: Cast) -> None:
    """Whoever comes to the spot knows whom to ask for there; who looks at the board does not.

    Before (f54ba62): 403: a title, and nobody on the spot.
    """
    record, _, community = await ordered(cast, 1203, SERVED)
    partner, other = cast.partner(3), cast.partner(0)
    await record.ask(community, "dispatch", "call", RACK)
    await record.wait(partner, "partners", "open", within=WITHIN)
    assert await record.see(partner, "intake") is None
    board = json.dumps(await partner.get("/api/partners/v1/calls?limit=100"))
    assert str(record.id) in board
    claims = {"lines": [{"name": "rack", "amount": 1}]}
    claim, epoch = held((await record.ask(partner, "partners", "claims", claims)).body)
    seen = await reads(record, partner, contact={"name": "李四", "phone": PHONE})
    assert seen["text"] == TEXT
    assert await record.see(other, "intake") is None
    page = json.dumps(await partner.get(record.path("partners")))
    for secret in (TEXT, PHONE, "李四"):
        assert secret not in board + page
    gone = {"epoch": epoch, "reason": "来不了"}
    await record.ask(partner, "partners", f"claims/{claim}/release", gone)
    await reads_nothing(record, partner)
    await record.ask(other, "partners", "claims", claims)
    await reads(record, other, text=TEXT)
    await record.ask(community, "dispatch", "call/withdrawal", {"reason": "自己修"})
    await reads_nothing(record, other)


async def test_it_is_on_the_record_who_read_it(cast: Cast, lists: Lists) -> None:
    """Once a day for each: the resident reads which office and when, the staff also who; no message says so.

    Before (f54ba62): there was no `looks`, and nobody could tell who of the staff had read it.
    """
    record, resident, community = await ordered(cast, 1204)
    sewage = cast.department("sewage")
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    for _ in range(3):
        await reads(record, sewage)
    await record.ask(sewage, "dispatch", "referral/answer", {"accepted": True})
    await reads(record, sewage, contact={"name": "李四", "phone": PHONE})
    mine = (await reads(record, resident))["looks"]
    assert [(one["role"], one["department"], one["what"], one["id"]) for one in mine] == [
        ("department", "sewage", "contact", None)
    ]
    await reads(record, community)
    theirs = (await reads(record, community))["looks"]
    assert [(one["role"], one["id"]) for one in theirs] == [
        ("department", sewage.id),
        ("community", community.id),
    ]
    version = (await lists.orders([record.id]))[record.id]["intake"]["version"]
    await reads(record, community)
    await reads(record, sewage)
    stored = (await lists.orders([record.id]))[record.id]["intake"]
    assert stored["version"] == version, "a second look on the same day writes nothing"
    assert "look" not in json.dumps([one["type"] for one in stored["history"]])


async def test_of_many_who_look_at_once_nobody_is_forgotten(cast: Cast) -> None:
    """Each is answered once it is written down: who loses the race for the entry is noted after the winner.

    Before (f54ba62): all were answered, and none was noted.
    """
    record, resident, _ = await ordered(cast, 1206)
    crowd = [cast.somebody("district", f"district-12-{n}", area="370203") for n in range(16)]
    seen = await asyncio.gather(*(record.see(one, "intake") for one in crowd))
    assert all(one and one["contact"] for one in seen)
    staff = await reads(record, crowd[0])
    assert {one.id for one in crowd} == {one["id"] for one in staff["looks"]}
    assert len((await reads(record, resident))["looks"]) == len(crowd)


async def test_flats_and_who_ordered_are_shown_to_nobody_who_only_works(cast: Cast) -> None:
    """What households discussed is theirs: neither department nor partner reads flats or ids.

    Before (f54ba62): they read nothing at all.
    """
    record, _, community = await ordered(cast, 1205, cast.place("harbin_road"))
    await record.ask(community, "dispatch", "deadlock", {"reason": "无人负责"})
    await record.ask(community, "dispatch", "rounds", proposed("第一轮"))
    await record.ask(community, "dispatch", "rounds/1/result", {"consents": ALL})
    await record.wait(community, "dispatch", "in_deliberation", on_notice=False, within=WITHIN)
    money = {"lines": [{"name": "money", "kind": "funds", "amount": 699_99}]}
    await record.ask(community, "dispatch", "call", money)
    partner = cast.partner(0)
    await record.wait(partner, "partners", "open", within=WITHIN)
    claims = {"lines": [{"name": "money", "amount": 100_00}]}
    await record.ask(partner, "partners", "claims", claims)
    shown = json.dumps(await reads(record, partner))
    for secret in ("resident-1205", "placed_by", "ordered_for", *(str(flat["id"]) for flat in FLATS)):
        assert secret not in shown


MINUTES = "2-301王家不同意，其余同意。"
QUOTE: dict[str, Any] = {"name": "2-301王家报价.pdf", "sha256": "b" * 64, "size": 1}


def part(unit: str) -> dict[str, Any]:
    return {
        "title": "围挡",
        "unit": unit,
        "deadline": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }


async def discussed(record: Record, community: Person) -> None:
    """Somebody writes into the minutes, and into the name of a paper, who said what."""
    await record.ask(community, "dispatch", "deadlock", {"reason": "无人负责"})
    await record.ask(community, "dispatch", "rounds", {**proposed("修还是不修"), "documents": [QUOTE]})
    said = {"consents": ALL[:1], "minutes": MINUTES}
    await record.ask(community, "dispatch", "rounds/1/result", said)


def _street(place: Any) -> str:
    return str(place.community.rpartition("/")[0])


def street_of(cast: Cast, place: Any) -> Person:
    return cast.somebody("street", f"street-{_street(place)[-9:]}", area=_street(place))


async def pages(record: Record, who: Person) -> dict[str, Any]:
    """All that dispatch shows this person of it; the text of each."""
    paths = {name: record.path("dispatch", *name.split()) for name in ("", "history", "record")}
    return {name: await who.get(path) for name, path in paths.items()}


async def test_no_department_reads_the_minutes_and_papers_of_the_households(cast: Cast) -> None:
    """Also while it has a part; the events say what was proposed and how many consented, and so does the page.

    Before (e41bcb1): `minutes`, and name and digest of each document, stood on the page of every department asked.
    """
    record, _, community = await ordered(cast, 1209, cast.place("harbin_road"))
    urban = cast.department("urban_management")
    await record.ask(community, "dispatch", "tasks", part("urban_management"))
    await discussed(record, community)
    shown = await pages(record, urban)
    [round] = shown[""]["rounds"]
    assert (round["proposal"], round["taking_part"], round["consenting"]) == ("修还是不修", 3, 1)
    assert (round["minutes"], round["documents"], round["households"]) == ("", [], None)
    for secret in ("王家", QUOTE["sha256"], "2-301", *(str(flat["id"]) for flat in FLATS)):
        assert secret not in json.dumps(shown, ensure_ascii=False), secret
    [theirs] = (await pages(record, community))[""]["rounds"]
    assert (theirs["minutes"], theirs["documents"]) == (MINUTES, [QUOTE])


async def test_a_department_whose_part_is_over_reads_its_part_and_no_more(cast: Cast) -> None:
    """What it was asked and did, when it ended, how the order stands: to answer for that. Nothing that came after.

    Before (e41bcb1): whoever was asked once read on for ever: rounds, whistles, who of the staff had it, until it was
    closed and beyond.
    """
    record, _, community = await ordered(cast, 1210, cast.place("harbin_road"))
    urban = cast.department("urban_management")
    await record.ask(community, "dispatch", "tasks", part("urban_management"))
    await record.ask(community, "dispatch", "tasks/1/cancellation", {"reason": "不用了"})
    was = await pages(record, urban)
    assert [one["type"] for one in was["history"]["items"]][-1] == "task_ended.v1"
    await record.ask(community, "dispatch", "whistle", {"kind": "joint", "units": ["street"]})
    await record.ask(community, "dispatch", "whistle/end", {"public_note": "先做起来"})
    await discussed(record, community)
    closing = {"outcome": "not_solved", "public_note": "居民未达成一致"}
    street = street_of(cast, cast.place("harbin_road"))
    await record.ask(street, "dispatch", "closure", closing)
    shown = await pages(record, urban)
    page = shown[""]
    assert shown["history"]["items"] == was["history"]["items"] == shown["record"]["history"]
    assert (page["state"], page["outcome"]) == ("closed", "not_solved")
    assert [(one["unit"], one["ended"], one["note"]) for one in page["tasks"]] == [
        ("urban_management", "cancelled", "不用了")
    ]
    assert (page["rounds"], page["whistle"], page["whistles"], page["answers_for"]) == ([], None, 0, None)
    listed = await urban.get("/api/dispatch/v1/dispatches?list=all&limit=100")
    [row] = [one for one in listed["items"] if one["order_id"] == str(record.id)]
    assert (row["state"], row["whistles"], row["assigned_to"], row["place"]["address"]) == (
        "closed",
        0,
        None,
        "",
    )
    for secret in (MINUTES, "修还是不修", "居民未达成一致", street.id):
        assert secret not in json.dumps([shown, row], ensure_ascii=False), secret


async def test_who_refused_reads_until_the_refusal_and_again_when_it_is_overruled(cast: Cast) -> None:
    """The dispute of its refusal it reads, with its end; whose order it is meanwhile is not its concern.

    Before (e41bcb1): it read everything that was told after it had refused.
    """
    record, _, community = await ordered(cast, 1211)
    sewage, street = cast.department("sewage"), street_of(cast, PLACE)
    assert await record.see(sewage, "dispatch") is None
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    await record.ask(sewage, "dispatch", "referral/answer", NO)
    await record.ask(community, "dispatch", "reports", {"public_note": "我们先看"})
    await record.ask(community, "dispatch", "referral/dispute", {"reason": "是它的管道"})
    shown = await pages(record, sewage)
    assert [one["type"] for one in shown["history"]["items"]][-1] == "referral_answered.v1"
    assert "我们先看" not in json.dumps(shown, ensure_ascii=False)
    dispute = shown[""]["referrals"][0]["dispute"]
    assert (dispute["reason"], dispute["upheld"], bool(dispute["answer_by"])) == ("是它的管道", None, True)
    ruling = {"upheld": False, "public_note": "由它负责"}
    await record.ask(street, "dispatch", "referral/dispute/ruling", ruling)
    again = await pages(record, sewage)
    assert "我们先看" in json.dumps(again["history"], ensure_ascii=False)
    assert again[""]["answers_for"] == "sewage"
    await record.ask(sewage, "dispatch", "reports", {"public_note": "明天来"})


async def test_a_live_stream_ends_with_the_right_to_it(cast: Cast) -> None:
    """It turns out to lie in another street: who opened the stream while it was theirs hears no more of it.

    Before (e41bcb1): the open streams of grid worker and community went on, with lines that their GET did not show.
    """
    record, resident, community = await ordered(cast, 1212)
    elsewhere = next(one for one in everywhere() if _street(one) != _street(PLACE))
    path, staff = record.path("intake", "live"), (cast.grid_worker(PLACE), community)

    async def listen(who: Person, heard: set[str]) -> None:
        async for event in who.live(path):
            heard.add(event.event)

    heard: dict[str, set[str]] = {one.id: set() for one in (*staff, resident)}
    streams = [asyncio.create_task(listen(one, heard[one.id])) for one in (*staff, resident)]

    async def all_have(event: str, *whose: str) -> bool:
        return all(event in heard[one] for one in whose)

    await until(lambda: all_have("dispatch_assigned", *heard), "all to hear that it is assigned", WITHIN)
    moved = {"place": elsewhere.wire(), "reason": "看错了"}
    await cast.somebody("district", "district-1", area="370203").post(
        record.path("intake", "amendment"), moved
    )
    await reads(record, cast.community(elsewhere), area=elsewhere.area)
    await record.ask(cast.community(elsewhere), "dispatch", "assignment", {})
    taken = await record.ask(cast.community(elsewhere), "dispatch", "deadlock", {"reason": "无人负责"})
    assert taken["state"] == "deadlocked"
    await until(lambda: all_have("deadlock_declared", resident.id), "the resident to hear of it", WITHIN)
    await asyncio.wait_for(asyncio.gather(*streams[:2]), WITHIN)
    for one in staff:
        assert await record.see(one, "intake") is None
        assert "deadlock_declared" not in heard[one.id]
        with pytest.raises(Refused) as refused:
            await anext(one.live(path))
        assert refused.value.status == 404
    assert not streams[2].done(), "it is the resident's own"
    streams[2].cancel()


async def _asked(record: Record, resident: Person) -> Any:
    return ((await record.see(resident, "intake")) or {}).get("questions")


async def test_a_list_shows_the_staff_no_words_and_no_contact_of_others(cast: Cast) -> None:
    """Who opens the order reads them, and that stands on it; the resident's own list has them.

    Before (e41bcb1): the staff's list had text and contact of a hundred orders, and no look was noted on any.
    """
    record, resident, community = await ordered(cast, 1208)
    private = {"text": TEXT, "contact": {"name": "李四", "phone": PHONE}}
    [mine] = [one for one in (await resident.get(ORDERS))["items"] if one["id"] == str(record.id)]
    assert private.items() <= mine.items()
    listed = await community.get(f"{ORDERS}?area={PLACE.area}&limit=100")
    [row] = [one for one in listed["items"] if one["id"] == str(record.id)]
    assert (row["text"], row["contact"], row["placed_by"], row["looks"]) == (None, None, None, [])
    assert TEXT not in json.dumps(listed, ensure_ascii=False)
    assert PHONE not in json.dumps(listed)
    opened = await record.see(community, "intake")
    assert opened
    assert private.items() <= opened.items()
    looks = (await record.see(resident, "intake") or {})["looks"]
    assert [(one["role"], one["what"]) for one in looks] == [("community", "contact")]
