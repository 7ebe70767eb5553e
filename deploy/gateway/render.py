"""Writes Envoy's files from the templates beside this module: bootstrap, policy, clusters, and endpoints.

The policy is the same everywhere; places differ in addresses only. Where services have fixed names (compose, a
cluster) Envoy asks the DNS; on one machine it reads addresses from a file per service, replaced when a replica moves.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from deploy.local.refusal import number
from shared.naming import SERVICES
from shared.settings import BODY_BYTES, LEAST_BYTES, MOST, MOST_BYTES, TERRITORY_BYTES

HERE = Path(__file__).parent
WEB = "web"  # the small upstream that answers everything that is not an API
UPSTREAMS = (*SERVICES, WEB)
LIVE = {"intake": "intake-live"}  # services that have live streams, and the cluster that these take

_ANOTHER = (
    '{ name: another-host, typed_config: { "@type": '
    "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate } }"
)


def _retry(on: str) -> str:
    """Up to three more tries within the request's time, of another replica if there is one.

    A replica that just died has the fewest requests, so it is drawn again and again: hence so many draws.
    """
    return (
        f'{{ retry_on: "{on}", num_retries: 3, retry_host_predicate: [{_ANOTHER}], '
        "host_selection_retry_max_attempts: 16 }"
    )


@dataclass(frozen=True)  # without slots, so that the class says the usual bounds
class Gateway:
    """What may differ from place to place.

    `rate` and `burst` are requests per second and at once from one address; `body_limit` and `territory_limit` are in
    bytes, `timeout` in seconds. `requests` and `streams` are how many are under way to one service at once, each apart
    from the other. `tls` is a folder with tls.crt and tls.key, empty for plain HTTP. Paths are as Envoy sees them.
    """

    host: str
    port: int
    jwks: str
    issuer: str = "http://hehuo.local"
    audience: str = "hehuo"
    admin_host: str = "127.0.0.1"
    admin_port: int = 9901
    rate: int = 200
    burst: int = 400
    body_limit: int = BODY_BYTES
    territory_limit: int = TERRITORY_BYTES
    timeout: int = 30
    connections: int = 20000
    requests: int = 8192
    streams: int = 4096
    tls: str = ""


def bounds(environment: Mapping[str, str], *, rate: int = 200, burst: int = 400) -> dict[str, Any]:
    """What is set of a gateway's bounds, wherever it stands. Raises Refused for what is no such number."""
    whole = partial(number, environment, most=MOST)
    size = partial(number, environment, least=LEAST_BYTES, most=MOST_BYTES)
    return {
        "rate": whole("HEHUO_GATEWAY_RATE", rate),
        "burst": whole("HEHUO_GATEWAY_BURST", burst),
        "requests": whole("HEHUO_GATEWAY_REQUESTS", Gateway.requests),
        "streams": whole("HEHUO_GATEWAY_STREAMS", Gateway.streams),
        "body_limit": size("HEHUO_BODY_BYTES", Gateway.body_limit),
        "territory_limit": size("HEHUO_DISPATCH_TERRITORY_BYTES", Gateway.territory_limit),
    }


def _fill(file: str, **values: object) -> str:
    return Template((HERE / file).read_text("utf-8")).substitute(values)


def _tls(folder: str) -> str:
    if not folder:
        return "name: plain"
    return (
        'transport_socket: { name: tls, typed_config: { "@type": '
        "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, "
        "common_tls_context: { alpn_protocols: [h2, http/1.1], tls_certificates: [{ "
        f"certificate_chain: {{ filename: {json.dumps(f'{folder}/tls.crt')} }}, "
        f"private_key: {{ filename: {json.dumps(f'{folder}/tls.key')} }} }}] }} }} }}"
    )


def policy(gateway: Gateway) -> str:
    """The listener with everything that it decides."""
    reads = _retry("connect-failure,refused-stream,reset")
    writes = _retry("connect-failure,refused-stream")
    routes = _fill("large.yaml", timeout=gateway.timeout, writes=writes) + "\n".join(
        _fill(
            "routes.yaml",
            service=service,
            live=LIVE.get(service, service),
            timeout=gateway.timeout,
            reads=reads,
            writes=writes,
        )
        for service in SERVICES
    )
    return _fill(
        "policy.yaml",
        host=gateway.host,
        port=gateway.port,
        tls=_tls(gateway.tls),
        routes=textwrap.indent(routes, " " * 22).rstrip("\n"),
        reads=reads,
        timeout=gateway.timeout,
        rate=gateway.rate,
        burst=gateway.burst,
        body_limit=gateway.body_limit,
        territory_limit=gateway.territory_limit,
        issuer=json.dumps(gateway.issuer),
        audience=json.dumps(gateway.audience),
        jwks=json.dumps(gateway.jwks),
    )


def bootstrap(gateway: Gateway) -> str:
    """How Envoy starts and where it finds the rest."""
    return _fill(
        "bootstrap.yaml",
        admin_host=gateway.admin_host,
        admin_port=gateway.admin_port,
        connections=gateway.connections,
    )


def clusters(gateway: Gateway, dns: Mapping[str, tuple[str, int]] | None = None) -> str:
    """All upstreams, from one definition. `dns` gives host name and port by upstream; without it: files."""
    parts = []
    bounds = [(service, service, gateway.requests) for service in UPSTREAMS]
    bounds += [(name, service, gateway.streams) for service, name in LIVE.items()]
    for name, service, most in bounds:
        if dns is None:
            discovery = (
                f"type: EDS\n  eds_cluster_config: {{ service_name: {service}, eds_config: {{ path_config_source: "
                f"{{ path: ./endpoints/{service}.json }}, resource_api_version: V3 }} }}"
            )
        else:
            host, port = dns[service]
            discovery = (
                f"type: STRICT_DNS\n  load_assignment: {json.dumps(_assignment(name, [(host, port)]))}"
            )
        parts.append(_fill("cluster.yaml", name=name, discovery=discovery, most=most, connections=2 * most))
    return "resources:\n" + "".join(parts)


def _assignment(service: str, addresses: Sequence[tuple[str, int]]) -> dict[str, object]:
    return {
        "cluster_name": service,
        "endpoints": [
            {
                "lb_endpoints": [
                    {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
                    for host, port in addresses
                ]
            }
        ],
    }


def endpoints(service: str, addresses: Sequence[tuple[str, int]]) -> str:
    """Where the replicas of one service are, for Envoy's file discovery."""
    kind = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    return json.dumps({"resources": [{"@type": kind, **_assignment(service, addresses)}]}, indent=1)


def replace(file: Path, text: str) -> None:
    """Put a file in place whole, by a rename: Envoy reads it again at that moment."""
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)


def write(
    folder: Path,
    gateway: Gateway,
    dns: Mapping[str, tuple[str, int]] | None = None,
    addresses: Mapping[str, Sequence[tuple[str, int]]] | None = None,
) -> None:
    """Write all files into `folder`, where Envoy is started with `-c bootstrap.yaml`."""
    (folder / "endpoints").mkdir(parents=True, exist_ok=True)
    if dns is None:
        for service in UPSTREAMS:
            replace(
                folder / "endpoints" / f"{service}.json",
                endpoints(service, (addresses or {}).get(service, ())),
            )
    replace(folder / "clusters.yaml", clusters(gateway, dns))
    replace(folder / "policy.yaml", policy(gateway))
    replace(folder / "bootstrap.yaml", bootstrap(gateway))
