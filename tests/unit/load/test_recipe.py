"""What one life consists of: each save has its cause, and sizes are those that were seen."""

from __future__ import annotations

from typing import Any

import bson
import orjson
import pytest

from tests.load.people import Sent
from tests.load.recipe import Change, Message, Recipe, Request, Save, recipe_of

_TOLD = {
    ("intake", 1): ("intake.order_placed.v2", orjson.dumps({"after": {"dispatch": 0}}), {"hehuo-n": "1"})
}


def _entry(version: int, said: int, heard: dict[str, int], more: str = "") -> dict[str, Any]:
    return {"version": version, "said": said, "heard": heard, "more": more}


def _size(document: dict[str, Any]) -> int:
    return len(bson.encode(document))


def test_a_save_is_of_the_request_or_of_the_message_that_led_to_it() -> None:
    taken = [
        Sent("intake", "token", {"a": 1}, 201, 300),
        Sent("dispatch", "token", {}, 200, 400),
    ]
    placed, opened = _entry(1, 1, {}), _entry(1, 0, {"intake": 1})
    assigned = _entry(2, 0, {"intake": 1}, "x" * 50)
    changes = [
        Change("intake", {}, placed, 0),
        Change("dispatch", {}, opened, 0),
        Change("dispatch", opened, assigned, 80),
    ]
    recipe = recipe_of(taken, changes, _TOLD, {"intake: told noted": 1})
    subject, body, headers = _TOLD["intake", 1]
    assert recipe == Recipe(
        [Request("intake", 7, 201, 300, 0), Request("dispatch", 2, 200, 400, 2)],
        [
            Save("intake", _size(placed), 0, 0, [0]),
            Save("dispatch", _size(opened), 0, 0, []),
            Save("dispatch", 0, 30, 50, []),
        ],
        [Message("intake", 1, subject, len(body), headers, {"dispatch": 1})],
        {"intake: told noted": 1},
    )
    assert Recipe.of(recipe.as_json()) == recipe


def test_messages_that_were_saved_together_lead_to_one_save() -> None:
    told = {
        ("intake", n): ("intake.x.v1", orjson.dumps({"after": {"dispatch": n - 1}}), {"hehuo-n": str(n)})
        for n in (1, 2)
    }
    changes = [
        Change("intake", {}, _entry(1, 2, {}), 0),
        Change("dispatch", {}, _entry(1, 0, {"intake": 2}), 0),
    ]
    recipe = recipe_of([Sent("intake", "token", {}, 201, 1)], changes, told, {})
    assert [one.saves for one in recipe.messages] == [{"dispatch": None}, {"dispatch": 1}]


def test_a_save_that_nobody_asked_for_is_refused() -> None:
    changes = [Change("intake", {}, _entry(1, 1, {}), 0), Change("evaluation", {}, _entry(1, 0, {}), 0)]
    with pytest.raises(ValueError, match="evaluation"):
        recipe_of([Sent("intake", "token", {}, 201, 1)], changes, _TOLD, {})


def test_a_save_on_a_message_that_was_not_told_is_refused() -> None:
    changes = [
        Change("intake", {}, _entry(1, 1, {}), 0),
        Change("partners", {}, _entry(1, 0, {"intake": 1}), 0),
    ]
    with pytest.raises(ValueError, match=r"\[1\]"):
        recipe_of([Sent("intake", "token", {}, 201, 1)], changes, _TOLD, {})
