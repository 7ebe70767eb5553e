"""`python -m deploy.gateway FOLDER` writes Envoy's files for a place where the services have names, as compose.

HEHUO_GATEWAY_HOST, HEHUO_GATEWAY_PORT   where it listens, default 0.0.0.0:8600
HEHUO_GATEWAY_UPSTREAMS                  intake=intake:8000,dispatch=… ; default: each by its name at port 8000
HEHUO_GATEWAY_RATE, HEHUO_GATEWAY_BURST  requests per second and at once from one address
HEHUO_GATEWAY_REQUESTS, HEHUO_GATEWAY_STREAMS  under way to one service at once, each apart from the other
HEHUO_BODY_BYTES                         the largest body, as the services have it
HEHUO_DISPATCH_TERRITORY_BYTES           the largest territory, as dispatch has it
HEHUO_GATEWAY_TLS                        folder with tls.crt and tls.key, as Envoy sees it; default none
HEHUO_JWKS, HEHUO_ISSUER, HEHUO_AUDIENCE the key set's file as Envoy sees it, and what tokens must say
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.gateway.render import UPSTREAMS, Gateway, write


def upstreams(text: str) -> dict[str, tuple[str, int]]:
    """`intake=host:port,…` over the default, each service by its own name at port 8000."""
    found = {service: (service, 8000) for service in UPSTREAMS}
    for item in filter(None, text.split(",")):
        service, _, address = item.partition("=")
        host, _, port = address.rpartition(":")
        found[service] = (host, int(port))
    return found


def gateway(environment: Mapping[str, str]) -> Gateway:
    get = environment.get
    standard = Gateway(host="0.0.0.0", port=8600, jwks="")  # noqa: S104 - inside a container
    return Gateway(
        host=get("HEHUO_GATEWAY_HOST", standard.host),
        port=int(get("HEHUO_GATEWAY_PORT", standard.port)),
        jwks=get("HEHUO_JWKS", "./jwks.json"),
        issuer=get("HEHUO_ISSUER", standard.issuer),
        audience=get("HEHUO_AUDIENCE", standard.audience),
        rate=int(get("HEHUO_GATEWAY_RATE", standard.rate)),
        burst=int(get("HEHUO_GATEWAY_BURST", standard.burst)),
        body_limit=int(get("HEHUO_BODY_BYTES", standard.body_limit)),
        territory_limit=int(get("HEHUO_DISPATCH_TERRITORY_BYTES", standard.territory_limit)),
        requests=int(get("HEHUO_GATEWAY_REQUESTS", standard.requests)),
        streams=int(get("HEHUO_GATEWAY_STREAMS", standard.streams)),
        tls=get("HEHUO_GATEWAY_TLS", ""),
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    write(
        Path(sys.argv[1]), gateway(os.environ), dns=upstreams(os.environ.get("HEHUO_GATEWAY_UPSTREAMS", ""))
    )
