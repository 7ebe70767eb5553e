"""Each message there ever was has one golden example: whole, as it goes over the bus, and readable for ever."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from deploy.docs.envelope import HEADERS, whole
from deploy.docs.examples import file_of
from deploy.docs.places import EXAMPLES
from shared.contracts.message import Message
from shared.entry import Decision, NotYet
from shared.hearing import read
from shared.naming import Names
from shared.relay import Relay
from shared.store import Tail
from tests.contract.told import HEARINGS, MESSAGES, delivered, golden, named, service

every_message = pytest.mark.parametrize("message", MESSAGES, ids=named)
every_hearing = pytest.mark.parametrize(
    ("message", "listener"), HEARINGS, ids=[f"{named(message)}-{listener}" for message, listener in HEARINGS]
)


def test_every_example_is_of_a_message_that_can_still_be_read() -> None:
    assert sorted(EXAMPLES.rglob("*.json")) == sorted(file_of(message) for message in MESSAGES)


@every_message
def test_the_example_is_whole_and_in_the_form_of_its_class(message: type[Message]) -> None:
    body = golden(message)["body"]
    assert message.model_validate(body["data"]).model_dump(mode="json") == body["data"]
    assert whole(message).model_validate(body, strict=False).model_dump(mode="json").keys() == body.keys()


@every_message
def test_the_example_has_the_headers_that_are_documented(message: type[Message]) -> None:
    assert set(golden(message)["headers"]) == set(HEADERS["properties"]) == set(HEADERS["required"])


@every_message
def test_the_relay_tells_exactly_what_the_example_shows(message: type[Message]) -> None:
    told = golden(message)
    body = told["body"]
    relay = Relay.__new__(Relay)
    relay._service = message.sender
    relay._settings = SimpleNamespace(names=Names(), jurisdiction="370203")  # type: ignore[assignment]
    event = {
        **{key: body[key] for key in ("n", "by", "cause", "data")},
        "type": message.type(),
        "at": datetime.fromisoformat(body["at"]),
        "trace": told["headers"]["traceparent"],
    }
    # What came before it nobody heard; so `after` is compared by its listeners only.
    before = tuple(["unknown.v0"] * (body["n"] - 1))
    tail = Tail(UUID(body["order_id"]), (*before, message.type()), (event,))
    [(subject, data, headers)] = relay._messages(tail, "")
    assert (subject, headers) == (told["subject"], told["headers"])
    assert {**json.loads(data), "after": None} == {**body, "after": None}
    assert set(body["after"]) == set(message.heard_by)
    assert all(n < body["n"] for n in body["after"].values())


@every_hearing
def test_every_listener_reads_what_the_example_says(message: type[Message], listener: str) -> None:
    told = golden(message)
    body = told["body"]
    arrived = read(delivered(told), sender=message.sender, listener=listener)
    heard = arrived.heard
    assert heard is not None, arrived.reason
    assert (str(heard.order_id), heard.n, heard.after) == (
        body["order_id"],
        body["n"],
        body["after"][listener],
    )
    assert (heard.sender, heard.by._asdict(), heard.cause) == (message.sender, body["by"], body["cause"])
    assert heard.at == datetime.fromisoformat(body["at"])
    assert heard.trace == told["headers"]["traceparent"]
    assert heard.data == message.model_validate(body["data"])


@every_hearing
def test_readers_ignore_what_they_do_not_know(message: type[Message], listener: str) -> None:
    told = copy.deepcopy(golden(message))
    plain = read(delivered(told), sender=message.sender, listener=listener).heard
    told["body"]["new"] = told["body"]["data"]["new_too"] = {"of": "a later version"}
    told["headers"]["ce-new"] = "header"
    assert read(delivered(told), sender=message.sender, listener=listener).heard == plain


@every_hearing
def test_every_listener_can_react_to_the_example_whatever_it_knows_so_far(
    message: type[Message], listener: str
) -> None:
    """To an entry that is still blank: it decides something, or waits for what is missing. It never fails."""
    hears = service(listener)
    heard = read(delivered(golden(message)), sender=message.sender, listener=listener).heard
    assert heard is not None
    try:
        decision = hears.reactions[message](hears.state(), heard)
    except NotYet:
        return
    assert isinstance(decision, Decision)
    assert isinstance(decision.state, hears.state)


@every_message
def test_writers_are_strict(message: type[Message]) -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        message.model_validate({**golden(message)["body"]["data"], "misspelt": 1})
