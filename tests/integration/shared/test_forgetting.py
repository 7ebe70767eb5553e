"""Streams keep what somebody has not heard, however old; what everybody has heard makes room."""

from __future__ import annotations

from functools import partial

import pytest
from nats.js.errors import NotFoundError

from deploy.nats.provision import provision
from shared.reconcile import Reconciler
from tests.integration.shared.looking import everything_read, has_seen, is_told, numbers
from tests.integration.shared.toy import List, Lists, placed, withdrawn
from tests.integration.waiting import eventually


async def forgotten(list_: List) -> None:
    """Twice: what is taken out is what had been heard when it was last looked."""
    await list_.relay.stream.forget()
    await list_.relay.stream.forget()


async def test_what_everybody_has_heard_is_taken_out_and_the_rest_stays(lists: Lists) -> None:
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch")
    ids = [await intake.place(placed()) for _ in range(5)]
    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1"))

    await forgotten(intake)
    assert len(await lists.stored("intake")) == 5, "evaluation has heard nothing yet"

    evaluation = await lists.open("evaluation")
    for id in ids:
        await eventually(has_seen(evaluation, id, "intake:1"))
    for listener in ("dispatch", "evaluation"):
        await eventually(partial(everything_read, lists, "intake", listener))
    await forgotten(intake)
    assert await lists.stored("intake") == []
    assert (mark := await intake.relay.stream.mark()) is not None
    assert mark.last == 5, "numbers go on"


async def test_a_message_that_waits_keeps_what_comes_after_it(lists: Lists) -> None:
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    await lists.open("evaluation")
    first, waits, last = [await intake.place(placed(), withdrawn()) for _ in range(3)]
    await intake.tell(first, 1)
    await eventually(has_seen(dispatch, first, "intake:1"))
    await eventually(partial(everything_read, lists, "intake", "evaluation"))
    await intake.tell(waits, 2)  # the first one is missing
    await intake.tell(last, 1)
    await eventually(has_seen(dispatch, last, "intake:1"))

    await forgotten(intake)

    kept = await lists.stored("intake")
    assert [numbers(kept, id) for id in (first, waits, last)] == [[], [2], [1]]


async def test_while_a_consumer_is_missing_nothing_is_taken_out(lists: Lists) -> None:
    intake = await lists.open("intake")
    dispatch, evaluation = await lists.open("dispatch"), await lists.open("evaluation")
    id = await intake.place(placed())
    for listener in (dispatch, evaluation):
        await eventually(has_seen(listener, id, "intake:1"))
    await lists.close(evaluation)
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    await js.delete_consumer(stream, "evaluation")
    with pytest.raises(NotFoundError):
        await js.consumer_info(stream, "evaluation")

    await forgotten(intake)

    assert numbers(await lists.stored("intake"), id) == [1]


async def test_telling_everything_again_waits_for_room(lists: Lists) -> None:
    """More than the stream may hold: listeners read, what they have read goes, and it goes on."""
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    intake = await lists.open("intake")
    await lists.open("dispatch")
    await lists.open("evaluation")
    ids = [await intake.place(placed()) for _ in range(8)]
    for id in ids:
        await eventually(partial(is_told, intake, id))
    config = (await js.stream_info(stream)).config
    config.max_msgs = 10
    await js.update_stream(config)

    assert await intake.relay.tell_again(None, 1, None) == (8, 8)
    assert await intake.relay.tell_again(None, 1, None) == (8, 8)


async def test_a_service_forgets_by_itself(lists: Lists) -> None:
    intake = await lists.open("intake", reconcile_seconds=0.05, forget_seconds=0.05)
    await lists.open("dispatch")
    await lists.open("evaluation")
    reconciler = Reconciler(
        intake.settings, intake.database, intake.relay.stream, lambda: intake.relay.tell_again(None, 1, None)
    )
    reconciler.start()
    try:
        id = await intake.place(placed())
        await eventually(lambda: is_told(intake, id))

        async def empty() -> bool:
            return await lists.stored("intake") == []

        await eventually(empty)
    finally:
        await reconciler.stop()


async def test_a_message_has_no_age_at_which_it_is_dropped(lists: Lists) -> None:
    """Provisioning takes the age away also where a stream had one."""
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    config = (await js.stream_info(stream)).config
    config.max_age = 3600.0
    await js.update_stream(config)

    await provision(lists.nats, lists.names)

    assert not (await js.stream_info(stream)).config.max_age
