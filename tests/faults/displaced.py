"""A holder freezes past its time and another takes over: when the first wakes it is told so, and changes nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

from deploy.demo.record import Record
from deploy.demo.story import dates
from deploy.local.system import System
from tests.faults import means
from tests.faults.harness import Given, Stored, Verdict, agree, eventually, last
from tests.faults.open_calls import FUNDS, RACKS, open_calls

_PLAN, _SILENCE = 4, 4  # seconds until a claim is stale, and until a request that nobody answers is granted
_SENT = 12  # requests of the holder around the moment of freezing
_DISPLACED = (409, "displaced-holder")
_WITHIN = 60.0
_WHOLE = {"lines": [{"name": "funds", "amount": FUNDS}, {"name": "racks", "amount": RACKS}]}


SHORT = {"calls": 3}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calls", type=int, default=8, help="claims that change hands, in each of two ways (8)"
    )


@dataclass(frozen=True, slots=True)
class Hand:
    """A partner at one process of the service, past the gateway."""

    url: str
    token: str
    session: aiohttp.ClientSession

    async def ask(self, record: Record, what: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": uuid4().hex}
        path = self.url + record.path("partners", what)
        async with self.session.post(path, json=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())


@dataclass(frozen=True, slots=True)
class Held:
    """A claim in the first partner's hands."""

    record: Record
    claim: str
    epoch: int

    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything that a holder can ask for, each with its epoch."""
        at, epoch = f"claims/{self.claim}", {"epoch": self.epoch}
        return [
            (f"{at}/plan", {"plan": "三天内完成", **dates(3), **epoch}),
            (f"{at}/progress", {"percent": 10, "public_note": "已开工", **epoch}),
            (f"{at}/delivery", epoch),
            (f"{at}/release", {"reason": "人手不足", **epoch}),
        ]


async def prove(given: Given, verdict: Verdict) -> None:
    partners = means.somebody(given.chance, 2)
    env = {
        **means.companies(given, partners),
        "HEHUO_PARTNERS_PLAN_WITHIN": f"PT{_PLAN}S",
        "HEHUO_PARTNERS_REMIND_BEFORE": "PT1S",
        "HEHUO_PARTNERS_FINISHED_LEAST": "0",
        "HEHUO_PARTNERS_TAKEOVER_SILENCE": f"PT{_SILENCE}S",
    }
    async with (
        given.system(env=env, replicas={"partners": 2}) as system,
        Stored(system.mongo_admin_url) as stored,
        aiohttp.ClientSession(trust_env=False) as session,
    ):
        calls = [record for record, _ in await open_calls(system, 2 * given.options.calls)]
        tokens = [system.token(role="partner", sub=f"of-{id}", partner=str(id)) for id in partners]
        sleeping, awake = system.service_urls("partners")
        hands = [Hand(sleeping, tokens[0], session), *(Hand(awake, one, session) for one in tokens)]
        silent, forced = calls[: given.options.calls], calls[given.options.calls :]
        await _by_silence(given, system, stored, silent, hands, verdict)
        answers = Counter[tuple[int, str]]()
        for record in forced:
            answers += await _in_the_middle(given, system, stored, record, hands, verdict)
        for kind in ((200, ""), _DISPLACED):
            verdict.check(answers[kind] > 0, f"no report was answered {kind}: none was in the middle")
        await agree(stored, calls, verdict, _WITHIN)
        verdict.blame(await stored.applied_twice())
    verdict.figure(
        f"{len(silent)} claims taken over by silence, {len(forced)} while the holder was being answered"
    )


async def _claimed(record: Record, by: Hand) -> Held:
    status, call = await by.ask(record, "claims", _WHOLE)
    assert status == 200, f"{status} {call}"
    mine = next(one for one in call["claims"] if one["mine"] and one["state"] == "active")
    return Held(record, mine["claim_id"], mine["epoch"])


async def _by_silence(
    given: Given, system: System, stored: Stored, calls: list[Record], hands: list[Hand], verdict: Verdict
) -> None:
    """What the holder asks for waits in a process that is frozen until its time is over."""
    asleep, first, second = hands
    held = [await _claimed(record, first) for record in calls]

    async def all_stale() -> bool:
        return all([(await _claims(stored, one))[0]["stale_at"] for one in held])

    await eventually(all_stale, "all claims to be stale", _WITHIN)
    await system.kill("partners", 0, signal.SIGSTOP)
    waiting = [
        asyncio.create_task(asleep.ask(one.record, *request)) for one in held for request in one.requests()
    ]
    for one in held:
        status, said = await second.ask(
            one.record, f"claims/{one.claim}/takeover", {"reason": "本周可以开工"}
        )
        verdict.check(status == 200, f"{one.record.id}: asking for it: {status} {said}")

    async def all_taken() -> bool:
        return all([(await _claims(stored, one))[-1]["epoch"] > one.epoch for one in held])

    seconds = await eventually(all_taken, "all claims to be taken over", _WITHIN)
    given.say(
        f"{len(held)} claims changed hands {seconds:.1f} s after they were asked for, the holder asleep"
    )
    before = [await stored.entry("partners", one.record.id) for one in held]
    verdict.check(not any(task.done() for task in waiting), "the holder was answered while it was frozen")
    await system.kill("partners", 0, signal.SIGCONT)
    answers = await asyncio.gather(*waiting)
    for status, said in answers:
        slug = str(said.get("type")).rpartition("/")[2]
        verdict.check((status, slug) == _DISPLACED, f"the first holder was told {status} {slug}")
    for one, was in zip(held, before, strict=True):
        _unchanged(was, await stored.entry("partners", one.record.id), verdict)
        verdict.check(was["state"]["claims"][0]["state"] == "taken_over", f"{one.record.id}: not taken over")
    verdict.figure(f"{len(answers)} requests of sleepers answered {_DISPLACED[0]}, nothing changed")


async def _in_the_middle(
    given: Given, system: System, stored: Stored, record: Record, hands: list[Hand], verdict: Verdict
) -> Counter[tuple[int, str]]:
    """Frozen while it answers the holder: some is done, some is decided and not saved, some is not begun.

    Returns how often the holder got each answer.
    """
    asleep, first, second = hands
    held = await _claimed(record, first)
    reports = [
        (f"claims/{held.claim}/progress", {"percent": n, "public_note": f"第{n}次", "epoch": held.epoch})
        for n in range(_SENT)
    ]
    waiting = [asyncio.create_task(asleep.ask(record, *report)) for report in reports]
    await last(given.chance.random() * 0.03)
    await system.kill("partners", 0, signal.SIGSTOP)
    await last(0.05)  # what was on its way out arrives
    staff = Hand(second.url, system.token(role="district", sub="d-1", area="370203"), second.session)
    status, said = await staff.ask(record, f"claims/{held.claim}/forced-release", {"reason": "长期无音讯"})
    verdict.check(status == 200, f"{record.id}: the staff were told {status} {said}")
    won = await _claimed(record, second)
    verdict.check(won.epoch > held.epoch, f"{record.id}: epoch {won.epoch} after {held.epoch}")
    before = await stored.entry("partners", record.id)
    done_before = sum(task.done() for task in waiting)
    await system.kill("partners", 0, signal.SIGCONT)
    answers = Counter((status, _slug(said)) for status, said in await asyncio.gather(*waiting))
    _unchanged(before, await stored.entry("partners", record.id), verdict)
    reported = len(before["state"]["claims"][0]["reports"])
    verdict.check(
        set(answers) <= {(200, ""), _DISPLACED} and answers[200, ""] == reported,
        f"{record.id}: {dict(answers)}, {reported} reports are there, {done_before} answered before",
    )
    given.say(
        f"{reported} of {_SENT} reports were done when it froze, {answers[_DISPLACED]} refused when it woke"
    )
    return answers


def _slug(said: Mapping[str, Any]) -> str:
    return str(said["type"]).rpartition("/")[2] if "type" in said else ""


async def _claims(stored: Stored, one: Held) -> list[dict[str, Any]]:
    claims: list[dict[str, Any]] = (await stored.entry("partners", one.record.id))["state"]["claims"]
    return claims


def _unchanged(before: Mapping[str, Any], after: Mapping[str, Any], verdict: Verdict) -> None:
    same = all(before[field] == after[field] for field in ("version", "state", "said"))
    verdict.check(same, f"{before['_id']}: changed by who had lost it, version {before['version']}")
