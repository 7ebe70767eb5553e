"""A whole service around the toy: what clients and supervisors see, and how it starts and drains."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from deploy.local import keys
from shared.asked import Asked
from shared.caller import Caller, Role
from shared.clock import AmongUs
from shared.command import Command, Line
from shared.contracts.registry import every_message
from shared.entry import Decision, Entry
from shared.http import Depends, asked_by, page_of, reply, using
from shared.live import Live
from shared.naming import Names
from shared.problems import KeyReused
from shared.quick import QuickRoute
from shared.service import Service, serve
from shared.store import retry_lost_races
from tests.integration.door import Door
from tests.integration.shared.test_live import everybody, timeline
from tests.integration.shared.toy import (
    Toy,
    Toys,
    answered,
    asked,
    counted,
    no_task_is_left,
    noted,
    placed,
    stopped,
    withdrawn,
)
from tests.integration.waiting import eventually
from tests.parts import Servers


class PlaceToy(Command):
    title: Line


class ToyOut(BaseModel):
    id: UUID
    count: int
    for_whom: str

    @classmethod
    def of(cls, entry: Entry[Toy], caller: Caller) -> ToyOut:
        return cls(id=entry.id, count=entry.state.count, for_whom=caller.id)


@dataclass(frozen=True)
class Use:
    toys: Toys
    live: Live


Uses = Annotated[Use, Depends(using(Use))]
Residents = Annotated[Asked, Depends(asked_by(Role.RESIDENT))]
Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
router = APIRouter(prefix="/api/intake/v1", route_class=QuickRoute)


@router.post("/toys", response_model=ToyOut, status_code=201)
async def post_toy(body: PlaceToy, asked: Residents, use: Uses) -> Response:
    return reply(await use.toys.place(uuid7(), counted(Toy(), placed(body.title)), asked), asked)


@router.post("/toys/{id}/withdrawal", response_model=ToyOut)
async def post_withdrawal(id: UUID, asked: Residents, use: Uses) -> Response:
    @retry_lost_races
    async def withdraw() -> Entry[Toy]:
        entry = await use.toys.load(id, asked)
        return await use.toys.save(entry, counted(entry.state, withdrawn()), asked)

    return reply(await withdraw(), asked)


@router.get("/toys/{id}", response_model=ToyOut)
async def get_toy(id: UUID, asked: Anybody, use: Uses) -> Response:
    return reply(await use.toys.peek(id), asked)


@router.get("/toys")
async def get_toys(asked: Anybody, use: Uses, cursor: str | None = None, limit: int = 20) -> Response:
    return page_of(await use.toys.page({}, cursor=cursor, limit=limit), asked)


@router.get("/toys/{id}/live")
async def get_live(id: UUID, asked: Anybody, use: Uses) -> Response:
    return use.live.response(id, timeline, 0, asked.caller, sees=everybody)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://toys/api/intake/v1") as client:
            yield client


@pytest.fixture
def logging_as_before() -> Any:
    """A service takes over the process's logging and its collector; give them back."""
    root, structured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**structured)
    gc.unfreeze()


@pytest.fixture
def app(servers: Servers, names: Names, tmp_path: Path, logging_as_before: None) -> FastAPI:
    return make_app(servers, names, tmp_path)


def make_app(
    servers: Servers, names: Names, folder: Path, *, among_us: AmongUs | None = None, **knobs: Any
) -> FastAPI:
    async def use(entries: Toys, database: Any, live: Live) -> Use:
        return Use(entries, live)

    told = {"jwks": str(keys.make_keys(folder)), "log_level": "CRITICAL", **knobs}
    return serve(
        Service(
            name="intake",
            title="Toys",
            settings=servers.settings(names, **told),
            state=Toy,
            entries=Toys,
            collection="toys",
            indexes=(),
            router=router,
            view=ToyOut.of,
            reactions=dict.fromkeys(every_message().values(), noted),
            strike=stopped,
            among_us=among_us,
            use=use,
        )
    )


@pytest.fixture
async def client(app: FastAPI, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    before = asyncio.all_tasks()
    async with running(app) as client:
        client.headers["authorization"] = f"Bearer {keys.mint(tmp_path, role='resident', sub='r1')}"
        yield client
    await no_task_is_left(before)


async def test_what_is_placed_can_be_read_by_whoever_has_its_address(client: httpx.AsyncClient) -> None:
    made = await client.post("/toys", json={"title": "a lamp"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')

    read = await client.get(f"/toys/{made.json()['id']}")

    assert (read.status_code, read.headers["etag"]) == (200, '"1"')
    assert read.json() == made.json() == {"id": made.json()["id"], "count": 1, "for_whom": "r1"}


async def test_a_retry_gets_the_same_bytes_and_says_that_it_is_one(client: httpx.AsyncClient) -> None:
    ask = {"json": {"title": "a lamp"}, "headers": {"idempotency-key": "k1"}}
    first = await client.post("/toys", **ask)  # type: ignore[arg-type]
    again = await client.post("/toys", **ask)  # type: ignore[arg-type]

    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, '"1"')
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert len((await client.get("/toys")).json()["items"]) == 1


async def test_the_key_is_bound_to_the_body_the_address_and_the_caller(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    key = {"idempotency-key": "k1"}
    id = (await client.post("/toys", json={"title": "a lamp"}, headers=key)).json()["id"]

    other_body = await client.post("/toys", json={"title": "a bench"}, headers=key)
    other_entry = await client.post(f"/toys/{id}/withdrawal", headers=key)
    somebody = {"authorization": f"Bearer {keys.mint(tmp_path, role='resident', sub='r2')}"}
    other_caller = await client.post("/toys", json={"title": "a lamp"}, headers=key | somebody)

    assert (other_body.status_code, other_body.json()["type"]) == (409, "/problems/key-reused")
    assert other_body.json()["title"] == KeyReused.title()
    assert (other_entry.status_code, other_entry.json()["type"]) == (409, "/problems/key-reused")
    assert other_caller.status_code == 201
    assert other_caller.json()["id"] != id


async def test_a_key_at_a_reading_request_is_ignored(client: httpx.AsyncClient) -> None:
    id = (await client.post("/toys", json={"title": "a lamp"})).json()["id"]
    for _ in range(2):
        read = await client.get(f"/toys/{id}", headers={"idempotency-key": "x" * 1000})
        assert (read.status_code, "idempotent-replayed" in read.headers) == (200, False)


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_of_a_wrong_length_is_malformed(client: httpx.AsyncClient, key: str) -> None:
    refused = await client.post("/toys", json={"title": "a lamp"}, headers={"idempotency-key": key})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/malformed")


async def test_who_decided_on_an_older_version_is_told_so(client: httpx.AsyncClient) -> None:
    made = await client.post("/toys", json={"title": "a lamp"})
    address = f"/toys/{made.json()['id']}/withdrawal"
    old = {"if-match": made.headers["etag"]}
    assert (await client.post(address, headers=old)).status_code == 200

    late = await client.post(address, headers=old)

    assert (late.status_code, late.json()["type"], late.json()["version"]) == (412, "/problems/changed", 2)
    assert (await client.post(address, headers={"if-match": '"2"'})).headers["etag"] == '"3"'
    assert (await client.post(address, headers={"if-match": 'W/"3"'})).headers["etag"] == '"4"'
    assert (await client.post(address, headers={"if-match": "*"})).headers["etag"] == '"5"'
    assert (await client.post(address, headers={"if-match": "yesterday"})).status_code == 422


async def test_pages_are_followed_by_their_cursor(client: httpx.AsyncClient) -> None:
    made = [(await client.post("/toys", json={"title": str(n)})).json()["id"] for n in range(5)]
    seen: list[str] = []
    parameters = {"limit": "2"}
    while True:
        page = (await client.get("/toys", params=parameters)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        parameters["cursor"] = page["next"]
    assert seen == made[::-1]
    foreign = await client.get("/toys", params={"cursor": "nonsense"})
    assert (foreign.status_code, foreign.json()["type"]) == (422, "/problems/malformed")


async def test_live_updates_come_over_http(client: httpx.AsyncClient) -> None:
    id = (await client.post("/toys", json={"title": "a lamp"})).json()["id"]
    await client.post(f"/toys/{id}/withdrawal")
    stream = await client.get(f"/toys/{id}/live")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.text.count("\nid: ") + stream.text.startswith("id: ") == 2
    assert stream.text.endswith("event: end\ndata: {}\n\n")


async def test_a_token_ends_by_the_databases_clock(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Whatever the clock of the machine says on which this replica runs."""
    id = (await client.post("/toys", json={"title": "a lamp"})).json()["id"]
    app.state.database._pulse.learn = lambda *_: None
    app.state.database._pulse._ahead += 24 * 3600

    assert (await client.get(f"/toys/{id}")).status_code == 401
    assert (await client.get(f"/toys/{id}/live")).status_code == 401


async def test_it_says_whether_it_lives_and_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("http://toys/livez")).text == "alive\n"

    async def ready() -> bool:
        return (await client.get("http://toys/readyz")).text == "ready\n"

    await eventually(ready)


async def test_it_measures_by_route_never_by_address(client: httpx.AsyncClient) -> None:
    id = (await client.post("/toys", json={"title": "a lamp"})).json()["id"]
    await client.get(f"/toys/{id}")
    await client.get(f"/nowhere/{id}")
    metrics = (await client.get("http://toys/metrics")).text
    assert 'hehuo_http_seconds_count{method="POST",route="/api/intake/v1/toys",status="201"}' in metrics
    assert 'hehuo_http_seconds_count{method="GET",route="/api/intake/v1/toys/{id}",status="200"}' in metrics
    assert 'hehuo_http_seconds_count{method="GET",route="none",status="404"}' in metrics
    assert "/livez" not in metrics
    assert id not in metrics


async def test_without_the_bus_it_is_ready_and_takes_orders(
    servers: Servers, names: Names, tmp_path: Path, logging_as_before: None
) -> None:
    before = asyncio.all_tasks()
    async with Door(servers.nats_login.url) as door:
        app = make_app(servers, names, tmp_path, nats_url=door.url)
        async with running(app) as client:
            client.headers["authorization"] = f"Bearer {keys.mint(tmp_path, role='resident', sub='r1')}"
            answer = await client.get("http://toys/readyz")
            assert (answer.status_code, answer.text) == (200, "ready, without the bus\n")
            assert (await client.post("/toys", json={"title": "a lamp"})).status_code == 201
    await no_task_is_left(before)


async def test_what_is_placed_in_the_last_moment_is_told_before_it_ends(
    servers: Servers, app: FastAPI, names: Names, tmp_path: Path
) -> None:
    async with running(app) as client:
        client.headers["authorization"] = f"Bearer {keys.mint(tmp_path, role='resident', sub='r1')}"
        await eventually(lambda: app.state.running.bus.connected)
        made = await asyncio.gather(*(client.post("/toys", json={"title": str(n)}) for n in range(30)))
        assert {each.status_code for each in made} == {201}
    state = (await servers.nats.jetstream().stream_info(names.stream("intake"))).state
    assert state.messages == 30


async def test_by_some_clocks_one_entry_reaches_another_and_the_others_strike_as_ever(
    servers: Servers, names: Names, tmp_path: Path, logging_as_before: None
) -> None:
    """The other one has heard it before this one is saved; whoever is reached is asked for by the clock."""

    async def reach(toys: Toys, entry: Entry[Toy], name: str, asked: Asked) -> Decision[Toy] | None:
        kind, _, other = name.partition("/")
        if kind != "other":
            return None
        there = await toys.peek(UUID(other))
        await toys.save(there, counted(there.state, withdrawn(f"by {entry.id}")), asked)
        return counted(entry.state.with_clock(name, None))

    before = asyncio.all_tasks()
    app = make_app(servers, names, tmp_path, among_us=reach, clock_seconds=0.05)
    async with running(app):
        toys, now = app.state.entries, app.state.database.now()
        one, other = uuid7(), uuid7()
        for id, due in ((other, {}), (one, {f"other/{other}": now, "own": now})):
            await toys.place(id, counted(Toy(due=due), placed()), asked(now, creates=True))

        async def both_struck() -> bool:
            return not (await toys.peek(one)).state.due

        await eventually(both_struck)
        histories = {id: await toys.history(id) for id in (one, other)}
        causes = [event["cause"] for event in histories[one][1:]]
        (heard,) = histories[other][1:]
        assert ((await toys.peek(one)).state.count, causes) == (
            3,
            ["clock:own"],
        )  # the first one says nothing
        assert heard["data"]["reason"] == f"by {one}"
        assert (heard["by"]["id"], heard["cause"]) == ("clock", f"clock:other/{other}")
    await no_task_is_left(before)


async def test_drained_it_is_not_ready(app: FastAPI) -> None:
    async with running(app) as client:
        pass
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")


async def test_its_document_names_its_routes_and_their_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    post = document["paths"]["/api/intake/v1/toys"]["post"]
    assert {each["name"] for each in post["parameters"]} == {"Idempotency-Key", "If-Match"}
    assert {"201", "401", "422"} <= set(post["responses"])
    assert "/metrics" not in document["paths"]
    assert answered().type() == "whistle_answered.v1"
