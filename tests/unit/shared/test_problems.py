"""Refusals: each type has an address, a title and a status of its own."""

from __future__ import annotations

import importlib
import pkgutil
import re

import orjson
import pytest

import services
import shared
from shared.edge import PROBLEM, problem
from shared.problems import (
    Changed,
    LostRace,
    NotFound,
    NotSignedIn,
    RuleBroken,
    TooBusy,
    Unavailable,
    every_problem,
)


def every_type() -> list[type[RuleBroken]]:
    """With all that the services add."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)

    def below(kind: type[RuleBroken]) -> list[type[RuleBroken]]:
        found = [kind]
        for sub in kind.__subclasses__():
            found += below(sub)
        return found

    return [kind for kind in below(RuleBroken) if kind.__module__.startswith(("shared.", "services."))]


KINDS = every_type()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_title_a_slug_and_a_client_can_act_on_it(kind: type[RuleBroken]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.slug())
    assert kind.__doc__, "its docstring is what people read"
    assert kind.title() == kind.title().strip()
    assert kind.title().endswith(".")
    assert kind.status in {401, 403, 404, 409, 412, 413, 422, 429, 503}


def test_no_two_refusals_have_the_same_address() -> None:
    slugs = [kind.slug() for kind in KINDS]
    assert sorted(slugs) == sorted(set(slugs))
    assert set(slugs) <= set(every_problem())


def test_a_slug_is_the_name_in_kebab_case() -> None:
    assert [kind.slug() for kind in (NotFound, LostRace, NotSignedIn)] == [
        "not-found",
        "lost-race",
        "not-signed-in",
    ]


def test_a_problem_document_says_what_is_true_now() -> None:
    answer = problem(Changed("look again", version=7))
    assert (answer.status_code, answer.media_type) == (412, PROBLEM)
    assert orjson.loads(bytes(answer.body)) == {
        "type": "/problems/changed",
        "title": "It was changed since you looked at it.",
        "status": 412,
        "detail": "look again",
        "version": 7,
    }


def test_without_a_detail_there_is_none() -> None:
    assert "detail" not in orjson.loads(bytes(problem(NotFound()).body))


def test_what_passes_says_when_to_come_again() -> None:
    assert problem(Unavailable()).headers["retry-after"] == "1"
    assert problem(TooBusy()).headers["retry-after"] == "1"
    assert problem(NotSignedIn()).headers["www-authenticate"] == "Bearer"
    assert "retry-after" not in problem(NotFound()).headers


def test_what_is_true_now_may_be_of_any_type() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    assert orjson.loads(bytes(problem(Changed(what=Odd())).body))["what"] == "odd"
