"""Asks a part over HTTP on this machine how it is: small, so that the supervisor stays small."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any


async def ask(port: int, path: str, method: str = "GET", within: float = 1.0) -> tuple[int, bytes]:
    """Status and body of an answer from 127.0.0.1; (0, b"") when there is none within `within` seconds."""
    try:
        async with asyncio.timeout(within):
            return await _ask(port, path, method)
    except (OSError, TimeoutError, ValueError, IndexError, asyncio.IncompleteReadError):
        return 0, b""


async def _ask(port: int, path: str, method: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        # Envoy waits a second before it closes, so the end of the stream is not the end of the answer.
        if b"transfer-encoding: chunked" in head:
            return status, await _chunks(reader)
        length = re.search(rb"content-length: *(\d+)", head)
        return status, await reader.readexactly(int(length[1])) if length else await reader.read(-1)
    finally:
        writer.close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body that comes in chunks, each after its length in hexadecimal digits."""
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    return body


async def answers(port: int, path: str, status: int = 200) -> bool:
    """Whether an address answers with the status that means well."""
    return (await ask(port, path))[0] == status


async def document(port: int, path: str) -> dict[str, Any]:
    """A JSON document from an address; empty when there is none."""
    status, body = await ask(port, path)
    found: dict[str, Any] = json.loads(body) if status == 200 else {}
    return found


async def listens(port: int) -> bool:
    """Whether anybody takes connections at a port."""
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
