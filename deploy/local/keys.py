"""The demonstration's signing key, and the tokens that it signs. Production takes its issuer's keys instead."""

from __future__ import annotations

import json
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.folder import write_whole
from shared.caller import STAFF, Role

ISSUER = "http://hehuo.local"
AUDIENCE = "hehuo"
ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)


def make_keys(folder: Path) -> Path:
    """Make an ES256 key if there is none, and its public key set; return the file of the key set."""
    private, public = folder / "demo.pem", folder / "jwks.json"
    if not private.exists():
        made = ECKey.generate_key("P-256")
        write_whole(private, made.as_pem(private=True).decode(), 0o600)
    if not public.exists():
        key = _load(private)
        shown = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}
        write_whole(public, json.dumps({"keys": [shown]}))
    return public


def _load(private: Path) -> ECKey:
    return ECKey.import_key(private.read_text("utf-8"))


def mint(
    folder: Path,
    *,
    role: str,
    sub: str,
    hours: float = 12,
    area: str | None = None,
    partner: str | None = None,
    department: str | None = None,
) -> str:
    """A token for one person. Raises FileNotFoundError before the first start made the key, ValueError for a role
    that does not exist."""
    if role not in ROLES:
        raise ValueError(f"there is no role {role}; the roles are {', '.join(ROLES)}")
    key = _load(folder / "demo.pem")
    now = int(time.time())
    scope = {"area": area, "partner": partner, "department": department}
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": sub,
        "role": role,
        "iat": now,
        "exp": now + int(hours * 3600),
        **{name: value for name, value in scope.items() if value is not None},
    }
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint(), "typ": "JWT"}, claims, key)


def missing(role: str, **scope: str | None) -> str | None:
    """The claim without which a role may touch nothing, if it is not there."""
    wanted = "area" if role in STAFF else role
    return wanted if wanted in scope and not scope[wanted] else None
