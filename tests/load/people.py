"""Who asks in a benchmark: tokens, places, and the ten requests of one whole life."""

from __future__ import annotations

import json
import random
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from deploy.local.system import System
from tests.load.client import Client, Reply, pause, request

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
RACK = {"name": "rack", "kind": "goods", "amount": 1, "unit": "set"}  # what a life needs of partners
RESIDENTS = 200
_PATIENCE = 20.0  # seconds until an outcome that another service brings about must be there


class Stuck(Exception):
    """A life did not go on in time; says where."""


@dataclass(frozen=True, slots=True)
class Place:
    longitude: float
    latitude: float
    area: str  # of the grid


def grids() -> list[Place]:
    """A point within each demonstration grid."""
    found = []
    for feature in json.loads((DEMO / "territory" / "grids.geojson").read_text("utf-8"))["features"]:
        ring = feature["geometry"]["coordinates"][0]
        xs, ys = [point[0] for point in ring[:-1]], [point[1] for point in ring[:-1]]
        found.append(Place(sum(xs) / len(xs), sum(ys) / len(ys), feature["properties"]["code"]))
    return found


class People:
    """Tokens of everybody a life needs; minted once, so that the benchmark does not measure the minting."""

    def __init__(self, system: System) -> None:
        self.places = grids()
        self.residents = [system.token(role="resident", sub=resident(n)) for n in range(RESIDENTS)]
        self.partners = [
            system.token(role="partner", sub=f"bench-partner-{n}", partner=racer(n)) for n in range(64)
        ]
        self.grid_worker = {
            p.area: system.token(role="grid_worker", sub=f"worker-{p.area[-2:]}", area=p.area)
            for p in self.places
        }
        above = {p.area.rpartition("/")[0] for p in self.places}
        self.community = {
            area: system.token(role="community", sub=f"c-{area[-4:]}", area=area) for area in above
        }
        self.district = system.token(role="district", sub="bench-district", area="370203")


def resident(number: int) -> str:
    """The name of the n-th resident; all are of one length, and none is a part of another."""
    return f"bench-{number:09}"


def racer(number: int) -> str:
    """The id of the n-th partner in a race."""
    return f"01900000-0000-7000-8000-{0x100000 + number:012x}"


def partners_file(folder: Path) -> Path:
    """The demonstration's partners, and 64 more who race."""
    known = json.loads((DEMO / "partners.json").read_text("utf-8"))
    pattern = known["partners"][0]
    more = [  # who has declared nothing may promise anything
        {**pattern, "id": racer(n), "name": {"zh": f"赛手{n}", "en": f"Racer {n}"}, "resources": []}
        for n in range(64)
    ]
    file = folder / "partners.json"
    file.write_text(json.dumps({**known, "partners": [*known["partners"], *more]}), "utf-8")
    return file


def order(place: Place, category: str = "drying_rack") -> dict[str, Any]:
    """What a resident writes."""
    return {
        "kind": "need",
        "category": category,
        "text": "老旧小区晾衣难，希望给楼院装晾衣架。联系电话 13800000000。",
        "place": {"longitude": place.longitude, "latitude": place.latitude, "address": "辽源路26号"},
        "urgency": "general",
        "channel": "app",
    }


class Sent(NamedTuple):
    """A request that was taken, and what came back."""

    service: str
    token: str
    body: Any
    status: int
    answer: int  # bytes of the body


class Life:
    """One order from the resident's words to the resident's verdict, through HTTP, as seven people."""

    def __init__(self, clients: dict[str, Client], people: People, chance: random.Random) -> None:
        self._clients = clients
        self._people = people
        self._chance = chance
        self.requests = 0  # sent, also those that came too early
        self.unanswered = 0  # of those: the gateway or the service could not answer in time
        self.taken: list[Sent] = []

    async def _post(self, service: str, path: str, token: str, body: Any) -> Reply:
        """Send until the lists have caught up: what comes too early is refused with 403, 404 or 409."""
        key, wait, waited = secrets.token_hex(8), 0.05, 0.0  # about as soon as a page asks again
        while True:
            self.requests += 1
            asked = request("POST", f"/api/{service}/v1{path}", token, body, key)
            reply = await self._clients[service].send(asked)
            if reply.status < 300:
                self.taken.append(Sent(service, token, body, reply.status, len(reply.body)))
                return reply
            self.unanswered += reply.status in (503, 504)
            if reply.status not in (403, 404, 409, 503, 504) or waited > _PATIENCE:
                raise Stuck(f"{service}{path}: {reply.status} {reply.body[:300]!r}")
            await pause(wait)
            waited += wait
            wait = min(wait * 1.5, 0.2)

    async def place(self, category: str = "drying_rack") -> tuple[str, Place, str]:
        """The order's id, where it is, and the resident's token."""
        place, resident = (
            self._chance.choice(self._people.places),
            self._chance.choice(self._people.residents),
        )
        placed = await self._post("intake", "/orders", resident, order(place, category))
        return placed.json()["id"], place, resident

    async def call(
        self, id: str, place: Place, lines: list[dict[str, Any]], *, exclusive: bool = True
    ) -> None:
        """From received to open to partners."""
        worker = self._people.grid_worker[place.area]
        community = self._people.community[place.area.rpartition("/")[0]]
        dispatch = f"/dispatches/{id}"
        await self._post("dispatch", f"{dispatch}/assignment", worker, {})
        await self._post(
            "dispatch", f"{dispatch}/whistle", worker, {"kind": "resident", "public_note": "楼院晾衣难"}
        )
        await self._post("dispatch", f"{dispatch}/whistle/answer", community, {"measures": "现场查看"})
        await self._post("dispatch", f"{dispatch}/call", community, {"lines": lines, "exclusive": exclusive})

    async def live(self) -> str:
        """The whole life; returns the order's id when the resident's verdict was taken. Raises Stuck."""
        id, place, resident = await self.place()
        await self.call(id, place, [RACK])
        await self.work(id)
        await self.judge(id, place, resident)
        return id

    async def work(self, id: str, *, delivered: bool = True) -> None:
        """A partner claims the call, plans, and delivers."""
        partner = self._chance.choice(self._people.partners)
        wanted = {"lines": [{"name": "rack", "amount": 1}]}
        claimed = (await self._post("partners", f"/calls/{id}/claims", partner, wanted)).json()
        claim = claimed["claims"][-1]
        mine, epoch = f"/calls/{id}/claims/{claim['claim_id']}", claim["epoch"]
        plan = {"plan": "安装防锈晾衣架", "starts": "2026-12-01", "ends": "2026-12-05", "epoch": epoch}
        await self._post("partners", f"{mine}/plan", partner, plan)
        if delivered:
            await self._post(
                "partners", f"{mine}/delivery", partner, {"public_note": "已装好", "epoch": epoch}
            )

    async def judge(self, id: str, place: Place, resident: str, *, verdict: bool = True) -> None:
        """The community checks the work, the resident says how good it is."""
        community = self._people.community[place.area.rpartition("/")[0]]
        await self._post("dispatch", f"/dispatches/{id}/check", community, {"passed": True})
        if verdict:
            said = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
            await self._post("evaluation", f"/evaluations/{id}/verdicts", resident, said)
