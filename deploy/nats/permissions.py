"""Who may say and hear what on the bus, derived from the contracts: a service speaks for itself only."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names

OPERATOR = "operator"
OWN_STREAM = (
    "INFO",
    "MSG.GET",
    "PURGE",
)  # a sender looks at its stream, and takes out what everybody has heard


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects one user may publish to and subscribe to; everything else the server refuses."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox(user: str) -> str:
    """Where answers to a user go. Nobody else may listen there; clients are given it as their prefix."""
    return f"_INBOX_{user}"


def permissions(service: str, names: Names) -> Permissions:
    """What a service's own user may do: say its own messages, hear those of its contracts, and what the server gave up
    of its own; nothing else.

    Answers to `tell_again` and `unpark` are not in it: the server lets a user answer what it was asked
    (`allow_responses` in the configuration), and only there.
    """
    senders = sorted(heard_by(service))
    streams = [names.stream(stream) for stream in (*senders, "advisories")]  # of these: about its own stream
    publish = [
        names.all_messages(service),
        names.aside(service, ">"),
        *(names.control(sender, "tell_again") for sender in senders),
        *(f"$JS.API.STREAM.{what}.{names.stream(service)}" for what in OWN_STREAM),
        *(f"$JS.API.CONSUMER.INFO.{names.stream(service)}.{listener}" for listener in SERVICES),
        *(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}" for stream in streams),
        *(f"$JS.API.CONSUMER.INFO.{stream}.{service}" for stream in streams),
        *(f"$JS.ACK.{stream}.{service}.>" for stream in streams),
    ]
    subscribe = [
        f"{inbox(service)}.>",
        names.control(service, "tell_again"),
        names.control(service, "unpark"),
    ]
    return Permissions(tuple(publish), tuple(subscribe))


def everybody(names: Names) -> dict[str, Permissions]:
    """All users. The operator provisions, looks and replays, and may do everything."""
    return {
        OPERATOR: Permissions((">",), (">",)),
        **{service: permissions(service, names) for service in SERVICES},
    }
