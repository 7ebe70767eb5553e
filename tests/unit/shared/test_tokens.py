"""Tokens: a good one names its caller, anything else is nobody, and nothing breaks on the way."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.auth import Tokens
from shared.caller import Caller, Role
from shared.problems import NotSignedIn, Unavailable
from shared.settings import ServiceSettings

ISSUER, AUDIENCE = "http://hehuo.local", "hehuo"


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


KEY, OTHER = new_key("k1"), new_key("k1")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    told = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "w1", "role": "grid_worker",
        "area": "370203/1/2/03", "exp": int(time.time()) + 600,
    }  # fmt: skip
    return {name: value for name, value in (told | changes).items() if value is not None}


def token(key: ECKey = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "k1", **(header or {})}, claims(**changes), key)


def write_keys(file: Path, *keys: ECKey) -> None:
    file.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)), "utf-8")


@pytest.fixture(scope="module")
def jwks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    write_keys(file, KEY)
    return file


@pytest.fixture(scope="module")
def tokens(jwks: Path) -> Tokens:
    return tokens_of(str(jwks))


def tokens_of(where: str, ahead: Callable[[], float] = lambda: 0.0) -> Tokens:
    """`ahead`: seconds by which the database's clock is before this machine's."""
    return Tokens(ServiceSettings(jwks=where), lambda: datetime.fromtimestamp(time.time() + ahead(), UTC))


async def test_a_good_token_names_its_caller_and_what_he_may_touch(tokens: Tokens) -> None:
    caller = await tokens.caller(f"Bearer {token()}")
    assert caller == Caller("w1", Role.GRID_WORKER, area="370203/1/2/03")
    partner = await tokens.caller(f"bearer {token(role='partner', area=None, partner='p1')}")
    assert partner == Caller("w1", Role.PARTNER, partner="p1")
    clerk = await tokens.caller(f"Bearer {token(role='department', area=None, department='d1')}")
    assert clerk == Caller("w1", Role.DEPARTMENT, department="d1")


@pytest.mark.parametrize("header", [None, ""])
async def test_without_a_token_there_is_no_caller(tokens: Tokens, header: str | None) -> None:
    assert await tokens.caller(header) is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": int(time.time()) - 120}, id="over"),
        {"exp": None},
        {"exp": "tomorrow"},
        pytest.param(
            {"nbf": int(time.time()) + 86_400}, id="tomorrow"
        ),  # this list is made long before the test
        {"iss": "http://elsewhere"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": "13812345678"},
        {"role": None},
        {"role": "system"},
        {"role": "king"},
        {"role": ["resident"]},
    ],
    ids=lambda changes: "-".join(f"{k}={v}" for k, v in changes.items())[:30],
)
async def test_a_token_that_says_the_wrong_things_is_refused(tokens: Tokens, changes: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {token(**changes)}")


async def test_a_clock_elsewhere_may_be_a_minute_off(tokens: Tokens) -> None:
    assert await tokens.caller(f"Bearer {token(exp=int(time.time()) - 30)}")


async def test_a_token_signed_by_another_key_is_refused(tokens: Tokens) -> None:
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {token(OTHER)}")
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {token(OTHER, {'kid': 'k2'})}")
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {token(KEY, {'kid': 'k2'})}")


async def test_a_token_that_was_changed_is_refused(tokens: Tokens) -> None:
    head, _, signature = token().split(".")
    mine = b64(json.dumps(claims(role="operator")).encode())
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {head}.{mine}.{signature}")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
async def test_a_token_without_a_signature_is_refused(tokens: Tokens, alg: str) -> None:
    head = b64(json.dumps({"alg": alg, "kid": "k1"}).encode())
    body = b64(json.dumps(claims()).encode())
    for signature in ("", b64(b"x" * 64)):
        with pytest.raises(NotSignedIn):
            await tokens.caller(f"Bearer {head}.{body}.{signature}")


async def test_the_public_key_is_no_password(tokens: Tokens, jwks: Path) -> None:
    """An HMAC with what everybody may read must not pass for a signature."""
    for secret in (
        KEY.as_pem(private=False),
        await asyncio.to_thread(jwks.read_bytes),
        json.dumps(KEY.as_dict(private=False)).encode(),
    ):
        for alg in ("HS256", "HS384", "HS512"):
            head = b64(json.dumps({"alg": alg, "kid": "k1"}).encode())
            body = b64(json.dumps(claims()).encode())
            digest = getattr(hashlib, f"sha{alg[2:]}")
            signature = b64(hmac.new(secret, f"{head}.{body}".encode(), digest).digest())
            with pytest.raises(NotSignedIn):
                await tokens.caller(f"Bearer {head}.{body}.{signature}")


async def test_a_key_that_the_token_brings_along_is_not_used(tokens: Tokens) -> None:
    for brought in (
        {"jwk": OTHER.as_dict(private=False)},
        {"jku": "http://elsewhere/jwks.json"},
        {"x5u": "http://elsewhere/cert.pem"},
        {"kid": "../../../../dev/null"},
        {"crit": ["exp"]},
    ):
        head = b64(json.dumps({"alg": "ES256", "kid": "k1", **brought}).encode())
        _, body, signature = token(OTHER).split(".")
        with pytest.raises(NotSignedIn):
            await tokens.caller(f"Bearer {head}.{body}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        "Basic dXNlcjpwYXNz",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer a.b.c.d.e",
        "Bearer " + "A" * 100_000,
        "Bearer " + b64(b"[]") + "." + b64(b"[]") + "." + b64(b"x" * 64),
        "Bearer " + b64(b"null") + "." + b64(b"{}") + "." + b64(b"x" * 64),
        "Bearer " + b64(b'"a"') + "." + b64(b"{}") + "." + b64(b"x" * 64),
        "Bearer " + b64(b"[" * 2900) + ".e30.eA",
        "Bearer " + b64(b'{"alg":"ES256","kid":' + b"9" * 2800 + b"}") + ".e30.eA",
        "Bearer " + b64(b'{"alg":["ES256"],"kid":{}}') + ".e30.eA",
        "Bearer " + b64(b'{"alg":"ES256","b64":false,"crit":["b64"]}') + ".e30.eA",
        "Bearer é.è.ê",
        "Bearer \ud800",
        "token",
    ],
    ids=lambda header: header[:24].encode("ascii", "replace").decode(),
)
async def test_garbage_is_nobody(tokens: Tokens, header: str) -> None:
    with pytest.raises(NotSignedIn):
        await tokens.caller(header)


PART = st.text(max_size=40) | st.binary(max_size=60).map(b64)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(JSON, JSON, PART)
@example([], {}, "")
@example({"alg": "ES256", "kid": None}, {}, b64(b"x" * 64))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_token_breaks_anything(tokens: Tokens, header: Any, body: Any, signature: str) -> None:
    parts = (b64(json.dumps(part).encode("utf-8", "surrogatepass")) for part in (header, body))
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {'.'.join(parts)}.{signature}")


@given(st.text(max_size=100))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_header_breaks_anything(tokens: Tokens, header: str) -> None:
    try:
        assert await tokens.caller(header) is None
    except NotSignedIn:
        return


async def test_a_token_that_was_checked_is_not_checked_again_until_it_expires(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = token(exp=int(time.time()) + 600)
    await tokens.caller(f"Bearer {good}")
    monkeypatch.setattr("joserfc.jwt.decode", lambda *_, **__: pytest.fail("checked again"))
    assert await tokens.caller(f"Bearer {good}")

    monkeypatch.undo()
    later = time.time() + 700
    monkeypatch.setattr("time.time", lambda: later)
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {good}")


async def test_only_the_databases_clock_says_when_a_token_ends(jwks: Path) -> None:
    """Whatever the replica's own clock says, and also for a token that was checked before."""
    ahead = 0.0
    tokens = tokens_of(str(jwks), lambda: ahead)
    good = f"Bearer {token(exp=int(time.time()) + 100)}"
    assert await tokens.caller(good)

    ahead = 200.0
    with pytest.raises(NotSignedIn):
        await tokens.caller(good)
    with pytest.raises(NotSignedIn):
        await tokens.caller(f"Bearer {token(sub='w2', exp=int(time.time()) + 100)}")
    ahead = -7200.0
    assert await tokens.caller(f"Bearer {token(sub='w3', exp=int(time.time()) - 3600)}")


async def test_a_token_that_ends_while_it_is_remembered_is_good_until_then_and_no_longer(jwks: Path) -> None:
    ahead = 0.0
    tokens, now = tokens_of(str(jwks), lambda: ahead), int(time.time())
    good = f"Bearer {token(exp=now + 100)}"  # clocks elsewhere may be a minute off
    assert await tokens.caller(good)

    ahead = 100 + 60 - 10
    assert await tokens.caller(good)
    ahead = 100 + 60 + 10
    with pytest.raises(NotSignedIn):
        await tokens.caller(good)


async def test_what_was_refused_is_not_remembered(tokens: Tokens) -> None:
    known = len(tokens._known)
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            await tokens.caller(f"Bearer {token(OTHER)}")
    assert len(tokens._known) == known


async def test_the_memory_of_tokens_is_bounded(jwks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth._KNOWN", 5)
    tokens = tokens_of(str(jwks))
    for n in range(20):
        await tokens.caller(f"Bearer {token(sub=f's{n}')}")
        assert len(tokens._known) == min(5, n + 1)


async def test_a_new_key_is_found_when_a_token_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, fresh = tmp_path / "jwks.json", new_key("k2")
    write_keys(file, KEY)
    tokens = tokens_of(str(file))
    assert await tokens.caller(f"Bearer {token()}")
    write_keys(file, KEY, fresh)

    with pytest.raises(
        NotSignedIn
    ):  # it was read a moment ago: whoever sends rubbish must not make us read for ever
        await tokens.caller(f"Bearer {token(fresh, {'kid': 'k2'})}")

    monkeypatch.setattr("shared.auth._REFRESH_SECONDS", 0.0)
    assert await tokens.caller(f"Bearer {token(fresh, {'kid': 'k2'})}")


async def test_a_key_that_was_taken_away_is_refused_before_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, good = tmp_path / "jwks.json", f"Bearer {token()}"
    write_keys(file, KEY)
    tokens = tokens_of(str(file))
    assert await tokens.caller(good)
    write_keys(file, new_key("k2"))
    assert await tokens.caller(good), "it was checked a moment ago"

    monkeypatch.setattr("shared.auth._REFRESH_SECONDS", 0.0)
    monkeypatch.setattr("shared.auth._TRUST_SECONDS", 0.0)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 301)
    with pytest.raises(NotSignedIn):
        await tokens.caller(good)


async def test_while_the_keys_cannot_be_read_the_last_ones_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "jwks.json"
    write_keys(file, KEY)
    tokens = tokens_of(str(file))
    assert await tokens.caller(f"Bearer {token()}")
    file.write_text("{", "utf-8")
    monkeypatch.setattr("shared.auth._REFRESH_SECONDS", 0.0)
    monkeypatch.setattr("shared.auth._TRUST_SECONDS", 0.0)
    assert await tokens.caller(f"Bearer {token(sub='w2')}")


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"keys": 5}'])
async def test_without_keys_nobody_is_refused_for_good(tmp_path: Path, content: str | None) -> None:
    """A fault of ours: the caller may try again."""
    file = tmp_path / "jwks.json"
    if content is not None:
        file.write_text(content, "utf-8")
    tokens = tokens_of(str(file))
    with pytest.raises(Unavailable):
        await tokens.caller(f"Bearer {token()}")
    write_keys(file, KEY)
    assert await tokens.caller(f"Bearer {token()}"), "and it works as soon as the keys are there"


async def test_keys_come_from_an_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    served = {"http://issuer/jwks": httpx.Response(503)}

    def answer(request: httpx.Request) -> httpx.Response:
        return served[str(request.url)]

    real = httpx.AsyncClient
    monkeypatch.setattr("httpx.AsyncClient", lambda **_: real(transport=httpx.MockTransport(answer)))
    tokens = tokens_of("http://issuer/jwks")
    with pytest.raises(Unavailable):
        await tokens.caller(f"Bearer {token()}")

    served["http://issuer/jwks"] = httpx.Response(200, json=KeySet([KEY]).as_dict(private=False))
    assert await tokens.caller(f"Bearer {token()}")
