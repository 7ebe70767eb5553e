"""What runs where and is told what: ports, addresses, passwords, and how each part is built."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deploy.gateway.render import UPSTREAMS, WEB, Gateway, bounds, endpoints, replace
from deploy.local import keys
from deploy.local.folder import Folder
from deploy.local.outside import without_credentials
from deploy.local.parts import gateway as gateway_part
from deploy.local.parts import mongod as mongod_part
from deploy.local.parts import nats as nats_part
from deploy.local.parts import service as service_part
from deploy.local.parts.part import Part
from deploy.local.ports import HOST, Ports
from deploy.nats.permissions import OPERATOR
from shared.naming import SERVICES

MONGOD, NATS, GATEWAY = "mongod", "nats", "gateway"
_NATS_MONITOR, _GATEWAY_ADMIN = "nats-monitor", "gateway-admin"
_GATEWAY_HEARS = 0.2  # seconds until the gateway has read where the replicas are now


def bounds_here(environment: Mapping[str, str]) -> dict[str, Any]:
    """On one's own machine the one address is everybody's, and benchmarks come from it too. Raises Refused."""
    return bounds(environment, rate=20000, burst=40000)


class Login(NamedTuple):
    """How to get onto the bus. Without a user, the credentials stand in the address."""

    url: str
    user: str
    password: str


class Plan:
    """Made at each start, from what the folder keeps. Nothing runs by it.

    `outside` gives the addresses of servers that are not ours, with an administrator's credentials, by part;
    `port` is the gateway's, a kept or free one without it.
    """

    def __init__(
        self,
        folder: Folder,
        replicas: Mapping[str, int],
        outside: Mapping[str, str],
        port: int | None,
        env: Mapping[str, str],
    ) -> None:
        self.folder = folder
        self.passwords = folder.passwords()
        self.logins = {service: (service, self.passwords.nats[service]) for service in SERVICES}
        self._outside = outside
        self._env = env
        self._jwks = keys.make_keys(folder.keys)
        self._ports = Ports(folder.ports)
        # What others are told once cannot change while we run; a replica may move.
        fixed = (MONGOD, NATS, _NATS_MONITOR, _GATEWAY_ADMIN, *(() if port else (GATEWAY,)))
        self._fixed = {name: self._ports.keep(name) for name in fixed} | ({GATEWAY: port} if port else {})
        self._replicas = {
            kind: {f"{kind}.{n}": self._ports.keep(f"{kind}.{n}") for n in range(replicas[kind])}
            for kind in UPSTREAMS
        }
        self._leaving: set[str] = set()

    # ------------------------------------------------------------ addresses

    @property
    def gateway_url(self) -> str:
        return f"{'https' if self._gateway().tls else 'http'}://{HOST}:{self._fixed[GATEWAY]}"

    @property
    def mongo_url(self) -> str:
        """Without credentials."""
        return without_credentials(self._outside.get(MONGOD) or mongod_part.url(self._fixed[MONGOD]))

    @property
    def nats_url(self) -> str:
        """Without credentials."""
        return without_credentials(self._outside.get(NATS) or nats_part.url(self._fixed[NATS]))

    @property
    def mongo_admin_url(self) -> str:
        if given := self._outside.get(MONGOD):
            return given
        admin = self.passwords.MONGO_ADMIN
        return self.mongo_url.replace("//", f"//{admin}:{self.passwords.mongo[admin]}@", 1)

    @property
    def nats_operator(self) -> Login:
        if given := self._outside.get(NATS):
            return Login(given, "", "")
        return Login(self.nats_url, OPERATOR, self.passwords.nats[OPERATOR])

    def addresses(self, kind: str) -> list[tuple[str, int]]:
        """Of all replicas of a service, or of the gateway's own upstream."""
        return [(HOST, port) for port in self._replicas[kind].values()]

    def service_urls(self, kind: str) -> list[str]:
        return [f"http://{host}:{port}" for host, port in self.addresses(kind)]

    # ---------------------------------------------------------------- parts

    def replicas(self, kind: str) -> list[str]:
        """The names of a service's replicas: intake.0, intake.1."""
        return list(self._replicas[kind])

    def mongod(self, program: Path) -> Part:
        return mongod_part.mongod(program, self.folder, self._fixed[MONGOD], self.passwords)

    def nats(self, program: Path, provision: Callable[[], Awaitable[None]]) -> Part:
        return nats_part.nats(
            program, self.folder, self._fixed[NATS], self._fixed[_NATS_MONITOR], self.passwords, provision
        )

    def gateway(self, program: Path) -> Part:
        addresses = {kind: self._endpoints(kind) for kind in UPSTREAMS}
        return gateway_part.gateway(program, self.folder, self._gateway(), addresses)

    def replica(self, kind: str, name: str) -> Part:
        """A replica on its own port; on a new one if somebody took that."""
        port = self._replicas[kind][name] = self._ports.keep(name)
        self._leaving.discard(name)
        self._tell_gateway(kind)

        async def drain() -> None:
            """No new requests: the gateway is told first, since a connection may be closed under one."""
            self._leaving.add(name)
            self._tell_gateway(kind)
            await asyncio.sleep(_GATEWAY_HEARS)

        return service_part.service(kind, name, port, self._environment(kind), drain)

    def _tell_gateway(self, kind: str) -> None:
        """Write where a service's replicas are, if that changed."""
        file = self.folder.gateway / "endpoints" / f"{kind}.json"
        text = endpoints(kind, self._endpoints(kind))
        if file.exists() and file.read_text("utf-8") != text:
            replace(file, text)

    def _endpoints(self, kind: str) -> list[tuple[str, int]]:
        staying = {name: port for name, port in self._replicas[kind].items() if name not in self._leaving}
        return [(HOST, port) for port in staying.values()]

    def _gateway(self) -> Gateway:
        return Gateway(
            HOST,
            self._fixed[GATEWAY],
            jwks=str(self._jwks),
            issuer=keys.ISSUER,
            audience=keys.AUDIENCE,
            admin_port=self._fixed[_GATEWAY_ADMIN],
            **bounds_here({**os.environ, **self._env}),
            tls={**os.environ, **self._env}.get("HEHUO_GATEWAY_TLS", ""),
        )

    def _environment(self, kind: str) -> dict[str, str]:
        """What a service is told."""
        told = {
            "HEHUO_JWKS": str(self._jwks),
            "HEHUO_ISSUER": keys.ISSUER,
            "HEHUO_AUDIENCE": keys.AUDIENCE,
            "HEHUO_PUBLIC_URL": self.gateway_url,
            "HEHUO_NAMESPACE": "",
        }
        if kind != WEB:
            user, password = self.logins[kind]
            told |= {
                "HEHUO_MONGO_URL": self.mongo_url,
                "HEHUO_MONGO_USER": kind,
                "HEHUO_MONGO_PASSWORD": self.passwords.mongo[kind],
                "HEHUO_NATS_URL": self.nats_url,
                "HEHUO_NATS_USER": user,
                "HEHUO_NATS_PASSWORD": password,
            }
        return {**told, **self._env}
