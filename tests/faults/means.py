"""Who the partners of a proof are, and what they have: so much that no proof ends for want of it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from deploy.demo.cast import HERE
from tests.faults.harness import Given

_TIMES_AS_RICH = 1000  # as in the demonstration, where some have enough for some thirty lives


def well_off(given: Given) -> dict[str, str]:
    """What every service is told: the demonstration's partners, with means for as many lives as are lived."""
    partners = json.loads((HERE / "partners.json").read_text("utf-8"))["partners"]
    for partner in partners:
        for resource in partner["resources"]:
            resource["quantity"] *= _TIMES_AS_RICH
    return _told(given, partners)


def somebody(chance: random.Random, number: int) -> list[UUID]:
    """The ids of so many partners that nobody knows yet."""
    return [UUID(int=chance.getrandbits(128), version=4) for _ in range(number)]


def companies(given: Given, ids: Sequence[UUID], *resources: dict[str, Any]) -> dict[str, str]:
    """What every service is told: these alone are partners, each with these resources.

    Who has declared nothing may promise anything.
    """
    every = [
        {
            "id": str(id), "kind": "company", "areas": ["370203"], "resources": resources,
            "name": {"zh": f"合伙人{number}", "en": f"Partner {number}"},
        }
        for number, id in enumerate(ids)
    ]  # fmt: skip
    return _told(given, every)


def resource(kind: str, unit: str, quantity: int, **more: Any) -> dict[str, Any]:
    """Of the whole district."""
    name = {"zh": kind, "en": kind}
    return {"kind": kind, "name": name, "quantity": quantity, "unit": unit, "area": "370203", **more}


def _told(given: Given, partners: Sequence[dict[str, Any]]) -> dict[str, str]:
    file = given.folder / "partners.json"
    file.write_text(json.dumps({"partners": partners}), "utf-8")
    return {"HEHUO_PARTNERS_PARTNERS": str(file)}
