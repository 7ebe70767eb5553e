"""Who may say and hear what on the bus follows from the contracts alone."""

from __future__ import annotations

import pytest

from deploy.nats.permissions import OPERATOR, everybody, inbox, permissions
from shared.contracts.registry import every_message, heard_by
from shared.naming import SERVICES, Names

NAMES = Names()


def matches(pattern: str, subject: str) -> bool:
    """As the server compares: `*` is one token, `>` is one or more at the end."""
    wanted, given = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(given) > place
        if place >= len(given) or token not in ("*", given[place]):
            return False
    return len(wanted) == len(given)


def may_publish(service: str, subject: str, names: Names = NAMES) -> bool:
    return any(matches(pattern, subject) for pattern in permissions(service, names).publish)


def may_hear(service: str, subject: str) -> bool:
    return any(matches(pattern, subject) for pattern in permissions(service, NAMES).subscribe)


@pytest.mark.parametrize(("sender", "type_"), sorted(every_message()))
def test_a_message_can_be_said_by_its_sender_and_by_nobody_else(sender: str, type_: str) -> None:
    subject = f"{sender}.{type_}.370203.a7"
    assert [service for service in SERVICES if may_publish(service, subject)] == [sender]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("sender", SERVICES)
def test_a_service_pulls_and_acknowledges_with_its_own_consumers_only(service: str, sender: str) -> None:
    stream = NAMES.stream(sender)
    hears = sender in heard_by(service)
    assert may_publish(service, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}") == hears
    looks = hears or sender == service  # a sender looks at how far its listeners are
    assert may_publish(service, f"$JS.API.CONSUMER.INFO.{stream}.{service}") == looks
    assert may_publish(service, f"$JS.ACK.{stream}.{service}.1.2.3.4.5") == hears
    assert may_publish(service, NAMES.control(sender, "tell_again")) == hears
    for other in set(SERVICES) - {service}:
        assert not may_publish(service, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{other}")
        assert not may_publish(service, f"$JS.ACK.{stream}.{other}.1.2.3.4.5")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_what_was_given_up_of_its_own_stream_and_of_no_other(service: str) -> None:
    for one in SERVICES:
        own = one == service
        assert may_publish(service, f"$JS.API.CONSUMER.MSG.NEXT.ADVISORIES.{one}") == own
        assert may_publish(service, f"$JS.API.CONSUMER.INFO.ADVISORIES.{one}") == own
        assert may_publish(service, f"$JS.ACK.ADVISORIES.{one}.1.2.3.4.5") == own
    assert not may_publish(service, f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.INTAKE.{service}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sees_and_clears_no_stream_but_its_own_and_makes_none(service: str) -> None:
    for sender in (*SERVICES, "aside", "advisories"):
        stream = NAMES.stream(sender)
        for what in ("INFO", "MSG.GET", "PURGE"):
            assert may_publish(service, f"$JS.API.STREAM.{what}.{stream}") == (sender == service)
        for what in ("CREATE", "UPDATE", "DELETE", "MSG.DELETE", "SNAPSHOT"):
            assert not may_publish(service, f"$JS.API.STREAM.{what}.{stream}")
        assert not may_publish(service, f"$JS.API.CONSUMER.CREATE.{stream}.{service}")
        assert not may_publish(service, f"$JS.API.CONSUMER.DELETE.{stream}.{service}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_answers_to_itself_and_what_it_is_asked(service: str) -> None:
    assert may_hear(service, f"{inbox(service)}.abc.1")
    assert may_hear(service, NAMES.control(service, "tell_again"))
    assert may_hear(service, NAMES.control(service, "unpark"))
    for other in (set(SERVICES) | {OPERATOR}) - {service}:
        assert not may_hear(service, f"{inbox(other)}.abc.1")
    for other in SERVICES:
        assert not may_hear(service, f"{other}.order_placed.v1.370203.00")
        assert may_hear(service, NAMES.control(other, "unpark")) == (other == service)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sets_aside_in_its_own_name(service: str) -> None:
    for listener in SERVICES:
        assert may_publish(service, NAMES.aside(listener, "intake")) == (listener == service)


def test_the_operator_may_do_everything() -> None:
    operator = everybody(NAMES)[OPERATOR]
    assert operator.publish == operator.subscribe == (">",)


def test_a_namespace_gives_no_right_outside_of_it() -> None:
    there = Names("t1")
    assert may_publish("intake", "t1-intake.order_placed.v1.370203.00", there)
    assert not may_publish("intake", "intake.order_placed.v1.370203.00", there)
    assert not may_publish("intake", "$JS.API.STREAM.INFO.INTAKE", there)
