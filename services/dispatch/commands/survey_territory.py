"""A territory that was brought is checked in a process of its own → the next version, or what is wrong with it.

To check shapes takes as long as they have points, and more; nobody else waits for it. Run as a module, this is that
process: it is told on its input, answers on its output, and is ended when it takes too much time or memory.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import orjson

from services.dispatch.domain.ground.survey import TooMuchToCheck
from services.dispatch.domain.ground.territory import Territory
from shared.problems import Malformed, RuleBroken, every_problem

_ROOT = Path(__file__).parents[3]
_CPU_SECONDS = 60  # what is honest takes a few
_BYTES = 2 * 1024**3  # of addresses: what is honest takes half of it
_NICENESS = 10  # whoever answers requests comes first


async def survey_territory(before: Territory, document: bytes, within: str, sliver: float) -> Territory:
    """The very same territory when nothing changes. Raises TerritoryFaulty, TooMuchToCheck, Malformed."""
    body = await asyncio.to_thread(before.body)
    head = {"version": before.version, "bytes": len(body), "within": within, "sliver": sliver}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__), cwd=_ROOT, stdin=PIPE, stdout=PIPE, env=_environment()
    )
    try:
        said, _ = await process.communicate(orjson.dumps(head) + b"\n" + body + document)
    finally:
        if process.returncode is None:  # nobody waits for it any more
            process.kill()
            await process.wait()
    if process.returncode or not said:
        raise TooMuchToCheck(f"not within {_CPU_SECONDS} s and {_BYTES // 1024**2} MiB")
    first, _, body = said.partition(b"\n")
    answer = orjson.loads(first)
    if "kind" in answer:
        raise every_problem()[answer["kind"]](answer["detail"], **answer["now"])
    if not body:
        return before
    return await asyncio.to_thread(lambda: Territory.kept(orjson.loads(body), before.version + 1))


def _environment() -> dict[str, str]:
    """Of ours only what finds the interpreter's things: it needs no secrets, and one thread."""
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}


def _answer(head: dict[str, Any], body: bytes, document: bytes) -> bytes:
    try:
        before = Territory.kept(orjson.loads(body), head["version"])
        features, successors = _read(document)
        after = before.with_part(
            features, within=head["within"], sliver=head["sliver"], successors=successors
        )
        return b"{}\n" + (b"" if after is before else after.body())
    except RuleBroken as broken:
        said = {"kind": type(broken).slug(), "detail": broken.detail, "now": broken.now}
        return orjson.dumps(said, default=dict)


def _read(document: bytes) -> tuple[list[Any], dict[str, str]]:
    """The features, and what comes after the areas that go. Raises Malformed."""
    try:
        read = orjson.loads(document)
    except orjson.JSONDecodeError:
        read = None
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or read.get("type") != "FeatureCollection":
        raise Malformed("the body must be a GeoJSON FeatureCollection")
    successors = read.get("successors", {})
    if not (isinstance(successors, dict) and all(isinstance(one, str) for one in successors.values())):
        raise Malformed("successors: the path of an area that goes, and that of the one that comes after it")
    return features, successors


def _main() -> None:
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    head = orjson.loads(sys.stdin.buffer.readline())
    body = sys.stdin.buffer.read(head["bytes"])
    sys.stdout.buffer.write(_answer(head, body, sys.stdin.buffer.read()))


if __name__ == "__main__":
    _main()
