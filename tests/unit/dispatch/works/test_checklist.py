"""The acceptance check: a list by category, photos from before and after, and doing it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.checking import ChecklistNotPassed, CheckWork, NotOnList, check
from services.dispatch.queries.works import ChecklistsOut
from services.dispatch.settings import Settings
from shared.entry import Decision
from shared.settings import EXAMPLE as DEMO
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import COMMUNITY, NOW, delivered

LIMITS = Settings().limits()
FLOWS, SURFACE = ({"code": code, "passed": True} for code in ("flows", "surface"))


def checked(dispatch: Dispatch, **body: Any) -> Decision[Dispatch]:
    return check(dispatch, CheckWork.model_validate(body), by=COMMUNITY, at=NOW, limits=LIMITS)


def to_check() -> Dispatch:
    return situations()["to_check"]


def test_work_passes_when_everything_on_its_list_passed() -> None:
    done = checked(to_check(), passed=True, items=[SURFACE, FLOWS]).state
    assert done.state is DispatchState.TO_EVALUATE
    assert done.check is not None
    assert [(item.code, item.passed) for item in done.check.items] == [("surface", True), ("flows", True)]


@pytest.mark.parametrize(
    "items",
    [[], [FLOWS], [FLOWS, {"code": "surface", "passed": False, "note": "a hole is left"}]],
    ids=["nothing looked at", "one forgotten", "one failed"],
)
def test_work_does_not_pass_with_something_left_on_its_list(items: list[dict[str, Any]]) -> None:
    with pytest.raises(ChecklistNotPassed) as refused:
        checked(to_check(), passed=True, items=items)
    assert "surface" in refused.value.now["missing"]


def test_a_check_that_failed_says_which_item_and_the_same_hands_do_it_again() -> None:
    hole = {"code": "surface", "passed": False, "note": "a hole is left"}
    again = checked(to_check(), passed=False, public_note="not yet", items=[FLOWS, hole]).state
    assert (again.state, again.reworks, again.done_by) == (DispatchState.CLAIMED, 1, to_check().done_by)
    assert checked(delivered(again), passed=True, items=[FLOWS, SURFACE]).state.reworks == 1


def test_what_is_not_on_the_list_is_not_checked() -> None:
    with pytest.raises(NotOnList):
        checked(to_check(), passed=True, items=[FLOWS, SURFACE, {"code": "colour", "passed": True}])


def test_a_category_without_a_list_needs_none() -> None:
    assert checked(to_check().but(category="noise"), passed=True).events


def test_photos_from_before_and_after_are_named_by_their_digest() -> None:
    photo = {"name": "road.jpg", "sha256": "a" * 64, "size": 1}
    after = {**photo, "sha256": "b" * 64}
    done = checked(to_check(), passed=True, items=[FLOWS, SURFACE], before=[photo], after=[after]).state
    assert done.check is not None
    assert (done.check.before[0].sha256, done.check.after[0].sha256) == ("a" * 64, "b" * 64)
    other = {**after, "sha256": "c" * 64}
    assert checked(done, passed=True, items=[FLOWS, SURFACE], before=[photo], after=[after]).state is done
    with pytest.raises(ValidationError):
        checked(to_check(), passed=True, before=[{**other, "sha256": "road"}])


def test_an_item_is_checked_once() -> None:
    with pytest.raises(ValidationError):
        checked(to_check(), passed=True, items=[FLOWS, FLOWS])


def test_the_lists_are_of_categories_that_there_are() -> None:
    known = {one["code"] for one in json.loads((DEMO / "categories.json").read_text("utf-8"))["categories"]}
    shown = ChecklistsOut.of(LIMITS.checklists)
    assert {one.category for one in shown.items} <= known
    assert all(len({item.code for item in one.items}) == len(one.items) for one in shown.items)
