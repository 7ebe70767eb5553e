"""Names on the bus: no two mean the same, no namespace sees into another, and what is said is caught by its stream."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.registry import every_message, heard_by
from shared.naming import SERVICES, Names

ID = UUID("01890000-0000-7000-8000-0000000000ff")


def matches(pattern: str, subject: str) -> bool:
    """As the server matches subjects."""
    wanted, given_ = pattern.split("."), subject.split(".")
    for n, token in enumerate(wanted):
        if token == ">":
            return len(given_) > n
        if n >= len(given_) or token not in ("*", given_[n]):
            return False
    return len(wanted) == len(given_)


def test_in_production_names_are_plain() -> None:
    names = Names()
    assert names.database("intake") == "intake"
    assert names.stream("intake") == "INTAKE"
    assert names.subject("intake", "order_placed", 1, "370203", ID) == "intake.order_placed.v1.370203.ff"
    assert names.control("dispatch", "tell_again") == "dispatch.tell_again"
    assert names.aside("dispatch", "intake") == "aside.dispatch.intake"


def test_in_a_namespace_every_name_carries_it() -> None:
    names = Names("t1")
    assert names.database("intake") == "t1_intake"
    assert names.stream("intake") == "T1_INTAKE"
    assert names.subject("intake", "order_placed", 1, "370203", ID) == "t1-intake.order_placed.v1.370203.ff"
    assert names.control("dispatch", "tell_again") == "t1-dispatch.tell_again"
    assert names.all_aside() == "t1-aside.>"


@pytest.mark.parametrize("namespace", ["", "t1"])
def test_what_is_said_lands_in_its_senders_stream_and_with_who_hears_it(namespace: str) -> None:
    names = Names(namespace)
    for (sender, _), message in every_message().items():
        subject = names.subject(sender, message.name, message.version, "370203", ID)
        assert [s for s in SERVICES if matches(names.all_messages(s), subject)] == [sender]
        for listener in SERVICES:
            filters = [names.messages(sender, m.name, m.version) for m in heard_by(listener).get(sender, [])]
            assert any(matches(each, subject) for each in filters) == (listener in message.heard_by)


@pytest.mark.parametrize("verb", ["tell_again", "unpark"])
def test_requests_are_kept_by_no_stream(verb: str) -> None:
    names = Names("t1")
    for service in SERVICES:
        control = names.control(service, verb)
        assert not any(matches(names.all_messages(s), control) for s in SERVICES)
        assert not matches(names.all_aside(), control)


def test_what_is_set_aside_lands_in_aside_only() -> None:
    names = Names("t1")
    subject = names.aside("dispatch", "intake")
    assert matches(names.all_aside(), subject)
    assert not any(matches(names.all_messages(s), subject) for s in SERVICES)


@given(st.from_regex(r"t[0-9a-f]{6}", fullmatch=True), st.from_regex(r"t[0-9a-f]{6}", fullmatch=True))
def test_namespaces_do_not_see_one_another(one: str, other: str) -> None:
    if one == other:
        return
    mine, theirs = Names(one), Names(other)
    for service in SERVICES:
        subject = mine.subject(service, "order_placed", 1, "370203", ID)
        assert not any(matches(theirs.all_messages(s), subject) for s in SERVICES)
        assert not any(matches(Names().all_messages(s), subject) for s in SERVICES)
        assert mine.stream(service) != theirs.stream(service)
        assert mine.database(service) != theirs.database(service)


@given(st.uuids())
def test_the_shard_is_two_hex_digits_of_the_end_of_the_id(id: UUID) -> None:
    """The beginning of a UUIDv7 is the time: everything placed in a minute would share one shard."""
    assert Names().subject("intake", "order_placed", 1, "370203", id).rpartition(".")[2] == str(id)[-2:]
