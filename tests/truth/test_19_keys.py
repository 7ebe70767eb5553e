"""A key is of one person in one office: with the same key in another office one asks something else."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.cast import everywhere
from deploy.local.system import System
from tests.e2e.test_bad_input import ORDERS, signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[12]
AREA = "370203/370203014/370203014008"
OFFICES: list[dict[str, Any]] = [
    {"role": "community", "area": AREA},
    {"role": "community", "area": AREA.rpartition("/")[0]},
    {"role": "community", "department": AREA},
    {"role": "community", "partner": AREA},
    {"role": "community", "area": AREA, "partner": "p"},
    {"role": "community", "area": f"{AREA}|p"},
    {"role": "community", "area": AREA, "department": "p"},
    {"role": "community", "area": AREA, "department": "p", "partner": "p"},
]


async def test_the_same_key_in_another_office_is_another_key(
    system: System, plain: httpx.AsyncClient
) -> None:
    """One person, one key, the same words: an order for each office, and to each its own answer again.

    Before (d86edb6): whoever had an area, a department or a partner of the same name got the other one's answer.
    """
    body = {"category": "noise", "text": "夜里施工。", "place": PLACE.wire(), "ordered_for": "r-19"}
    key, sub = {"idempotency-key": uuid4().hex}, f"same-{uuid4().hex[:8]}"
    made = []
    for office in OFFICES:
        headers = {**signed(system, sub=sub, **office), **key}
        first, again = [await plain.post(ORDERS, json=body, headers=headers) for _ in range(2)]
        assert (first.status_code, "idempotent-replayed" in first.headers) == (201, False), first.text
        assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
        made.append(first.json()["id"])
    assert all(one != other for one, other in pairwise(sorted(made)))


async def test_filters_of_one_department_are_not_those_of_another(
    system: System, plain: httpx.AsyncClient
) -> None:
    """Officers of two departments may have ids that are alike.

    Before (d86edb6): `duty-1` of one department read, replaced and removed what `duty-1` of another had kept.
    """
    path = "/api/dispatch/v1/filters"
    sewage, power = [
        signed(system, role="department", sub="duty-1", department=one) for one in ("sewage", "power")
    ]
    kept = await plain.put(f"{path}/mine", json={"query": {"list": "overdue"}}, headers=sewage)
    assert kept.status_code == 200
    assert (await plain.get(path, headers=power)).json() == {"items": []}
    await plain.delete(f"{path}/mine", headers=power)
    assert [one["name"] for one in (await plain.get(path, headers=sewage)).json()["items"]] == ["mine"]
