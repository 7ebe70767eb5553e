"""Answers get lost after the deed is done: whoever asks again with the same key gets the same answer, nothing twice."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter

import aiohttp

from deploy.demo.cast import Cast, Refused, Unreachable, everywhere
from deploy.demo.check import state_hash
from deploy.demo.life import life
from deploy.demo.record import Record
from deploy.demo.waiting import Stuck
from deploy.local.system import System
from tests.faults import means
from tests.faults.crowd import in_the_crowd
from tests.faults.harness import Given, Stored, Verdict, agree
from tests.faults.proxy import Exchange, Http, Proxy

_MOST_LOST = 5  # answers to one request: so often people try again
_WORDS = (
    "text",
    "note",
    "public_note",
    "measures",
    "plan",
    "words",
)  # fields of a body that may say anything


SHORT = {"lives": 16}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=60, help="lives through the lossy proxy (60)")
    parser.add_argument("--at-once", type=int, default=10, help="lives under way at once (10)")
    parser.add_argument("--crowd", type=int, default=300, help="keyed requests on one order in between (300)")
    parser.add_argument("--share", type=float, default=0.4, help="share of the answers that is lost (0.4)")


async def prove(given: Given, verdict: Verdict) -> None:
    async with (
        given.system(env=means.well_off(given)) as system,
        Stored(system.mongo_admin_url) as stored,
    ):
        loses = random.Random(given.chance.random())
        proxy = Proxy(system.gateway_url, loses, given.options.share, _MOST_LOST)
        async with proxy.open():
            records = await _lives(given, system, proxy, verdict)
        await agree(stored, records, verdict)
        lost = sum(one.lost for one in proxy.exchanges.values())
        given.say(f"{len(records)} lives have ended, {lost} answers got lost")
        await _judge(stored, records, proxy, verdict)
        before = await state_hash(stored)
        await _once_more(system, proxy, verdict)
        verdict.check(await state_hash(stored) == before, "asking once more has changed something")
        await in_the_crowd(given, system, stored, verdict)
    tries = [len(one.answers) for one in proxy.exchanges.values()]
    verdict.check(lost > 0, "no answer got lost")
    verdict.check(max(tries) > 2, "no answer got lost twice")
    verdict.figure(
        f"{len(records)} lives, {len(tries)} requests, {lost} answers lost, up to {max(tries)} tries"
    )


async def _lives(given: Given, system: System, proxy: Proxy, verdict: Verdict) -> list[Record]:
    records: list[Record] = []
    at_once = asyncio.Semaphore(given.options.at_once)
    stopped: list[str] = []

    async def live(cast: Cast, chance: random.Random) -> None:
        async with at_once:
            record = Record()
            records.append(record)
            try:
                await life(cast, chance.choice(everywhere()), chance, record)
            except (Refused, Unreachable, Stuck) as error:
                stopped.append(f"{record.order_id}: {error}")

    async with Cast(proxy.url, system.token) as cast:
        seeds = [random.Random(given.chance.random()) for _ in range(given.options.lives)]
        await asyncio.gather(*(live(cast, seed) for seed in seeds))
    verdict.check(not stopped, f"{len(stopped)} lives stopped: {stopped[:3]}")
    return records


async def _judge(stored: Stored, lived: list[Record], proxy: Proxy, verdict: Verdict) -> None:
    """Nothing twice, and to one request one answer, byte for byte."""
    records = [record for record in lived if record.order_id is not None]
    found = await stored.acknowledged(records)
    verdict.check(found.requests > 0, "nothing was acknowledged")
    verdict.check(found.lost == 0, f"{found.lost} acknowledged requests are not there")
    verdict.check(found.doubled == 0, f"{found.doubled} acknowledged requests are there more than once")
    extra = set(await stored.ids("intake")) - {record.id for record in records}
    verdict.check(not extra, f"{len(extra)} orders more than were placed")
    verdict.blame(await stored.applied_twice())
    again = 0
    for key, exchange in proxy.exchanges.items():
        first, *later = map(_said, exchange.answers)
        again += len(later)
        verdict.check(
            all(said == first for said in later), f"{_what(exchange)}, key {key}: answered differently"
        )
    verdict.figure(f"{found.doubled} doubled, {found.lost} lost, {again} answers given again, all the same")


async def _once_more(system: System, proxy: Proxy, verdict: Verdict) -> None:
    """Long after: the same request gets the same answer, another one with its key is refused."""
    same, refused = 0, Counter[str]()
    async with aiohttp.ClientSession(system.gateway_url) as session:
        for exchange in proxy.exchanges.values():
            request = exchange.request
            answer = await _send(session, request, request.body)
            same += verdict.check(
                answer == _said(exchange.answers[0]), f"{_what(exchange)}: not the same later"
            )
            other = _another(request.body)
            if other is not None:
                status, _, body = await _send(session, request, other)
                slug = json.loads(body).get("type", "").rpartition("/")[2]
                refused[slug] += 1
                right = (status, slug) == (409, "key-reused")
                verdict.check(right, f"{_what(exchange)} with another body: {status} {slug}")
    verdict.check(refused["key-reused"] > 0, "no other body was tried")
    verdict.figure(f"{same} given again later, {refused['key-reused']} other bodies refused")


async def _send(session: aiohttp.ClientSession, request: Http, body: bytes) -> tuple[int, str, bytes]:
    path = request.start.split(" ")[1]
    names = ("authorization", "idempotency-key", "content-type")
    headers = {name: request.headers[name] for name in names} | {"accept-encoding": "identity"}
    async with session.post(path, data=body, headers=headers) as answer:
        return answer.status, answer.headers.get("etag", ""), await answer.read()


def _said(answer: Http) -> tuple[int, str, bytes]:
    """Status, ETag and body."""
    return int(answer.start.split(" ")[1]), answer.headers.get("etag", ""), answer.body


def _what(exchange: Exchange) -> str:
    return exchange.request.start.rpartition(" ")[0]


def _another(body: bytes) -> bytes | None:
    """A body that says something else and is as valid; None when there is no field for that."""
    said = json.loads(body)
    for word in _WORDS:
        if said.get(word):
            return json.dumps({**said, word: f"{said[word]}而且"}).encode()
    return None
