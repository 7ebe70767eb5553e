"""A route sees by the end of a path whether it may be its own, and takes what its whole pattern takes."""

from __future__ import annotations

from importlib import import_module

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match, Route
from starlette.types import Scope

from shared.naming import SERVICES


def routes(service: str) -> list[APIRoute]:
    found = import_module(f"services.{service}.api").router.routes
    return [route for route in found if isinstance(route, APIRoute)]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("root", ["", "/behind"])
def test_every_route_takes_the_paths_that_its_pattern_takes(service: str, root: str) -> None:
    every = routes(service)
    paths = [route.path_format.replace("{", "").replace("}", "") for route in every]
    taken = 0
    for path in [*paths, *(f"{path}/" for path in paths), "/", "/api/nowhere"]:
        for method in ("GET", "POST"):
            scope: Scope = {"type": "http", "method": method, "path": f"{root}{path}", "root_path": root}
            for route in every:
                match, child = route.matches(scope)
                plain, known = Route.matches(route, scope)
                assert match is plain
                assert child.get("path_params") == known.get("path_params")
                taken += match is not Match.NONE
    assert taken >= len(every)
