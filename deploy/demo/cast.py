"""Who plays: the people of the demonstration, each an HTTP client of the gateway with a token of its own."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from ssl import SSLContext
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

import httpx
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from shared.asked import key_of
from shared.caller import Caller, Role

HERE = Path(__file__).parent
PASSING = frozenset({429, 502, 503, 504})  # what a gateway or a busy service says and may not say in a moment

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds between two tries
_ANSWER_SECONDS = 20.0  # then the request is sent again: its key makes that harmless
_POOLS, _KEPT = 16, 8  # pools of connections, and how many each of them keeps
_QUIET_SECONDS = 60.0  # a stream says at least "still here" in this time


class Mint(Protocol):
    """Makes a token: of a running system, or of a data folder's key."""

    def __call__(self, *, role: str, sub: str, **scope: Any) -> str: ...


class Refused(Exception):
    """The request was answered with a problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('type', '')} {problem.get('detail') or problem.get('title')}"
        )
        self.status = status
        self.problem = problem

    @property
    def slug(self) -> str:
        """The last part of the problem's type, e.g. `pledge-too-large`."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


class Unreachable(Exception):
    """Nobody answered in time. Whether the request was done is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that was done. `key` as the store keeps it; `trace` is the trace id that its events carry."""

    status: int
    body: Mapping[str, Any]
    key: str
    trace: str

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass(frozen=True, slots=True)
class Place:
    """A point (WGS-84, degrees) and the area path of the grid that it lies in."""

    longitude: float
    latitude: float
    address: str
    area: str

    @property
    def community(self) -> str:
        return self.area.rpartition("/")[0]

    def wire(self) -> dict[str, Any]:
        """As orders have it."""
        return {"longitude": self.longitude, "latitude": self.latitude, "address": self.address}


class Person:
    """One person at the gateway. Every request is tried again for `patience` seconds while nobody can answer it.

    A POST has an Idempotency-Key, the same in every try: a process that dies under it loses and doubles nothing.
    """

    def __init__(
        self, client: httpx.AsyncClient, *, caller: Caller, name: str, token: str, patience: float
    ) -> None:
        self.id = caller.id
        self.role = caller.role.value
        self.name = name
        self._caller = caller
        self._client = client
        self._patience = patience
        self._headers = {"authorization": f"Bearer {token}"}

    async def get(self, path: str) -> dict[str, Any]:
        """Raises Refused, Unreachable."""
        return (await self._ask("GET", path, {}))[1]

    async def post(self, path: str, body: Any, key: str | None = None) -> Answer:
        """Raises Refused, Unreachable."""
        key, trace = key or uuid4().hex, secrets.token_hex(16)
        headers = {"idempotency-key": key, "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        status, answer = await self._ask("POST", path, headers, body)
        return Answer(status, answer, key_of(self._caller, key), trace)

    async def live(self, path: str) -> AsyncGenerator[ServerSentEvent]:
        """The events of a stream until it says `end`; taken up where it broke off. Raises Refused, Unreachable."""
        last, pause = "0", _FIRST_PAUSE
        deadline = time.monotonic() + self._patience
        timeout = httpx.Timeout(_ANSWER_SECONDS, read=_QUIET_SECONDS)
        while True:
            headers, opened = {**self._headers, "last-event-id": last}, False
            try:
                async with aconnect_sse(
                    self._client, "GET", path, headers=headers, timeout=timeout
                ) as stream:
                    if not stream.response.is_success:
                        await stream.response.aread()
                        _raise_refusal(stream.response)
                    opened = stream.response.is_success
                    async for event in stream.aiter_sse():
                        if event.event == "end":
                            return
                        if event.data:  # without, it only says how soon to come back
                            last = event.id
                            yield event
            except (httpx.TransportError, SSEError) as error:
                if opened:
                    deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
                elif time.monotonic() > deadline:
                    raise Unreachable(f"GET {path}: {type(error).__name__}") from error
            pause = await _rest(pause)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, dict[str, Any]]:
        deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                response = await self._client.request(
                    method, path, headers={**self._headers, **headers}, json=body
                )
                said = f"{response.status_code}"
                if response.status_code not in PASSING:
                    _raise_refusal(response)
                    return response.status_code, response.json()
            except httpx.TransportError as error:
                said = type(error).__name__
            if time.monotonic() > deadline:
                raise Unreachable(f"{method} {path}: {said}")
            pause = await _rest(pause)


def _raise_refusal(response: httpx.Response) -> None:
    if response.is_success or response.status_code in PASSING:
        return
    try:
        problem = response.json()
    except ValueError:
        problem = {"title": response.text[:200]}
    raise Refused(response.status_code, problem if isinstance(problem, dict) else {"title": str(problem)})


async def _rest(pause: float) -> float:
    """Wait about so long; return how long to wait next time."""
    await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - so that a crowd does not come back together
    return min(_LONGEST_PAUSE, pause * 2)


class Cast:
    """Everybody, at one gateway. An async context manager: it keeps the connections."""

    def __init__(self, url: str, mint: Mint, *, patience: float = 60.0) -> None:
        """`patience`: seconds for which each request is tried while nobody can answer it."""
        self.url = url
        self.partners: tuple[Mapping[str, Any], ...] = tuple(_read("partners.json")["partners"])
        self._mint = mint
        self._patience = patience
        self._people = {one["id"]: one for one in _read("people.json")["people"]}
        self._known: dict[tuple[str, str, str], Person] = {}
        # Several small pools: at each request a pool looks at every connection that it has.
        trusted = httpx.create_ssl_context(trust_env=False)
        self._clients = [_client(url, trusted) for _ in range(_POOLS)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.aclose()

    def person(self, id: str) -> Person:
        """Somebody of people.json."""
        one = self._people[id]
        return self.somebody(one["role"], id, name=f"{one['name']['zh']} {one['name']['en']}", **one["scope"])

    def somebody(self, role: str, id: str, name: str = "", **scope: str) -> Person:
        """Somebody made up, with a token for this role and scope."""
        who = (role, id, "".join(sorted(scope.values())))
        if who not in self._known:
            token = self._mint(role=role, sub=id, **scope)
            client = self._clients[len(self._known) % _POOLS]
            self._known[who] = Person(
                client,
                caller=Caller(
                    id, Role(role), scope.get("area"), scope.get("partner"), scope.get("department")
                ),
                name=name or id,
                token=token,
                patience=self._patience,
            )
        return self._known[who]

    def resident(self, number: int) -> Person:
        return self.somebody("resident", f"resident-{number}")

    def grid_worker(self, place: Place) -> Person:
        return self.somebody(
            "grid_worker", f"grid-worker-{place.area[-15:].replace('/', '-')}", area=place.area
        )

    def community(self, place: Place) -> Person:
        return self.somebody("community", f"community-{place.community[-12:]}", area=place.community)

    def department(self, department: str) -> Person:
        return self.somebody("department", f"officer-of-{department}", department=department)

    def partner(self, number: int) -> Person:
        """Somebody of the partner with this number in partners.json, counted round and round."""
        one = self.partners[number % len(self.partners)]
        return self.somebody("partner", f"member-{one['id'][-4:]}", name=str(one["name"]), partner=one["id"])

    def place(self, name: str) -> Place:
        """A place of people.json."""
        return Place(**_read("people.json")["places"][name])


def _client(url: str, trusted: SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=url,
        verify=trusted,
        timeout=httpx.Timeout(_ANSWER_SECONDS, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT),
        trust_env=False,  # what runs on this machine is not behind a proxy
    )


@cache
def _read(file: str) -> Any:
    return json.loads((HERE / file).read_text("utf-8"))


@cache
def everywhere() -> tuple[Place, ...]:
    """A place in every grid of the demonstration."""
    grids = json.loads((HERE / "territory" / "grids.geojson").read_text("utf-8"))["features"]
    return tuple(_inside(grid) for grid in grids)


def _inside(grid: Mapping[str, Any]) -> Place:
    corners = grid["geometry"]["coordinates"][0][:-1]  # the ring ends where it began
    longitude, latitude = (round(sum(one[axis] for one in corners) / len(corners), 6) for axis in (0, 1))
    return Place(longitude, latitude, grid["properties"]["name"]["zh"], grid["properties"]["code"])
