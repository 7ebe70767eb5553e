"""The whole system on this machine: every part, started in order, supervised, drained in order.

    async with System(data=folder, replicas={"intake": 2}) as system:
        ... system.gateway_url ...

The command `hehuo up` and the tests use the same class.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from deploy.gateway.render import UPSTREAMS, WEB
from deploy.local import binaries, keys, outside, process
from deploy.local.folder import Folder, check_disk, read_state, write_whole
from deploy.local.knobs import check_names, check_values, examples, for_stories
from deploy.local.parts.part import Part
from deploy.local.plan import GATEWAY, MONGOD, NATS, Login, Plan, bounds_here
from deploy.local.ports import take
from deploy.local.refusal import Refused, number
from deploy.local.runner import Runner
from deploy.nats.provision import provision as provision_nats
from shared.naming import SERVICES, Names
from shared.settings import MOST

PARTS = (MONGOD, NATS, GATEWAY, *UPSTREAMS)

_LOG_BYTES = 32 * 1024 * 1024
_MOST_REPLICAS = 16


async def together(*work: Awaitable[None]) -> None:
    """Do all at once; at the first failure give up the others and raise it."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class System:
    """Everything that runs. Use it as an async context manager; inside, all parts are ready.

    `replicas` is by service, one each by default. `env` is added to what every service is told. `port` is the
    gateway's; a free one without it. With `mongo_url` or `nats_url` (with an administrator's credentials) that
    server is used and none is started. `only` names the parts that are wanted, all by default. `say` gets one line
    for people at a time.

    It is the demonstration: what its stories need is set, and its partners, who are made up, are verified. A district's
    is `District`.

    Raises Refused when it cannot start here as asked, Broken when a part does not come up.
    """

    plan: Plan
    demo: ClassVar[bool] = True

    def __init__(
        self,
        data: Path,
        *,
        replicas: Mapping[str, int] | None = None,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        mongo_url: str | None = None,
        nats_url: str | None = None,
        only: Collection[str] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = Folder(Path(data))
        self.replicas = {**dict.fromkeys(UPSTREAMS, 1), **(replicas or {})}
        self._env = {**(for_stories(os.environ) if self.demo else {}), **(env or {})}
        self._port = port
        self._outside = {part: url for part, url in ((MONGOD, mongo_url), (NATS, nats_url)) if url}
        self._only = set(PARTS if only is None else only)
        self._say = say or (lambda _: None)
        self._own = contextlib.ExitStack()
        self._runners: dict[str, Runner] = {}
        self._housekeeping: asyncio.Task[None] | None = None
        self._all_ready = False

    # ------------------------------------------------------- start and stop

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything; return when all is ready."""
        self._check_wishes()
        check_disk(self.folder.root, number(os.environ, "HEHUO_DISK_MIN_MB", 500, least=0, most=MOST))
        programs = self._find_programs()
        self.folder.prepare()
        self._own.enter_context(self.folder.owned())
        try:
            self._is_of_its_kind()
            self._clear_leftovers()
            port = take(self._port) if self._port is not None and GATEWAY in self._only else None
            self.plan = Plan(self.folder, self.replicas, self._outside, port, self._env)
            self._make_runners(programs)
            await self._use_outside()
            await together(self._start_lists(), self._start_edge())
        except BaseException:
            await self.stop()
            raise
        self._all_ready = True
        self._housekeeping = asyncio.create_task(self._keep_house())
        self._changed()

    async def stop(self) -> None:
        """Drain in order: the gateway takes nothing more, the services finish, then the bus and the database."""
        self._all_ready = False
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        for group in ((GATEWAY,), UPSTREAMS, (NATS,), (MONGOD,)):
            await asyncio.gather(*(runner.stop() for kind in group for runner in self._of(kind)))
        self._own.close()

    def _is_of_its_kind(self) -> None:
        """Nobody mistakes the demonstration for a district. Raises Refused."""
        if self.demo:
            self.folder.is_of("demonstration", "Name another folder for the demonstration with --data.")
            return
        self.folder.is_of("district", "Start it with --demo, or name another folder with --data.")
        if left := examples({**os.environ, **self._env}):
            self._say("still the example's, until your own are named (docs/operating.md): " + ", ".join(left))
        self._say(
            f"whoever has the key in {self.folder.keys} can sign in as anybody (hehuo token): keep it safe"
        )

    def _check_wishes(self) -> None:
        said = {**os.environ, **self._env}
        check_names(said)
        check_values(said)
        bounds_here(said)
        for name, wanted in self.replicas.items():
            if name not in UPSTREAMS:
                raise Refused(f"There is no service {name}; the services are {', '.join(UPSTREAMS)}.")
            if not 0 <= wanted <= _MOST_REPLICAS:
                raise Refused(f"{wanted} replicas of {name} cannot be started; 0 to {_MOST_REPLICAS} can.")
        if unknown := self._only - set(PARTS):
            raise Refused(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}.")

    def _find_programs(self) -> dict[str, Path]:
        """The servers that are to be started here. Raises Refused when one of them cannot run here."""
        wanted = {MONGOD: binaries.MONGOD, NATS: binaries.NATS_SERVER, GATEWAY: binaries.ENVOY}
        here = self._only - set(self._outside)
        if MONGOD in here:
            binaries.check_platform()
        return {name: binaries.find(program) for name, program in wanted.items() if name in here}

    def _clear_leftovers(self) -> None:
        """End what an earlier supervisor, killed where the kernel could not help, may have left running."""
        for name, part in read_state(self.folder).get("parts", {}).items():
            if part.get("pid") and process.is_alive(part["pid"], part["created"]):
                self._say(f"{name} is left over from an earlier run and is ended (process {part['pid']})")
                process.end(part["pid"], part["created"])

    def _make_runners(self, programs: Mapping[str, Path]) -> None:
        builds: dict[str, Callable[[], Part]] = {}
        if MONGOD in programs:
            builds[MONGOD] = partial(self.plan.mongod, programs[MONGOD])
        if NATS in programs:
            builds[NATS] = partial(self.plan.nats, programs[NATS], self._provision_nats)
        if GATEWAY in programs:
            builds[GATEWAY] = partial(self.plan.gateway, programs[GATEWAY])
        for kind in UPSTREAMS:
            if kind in self._only:
                builds |= {name: partial(self.plan.replica, kind, name) for name in self.plan.replicas(kind)}
        for name, build in builds.items():
            runner = Runner(name, build, self.folder.logs, self._say, self._changed)
            process.rotate(runner.log)
            self._runners[name] = runner

    async def _use_outside(self) -> None:
        """Make what is ours on servers that run already."""
        if url := self._outside.get(MONGOD):
            await outside.use_mongo(url, self.plan.passwords.mongo)
        if url := self._outside.get(NATS):
            self.plan.logins = await outside.use_nats(url, self.plan.passwords)
            if any(user != service for service, (user, _) in self.plan.logins.items()):
                self._say("this NATS does not know the services' own users, so they use the given one")
            if doubt := await outside.doubt_of(url):
                self._say(doubt)
            await self._provision_nats()

    async def _start_lists(self) -> None:
        """The servers, then the services, which need both."""
        await together(*(self._start_server(part) for part in (MONGOD, NATS)))
        await together(*(runner.start() for service in SERVICES for runner in self._of(service)))

    async def _start_server(self, part: str) -> None:
        for runner in self._of(part):
            await runner.start()
            if part == MONGOD:  # the streams are made at each start of NATS, by the part itself
                await outside.use_mongo(self.plan.mongo_admin_url, self.plan.passwords.mongo)

    async def _start_edge(self) -> None:
        await together(*(runner.start() for kind in (GATEWAY, WEB) for runner in self._of(kind)))

    async def _provision_nats(self) -> None:
        connection = await outside.connect(*self.plan.nats_operator)
        try:
            await provision_nats(connection, Names())
        finally:
            await connection.close()

    # ---------------------------------------------------------- while it runs

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(10)
            for runner in self._runners.values():
                process.cut(runner.log, _LOG_BYTES)

    def _changed(self) -> None:
        """Write what runs where, for `hehuo status` and `hehuo down`."""
        parts = {
            name: {
                "pid": runner.pid,
                "created": runner.began,
                "address": runner.part.address if runner.part else "",
                "state": runner.state.value,
                "restarts": runner.restarts,
                "log": str(runner.log),
            }
            for name, runner in self._runners.items()
        }
        state = {
            "pid": os.getpid(),
            "created": process.created(os.getpid()),
            "ready": self._all_ready,
            "gateway_url": self.plan.gateway_url,
            "mongo_url": self.plan.mongo_url,
            "nats_url": self.plan.nats_url,
            "parts": parts,
        }
        write_whole(self.folder.state, json.dumps(state, indent=1), 0o600, durable=False)

    def _of(self, part: str) -> list[Runner]:
        """The runners of a part: of all replicas, or of one (`intake.1`)."""
        return [
            runner for name, runner in self._runners.items() if name == part or name.partition(".")[0] == part
        ]

    # ---------------------------------------------------- for those who use it

    @property
    def gateway_url(self) -> str:
        return self.plan.gateway_url

    @property
    def mongo_url(self) -> str:
        """Without credentials."""
        return self.plan.mongo_url

    @property
    def mongo_admin_url(self) -> str:
        return self.plan.mongo_admin_url

    @property
    def nats_url(self) -> str:
        """Without credentials."""
        return self.plan.nats_url

    @property
    def nats_operator(self) -> Login:
        """Address, user and password with every right on the bus."""
        return self.plan.nats_operator

    @property
    def passwords(self) -> Mapping[str, Mapping[str, str]]:
        """By server (`mongo`, `nats`) and user."""
        return {"mongo": self.plan.passwords.mongo, "nats": self.plan.passwords.nats}

    def service_urls(self, name: str) -> list[str]:
        """One for each replica, past the gateway."""
        return self.plan.service_urls(name)

    def token(self, *, role: str, sub: str, **scope: Any) -> str:
        """A token of the demonstration's issuer; see `keys.mint`."""
        return keys.mint(self.folder.keys, role=role, sub=sub, **scope)

    def pids(self, part: str) -> list[int]:
        """Of the processes of a part that live now."""
        return [pid for runner in self._of(part) if (pid := runner.pid) is not None]

    async def kill(self, part: str, replica: int = 0, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one process of a part; return its pid. What ends by it is started again.

        Raises ProcessLookupError when it does not run just now.
        """
        return await self._of(part)[replica].kill(how)

    async def stop_part(self, part: str) -> None:
        """Stop a part, all its replicas, and leave it stopped."""
        await together(*(runner.stop() for runner in self._of(part)))

    async def start_part(self, part: str) -> None:
        """Start a part that was stopped; return when it is ready."""
        await together(*(runner.start() for runner in self._of(part)))

    async def wait_ready(self, within: float = 60.0) -> None:
        """Return when each part that should run says it is ready. Raises TimeoutError naming those that don't."""
        deadline = time.monotonic() + within
        while True:
            wanted = [runner for runner in self._runners.values() if runner.wanted]
            answers = await asyncio.gather(*(runner.is_ready() for runner in wanted))
            late = [runner.name for runner, ready in zip(wanted, answers, strict=True) if not ready]
            if not late:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not ready after {within:.0f} s: {', '.join(late)}")
            await asyncio.sleep(0.05)


class District(System):
    """A real one: nothing is set, and nobody is made up."""

    demo = False
