"""The server's configuration: one template, and nothing in it that would lose a message."""

from __future__ import annotations

import re

import pytest

from deploy.nats.__main__ import config
from deploy.nats.config import NotDurable, Server, check_durable, render
from deploy.nats.permissions import everybody
from deploy.nats.provision import consumers, streams
from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names

PASSWORDS = dict.fromkeys(everybody(Names()), "a secret")
SERVER = Server(listen="127.0.0.1:4222", monitor="127.0.0.1:8222", store="/data")


def test_every_message_is_synced_before_it_is_acknowledged() -> None:
    assert re.search(r"^  sync_interval: always$", render(SERVER, PASSWORDS), re.MULTILINE)


def test_jetstream_has_one_key_on_a_line() -> None:
    block = re.search(r"jetstream \{\n(.*?)\n\}", render(SERVER, PASSWORDS), re.DOTALL)
    assert block
    lines = [line for line in block[1].splitlines() if not line.strip().startswith("#")]
    assert all(len(re.findall(r"\w+: ", line)) == 1 for line in lines)


def test_a_user_without_a_password_is_not_written() -> None:
    with pytest.raises(KeyError):
        render(SERVER, {user: "x" for user in PASSWORDS if user != "partners"})


@pytest.mark.parametrize(
    ("password", "written"),
    [
        ("12345678", '"12345678"'),
        ('with "quotes" \\ and {', '"with \\"quotes\\" \\\\ and {"'),
        ("$2a$11$abcdefghijklmnopqrstuv", '"$2a$11$abcdefghijklmnopqrstuv"'),
        ("$NATS_INTAKE_PASSWORD", "$NATS_INTAKE_PASSWORD"),
    ],
)
def test_passwords_are_texts_and_variables_are_left_to_the_server(password: str, written: str) -> None:
    assert f"      password: {written}\n" in render(SERVER, {**PASSWORDS, "intake": password})


def test_in_a_container_no_password_stands_in_the_file() -> None:
    text = config({"HEHUO_NATS_STORE": "/somewhere"})
    assert set(re.findall(r"password: (.*)", text)) == {
        f"$NATS_{user.upper()}_PASSWORD" for user in PASSWORDS
    }
    assert 'store_dir: "/somewhere"' in text


def test_servers_of_a_cluster_know_one_another() -> None:
    server = Server("0.0.0.0:4222", "0.0.0.0:8222", "/data", cluster="0.0.0.0:6222", routes=["nats-1:6222"])
    text = render(server, PASSWORDS)
    assert "listen: 0.0.0.0:6222" in text
    assert '"nats-route://nats-1:6222"' in text
    assert "nats-route" not in render(SERVER, PASSWORDS)


@pytest.mark.parametrize(
    "varz", [{}, {"jetstream": {}}, {"jetstream": {"config": {"sync_interval": 120}}}], ids=str
)
def test_a_server_that_does_not_sync_is_not_used(varz: dict[str, object]) -> None:
    with pytest.raises(NotDurable):
        check_durable(varz)
    check_durable({"jetstream": {"config": {"sync_always": True}}})


def test_streams_are_bounded_and_drop_nothing_that_is_unread() -> None:
    by_name = {stream.name: stream for stream in streams(Names())}
    assert set(by_name) == {"INTAKE", "DISPATCH", "PARTNERS", "EVALUATION", "ASIDE", "ADVISORIES"}
    for name, stream in by_name.items():
        assert stream.storage == "file"
        assert (stream.max_bytes or 0) > 0
        assert bool(stream.max_age) == (name in ("ASIDE", "ADVISORIES")), "a message waits for its listeners"
        assert stream.discard == ("old" if name == "ADVISORIES" else "new")


def test_streams_of_two_namespaces_share_no_subject() -> None:
    def subjects(names: Names) -> set[str]:
        return {subject for stream in streams(names) for subject in stream.subjects or ()}

    assert not subjects(Names()) & subjects(Names("t1"))


def test_each_listener_has_one_consumer_for_each_sender_with_the_types_that_it_hears() -> None:
    made = {(stream, config.durable_name): config for stream, config in consumers(Names())}
    wanted = {(sender.upper(), listener) for listener in SERVICES for sender in heard_by(listener)}
    assert set(made) == wanted | {("ADVISORIES", service) for service in SERVICES}
    for listener in SERVICES:
        for sender, messages in heard_by(listener).items():
            filters = made[sender.upper(), listener].filter_subjects
            assert filters == [f"{sender}.{message.name}.v{message.version}.>" for message in messages]
    assert all(config.max_deliver == -1 and config.ack_policy == "explicit" for config in made.values())


def test_each_sender_hears_what_was_given_up_of_its_own_stream_by_its_listeners() -> None:
    made = {config.durable_name: config for stream, config in consumers(Names()) if stream == "ADVISORIES"}
    for sender in SERVICES:
        given_up = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{sender.upper()}"
        listeners = [listener for listener in SERVICES if sender in heard_by(listener)]
        assert made[sender].filter_subjects == [f"{given_up}.{listener}" for listener in listeners]
