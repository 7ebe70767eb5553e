"""A message that nobody can use: kept in ASIDE with its reason, its order parked, nobody else held up."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from shared.contracts.from_intake import OrderPlacedV1, OrderWithdrawnV1
from shared.contracts.message import Heard
from shared.entry import Decision
from shared.problems import NotFound, Unavailable
from tests.integration.shared.looking import (
    everything_read,
    has_seen,
    is_aside,
    is_parked,
)
from tests.integration.shared.toy import Lists, Toy, noted, placed, withdrawn, without_marks
from tests.integration.waiting import eventually


async def say_badly(
    lists: Lists, id: UUID, n: int, *, headers: dict[str, str] | None = None, body: bytes | None = None
) -> None:
    """`order_withdrawn` number n of an order as a broken program would say it."""
    subject = lists.names.subject("intake", "order_withdrawn", 1, "370203", id)
    fine = {"ce-subject": str(id), "hehuo-n": str(n), "ce-type": "order_withdrawn.v1"}
    told = {
        "order_id": str(id), "after": {"dispatch": n - 1}, "n": n, "at": "2026-03-01T08:00:00+00:00",
        "by": {"role": "resident", "id": "r1"}, "cause": "", "data": {"reason": ""},
    }  # fmt: skip
    await lists.publish(subject, body or orjson.dumps(told), {**fine, **(headers or {})})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"headers": {"ce-type": "nonsense.v9"}}, "unknown type 'nonsense.v9'"),
        ({"body": b"\xff\xfe not JSON"}, "cannot be read: JSONDecodeError"),
        ({"body": b"[]"}, "cannot be read: TypeError"),
        ({"headers": {"hehuo-n": "7"}}, "body and headers name different orders or numbers"),
        ({"headers": {"hehuo-n": "9" * 40}}, "body and headers name different orders or numbers"),
    ],
    ids=["type", "body", "shape", "headers", "overflow"],
)
async def test_what_cannot_be_read_is_set_aside_with_its_reason(
    lists: Lists, wrong: dict[str, Any], reason: str
) -> None:
    dispatch = await lists.open("dispatch")
    id = uuid4()
    await say_badly(lists, id, 1, **wrong)

    await eventually(lambda: is_parked(dispatch, id))

    [kept] = await lists.stored("aside")
    headers = kept.headers or {}
    assert headers["hehuo-reason"] == reason
    assert (headers["hehuo-listener"], headers["hehuo-sender"]) == ("dispatch", "intake")
    assert (headers["hehuo-order"], headers["ce-subject"]) == (str(id), str(id))
    assert headers["hehuo-subject"] == lists.names.subject("intake", "order_withdrawn", 1, "370203", id)
    assert kept.subject == lists.names.aside("dispatch", "intake")
    [said] = await lists.stored("intake")
    assert kept.data == said.data, "byte for byte as it came"
    assert (await dispatch.raw(id))["parked"]["intake"]["reason"] == reason
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))


async def test_what_does_not_validate_says_where(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    id = await intake.place(placed())
    secret = {"kind": "problem", "title": 7, "place": {"longitude": "13812345678"}}
    await intake.tell(id, 1, altered={"data": secret})

    await eventually(lambda: is_parked(dispatch, id))

    [headers] = await lists.aside()
    assert headers["hehuo-reason"].startswith("does not validate: category: missing; title: string_type")
    assert "13812345678" not in headers["hehuo-reason"]


async def test_what_the_server_was_told_about_a_message_does_not_hold_for_its_copy(lists: Lists) -> None:
    dispatch = await lists.open("dispatch")
    id = uuid4()
    await say_badly(
        lists,
        id,
        1,
        body=b"{",
        headers={"Nats-Expected-Stream": lists.names.stream("intake"), "more": "kept"},
    )
    await eventually(lambda: is_parked(dispatch, id))
    assert [kept["more"] for kept in await lists.aside()] == ["kept"]


async def test_a_message_of_no_order_parks_nobody(lists: Lists) -> None:
    dispatch = await lists.open("dispatch")
    await say_badly(lists, uuid4(), 1, headers={"ce-subject": "nobody"})
    await eventually(lambda: is_aside(lists, 1))
    assert [kept["hehuo-order"] for kept in await lists.aside()] == [""]
    assert await dispatch.entries.count({}) == 0


async def test_a_message_without_any_header_is_set_aside(lists: Lists) -> None:
    await lists.open("dispatch")
    subject = lists.names.subject("intake", "order_placed", 1, "370203", uuid4())
    await lists.nats.jetstream().publish(subject, b"hello")
    await eventually(lambda: is_aside(lists, 1))
    assert [kept["hehuo-reason"] for kept in await lists.aside()] == ["unknown type ''"]


async def test_later_messages_of_a_parked_order_are_acknowledged_unread(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn(), withdrawn())
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1"))
    await say_badly(lists, id, 2, body=b"{")
    await eventually(lambda: is_parked(dispatch, id))

    await intake.tell(id, 3, 2)

    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert await dispatch.seen(id) == ("intake:1",)
    assert len(await lists.aside()) == 1


async def test_other_orders_are_not_held_up(lists: Lists) -> None:
    """One in ten is poisonous; all come in one batch."""
    intake = await lists.open("intake", tells=False)
    ids = await asyncio.gather(*(intake.place(placed(), withdrawn()) for _ in range(50)))
    for n, id in enumerate(ids):
        await intake.tell(id, 1)
        if n % 10 == 0:
            await say_badly(lists, id, 2, body=b"{")
        else:
            await intake.tell(id, 2)

    dispatch = await lists.open("dispatch")

    for n, id in enumerate(ids):
        if n % 10:
            await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    await eventually(lambda: is_aside(lists, 5))
    for id in ids[::10]:
        await eventually(partial(is_parked, dispatch, id))


async def test_a_parked_order_still_hears_other_senders_and_takes_commands(lists: Lists) -> None:
    partners, dispatch = await lists.open("partners"), await lists.open("dispatch")
    from shared.contracts.from_partners.calls import CallCoveredV1

    id = uuid4()
    await say_badly(lists, id, 1, body=b"{")
    await eventually(lambda: is_parked(dispatch, id))

    await partners.place(CallCoveredV1(round=1, partners=(), pledged=0), id=id)
    await eventually(has_seen(dispatch, id, "partners:1"))
    assert (await dispatch.say(id)).state.count == 2


async def test_after_unparking_the_state_is_as_if_never_poisoned(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    poisoned, other = [
        await intake.place(placed(), withdrawn("1"), withdrawn("2"), withdrawn("3")) for _ in range(2)
    ]
    await intake.tell(other, 1, 2, 3, 4)
    await intake.tell(poisoned, 1)
    await eventually(has_seen(dispatch, poisoned, "intake:1"))
    await say_badly(lists, poisoned, 2, body=b"{")
    await eventually(lambda: is_parked(dispatch, poisoned))
    await intake.tell(poisoned, 3, 4)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))

    request = orjson.dumps({"order_id": str(poisoned), "sender": "intake"})
    answer = orjson.loads(await lists.request("dispatch", "unpark", request))

    assert answer == {"ok": True, "from_n": 2}
    await eventually(has_seen(dispatch, poisoned, "intake:1", "intake:2", "intake:3", "intake:4"))
    as_if = {**without_marks(await dispatch.raw(other)), "parked": {}}
    assert without_marks(await dispatch.raw(poisoned)) == as_if
    assert len(await lists.aside()) == 1


async def test_an_order_poisoned_from_its_first_message_heals_too(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 1, altered={"data": {"nonsense": True}})
    await eventually(lambda: is_parked(dispatch, id))

    await lists.request("dispatch", "unpark", orjson.dumps({"order_id": str(id), "sender": "intake"}))

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))


async def test_what_was_just_told_again_and_not_read_is_told_anew_after_unparking(lists: Lists) -> None:
    """The bus would take it for a repetition and drop it."""
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await say_badly(lists, id, 2, body=b"{")
    await eventually(lambda: is_parked(dispatch, id))
    await intake.relay.tell_again(id, 1, None)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert await dispatch.seen(id) == ()

    await lists.request("dispatch", "unpark", orjson.dumps({"order_id": str(id), "sender": "intake"}))

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))


@pytest.mark.parametrize(
    "request_", [b"{}", b'{"order_id": "x", "sender": "intake"}', b'{"order_id": null, "sender": null}']
)
async def test_a_request_to_unpark_that_makes_no_sense_is_answered(lists: Lists, request_: bytes) -> None:
    await lists.open("dispatch")
    answer = orjson.loads(await lists.request("dispatch", "unpark", request_))
    assert (answer["ok"], bool(answer["error"])) == (False, True)


async def test_an_order_may_be_parked_twice_and_for_several_senders(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", on_bus=False)
    known, unknown = await dispatch.place(), uuid4()
    for id in (known, unknown):
        await asyncio.gather(*(dispatch.entries.park(id, "intake", n, f"reason {n}") for n in (3, 4, 5)))
        await dispatch.entries.park(id, "partners", 1, "$where")
        entry = await dispatch.entries.peek(id)
        assert entry.parked == {"intake", "partners"}
        assert (await dispatch.raw(id))["parked"]["partners"] == {"n": 1, "reason": "$where"}

        assert await dispatch.entries.unpark(id, "intake") == 0
        assert (await dispatch.entries.peek(id)).parked == {"partners"}
    with pytest.raises(NotFound):
        await dispatch.entries.unpark(uuid4(), "intake")


async def test_parking_makes_whoever_decides_at_that_moment_look_again(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", on_bus=False)
    id = await dispatch.place()
    before = await dispatch.entries.peek(id)
    await dispatch.entries.park(id, "intake", 1, "reason")
    assert (await dispatch.entries.peek(id)).version == before.version + 1


# ---------------------------------------------------------------- faults of ours in a reaction


class Fails:
    """A reaction that fails as often as it is told to."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.calls = 0

    def __call__(self, toy: Toy, heard: Heard[Any]) -> Decision[Toy]:
        self.calls += 1
        if self.calls <= self.times:
            raise RuntimeError("a fault of ours")
        return noted(toy, heard)


@pytest.mark.usefixtures("hasty")
async def test_a_reaction_that_fails_once_is_applied_once(lists: Lists) -> None:
    fails = Fails(1)
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", {OrderPlacedV1: fails})
    id = await intake.place(placed(), withdrawn())

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert (fails.calls, await lists.aside()) == (2, [])


@pytest.mark.usefixtures("hasty")
async def test_a_reaction_that_always_fails_is_set_aside_after_some_tries(lists: Lists) -> None:
    fails = Fails(1000)
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch", {OrderWithdrawnV1: fails}, tries=3)
    id = await intake.place(placed(), withdrawn(), withdrawn())
    other = await intake.place(placed())
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1"))
    await intake.tell(id, 2)
    await intake.tell(other, 1)

    await eventually(has_seen(dispatch, other, "intake:1"))
    await eventually(lambda: is_parked(dispatch, id))

    [headers] = await lists.aside()
    assert (headers["hehuo-reason"], headers["hehuo-n"]) == ("the reaction fails: RuntimeError", "2")
    assert fails.calls == 3
    assert await dispatch.seen(id) == ("intake:1",)
    await intake.tell(id, 3)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert fails.calls == 3

    fails.times = 0  # mended
    await lists.request("dispatch", "unpark", orjson.dumps({"order_id": str(id), "sender": "intake"}))
    await eventually(has_seen(dispatch, id, "intake:1", "intake:2", "intake:3"))


async def nobody_asks(*_: Any, **__: Any) -> None:
    """The gap stays until the test fills it."""


@pytest.mark.usefixtures("hasty")
async def test_what_went_well_before_a_failure_is_kept(lists: Lists) -> None:
    intake = await lists.open("intake", tells=False)
    id = await intake.place(placed(), *(withdrawn() for _ in range(5)))
    await intake.tell(id, 1, 2, 3, 4, 5, 6)

    def third_fails(toy: Toy, heard: Heard[Any]) -> Decision[Toy]:
        if heard.n == 4:
            raise RuntimeError("a fault of ours")
        return noted(toy, heard)

    dispatch = await lists.open("dispatch", {OrderWithdrawnV1: third_fails}, tries=2)

    await eventually(lambda: is_parked(dispatch, id))
    assert await dispatch.seen(id) == ("intake:1", "intake:2", "intake:3")
    assert [headers["hehuo-n"] for headers in await lists.aside()] == ["4"]


async def test_it_is_the_failing_message_that_is_set_aside_not_a_repetition_beside_it(lists: Lists) -> None:
    """The first message comes again together with the second, which fails."""
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1"))
    await lists.close(dispatch)
    await intake.tell(id, 1, 2)

    dispatch = await lists.open("dispatch", {OrderWithdrawnV1: Fails(1000)}, tries=1)

    await eventually(lambda: is_parked(dispatch, id))
    assert [headers["hehuo-n"] for headers in await lists.aside()] == ["2"]
    assert (await dispatch.raw(id))["parked"]["intake"]["n"] == 2


@pytest.mark.usefixtures("hasty")
async def test_a_state_that_cannot_be_read_holds_up_nobody_else(lists: Lists) -> None:
    intake = await lists.open("intake", tells=False)
    broken, fine = [await intake.place(placed(), withdrawn()) for _ in range(2)]
    dispatch = await lists.open("dispatch", tries=2)
    await intake.tell(broken, 1)
    await eventually(has_seen(dispatch, broken, "intake:1"))
    await lists.close(dispatch)
    entries = lists.servers.mongo[lists.names.database("dispatch")]["toys"]
    await asyncio.to_thread(entries.update_one, {"_id": broken}, {"$set": {"state.count": "many"}})
    await intake.tell(broken, 2)
    await intake.tell(fine, 1, 2)

    dispatch = await lists.open("dispatch", tries=2)

    await eventually(has_seen(dispatch, fine, "intake:1", "intake:2"))
    await eventually(lambda: is_aside(lists, 1))
    assert [headers["hehuo-order"] for headers in await lists.aside()] == [str(broken)]


@pytest.mark.usefixtures("hasty")
async def test_what_cannot_be_set_aside_just_now_is_set_aside_later(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = await lists.open("dispatch")
    park, failures = dispatch.entries.park, 0

    async def fail_once(*args: Any) -> None:
        nonlocal failures
        failures += 1
        if failures == 1:
            raise Unavailable
        await park(*args)

    monkeypatch.setattr(dispatch.entries, "park", fail_once)
    id = uuid4()
    await say_badly(lists, id, 1, body=b"{")

    await eventually(lambda: is_parked(dispatch, id))
    assert len(await lists.aside()) == 1, "kept once, though it was put there twice"
