"""The golden cases against `docker compose up` from a clean clone; `docker compose down` leaves nothing behind."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import time
from collections import Counter
from pathlib import Path

from deploy.demo.cast import Cast
from deploy.demo.golden import GOLDEN
from deploy.demo.story import Case
from deploy.demo.waiting import Stuck
from deploy.local import keys
from deploy.local.ports import is_free
from tests.faults.golden import look_from_outside
from tests.faults.harness import Given, Verdict

_HERE = Path(__file__).parents[2]
_UP_WITHIN = 1200  # seconds: the first time the image is built
_WITHIN = 120.0  # seconds for a step to be seen everywhere


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--here", action="store_true", help="this tree as it is, instead of a clean clone of it"
    )


async def prove(given: Given, verdict: Verdict) -> None:
    if (reason := await _no_engine()) is not None:
        verdict.skipped = reason
        return
    project = Compose(await _tree(given), f"hehuo-proof-{os.getpid()}", _free_port(given))
    try:
        begun = time.monotonic()
        await project.compose("up", "-d", "--build", "--wait", "--wait-timeout", str(_UP_WITHIN))
        up = time.monotonic() - begun
        given.say(f"`docker compose up` took {up:.0f} s")
        key = await project.compose("run", "--rm", "--no-deps", "--entrypoint", "cat", "ctl", _KEY)
        folder = given.folder / "keys"
        folder.mkdir()
        (folder / "demo.pem").write_text(key, "utf-8")
        requests = await _play(given, project.url, folder, verdict)
        verdict.figure(f"{len(GOLDEN)} cases, {requests} requests, up in {up:.0f} s")
    except Exception:
        print(await project.compose("ps", "--all", fails=False))
        print(await project.compose("logs", "--tail", "20", fails=False))
        raise
    finally:
        await asyncio.shield(project.compose("down", "--volumes", "--remove-orphans", fails=False))
    left = await project.left()
    verdict.check(not left, f"after `docker compose down -v` there are still: {', '.join(left)}")
    verdict.figure(f"{len(left)} things left behind")


_KEY = "/var/lib/hehuo/keys/demo.pem"  # where the operator's container has the demonstration's signing key


async def _no_engine() -> str | None:
    """Why there is no container engine here; None when there is one."""
    if shutil.which("docker") is None:
        return "there is no program `docker` here"
    where = os.environ.get("DOCKER_HOST", "the usual place")
    for words, what in ((("version",), "container engine"), (("compose", "version"), "compose plugin")):
        code, _ = await _run("docker", *words)
        if code:
            return f"no {what} answers at {where} (set DOCKER_HOST)"
    return None


async def _tree(given: Given) -> Path:
    """Where to start it: a clone of what is committed, or this very tree."""
    if given.options.here or not (_HERE / ".git").exists():
        return _HERE
    clone = given.folder / "clone"
    code, said = await _run("git", "clone", "--quiet", "--depth", "1", f"file://{_HERE}", str(clone))
    if code:
        raise Stuck(f"the tree could not be cloned: {said}")
    given.say("a clean clone of what is committed")
    return clone


def _free_port(given: Given) -> int:
    return next(port for port in iter(lambda: given.chance.randrange(20000, 30000), None) if is_free(port))


class Compose:
    """One compose project of a tree, under a name and a port of its own."""

    def __init__(self, tree: Path, name: str, port: int) -> None:
        self._tree = tree
        self._name = name
        demonstration = {"HEHUO_ENV_FILE": "deploy/demo/demo.env"}
        self._env = {**os.environ, **demonstration, "HEHUO_PORT": str(port)}
        self.url = f"http://127.0.0.1:{port}"

    async def compose(self, *words: str, fails: bool = True) -> str:
        """What `docker compose …` says. Raises Stuck when it fails and that matters."""
        command = ("docker", "compose", "--project-name", self._name, *words)
        code, said = await _run(*command, cwd=self._tree, env=self._env)
        if code and fails:
            raise Stuck(f"`{' '.join(command)}` failed: {said[-2000:]}")
        return said

    async def left(self) -> list[str]:
        """Containers, volumes and networks of the project that still exist."""
        of_project = f"label=com.docker.compose.project={self._name}"
        found = []
        for kind, words in (
            ("container", ("ps", "--all")),
            ("volume", ("volume", "ls")),
            ("network", ("network", "ls")),
        ):
            _, said = await _run("docker", *words, "--quiet", "--filter", of_project)
            found += [f"{kind} {id}" for id in said.split()]
        return found


async def _run(*command: str, cwd: Path = _HERE, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what it says: standard output when it went well, everything otherwise."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdout=pipe, stderr=pipe)
    try:
        said, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    code = process.returncode or 0
    return code, (said if not code else said + errors).decode("utf-8", "replace")


async def _play(given: Given, url: str, folder: Path, verdict: Verdict) -> int:
    """Both cases as people see them. Returns how many requests were acknowledged."""

    def mint(*, role: str, sub: str, **scope: str) -> str:
        return keys.mint(folder, role=role, sub=sub, **scope)  # type: ignore[arg-type]  # scopes are texts

    requests = 0
    async with Cast(url, mint, patience=_WITHIN) as cast:
        for story in GOLDEN:
            case, shown = Case(story, cast, _WITHIN), Counter[str]()
            async for step in case.play():
                shown.update(step.shows)
                await look_from_outside(case, step, shown, verdict)
            requests += len(case.record.acknowledged)
            given.say(f"played: {story.en}")
        rates = await cast.person("district-shibei").get("/api/evaluation/v1/rates?area=370203")
        for name in ("response", "resolution", "satisfaction"):
            share = (rates[name]["numerator"], rates[name]["denominator"])
            verdict.check(share == (len(GOLDEN), len(GOLDEN)), f"the rate {name} is {share}")
    return requests
