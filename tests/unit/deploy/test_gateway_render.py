"""The gateway's files: the policy is the same everywhere, places differ in addresses only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.docs.openapi import of_service
from deploy.gateway.__main__ import gateway, upstreams
from deploy.gateway.render import LIVE, UPSTREAMS, Gateway, bootstrap, clusters, endpoints, policy, write
from deploy.local.plan import bounds_here
from deploy.local.refusal import Refused
from shared.naming import SERVICES

HERE = Gateway("127.0.0.1", 8600, jwks="/keys/jwks.json")


def manager(setting: Gateway = HERE) -> dict[str, Any]:
    """The one filter that decides everything."""
    listener = yaml.safe_load(policy(setting))["resources"][0]
    config: dict[str, Any] = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return config


def route_of(path: str, method: str = "GET") -> dict[str, Any]:
    """The first route that fits, as Envoy chooses."""
    routes: list[dict[str, Any]] = manager()["route_config"]["virtual_hosts"][0]["routes"]
    for route in routes:
        match = route["match"]
        if "prefix" in match and not path.startswith(match["prefix"]):
            continue
        if "safe_regex" in match and not re.fullmatch(match["safe_regex"]["regex"], path):
            continue
        methods = [header["string_match"] for header in match.get("headers", ())]
        if all(
            one.get("exact") == method or re.fullmatch(one.get("safe_regex", {}).get("regex", "-"), method)
            for one in methods
        ):
            return route
    raise AssertionError(f"no route for {path}")


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_reached_under_its_own_name(service: str) -> None:
    assert route_of(f"/api/{service}/v1/things")["route"]["cluster"] == service
    assert route_of(f"/api/{service}/v1/things", "POST")["route"]["cluster"] == service


@pytest.mark.parametrize("path", ["/", "/docs", "/problems/not-found", "/openapi.json", "/asyncapi.json"])
def test_what_is_no_api_goes_to_the_pages(path: str) -> None:
    assert route_of(path)["route"]["cluster"] == "web"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/metrics/x", "/api/unknown/v1", "/api/"])
def test_what_is_not_for_the_world_is_not_there(path: str) -> None:
    assert route_of(path)["direct_response"] == {"status": 404}


@pytest.mark.parametrize("path", ["/api/intake/v1/orders/0190/live", "/api/intake/v1/live"])
def test_live_updates_are_never_cut(path: str) -> None:
    assert route_of(path)["route"]["timeout"] == "0s"
    assert route_of("/api/intake/v1/orders/0190/alive")["route"]["timeout"] == "30s"


def test_only_reads_are_asked_again_when_an_answer_breaks_off() -> None:
    assert "reset" in route_of("/api/intake/v1/orders")["route"]["retry_policy"]["retry_on"].split(",")
    assert "reset" not in route_of("/api/intake/v1/orders", "POST")["route"]["retry_policy"][
        "retry_on"
    ].split(",")


def test_no_forged_header_comes_in() -> None:
    (mutation,) = manager()["early_header_mutation_extensions"]
    assert mutation["typed_config"]["mutations"] == [{"remove_on_match": {"key_matcher": {"prefix": "x-"}}}]
    assert manager()["common_http_protocol_options"]["headers_with_underscores_action"] == "DROP_HEADER"


def test_the_access_log_has_neither_query_nor_token_nor_address() -> None:
    ours, strange = manager()["access_log"]
    assert "%PATH(NQ)%" in json.dumps(ours["typed_config"]["log_format"])
    for log in (ours, strange):
        said = json.dumps(log["typed_config"]["log_format"])
        assert not re.search(
            r"AUTHORIZATION|COOKIE|DOWNSTREAM_REMOTE|FORWARDED|TRACEPARENT|%REQ\(:PATH\)", said
        )
    assert "PATH" not in json.dumps(strange["typed_config"]["log_format"])


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", True),
        ("/api/intake/v1/orders?cursor=x", True),
        ("/api/dispatch/v1/dispatches/01900000-0000-7000-8000-0000000000aa/rounds/12/result", True),
        ("/api/intake/v1/orders/13812345678", False),
        ("/api/intake/v1/orders/86-138-1234-5678", False),
        ("/api/intake/v1/orders/370203199001011234", False),
        ("/api/intake/v1/orders/zhang.san@example.cn", False),
        ("/api/intake/v1/orders/%E7%8E%8B", False),
    ],
)
def test_the_access_log_keeps_a_path_only_where_it_is_of_ours(path: str, kept: bool) -> None:
    ours, strange = (log["filter"]["header_filter"]["header"] for log in manager()["access_log"])
    pattern = ours["string_match"]["safe_regex"]["regex"]
    assert (re.fullmatch(pattern, path) is not None) is kept
    assert strange == {**ours, "invert_match": True}


def test_every_answer_of_the_gateways_own_is_a_problem_document() -> None:
    mappers = manager()["local_reply_config"]["mappers"]
    for mapper in mappers:
        form = mapper["body_format_override"]
        assert form["content_type"] == "application/problem+json"
        assert form["json_format"]["type"].startswith("/problems/")
        assert form["json_format"]["title"].endswith(".")
    last = mappers[-1]["filter"]["status_code_filter"]["comparison"]
    assert (last["op"], last["value"]["default_value"]) == ("GE", 400)


def test_settings_reach_the_policy() -> None:
    setting = Gateway("0.0.0.0", 80, jwks="./k", issuer="http://x", rate=7, burst=9, body_limit=5, timeout=3)
    filters = {one["name"]: one["typed_config"] for one in manager(setting)["http_filters"]}
    rate = filters["envoy.filters.http.local_ratelimit"]["descriptors"][0]["token_bucket"]
    assert (rate["max_tokens"], rate["tokens_per_fill"]) == (9, 7)
    assert filters["envoy.filters.http.body_size_limit"]["max_request_bytes"] == 5
    people = filters["envoy.filters.http.jwt_authn"]["providers"]["people"]
    assert (people["issuer"], people["local_jwks"]) == ("http://x", {"filename": "./k"})
    assert list(filters)[-1] == "envoy.filters.http.router"


def test_a_territory_may_be_larger_and_is_told_how_large() -> None:
    setting = Gateway("0.0.0.0", 80, jwks="./k", body_limit=5, territory_limit=7)
    routes = manager(setting)["route_config"]["virtual_hosts"][0]["routes"]
    (own,) = [one for one in routes if one["match"].get("path") == "/api/dispatch/v1/territory"]
    assert own["typed_per_filter_config"]["envoy.filters.http.body_size_limit"]["disabled"] is True
    filters = {one["name"]: one["typed_config"] for one in manager(setting)["http_filters"]}
    assert filters["largest-body"]["max_request_bytes"] == 7
    forms = [
        one["body_format_override"]["json_format"]
        for one in manager(setting)["local_reply_config"]["mappers"]
    ]
    assert [form["most"] for form in forms if "most" in form] == [7, 5]  # the first that fits counts


def test_a_folder_of_certificates_makes_it_tls() -> None:
    chain = yaml.safe_load(policy(Gateway("0.0.0.0", 443, jwks="./k", tls="/tls")))["resources"][0][
        "filter_chains"
    ][0]
    tls = chain["transport_socket"]["typed_config"]["common_tls_context"]
    assert tls["tls_certificates"][0]["private_key"] == {"filename": "/tls/tls.key"}
    assert "transport_socket" not in yaml.safe_load(policy(HERE))["resources"][0]["filter_chains"][0]


def test_one_definition_serves_all_upstreams_in_both_places() -> None:
    files = yaml.safe_load(clusters(HERE))["resources"]
    names = yaml.safe_load(clusters(HERE, upstreams("intake=orders:81")))["resources"]
    assert [one["name"] for one in files] == [one["name"] for one in names] == [*UPSTREAMS, *LIVE.values()]
    for local, dns in zip(files, names, strict=True):
        differing = {key for key in local.keys() | dns.keys() if local.get(key) != dns.get(key)}
        assert differing == {"type", "eds_cluster_config", "load_assignment"}
    first = names[0]["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
    assert first["socket_address"] == {"address": "orders", "port_value": 81}


def test_streams_have_a_bound_of_their_own_and_what_is_too_much_does_not_wait() -> None:
    setting = Gateway("0.0.0.0", 80, jwks="./k", requests=7, streams=5)
    found = {one["name"]: one for one in yaml.safe_load(clusters(setting))["resources"]}
    for name, most in (("intake", 7), ("dispatch", 7), ("intake-live", 5)):
        (bound,) = found[name]["circuit_breakers"]["thresholds"]
        assert (bound["max_requests"], bound["max_connections"] > most) == (most, True)
    assert found["intake-live"]["eds_cluster_config"]["service_name"] == "intake"
    assert route_of("/api/intake/v1/orders/0190/live")["route"]["cluster"] == "intake-live"


def test_the_gateway_knows_which_services_have_streams() -> None:
    streaming = {
        service
        for service in SERVICES
        for path, methods in of_service(service)["paths"].items()
        for one in methods.values()
        if "text/event-stream" in one["responses"].get("200", {}).get("content", {})
    }
    assert streaming == LIVE.keys()


def test_endpoints_name_every_replica() -> None:
    (found,) = json.loads(endpoints("intake", [("127.0.0.1", 1), ("127.0.0.1", 2)]))["resources"]
    ports = [
        one["endpoint"]["address"]["socket_address"]["port_value"]
        for one in found["endpoints"][0]["lb_endpoints"]
    ]
    assert (found["cluster_name"], ports) == ("intake", [1, 2])


def test_every_file_that_envoy_reads_is_written(tmp_path: Path) -> None:
    write(tmp_path, HERE, addresses={"intake": [("127.0.0.1", 1)]})
    start = yaml.safe_load((tmp_path / "bootstrap.yaml").read_text("utf-8"))
    assert start == yaml.safe_load(bootstrap(HERE))
    for part in ("lds_config", "cds_config"):
        assert (tmp_path / start["dynamic_resources"][part]["path_config_source"]["path"]).exists()
    for cluster in yaml.safe_load((tmp_path / "clusters.yaml").read_text("utf-8"))["resources"]:
        source = cluster["eds_cluster_config"]["eds_config"]["path_config_source"]
        assert (tmp_path / source["path"]).exists()


def test_compose_tells_the_gateway_by_the_environment() -> None:
    told = gateway({"HEHUO_GATEWAY_PORT": "80", "HEHUO_GATEWAY_RATE": "5", "HEHUO_JWKS": "/k"})
    assert (told.host, told.port, told.rate, told.jwks) == ("0.0.0.0", 80, 5, "/k")
    assert upstreams("")["web"] == ("web", 8000)


@pytest.mark.parametrize("place", [gateway, bounds_here])
@pytest.mark.parametrize(
    "name",
    [
        *(f"HEHUO_GATEWAY_{knob}" for knob in ("RATE", "BURST", "REQUESTS", "STREAMS")),
        *("HEHUO_BODY_BYTES", "HEHUO_DISPATCH_TERRITORY_BYTES"),
    ],
)
def test_a_bound_that_is_none_is_refused_with_its_name_and_what_is_allowed(
    place: Callable[[dict[str, str]], object], name: str
) -> None:
    for value in ("0", "-1", "abc", "", "1.5", "true", "9" * 12, "\uff11"):
        with pytest.raises(Refused, match=rf"^{name}={value!r}: this is a whole number from \d+ to \d+\.$"):
            place({name: value})


@pytest.mark.parametrize("text", ["intak=a:1", "intake", "intake=a:x", "intake=a:0", "intake=:1"])
def test_an_upstream_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="HEHUO_GATEWAY_UPSTREAMS="):
        upstreams(text)
