"""What one request does to the connection on which others come: none of it, whoever is at fault."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import Response, StreamingResponse

from shared.edge import Edge, answer_problems
from tests.integration.waiting import eventually


def failing() -> FastAPI:
    app = FastAPI()

    @app.get("/fails")
    async def fails() -> Response:
        raise RuntimeError("a fault of ours")

    @app.post("/fails")
    async def fails_unread() -> Response:
        raise RuntimeError("a fault of ours")

    @app.get("/breaks")
    async def breaks() -> Response:
        async def some() -> AsyncIterator[bytes]:
            yield b"a beginning"
            raise RuntimeError("a fault of ours")

        return StreamingResponse(some())

    @app.get("/works")
    async def works() -> Response:
        return Response("fine")

    answer_problems(app)
    app.add_middleware(Edge, requests_at_once=8, body_bytes=1_000_000)
    return app


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """As a service runs, on a free port of this machine."""
    server = uvicorn.Server(
        uvicorn.Config(failing(), host="127.0.0.1", port=0, log_config=None, access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await serving


@contextlib.asynccontextmanager
async def connection(port: int) -> AsyncIterator[httpx.AsyncClient]:
    """One connection, which is not made anew."""
    one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=one) as client:
        yield client


def source(answer: httpx.Response) -> tuple[str, int]:
    """From which of our ports it was asked: another port is another connection."""
    address: tuple[str, int] = answer.extensions["network_stream"].get_extra_info("client_addr")
    return address


async def test_a_fault_of_ours_leaves_the_connection_to_the_next(port: int) -> None:
    async with connection(port) as client:
        first = await client.get("/works")
        asked_from = source(first)
        for method, body in (("GET", b""), ("POST", b"x" * 500_000), ("GET", b"")):
            failed = await client.request(method, "/fails", content=body)
            assert (failed.status_code, failed.json()["title"]) == (500, "Something went wrong on our side.")
            assert "connection" not in failed.headers
            following = await client.get("/works")
            assert (following.text, source(following)) == ("fine", asked_from)


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(port: int) -> None:
    async with connection(port) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/breaks")
        assert (await client.get("/works")).text == "fine"
