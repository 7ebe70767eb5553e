"""A lean HTTP/1.1 client, so that on two cores the figures are the server's and not the load generator's.

Keep-alive, one request at a time on a connection, answers with Content-Length or chunked. Requests are bytes made
beforehand where it matters.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, NamedTuple, cast

import orjson


async def pause(seconds: float) -> None:
    """The rhythm of a load: people pause before they ask again."""
    await asyncio.sleep(seconds)  # house(sleep): a load has a rhythm; nothing is concluded from the pause


class Reply(NamedTuple):
    """`status` is the number; `body` the raw bytes."""

    status: int
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiter: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        reply = _parse(self._buffer)
        if reply is not None and self._waiter is not None and not self._waiter.done():
            self._buffer.clear()
            self._waiter.set_result(reply)

    async def ask(self, request: bytes) -> Reply:
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _parse(buffer: bytearray) -> Reply | None:
    """The reply when it is complete, None before."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(buffer[:end]).lower()
    status = int(head[9:12])
    at = head.find(b"content-length:")
    if at >= 0:
        stop = head.find(b"\r\n", at)
        length = int(head[at + 15 : stop if stop >= 0 else None])
        if len(buffer) < end + 4 + length:
            return None
        return Reply(status, bytes(buffer[end + 4 : end + 4 + length]))
    if b"transfer-encoding: chunked" in head:
        return _parse_chunks(status, buffer, end + 4)
    return Reply(status, b"")


def _parse_chunks(status: int, buffer: bytearray, at: int) -> Reply | None:
    body = bytearray()
    while True:
        stop = buffer.find(b"\r\n", at)
        if stop < 0:
            return None
        size = int(buffer[at:stop].split(b";")[0], 16)
        if len(buffer) < stop + 2 + size + 2:
            return None
        if size == 0:
            return Reply(status, bytes(body))
        body += buffer[stop + 2 : stop + 2 + size]
        at = stop + 2 + size + 2


def request(method: str, path: str, token: str = "", body: Any = None, key: str = "") -> bytes:
    """The bytes of a request; `body` is made JSON."""
    content = b"" if body is None else orjson.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(content)}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    if body is not None:
        lines.append("content-type: application/json")
    if key:
        lines.append(f"idempotency-key: {key}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


class Client:
    """A pool of connections to one address; as many as are asked at once."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._address = (host, int(port))
        self._idle: deque[_Connection] = deque()

    async def send(self, request: bytes) -> Reply:
        """The reply. Raises OSError when the server cannot be reached or hangs up."""
        connection: _Connection | None = None
        while self._idle and (connection is None or connection.closed):
            connection = self._idle.pop()
        if connection is None or connection.closed:
            _, connection = await asyncio.get_running_loop().create_connection(_Connection, *self._address)
        reply = await connection.ask(request)
        self._idle.append(connection)
        return reply

    async def ask(self, method: str, path: str, token: str = "", body: Any = None, key: str = "") -> Reply:
        return await self.send(request(method, path, token, body, key))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
