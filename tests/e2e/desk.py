"""Somebody at the gateway."""

from __future__ import annotations

from typing import Any

import httpx


class Desk:
    """Asks one service, with one token, and says which answer is expected."""

    def __init__(self, plain: httpx.AsyncClient, token: str, service: str = "dispatch") -> None:
        self._plain = plain
        self._api = f"/api/{service}/v1"
        self._headers = {"authorization": f"Bearer {token}"}

    async def look(self, path: str) -> httpx.Response:
        return await self._plain.get(f"{self._api}{path}", headers=self._headers)

    async def put(self, path: str, *, json: Any, headers: dict[str, str]) -> httpx.Response:
        """Whatever is answered."""
        return await self._plain.put(f"{self._api}{path}", json=json, headers={**self._headers, **headers})

    async def ask(self, method: str, path: str, expects: int, **more: Any) -> httpx.Response:
        headers = {**self._headers, **more.pop("headers", {})}
        answer = await self._plain.request(method, f"{self._api}{path}", headers=headers, **more)
        assert answer.status_code == expects, answer.text
        return answer
