"""What residents read and what stays with the staff are two fields, and the name of each says which it is."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from deploy.demo.waiting import until
from shared.naming import SERVICES
from tests.e2e.conftest import WITHIN
from tests.e2e.test_live import everything
from tests.truth.test_07_reopening import SERVED

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[13]


async def begun(cast: Cast, resident: Person) -> Record:
    record = Record()
    order = {"category": "noise", "text": "夜里太吵。", "place": PLACE.wire()}
    await record.order(resident, order)
    await record.wait(cast.grid_worker(PLACE), "dispatch", "received", within=WITHIN)
    return record


class Words:
    """Two kinds of them, each with a mark of its own."""

    def __init__(self) -> None:
        self.public: list[str] = []
        self.inside: list[str] = []

    def both(self, field: str | None) -> dict[str, str]:
        """The next words for everybody, if there is a field that is for them, and the next for the staff."""
        number = len(self.inside)
        self.inside.append(f"内部第{number}句")
        if field is None:
            return {"note": self.inside[-1]}
        self.public.append(f"公开第{number}句")
        return {field: self.public[-1], "note": self.inside[-1]}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def a_life(cast: Cast, record: Record, words: Words) -> list[str]:
    """Everybody says both in every step; the events that the words belong to."""
    worker, community = cast.grid_worker(PLACE), cast.community(PLACE)
    street = cast.somebody("street", "street-words", area=PLACE.community.rpartition("/")[0])
    district = cast.somebody("district", "district-words", area=PLACE.community.partition("/")[0])
    pause = {"kind": "pause", "until": in_days(2)}
    steps: tuple[tuple[Person, str, str | None, dict[str, Any], str], ...] = (
        (worker, "whistle", "public_note", {}, "whistle_blown"),
        (community, "whistle/answer", "measures", {}, "whistle_answered"),
        (community, "time-requests", "reason", pause, "more_time_asked"),
        (street, "time-requests/answer", "public_note", {"granted": False}, "more_time_refused"),
        (community, "time-requests", "reason", pause, "more_time_asked"),
        (street, "time-requests/answer", None, {"granted": True}, "dispatch_paused"),
        (community, "resumption", "public_note", {}, "dispatch_resumed"),
        (community, "questions", "question", {}, "question_asked"),
        (community, "resumption", "public_note", {}, "dispatch_resumed"),
        (community, "reports", "public_note", {}, "handling_reported"),
        (community, "delivery", "public_note", {}, "work_reported"),
        (street, "check", "public_note", {"passed": False}, "work_checked"),
        (community, "deadlock", "reason", {}, "deadlock_declared"),
        (district, "closure", "public_note", {"outcome": "not_solved"}, "dispatch_closed"),
    )
    for who, what, field, more, _ in steps:
        await record.ask(who, "dispatch", what, {**more, **words.both(field)})
    return [event for *_, event in steps]


async def test_residents_read_the_public_words_and_the_staff_read_both(cast: Cast, lists: Lists) -> None:
    """Of a whistle, its answer, a pause, reports, a check and an end the resident reads what is public, and only that.

    Before (f54ba62): a command had one field for both (`public_note` was refused, 422), and whatever the staff wrote
    into `note` was on the resident's timeline, word for word.
    """
    resident, words = cast.resident(33), Words()
    record = await begun(cast, resident)
    stream = asyncio.create_task(everything(resident.live(record.path("intake", "live"))))
    events = await a_life(cast, record, words)
    await settle(lists, [record], WITHIN)

    live = json.dumps(await asyncio.wait_for(stream, WITHIN), ensure_ascii=False)
    seen = json.dumps(await resident.get(record.path("intake")), ensure_ascii=False)
    for shown in (live, seen):
        assert [one for one in words.public if one not in shown] == []
        assert [one for one in words.inside if one in shown] == []

    whole = await cast.grid_worker(PLACE).get(record.path("dispatch", "record"))
    assert [one["text"] for one in whole["dispatch"]["notes"]] == words.inside
    told = [whole["history"][one["n"] - 1] for one in whole["dispatch"]["notes"]]
    assert [one["type"].partition(".")[0] for one in told] == events
    assert [one for one in words.public if one not in json.dumps(whole, ensure_ascii=False)] == []


async def test_no_word_of_the_staff_is_told_to_another_service(cast: Cast, lists: Lists) -> None:
    """What is kept for the staff is in dispatch's own record and in no message, which the history is made of.

    Before (f54ba62): `note` of every command was in the message that told of it.
    """
    words = Words()
    record = await begun(cast, cast.resident(34))
    await a_life(cast, record, words)
    await settle(lists, [record], WITHIN)
    stored = (await lists.orders([record.id]))[record.id]
    assert stored.keys() >= {"intake", "dispatch", "evaluation"}
    for service, entry in stored.items():
        if service == "dispatch":
            assert [one["text"] for one in entry["state"].pop("notes")] == words.inside
        kept = json.dumps(entry, ensure_ascii=False, default=str)
        assert [one for one in words.inside if one in kept] == []


async def test_a_department_reads_what_the_staff_note_as_long_as_it_has_the_work(cast: Cast) -> None:
    """Who is asked to do it reads what is known about it; who has refused does not, and its own note stays there.

    Before (f54ba62): `note` of a referral was read by everybody, also by the resident.
    """
    resident, community, sewage = cast.resident(35), cast.community(PLACE), cast.department("sewage")
    record, words = await begun(cast, resident), Words()
    await record.ask(community, "dispatch", "assignment", {})
    await record.ask(community, "dispatch", "referral", {"department": "sewage", **words.both("public_note")})
    asked = await sewage.get(record.path("dispatch"))
    assert [one["text"] for one in asked["notes"]] == words.inside
    no = {"accepted": False, "reason": "out_of_remit", **words.both("rule")}
    refused = await record.ask(sewage, "dispatch", "referral/answer", no)
    assert refused["notes"] is None
    for path in (record.path("dispatch"), record.path("dispatch", "record")):
        assert "内部" not in json.dumps(await sewage.get(path), ensure_ascii=False)
    known = (await community.get(record.path("dispatch")))["notes"]
    assert [(one["role"], one["text"]) for one in known] == [
        ("community", words.inside[0]),
        ("department", words.inside[1]),
    ]

    async def timeline() -> str | None:
        shown = json.dumps((await resident.get(record.path("intake")))["timeline"], ensure_ascii=False)
        return shown if words.public[-1] in shown else None

    shown = await until(timeline, "the refusal to be shown", WITHIN)
    assert words.public[0] in shown
    assert "内部" not in shown
    with pytest.raises(Refused):
        await resident.get(record.path("dispatch"))


async def test_what_partners_and_staff_note_of_a_claim_residents_do_not_read(
    cast: Cast, lists: Lists
) -> None:
    """A partner's plan, survey, block, report and delivery are read by residents; its notes by itself and the staff.

    Before (f54ba62): one field for both: `public_note` was refused (422), `note` was on the resident's timeline.
    """
    record, resident, community, words = Record(), cast.resident(36), cast.community(SERVED), Words()
    order = {"category": "drying_rack", "text": "没有晾衣架。", "place": SERVED.wire()}
    await record.order(resident, order)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    lines = [{"name": "rack", "kind": "goods", "amount": 2, "unit": "piece"}]
    await record.ask(community, "dispatch", "call", {"lines": lines})
    await record.wait(community, "partners", "open", within=WITHIN)
    partner, taken = cast.partner(3), [{"name": "rack", "amount": 2}]
    claim, epoch = held((await record.ask(partner, "partners", "claims", {"lines": taken})).body)
    await record.wait(community, "dispatch", "claimed", within=WITHIN)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("survey", "public_note", {}),
        ("plan", "plan", dates(2)),
        ("block", "reason", {"until": in_days(2)}),
        ("progress", "public_note", {"percent": 50}),
        ("delivery", "public_note", {}),
    )
    for what, field, more in steps:
        body = {"epoch": epoch, **more, **words.both(field)}
        await record.ask(partner, "partners", f"claims/{claim}/{what}", body)
    await record.wait(community, "dispatch", "to_check", within=WITHIN)
    await settle(lists, [record], WITHIN)

    seen = json.dumps(await resident.get(record.path("intake")), ensure_ascii=False)
    assert [one for one in words.public if one not in seen] == []
    assert [one for one in words.inside if one in seen] == []
    for person in (partner, community):
        call = await person.get(record.path("partners"))
        assert [one["text"] for one in call["claims"][0]["notes"]] == words.inside
    other = json.dumps(await cast.partner(4).get(record.path("partners")), ensure_ascii=False)
    assert [one for one in words.inside if one in other] == []
    histories = [(await lists.entry(service, record.id))["history"] for service in SERVICES[:3]]
    assert [one for one in words.inside if one in str(histories)] == []
