"""The story of who leaves: a person and a department go while an order is with them; and of who is silent."""

from __future__ import annotations

from typing import Any

import httpx

from deploy.demo.cast import Cast, everywhere
from deploy.demo.record import Record
from deploy.local.system import System
from tests.faults.harness import eventually

_DISPATCH = "/api/dispatch/v1"


async def left(system: System, cast: Cast, within: float) -> Record:
    """Its grid worker leaves, nobody decides about more time, the department that is asked goes."""
    place, record = everywhere()[20], Record()
    community = cast.community(place)
    token = system.token(role="district", sub="district-stories", area="370203")
    headers = {"authorization": f"Bearer {token}"}
    leaving = cast.somebody("grid_worker", "grid-leaving", area=place.area)

    async with httpx.AsyncClient(base_url=system.gateway_url, trust_env=False, timeout=within) as client:

        async def govern(method: str, what: str, body: Any = None) -> None:
            """The registers of the district."""
            answer = await client.request(method, f"{_DISPATCH}/{what}", json=body, headers=headers)
            answer.raise_for_status()

        for id in ("office_old", "office_new"):
            await govern("PUT", f"departments/{id}", {"name": {"zh": "办公室"}})
        for id in ("grid-leaving", "grid-staying"):
            await govern("PUT", f"staff/{id}", {"name": id, "role": "grid_worker", "area": place.area})
        order = {"category": "sewage_pipe", "text": "污水管坏了。", "place": place.wire()}
        await record.order(cast.resident(23), order)
        await record.wait(community, "dispatch", "received", within=within)
        await record.ask(leaving, "dispatch", "assignment", {})
        await record.ask(
            community, "dispatch", "call", {"lines": [{"name": "f", "kind": "funds", "amount": 1}]}
        )
        await govern("DELETE", "staff/grid-leaving?successor=grid-staying")
        await record.ask(community, "dispatch", "call/withdrawal", {"reason": "不需要了"})
        await record.ask(community, "dispatch", "referral", {"department": "office_old"})
        await govern("DELETE", "departments/office_old?successor=office_new")
        new = cast.department("office_new")
        await record.ask(new, "dispatch", "referral/answer", {"accepted": True})
        await record.ask(new, "dispatch", "delivery", {"public_note": "已完成"})

        async def next_level_asked() -> bool:
            seen = await record.see(community, "dispatch")
            return bool(seen and seen["check_level"])

        await eventually(next_level_asked, "the next level to be asked for the check", within)
        district = cast.somebody("district", "district-stories", area="370203")
        await record.ask(district, "dispatch", "check", {"passed": False, "public_note": "还在漏"})
        end = {"outcome": "not_solved", "public_note": "无法解决"}
        await record.ask(district, "dispatch", "assignment", {})  # out of the hands of the department
        await record.ask(district, "dispatch", "closure", end)
        record.outcome = "not_solved"
        await record.wait(cast.resident(23), "intake", "closed", within=within)
    return record
