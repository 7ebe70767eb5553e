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

from deploy.gateway.render import UPSTREAMS, Gateway, bounds, write
from deploy.local.refusal import Refused, number

_UPSTREAMS = "HEHUO_GATEWAY_UPSTREAMS"


def upstreams(text: str) -> dict[str, tuple[str, int]]:
    """`intake=host:port,…` over the default, each service by its own name at port 8000. Raises Refused."""
    found = {service: (service, 8000) for service in UPSTREAMS}
    for item in filter(None, text.split(",")):
        service, _, address = item.partition("=")
        host, _, port = address.rpartition(":")
        if service not in found or not host:
            raise Refused(f"{_UPSTREAMS}={text!r}: this is {'=host:port,'.join(UPSTREAMS)}=host:port.")
        found[service] = (host, number({_UPSTREAMS: port}, _UPSTREAMS, 8000, most=65535))
    return found


def gateway(environment: Mapping[str, str]) -> Gateway:
    """Raises Refused for a number that is none."""
    get = environment.get
    standard = Gateway(host="0.0.0.0", port=8600, jwks="")  # noqa: S104 - inside a container
    return Gateway(
        host=get("HEHUO_GATEWAY_HOST", standard.host),
        port=number(environment, "HEHUO_GATEWAY_PORT", standard.port, most=65535),
        jwks=get("HEHUO_JWKS", "./jwks.json"),
        issuer=get("HEHUO_ISSUER", standard.issuer),
        audience=get("HEHUO_AUDIENCE", standard.audience),
        tls=get("HEHUO_GATEWAY_TLS", ""),
        **bounds(environment),
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        write(Path(sys.argv[1]), gateway(os.environ), dns=upstreams(os.environ.get(_UPSTREAMS, "")))
    except Refused as error:
        sys.exit(f"hehuo: {error}")
