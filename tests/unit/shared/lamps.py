"""A small service that lends lamps: something for the tests of the edge to knock at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from deploy.local import keys
from shared.asked import Asked
from shared.auth import Tokens
from shared.caller import Caller, Role
from shared.command import Command, Line
from shared.cursor import Page
from shared.edge import PROBLEM, Edge, answer_problems
from shared.entry import Entry, State
from shared.http import Depends, asked_by, page_of, problems, reply, signed_in, to_json, using
from shared.problems import Changed, KeyReused, RuleBroken
from shared.quick import QuickRoute
from shared.settings import ServiceSettings

BODY_BYTES = 4096
AT_ONCE = 8
ID = UUID("01890000-0000-7000-8000-0000000000ff")


class LampTaken(RuleBroken):
    """Somebody else has this lamp."""


class Place(BaseModel):
    longitude: float


class PlaceLamp(Command):
    title: Line
    place: Place | None = None
    amount: Annotated[int, Field(ge=0, le=2**53)] = 0


class Plain(Command):
    """For a route that FastAPI itself calls."""

    title: Line
    tags: tuple[Any, ...] = ()


class Lamp(State):
    title: str = ""


class LampOut(BaseModel):
    title: str
    seen_by: str


class Use:
    """What the routes of the test use: what to raise, and a gate to wait at."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.gate = asyncio.Event()
        self.inside = 0
        self.asked: list[Asked] = []


Uses = Annotated[Use, Depends(using(Use))]
Residents = Annotated[Asked, Depends(asked_by(Role.RESIDENT))]
Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
Staff = Annotated[Caller, Depends(signed_in(Role.STREET, Role.DISTRICT))]
quick = APIRouter(prefix="/v1", route_class=QuickRoute)
slow = APIRouter()


@quick.post(
    "/lamps", response_model=LampOut, status_code=201, responses=problems(LampTaken, KeyReused, Changed)
)
async def post_lamp(body: PlaceLamp, asked: Residents, use: Uses) -> Response:
    """Place a lamp."""
    use.asked.append(asked)
    if use.error is not None:
        raise use.error
    return reply(Entry(ID, Lamp(title=body.title), 3), asked)


@quick.get("/lamps/{id}", response_model=LampOut)
async def get_lamp(id: UUID, asked: Anybody, use: Uses) -> Response:
    use.asked.append(asked)
    use.inside += 1
    await use.gate.wait()
    return reply(Entry(id, Lamp(title="a lamp"), 3), asked)


@quick.get("/lamps")
async def get_lamps(asked: Anybody, use: Uses, cursor: str | None = None, limit: int = 20) -> Response:
    return page_of(Page((Entry(ID, Lamp(title="a"), 1), Entry(ID, Lamp(title="b"), 1)), "next-one"), asked)


@quick.post("/waiting")
async def post_waiting(asked: Anybody, use: Uses) -> Response:
    use.inside += 1
    await use.gate.wait()
    return Response("{}", 200)


@quick.get("/live")
async def get_live(asked: Anybody, use: Uses) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        use.inside += 1
        yield b"retry: 1000\n\n"
        await use.gate.wait()

    return StreamingResponse(chunks(), media_type="text/event-stream")


@slow.post("/plain")
async def post_plain(body: Plain, n: Annotated[int, Query(ge=0)] = 0) -> dict[str, str]:
    return {"title": body.title}


@quick.get("/staff")
async def get_staff(caller: Staff, use: Uses) -> Response:
    return Response(caller.id)


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def app(folder: Path) -> FastAPI:
    app = FastAPI(title="Lamps", redirect_slashes=False, docs_url=None, redoc_url=None)
    app.state.tokens = Tokens(ServiceSettings(jwks=str(keys.make_keys(folder))), lambda: datetime.now(UTC))
    app.state.database = Clock()
    app.state.use = Use()
    app.state.version = None
    app.state.render = lambda entry, caller: to_json(LampOut(title=entry.state.title, seen_by=caller.id))
    app.router.routes.extend(quick.routes)
    app.include_router(slow, prefix="/v1")
    answer_problems(app)
    app.add_middleware(Edge, requests_at_once=AT_ONCE, body_bytes=BODY_BYTES)
    return app


@pytest.fixture
def use(app: FastAPI) -> Use:
    found: Use = app.state.use
    return found


@pytest.fixture
async def client(app: FastAPI, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    token = keys.mint(folder, role="resident", sub="r1")
    async with httpx.AsyncClient(
        transport=transport, base_url="http://lamps/v1", headers={"authorization": f"Bearer {token}"}
    ) as client:
        yield client


def is_problem(answer: httpx.Response, status: int, type_: str) -> dict[str, Any]:
    """The document, if it is one: RFC 9457, and its status is the answer's."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (status, type_)
    assert body["title"]
    return body
