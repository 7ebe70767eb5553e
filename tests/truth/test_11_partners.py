"""What everybody sees of partners tells of nobody who judged their work."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from deploy.demo.cast import Cast, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.life import Way, life
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

API, HERE = "/api/partners/v1", everywhere()[17]
DISTRICT, STREET = "370203", HERE.area.rsplit("/", 2)[0]
NOW = datetime.now(ZoneInfo("Asia/Shanghai"))
MONTH, YEAR = f"{NOW:%Y-%m}", f"{NOW:%Y}"
QUARTER = f"{YEAR}-Q{(NOW.month + 2) // 3}"
AREAS = (HERE.area, HERE.community, STREET, "370203/370203001", DISTRICT, None)


async def looked(plain: httpx.AsyncClient, headers: dict[str, str], id: str) -> dict[str, tuple[int, Any]]:
    """All that somebody can ask of the figures of partners, and what it is answered with."""
    found = {}
    for period in (MONTH, QUARTER, YEAR, None):
        for area in AREAS:
            for path in ("/ranking", "/honours"):
                wanted = {"area": area, "period": period}
                params = {name: one for name, one in wanted.items() if one}
                answer = await plain.get(f"{API}{path}", params=params, headers=headers)
                if answer.status_code != 422:  # honours are of a period
                    found[f"{path} {area} {period}"] = answer.status_code, answer.json()
        params = {"period": period} if period else {}
        answer = await plain.get(f"{API}/partners/{id}/impact", params=params, headers=headers)
        found[f"/impact {period}"] = answer.status_code, answer.json()
    answer = await plain.get(f"{API}/partners/{id}/standing", headers=headers)
    found["/standing"] = answer.status_code, answer.json()
    return found


async def test_nobody_learns_a_verdict_from_the_figures_of_a_partner(
    system: System, cast: Cast, lists: Lists, plain: httpx.AsyncClient
) -> None:
    """A signed-in resident asks for a grid, for a street and the district, and again after a neighbour has judged.

    Before (f54ba62): the ranking of a grid with one order had its partner with the points of its verdict; the district
    less its other streets was one order; standing, ranking, honours and impact moved with each verdict.
    """
    id = cast.partners[4]["id"]
    anybody = signed(system, role="resident", sub="resident-1")
    others = {
        "a community elsewhere": signed(system, role="community", sub="c-9", area="370203/370203001/370203001001"),
        "another partner": signed(system, role="partner", sub="p-9", partner=cast.partners[7]["id"]),
    }  # fmt: skip
    before = await looked(plain, anybody, id)
    record = await life(cast, HERE, Way(resident=8, first_partner=4, reworks=1), within=WITHIN)
    await settle(lists, [record], WITHIN)
    acting = cast.partner(4)

    async def counted() -> bool:
        its = await acting.get(f"{API}/partners/{id}/standing")
        listed = [one["event"] for one in its["happened"] if one["order_id"] == str(record.id)]
        return "unsatisfied" in listed and "satisfied" in listed

    await until(counted, "both verdicts to count", WITHIN)
    after = await looked(plain, anybody, id)
    moved = [name for name in after if _said(after[name]) != _said(before[name])]
    assert not moved
    refused = {
        name for name, (status, body) in after.items() if _type(status, body) == "/problems/not-public"
    }
    assert refused == set(after) - {"/ranking 370203 None", "/ranking None None", "/impact None", "/standing"}
    assert after["/ranking None None"][1]["items"] == []
    for who, headers in others.items():
        seen = await looked(plain, headers, id)
        allowed = {name for name in seen if "370203001" in name and "elsewhere" in who}
        assert {name for name in seen if _said(seen[name]) != _said(after[name])} <= allowed

    near = await acting.get(f"{API}/partners/{id}/standing")
    assert near["months"] is None
    assert near["counts"]["unsatisfied"] >= 1, "its members see what is now"
    grid = await cast.community(HERE).get(f"{API}/ranking?area={HERE.area}&period={MONTH}&limit=100")
    assert id in [one["partner_id"] for one in grid["items"]], "the staff see what is now"


def _type(status: int, body: dict[str, Any]) -> str | None:
    return body["type"] if status == 403 else None


def _said(answer: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    status, body = answer
    return status, {} if status == 403 else body
