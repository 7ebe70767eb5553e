"""Part of `credentials`: what a service's own bus user is refused, and what it can do."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout

from deploy.demo.waiting import Stuck, until
from deploy.local.system import System
from deploy.nats.permissions import OPERATOR, OWN_STREAM, inbox
from shared.contracts.registry import every_message, heard_by
from shared.naming import SERVICES, Names
from tests.faults.credentials_mongo import Count
from tests.faults.harness import Verdict, bus

_NAMES = Names()
_STREAMS = (*SERVICES, "aside", "advisories")
_BODY = b"{}"  # an empty configuration or request: what is refused is refused before anybody reads it


_SAYS_WITHIN = 1.0  # seconds; what was let through costs this long


@dataclass(slots=True)
class Connection:
    """One user's connection, and what the server refused it."""

    client: Client
    refusals: list[str] = field(default_factory=list)

    async def is_refused(self, attempt: str, subject: str) -> bool:
        """Whether the server has refused this ('Publish' or 'Subscription') of this very subject.

        It may say so a moment after it has answered the ping that followed.
        """
        wanted = f'permissions violation for {attempt} to "{subject}"'.lower()
        deadline = time.monotonic() + _SAYS_WITHIN
        while time.monotonic() < deadline:
            await self.client.flush(timeout=10)
            if any(wanted in refusal.lower() for refusal in self.refusals[-3:]):
                return True
        return False


@contextlib.asynccontextmanager
async def connected(system: System, user: str, password: str) -> AsyncIterator[Connection]:
    refusals: list[str] = []

    async def note(error: Exception) -> None:
        refusals.append(str(error))

    client = await nats.connect(
        system.plan.nats_url,
        user=user,
        password=password,
        inbox_prefix=inbox(user),
        connect_timeout=5,
        allow_reconnect=False,
        error_cb=note,
    )
    try:
        yield Connection(client, refusals)
    finally:
        await client.close()


async def try_bus(system: System, verdict: Verdict) -> Count:
    """Every service's user against everything that is another's, then against its own."""
    count = Count()
    before = await _state(system)
    for service in SERVICES:
        async with connected(system, service, system.plan.passwords.nats[service]) as connection:
            for subject in _not_to_publish(service):
                await connection.client.publish(subject, _BODY)
                count.tried += 1
                refused = await connection.is_refused("Publish", subject)
                count.refused += verdict.check(refused, f"NATS let {service} publish {subject}")
            for subject in _not_to_hear(service):
                with contextlib.suppress(NatsError):
                    await connection.client.subscribe(subject)
                count.tried += 1
                refused = await connection.is_refused("Subscription", subject)
                count.refused += verdict.check(refused, f"NATS let {service} subscribe {subject}")
        await _other_logins(system, service, count, verdict)
    verdict.check(await _state(system) == before, "NATS: streams or consumers changed under refused attempts")
    for service in SERVICES:
        try:
            await _must_work(system, service, count, verdict)
        except (NatsError, Stuck) as error:
            verdict.check(False, f"NATS does not do for {service} what is its own: {error}")
    return count


async def _state(system: System) -> str:
    """Streams and consumers: how they are set and how much they hold."""
    async with bus(system) as operator:
        found = {}
        for info in await operator.js.streams_info():
            assert info.config.name
            consumers = await operator.js.consumers_info(info.config.name)
            found[info.config.name] = (
                str(info.config),
                info.state.messages,
                sorted((one.name, str(one.config), one.num_pending) for one in consumers),
            )
    return json.dumps(found, sort_keys=True, default=str)


async def _other_logins(system: System, service: str, count: Count, verdict: Verdict) -> None:
    logins = [
        (other, system.plan.passwords.nats[service]) for other in (*SERVICES, OPERATOR) if other != service
    ]
    for user, password in (*logins, (service, ""), (service, "wrong")):
        count.tried += 1
        try:
            async with connected(system, user, password):
                verdict.check(False, f"NATS took {service}'s password for the user {user}")
        except (NatsError, OSError):
            count.refused += 1


# ── what is another's ──────────────────────────────────────────────────────────────────────────────────────────────


def _not_to_publish(service: str) -> Iterator[str]:
    for (sender, _), message in every_message().items():
        if sender != service:
            yield f"{sender}.{message.name}.v{message.version}.370203.00"
    heard = heard_by(service)
    for other in SERVICES:
        if other != service:
            yield f"{other}.made_up.v1.370203.00"
            yield f"{other}.unpark"
            yield f"{inbox(other)}.answer"
            yield from (_NAMES.aside(other, sender) for sender in SERVICES)
            if other not in heard:
                yield f"{other}.tell_again"
    yield f"{service}.unpark"  # the operator's word
    yield f"{inbox(OPERATOR)}.answer"
    yield "made_up.by.nobody"
    yield from _of_the_server()
    for stream in map(_NAMES.stream, _STREAMS):
        yield from _of_stream(service, stream)


def _of_the_server() -> Iterator[str]:
    yield from ("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.ACCOUNT.PURGE.$G")
    yield from ("$JS.API.META.LEADER.STEPDOWN", "$JS.API.SERVER.REMOVE", "$JS.API.STREAM.CREATE.INTRUDER")
    yield from ("$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.USER.INFO.x")
    yield "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.INTAKE.dispatch"


def _of_stream(service: str, stream: str) -> Iterator[str]:
    for verb in (
        "CREATE", "UPDATE", "DELETE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "PEER.REMOVE", "LEADER.STEPDOWN",
    ):  # fmt: skip
        yield f"$JS.API.STREAM.{verb}.{stream}"
    yield f"$JS.API.DIRECT.GET.{stream}"
    yield f"$JS.API.DIRECT.GET.{stream}.any.subject"
    if stream != _NAMES.stream(service):
        yield from (f"$JS.API.STREAM.{verb}.{stream}" for verb in OWN_STREAM)
    yield f"$JS.API.CONSUMER.NAMES.{stream}"
    yield f"$JS.API.CONSUMER.LIST.{stream}"
    yield f"$JS.API.CONSUMER.CREATE.{stream}"
    for listener in (*SERVICES, "intruder"):
        yield f"$JS.API.CONSUMER.CREATE.{stream}.{listener}"
        yield f"$JS.API.CONSUMER.CREATE.{stream}.{listener}.>"[:-2] + ".any"
        yield f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{listener}"
        yield f"$JS.API.CONSUMER.DELETE.{stream}.{listener}"
        yield f"$JS.API.CONSUMER.PAUSE.{stream}.{listener}"
        yield f"$JS.API.CONSUMER.LEADER.STEPDOWN.{stream}.{listener}"
        if listener != service:
            if stream != _NAMES.stream(service):
                yield f"$JS.API.CONSUMER.INFO.{stream}.{listener}"
            yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{listener}"
            yield f"$JS.ACK.{stream}.{listener}.1.1.1.1700000000000000000.0"


def _not_to_hear(service: str) -> Iterator[str]:
    yield from (
        ">",
        "*",
        "*.>",
        "*.*.*.*.*",
        "aside.>",
        "$JS.>",
        "$JS.API.>",
        "$JS.ACK.>",
        "$JS.EVENT.>",
        "$SYS.>",
    )
    yield from ("_INBOX.>", "*.answer", f"{inbox(OPERATOR)}.>")
    for other in SERVICES:
        yield f"{other}.>"
        yield f"{other}.*.*.*.*"
        yield _NAMES.aside(other, ">")
        if other != service:
            yield f"{inbox(other)}.>"
            yield f"{other}.tell_again"
            yield f"{other}.unpark"


# ── what is one's own ──────────────────────────────────────────────────────────────────────────────────────────────


async def _must_work(system: System, service: str, count: Count, verdict: Verdict) -> None:
    """Say something, hear each sender, set something aside, ask for more, and be asked: nothing is refused."""
    async with (
        bus(system) as operator,
        connected(system, service, system.plan.passwords.nats[service]) as connection,
    ):
        js = connection.client.jetstream(timeout=10)
        for (sender, _), message in every_message().items():
            if sender == service:
                await js.publish(f"{service}.{message.name}.v{message.version}.370203.00", _BODY)
                count.own += 1
        for sender, messages in heard_by(service).items():
            stream = _NAMES.stream(sender)
            message = messages[0]
            await operator.js.publish(f"{sender}.{message.name}.v{message.version}.370203.00", _BODY)
            own = await js.pull_subscribe_bind(consumer=service, stream=stream)
            for one in await own.fetch(1, timeout=10):
                await one.ack_sync(timeout=10)
                count.own += 1
            await js.publish(_NAMES.aside(service, sender), _BODY)
            await connection.client.publish(_NAMES.control(sender, "tell_again"), _BODY)
            count.own += 2
        given_up = await js.pull_subscribe_bind(consumer=service, stream=_NAMES.stream("advisories"))
        with contextlib.suppress(NatsTimeout):  # nothing was given up
            await given_up.fetch(1, timeout=0.5)
        await js.consumer_info(_NAMES.stream("advisories"), service)
        count.own += 2
        for verb in ("tell_again", "unpark"):
            asked = await connection.client.subscribe(_NAMES.control(service, verb), cb=_respond)
            await _answers(operator.client, _NAMES.control(service, verb))
            await asked.unsubscribe()
            count.own += 1
        await connection.client.flush()
        verdict.check(not connection.refusals, f"NATS refused {service} its own: {connection.refusals}")


async def _respond(asked: Msg) -> None:
    await asked.respond(_BODY)


async def _answers(client: Client, subject: str, within: float = 30.0) -> None:
    """Ask until somebody answers. Raises Stuck."""

    async def look() -> bool | None:
        with contextlib.suppress(NatsError):
            await client.request(subject, b'{"order_id": "not an id"}', timeout=1)
            return True
        return None

    await until(look, f"an answer from {subject}", within)


# ── answers led astray ─────────────────────────────────────────────────────────────────────────────────────────────


async def try_reply_addresses(system: System, verdict: Verdict) -> Count:
    """Ask a running service something, and name a forbidden subject as the address for its answer.

    The server lets whoever was asked answer once, wherever that is: so the service itself must not answer there.
    """
    count = Count()
    for service in SERVICES:
        await system.start_part(service)
    async with bus(system) as operator:
        for service in SERVICES:  # on the bus when it answers
            await _answers(operator.client, _NAMES.control(service, "tell_again"))
        for asker in SERVICES:
            async with connected(system, asker, system.plan.passwords.nats[asker]) as connection:
                for asked in heard_by(asker):
                    for target in _targets(asker):
                        count.tried += 1
                        heard = await _led_astray(operator.client, connection.client, asked, target)
                        count.refused += verdict.check(
                            not heard, f"NATS: {asker} made {asked} publish to {target} for it"
                        )
                asks = not connection.refusals
                verdict.check(asks, f"NATS: {asker} could not even ask: {connection.refusals[:3]}")
    return count


def _targets(asker: str) -> Iterator[str]:
    yield from ("$JS.API.STREAM.PURGE.ADVISORIES", "$JS.API.STREAM.DELETE.ADVISORIES", "aside.made.up")
    for other in SERVICES:
        if other != asker:
            yield f"{other}.made_up.v1.370203.00"
            yield f"{inbox(other)}.made_up"


async def _led_astray(operator: Client, asker: Client, asked: str, target: str) -> bool:
    """Whether anything arrives at `target` when `asked` is to answer there. The operator sees all subjects."""
    watch = await operator.subscribe(target)
    await operator.flush()
    await asker.publish(_NAMES.control(asked, "tell_again"), b'{"order_id": "not an id"}', reply=target)
    await asker.flush()
    # Requests are answered in turn: once this one is, the one before it was too, if it ever is.
    await _answers(operator, _NAMES.control(asked, "tell_again"))
    try:
        await watch.next_msg(timeout=0.2)
    except NatsTimeout:
        return False
    finally:
        await watch.unsubscribe()
    return True
