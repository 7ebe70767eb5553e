"""Tokens: ES256, checked against a key set (JWKS), turned into a Caller.

Who issues them is a matter of settings: issuer, audience and where the key set is.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.caller import Caller, Role
from shared.contracts.message import names_nobody
from shared.problems import NotSignedIn, Unavailable
from shared.settings import ServiceSettings
from shared.telemetry import log

# checked tokens kept in memory, so that a signature is verified once and not at every request
_KNOWN = 10_000
_REFRESH_SECONDS = 30.0  # least time between two readings of the key set
# how long a checked token, and a key set, is trusted: a key taken out of it is refused after that
_TRUST_SECONDS = 300.0
_LONGEST_TOKEN = 4096
_SKEW = 60  # seconds a clock elsewhere may be off
_log = log(__name__)


class Tokens:
    """Checks bearer tokens.

    Keys are read at the first use, again when a token names one that is not known, and from time to time, for a key may
    have been taken away. While they cannot be read the last ones hold.
    """

    def __init__(self, settings: ServiceSettings, now: Callable[[], datetime]) -> None:
        """`now` is the time that decides whether a token is good: the database's, as for everything else."""
        self._now = now
        self._where = settings.jwks
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now().timestamp()),
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            sub={"essential": True},
            exp={"essential": True},
            leeway=_SKEW,
        )
        self._keys: KeySet | None = None
        self._read_at = self._tried_at = -_TRUST_SECONDS
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._reading = asyncio.Lock()

    async def caller(self, authorization: str | None) -> Caller | None:
        """The caller of an Authorization header, None without one. Raises NotSignedIn for what is not valid."""
        if not authorization:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
            raise NotSignedIn("the Authorization header must be: Bearer <token>")
        known, now = self._known.get(token), self._now().timestamp()
        if known is not None and known[1] > now:
            return known[0]
        caller = await self._check(token)
        self._known[token] = (caller, min(caller.until, now + _TRUST_SECONDS))
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return caller

    async def _check(self, token: str) -> Caller:
        reason: Exception | None = None
        for fresh in (False, True):
            keys = await self._key_set(fresh)
            try:
                claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
                self._claims.validate(claims)
                return _caller(claims)
            except (JoseError, ValueError, KeyError, TypeError) as error:
                reason = error
        raise NotSignedIn("the token is not valid") from reason

    def _due(self, fresh: bool) -> bool:
        now = time.monotonic()
        return now - self._tried_at > _REFRESH_SECONDS and (fresh or now - self._read_at > _TRUST_SECONDS)

    async def _key_set(self, fresh: bool) -> KeySet:
        if self._keys is not None and self._reading.locked() and not fresh:
            return self._keys  # somebody looks whether they still hold; nobody waits for that
        async with self._reading:
            if self._keys is None or self._due(fresh):
                self._tried_at = time.monotonic()
                try:
                    self._keys = KeySet.import_key_set(json.loads(await self._read()))
                    self._read_at = time.monotonic()
                except (OSError, ValueError, TypeError, KeyError, httpx.HTTPError, JoseError) as error:
                    _log.error("the key set cannot be read", error=type(error).__name__)
                    if self._keys is None:
                        raise Unavailable("tokens cannot be checked just now") from error
            return self._keys

    async def _read(self) -> str:
        if self._where.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=5) as client:
                return (await client.get(self._where)).raise_for_status().text
        return await asyncio.to_thread(Path(self._where).read_text)


def _caller(claims: dict[str, object]) -> Caller:
    role = Role(str(claims["role"]))
    if role is Role.SYSTEM:
        raise ValueError("no token has the role system")
    scope = {name: str(claims[name]) for name in ("area", "partner", "department") if claims.get(name)}
    until = float(str(claims["exp"])) + _SKEW
    return Caller(names_nobody(str(claims["sub"])), role, **scope, until=until)
