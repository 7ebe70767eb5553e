"""What a partner carries is counted before it takes more, and two that are counted at once do not both get it.

Whatever becomes of a claim, a word that is noted with it is kept beside it, and told to nobody.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog

from deploy.local import keys
from services.partners.app import app
from services.partners.domain.call import Call
from services.partners.domain.registry.partner import Partner
from services.partners.domain.terms import Terms
from services.partners.settings import Settings
from services.partners.store import Calls
from shared.asked import Asked
from shared.caller import system
from shared.entry import Decision
from shared.naming import Names
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.claims.test_hands import asking_for, stale
from tests.unit.partners.given import COMMUNITY, FIRST, SECOND, TERMS, asking, called, held_by, open_call

FIRST_CALL, SECOND_CALL = UUID(int=1 << 80), UUID(int=2 << 80)


@dataclass(frozen=True)
class Door:
    """The service partners as its callers see it, and its list."""

    client: httpx.AsyncClient
    calls: Calls

    async def ask(self, what: str, body: Any) -> tuple[int, str]:
        """The status, and of a refusal which it is."""
        answer = await self.client.post(f"/api/partners/v1/calls/{what}", json=body)
        return answer.status_code, str(answer.json().get("type", "")).rpartition("/")[2]


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """A service takes over the process's logging and its collector; give them back."""
    root, structured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**structured)
    gc.unfreeze()


@pytest.fixture
async def door(
    servers: Servers, names: Names, tmp_path: Path, logging_as_before: None
) -> AsyncIterator[Door]:
    """A partner that may hold one claim, and no more."""
    file = tmp_path / "partners.json"
    known = [one.model_dump(mode="json", exclude_defaults=True) for one in (FIRST, SECOND)]
    await asyncio.to_thread(file.write_text, json.dumps({"partners": known}), "utf-8")
    told = servers.settings(names).model_dump(exclude_unset=True) | {
        "jwks": str(keys.make_keys(tmp_path)), "log_level": "CRITICAL",
        "partners_partners": file, "partners_held_most": 1,
    }  # fmt: skip
    service = app(Settings.model_validate(told))
    token = keys.mint(tmp_path, role="partner", sub="member", partner=str(FIRST.id))
    transport, bearer = httpx.ASGITransport(service), {"authorization": f"Bearer {token}"}
    async with (
        service.router.lifespan_context(service),
        httpx.AsyncClient(transport=transport, base_url="http://partners", headers=bearer) as client,
    ):
        yield Door(client, service.state.entries)


async def put(door: Door, id: UUID, call: Call) -> None:
    await door.calls.place(id, Decision(call), Asked(system("test"), datetime.now(UTC), trace_from(None)))


def open_now() -> Call:
    """A real clock strikes here: what began long ago would be over."""
    now = datetime.now(UTC)
    return open_call(Call(), called(until=now + timedelta(days=10)), at=now, terms=TERMS).state


async def test_of_two_claims_that_are_counted_at_once_one_is_refused(door: Door) -> None:
    """The later one has counted before the earlier one was saved, and comes to be saved after it."""
    lines = {"lines": [{"name": "pipe", "amount": 1}]}
    for id in (FIRST_CALL, SECOND_CALL):
        await put(door, id, open_now())

    earlier, later = await _one_inside_the_other(
        door.calls,
        lambda: door.ask(f"{FIRST_CALL}/claims", lines),
        lambda: door.ask(f"{SECOND_CALL}/claims", lines),
    )

    assert (earlier, later) == ((200, ""), (409, "holds-too-many"))
    assert len(await door.calls.held_by(FIRST.id)) == 1


async def test_who_asks_to_take_over_while_a_claim_of_its_own_is_made_is_refused(door: Door) -> None:
    held = stale(asking(open_now(), SECOND, {"pipe": 1}, at=datetime.now(UTC)).state)
    claim = held.claims[0].claim_id
    await put(door, FIRST_CALL, open_now())
    await put(door, SECOND_CALL, held)

    earlier, later = await _one_inside_the_other(
        door.calls,
        lambda: door.ask(f"{FIRST_CALL}/claims", {"lines": [{"name": "pipe", "amount": 1}]}),
        lambda: door.ask(f"{SECOND_CALL}/claims/{claim}/takeover", {"reason": "we can begin this week"}),
    )

    assert (earlier, later) == ((200, ""), (409, "holds-too-many"))


@pytest.mark.parametrize(
    ("what", "more", "told"),
    [
        ("release", {}, "claim_released"),
        ("takeover/answer", {"agreed": False}, "takeover_ended"),
        ("forced-release", {}, "claim_released"),
    ],
)
async def test_what_is_noted_at_the_end_of_a_claim_is_kept_and_in_no_message(
    door: Door, tmp_path: Path, what: str, more: dict[str, Any], told: str
) -> None:
    """It is stale, and another partner has asked for it."""
    held = asking_for(stale(asking(open_now(), FIRST, {"pipe": 1}, at=datetime.now(UTC)).state), SECOND).state
    claim, note = held_by(held, FIRST), "the key is with the neighbour"
    await put(door, FIRST_CALL, held)
    body = {"reason": "our builders are ill", "note": note, **more}
    by = "member"
    if what == "forced-release":
        by = COMMUNITY.id
        token = keys.mint(tmp_path, role="community", sub=by, area=COMMUNITY.area)
        door.client.headers["authorization"] = f"Bearer {token}"
    else:
        body["epoch"] = claim.epoch

    assert await door.ask(f"{FIRST_CALL}/claims/{claim.claim_id}/{what}", body) == (200, "")

    kept = (await door.calls.peek(FIRST_CALL)).state.notes
    assert [(one.claim_id, one.by, one.text) for one in kept] == [(claim.claim_id, by, note)]
    history = await door.calls.history(FIRST_CALL)
    assert told in [event["type"].partition(".")[0] for event in history]
    assert "our builders are ill" in str(history)
    assert note not in str(history)


async def _one_inside_the_other(
    calls: Calls, inner: Callable[[], Awaitable[Any]], outer: Callable[[], Awaitable[Any]]
) -> tuple[Any, Any]:
    """What both are answered: the inner one runs from beginning to end when the outer one has just counted."""
    counted: Callable[..., Awaitable[Any]] = calls.carried_by
    answers: list[Any] = []

    async def count(partner: Partner, at: datetime, terms: Terms) -> Any:
        carries = await counted(partner, at, terms)
        if not answers:
            answers.append(None)  # whoever counts from now on is not stopped
            answers[0] = await inner()
        return carries

    calls.carried_by = count  # type: ignore[method-assign]
    last = await outer()
    assert answers, f"nothing was counted: {last}"
    return answers[0], last
