"""What lists show an order as: the words of intake and the name of the community."""

from __future__ import annotations

import pytest

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.place.titling import retitle, titled
from services.dispatch.settings import Settings
from shared.contracts.from_dispatch import DispatchRetitledV1
from shared.contracts.from_intake import OrderAmendedV1, OrderRetitledV1
from shared.contracts.from_intake.orders import Place
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import LIMITS, heard, later, only, opened

GROUND = Settings().first_ground()
LIAOYUAN = Place(longitude=120.3861, latitude=36.0972, address="3单元201")


def renamed(dispatch: Dispatch, title: str = "26号楼的灯") -> Decision[Dispatch]:
    return retitle(dispatch, heard(OrderRetitledV1(title=title)), ground=GROUND, limits=LIMITS)


@pytest.mark.parametrize("situation", [name for name in situations() if name != "unknown"])
def test_the_staff_name_it_whatever_became_of_it_and_partners_who_were_called_hear_it(situation: str) -> None:
    before = situations()[situation]
    decision = renamed(before)
    name = f"26号楼的灯 · {GROUND.territory.found(before.area).community}"
    assert decision.state.title == name
    assert decision.events == ((DispatchRetitledV1(title=name),) if before.call else ())
    assert renamed(decision.state).state is decision.state


def test_the_place_is_named_by_its_community_and_never_by_the_address() -> None:
    decision = amend(
        opened(), heard(OrderAmendedV1(category="sewage_pipe", place=LIAOYUAN, reason="there"), at=later(hours=1)),
        ground=GROUND, limits=LIMITS,
    )  # fmt: skip
    moved = decision.state
    community = GROUND.territory.found(moved.area).community
    assert community
    assert moved.title == f"{moved.about} · {community}"
    assert "3单元201" not in moved.title


def test_without_a_name_of_the_place_there_are_only_the_words() -> None:
    assert titled("a lamp", Found("370203")) == "a lamp"


def test_what_was_opened_before_keeps_its_title_until_somebody_names_it() -> None:
    old = opened().but(about="", title="old words")
    place = OrderAmendedV1(category="sewage_pipe", place=LIAOYUAN, reason="there")
    moved = amend(old, heard(place, at=later(hours=1)), ground=GROUND, limits=LIMITS).state
    assert moved.title == "old words"
    assert renamed(moved).state.about == "26号楼的灯"
    called = situations()["called"]
    assert only(renamed(called), DispatchRetitledV1).title.startswith("26号楼的灯")
