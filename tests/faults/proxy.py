"""A small proxy between people and the gateway that loses answers after the gateway has given them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_ENCODINGS = re.compile(rb"\r\naccept-encoding:[^\r]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Http:
    """One request or answer as it stands on the wire."""

    start: str  # request line or status line
    headers: dict[str, str]  # lower-case names
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body


@dataclass(slots=True)
class Exchange:
    """All tries of one request with an Idempotency-Key: what was asked, and every answer that the gateway gave."""

    request: Http
    answers: list[Http] = field(default_factory=list)
    lost: int = 0


class Proxy:
    """Forwards everything. Of the answers to POSTs it loses a share by chance, whole or half of them.

    A request's answer is lost at most `most` times, so that whoever asks again gets it in the end.
    """

    def __init__(self, target: str, chance: random.Random, share: float, most: int) -> None:
        where = urlsplit(target)
        self._host, self._port = where.hostname or "", where.port or 80
        self._chance = chance
        self._share = share
        self._most = most
        self._connections: set[asyncio.Task[None]] = set()
        self.exchanges: dict[str, Exchange] = {}
        self.url = ""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen on a free port of this machine; `url` says which."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, with one of our own to the gateway."""
        upstream: asyncio.StreamWriter | None = None
        try:
            answers, upstream = await asyncio.open_connection(self._host, self._port)
            while (request := await read(reader)) is not None:
                # Uncompressed, so that answers can be compared byte for byte.
                upstream.write(_ENCODINGS.sub(b"", request.head) + request.body)
                answer = await read(answers)
                if answer is None:
                    return
                lost = self._loses(request, answer)
                writer.write(
                    answer.raw[: len(answer.raw) // 2] if lost == "half" else answer.raw * (not lost)
                )
                await writer.drain()
                if lost:
                    return
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            for each in (writer, upstream):
                if each is not None:
                    each.close()

    def _loses(self, request: Http, answer: Http) -> str:
        """Note the answer; whether it is lost: empty for no, "whole", or "half"."""
        key = request.headers.get("idempotency-key")
        if key is None:
            return ""
        exchange = self.exchanges.setdefault(key, Exchange(request))
        exchange.answers.append(answer)
        if exchange.lost >= self._most or self._chance.random() >= self._share:
            return ""
        exchange.lost += 1
        return self._chance.choice(("whole", "half"))


async def read(reader: asyncio.StreamReader) -> Http | None:
    """One request or answer; None when the other side has closed before one began."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "chunked" in headers.get("transfer-encoding", ""):
        return Http(start, headers, head, await _chunks(reader))
    return Http(start, headers, head, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks, as it stands on the wire."""
    body = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(size, 16) + 2)
        body += size + chunk
        if int(size, 16) == 0:
            return body
