"""What is said reaches only those who need it: words of residents and staff, numbers of people, a household's verdict.

Each order and each thing that staff do carries words that are nowhere else. Random lives are walked with them; then
they are looked for wherever they must not be: on the bus, in the other lists, in the logs, in what strangers and
those whom it does not concern are shown. The mask and what is published are tried with tables and by differences.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from deploy.demo.cast import Cast, Person, Refused, everywhere
from deploy.local.system import System
from services.evaluation.domain.publishing import published
from services.evaluation.domain.rates import Counts
from shared.contracts.message import mask
from shared.naming import SERVICES
from tests.faults.harness import Given, Stored, Verdict, bus, eventually
from tests.faults.walking import DEPARTMENTS, Move, Walk
from tests.unit.evaluation.test_publishing import LEAST, less, tree
from tests.unit.shared.test_numbers import EVERY, unmarked

SHORT = {"lives": 30, "trees": 200}
_STEPS, _AT_ONCE = 14, 15
_KINDS = 12  # of commands that took a note; of fewer nothing would be proved
_WITHIN = 60.0  # seconds, until everything is told

# Whose words they are, and the lists that may keep them. Where a resident typed the address dispatch has to know.
_KEPT_BY: Mapping[str, frozenset[str]] = {
    "text": frozenset({"intake"}),
    "subject": frozenset({"intake"}),
    "name": frozenset({"intake"}),
    "phone": frozenset({"intake"}),
    "note": frozenset({"dispatch", "partners"}),
}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=120, help="orders with words of their own (120)")
    parser.add_argument(
        "--trees", type=int, default=2000, help="areas with verdicts that are differenced (2000)"
    )


async def prove(given: Given, verdict: Verdict) -> None:
    _masked(verdict)
    _differenced(given, verdict)
    async with (
        given.system() as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token) as cast,
    ):
        walks = [_walk(cast, given.chance, number) for number in range(given.options.lives)]
        await _walked(walks)
        await eventually(stored.all_told, "everything to be told", _WITHIN)
        noted = {what for walk in walks for what in walk.noted}
        verdict.check(len(noted) >= _KINDS, f"only these took a note: {sorted(noted)}")
        given.say(
            f"{sum(walk.moves for walk in walks)} moves were made, of {len(noted)} kinds that took a note"
        )
        looked = await _on_the_bus(system, walks, verdict)
        looked += await _in_the_lists(stored, walks, verdict)
        looked += _in_the_logs(system, walks, verdict)
        looked += await _shown(cast, walks, verdict)
    verdict.figure(f"{len(walks)} orders with {len(_KEPT_BY)} secrets each looked for in {looked} places")


def _masked(verdict: Verdict) -> None:
    right = sum(mask(unmarked(case)) == _wanted(case) for case in EVERY)
    verdict.check(right == len(EVERY), f"{len(EVERY) - right} of {len(EVERY)} numbers are masked wrongly")
    verdict.figure(f"mask {right} of {len(EVERY)} right")


def _wanted(case: str) -> str:
    before, *marked = case.split("⟦")
    return before + "".join("***" + part.partition("⟧")[2] for part in marked)


def _differenced(given: Given, verdict: Verdict) -> None:
    """Of what is published of an area any of those below are taken off: what is left is of nobody or of enough."""
    shown = differences = 0
    for _ in range(given.options.trees):
        out = published(tree(random.Random(given.chance.random())), LEAST)
        shown += len(out)
        for area, whole in out.items():
            below = [out[one] for one in out if one.rpartition("/")[0] == area]
            for taken in (some for n in range(len(below) + 1) for some in combinations(below, n)):
                differences += 1
                left = less(whole, *taken)
                few = [it for it in _worked_out(left) if 0 < it < LEAST]
                verdict.check(not few, f"{area} less {len(taken)} of its parts tells of {few}")
                one = left.evaluated and left.evaluated in (left.satisfied, left.mostly, left.unsatisfied)
                verdict.check(not one, f"{area} less {len(taken)} of its parts tells what all of them said")
    verdict.figure(f"{differences} differences of {shown} published areas tell of nobody")


def _worked_out(left: Counts) -> Iterator[int]:
    """What somebody finds who takes apart what is published: each figure, and who is not in it. By its words, not by
    what the rule looks at."""
    its = {name: n or 0 for name, n in left.model_dump().items()}
    whole = {"dispatched": ("answer_due", "due", "evaluated", "lapsed"), "answer_due": ("answered_in_time",),
             "due": ("closed_in_time",), "evaluated": ("solved", "satisfied", "mostly", "unsatisfied")}  # fmt: skip
    for name, parts in whole.items():
        for part in parts:
            yield its[part]
            yield its[name] - its[part]
    yield its["dispatched"]
    yield its["dispatched"] - its["evaluated"] - its["lapsed"]
    yield its["satisfied"] + its["mostly"] - its["solved"]


def _walk(cast: Cast, chance: random.Random, number: int) -> Walk:
    own = random.Random(chance.random())
    secret = f"{own.getrandbits(48):012x}".translate(str.maketrans("0123456789abcdef", "ghijklmnopqrstuv"))
    said = {
        "text": f"text{secret} 请来看看。",
        "title": f"subject{secret}",
        "contact": {"name": f"name{secret}", "phone": f"1390532{number:04d}"},
    }
    place = own.choice(everywhere())
    return Walk(cast, place, own, resident=number, partner=number, said=said, note=f"note{secret}")


def _secrets(walk: Walk) -> Iterator[tuple[str, str]]:
    """What kind of words, and the words."""
    yield "text", walk.said["text"].split()[0]
    yield "subject", walk.said["title"]
    yield "name", walk.said["contact"]["name"]
    yield "phone", walk.said["contact"]["phone"]
    yield "note", walk.note


async def _walked(walks: Sequence[Walk]) -> None:
    waiting = iter(walks)

    async def walker() -> None:
        for walk in waiting:
            await walk.live(_STEPS)
            await walk.do(Move("district", "closure", {"outcome": "not_solved", "public_note": "无法解决"}))

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(walker())


def _look(
    text: str, walks: Sequence[Walk], where: str, verdict: Verdict, *, may: frozenset[str] = frozenset()
) -> None:
    """Nothing of these is in it, but of the kinds that `may`."""
    for walk in walks:
        for kind, secret in _secrets(walk):
            verdict.check(kind in may or secret not in text, f"{where} has the {kind} of {walk.record.id}")
    for kind in may:  # else it is written otherwise than it is looked for
        there = sum(dict(_secrets(walk))[kind] in text for walk in walks)
        verdict.check(there > 0, f"{where} keeps the {kind}, and it was not found there")


async def _on_the_bus(system: System, walks: Sequence[Walk], verdict: Verdict) -> int:
    looked = 0
    async with bus(system) as busy:
        for service in SERVICES:
            messages = await busy.messages(service)
            verdict.check(bool(messages), f"there was nothing in the stream of {service}")
            text = "\n".join((one.data or b"").decode() + str(one.headers) for one in messages)
            _look(text, walks, f"the stream of {service}", verdict)
            looked += len(messages)
    return looked


async def _in_the_lists(stored: Stored, walks: Sequence[Walk], verdict: Verdict) -> int:
    for service in SERVICES:
        may = frozenset(kind for kind, lists in _KEPT_BY.items() if service in lists)
        entries = [str(entry) async for entry in stored.of(service).find({})]
        _look("\n".join(entries), walks, f"the list of {service}", verdict, may=may)
    return len(SERVICES) * len(walks)


def _in_the_logs(system: System, walks: Sequence[Walk], verdict: Verdict) -> int:
    logs = [file for file in system.folder.logs.rglob("*") if file.is_file()]
    verdict.check(bool(logs), "there was no log")
    _look("\n".join(file.read_text("utf-8", errors="replace") for file in logs), walks, "a log", verdict)
    return len(logs)


async def _shown(cast: Cast, walks: Sequence[Walk], verdict: Verdict) -> int:
    """Strangers are shown nothing of it; who ordered it no note of the staff; staff of elsewhere nothing, nor other
    partners, nor departments when it is over."""
    looked = over = 0
    for walk in walks:
        owner = walk.person("resident")
        async for where, text in _answers(owner, walk):
            looked += 1
            verdict.check(walk.note not in text, f"{where} shows the resident what stays with the staff")
        others = [cast.resident(9_000), cast.department("nobody-asked"), _stranger(cast, walk)]
        others.append(cast.partner(walk.partner + 1))
        seen = await walk.seen()
        if seen["state"] == "closed" and seen["referrals"]:
            over += 1
            others += map(cast.department, DEPARTMENTS)
        for person in others:
            async for where, text in _answers(person, walk):
                looked += 1
                _look(text, [walk], f"{where}, asked by {person.id},", verdict)
    verdict.check(over > 0, "no department was asked about what is over: nothing was proved of them")
    return looked


def _stranger(cast: Cast, walk: Walk) -> Person:
    """The community of another street."""
    street = walk.place.community.rpartition("/")[0]
    return cast.community(next(place for place in everywhere() if not place.area.startswith(street)))


async def _answers(person: Person, walk: Walk) -> AsyncIterator[tuple[str, str]]:
    """Whatever can be asked about an order, and lists that it might be on."""
    of_it = [
        walk.record.path("intake"), walk.record.path("evaluation"), walk.record.path("partners"),
        *(walk.record.path("dispatch", *more) for more in ((), ("history",), ("record",))),
        walk.record.path("partners", "funding"),
    ]  # fmt: skip
    lists = ["/api/intake/v1/orders?limit=100", "/api/dispatch/v1/dispatches?limit=100", "/api/dispatch/v1/map",
             "/api/partners/v1/calls?limit=100", "/api/evaluation/v1/evaluations?limit=100"]  # fmt: skip
    for path in (*of_it, *lists):
        try:
            answer: Any = await person.get(path)
        except Refused as refusal:
            if refusal.status >= 500:
                raise
            continue
        yield path, str(answer)
