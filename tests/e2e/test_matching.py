"""Partners for a need and calls for a partner, through the gateway."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast, Refused, everywhere
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.faults import stories

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = next(
    place for place in everywhere() if place.area.startswith("370203/370203014")
)  # of the electrician
NEED = {
    "area": PLACE.area,
    "lines": [{"name": "electrician", "kind": "labour", "amount": 8, "unit": "hours"}],
}
MATCHES = "/api/partners/v1/matches"
BOARD = "/api/partners/v1/board"


async def test_staff_asks_for_partners_of_its_own_area_before_it_calls(cast: Cast) -> None:
    found = await cast.community(PLACE).post(MATCHES, NEED)
    assert found["fitting"] == len(found["items"]) > 0
    for one in found["items"]:
        assert sum(factor["points"] for factor in one["factors"]) == one["score"]
    other = next(place for place in everywhere() if place.community != PLACE.community)
    with pytest.raises(Refused) as refused:
        await cast.community(other).post(MATCHES, NEED)
    assert (refused.value.status, refused.value.slug) == (404, "not-found")
    for nobody in (cast.resident(1), cast.partner(0)):
        with pytest.raises(Refused) as refused:
            await nobody.post(MATCHES, NEED)
        assert (refused.value.status, refused.value.slug) == (403, "not-allowed")


@pytest.mark.parametrize("wrong", [{"lines": []}, {"area": "Shibei"}, {"longitude": 120.3}, {"limit": 3}])
async def test_a_need_that_makes_no_sense_is_malformed(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        await cast.community(PLACE).post(MATCHES, {**NEED, **wrong})
    assert (refused.value.status, refused.value.slug) == (422, "malformed")


async def test_whoever_looks_again_is_sent_nothing_that_it_knows(
    system: System, plain: httpx.AsyncClient
) -> None:
    partner = "01900000-0000-7000-8000-000000000010"
    headers = {"authorization": f"Bearer {system.token(role='partner', sub='looker', partner=partner)}"}
    for path in (f"{BOARD}?order=nearest", f"{BOARD}/map", "/api/partners/v1/claims/mine"):
        first = await plain.get(path, headers=headers)
        assert first.status_code == 200
        again = await plain.get(path, headers={**headers, "if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    wrong = await plain.get(f"{BOARD}?order=cheapest", headers=headers)
    assert wrong.status_code == 422


async def test_a_need_is_offered_to_who_fits_and_is_open_to_all_when_it_declines(cast: Cast) -> None:
    record = await stories.offered(cast, WITHIN)

    async def told() -> list[dict[str, Any]] | None:
        """What partners said, when the last of it has come to the resident."""
        order = await cast.resident(18).get(record.path("intake"))
        lines = [line for line in order["timeline"] if line["event"] in ("call_offered", "offer_declined")]
        return lines if lines and lines[-1]["data"].get("to_all") else None

    lines = await until(told, "the resident to see that it is open to all", WITHIN)
    offers = [line["data"]["offered"] for line in lines if line["event"] == "call_offered"]
    assert offers[0] > 0
    assert offers[-1] == 0
    assert {line["data"]["reason"] for line in lines if line["event"] == "offer_declined"} == {"没有安装工人"}
