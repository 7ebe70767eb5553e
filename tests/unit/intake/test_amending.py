"""Staff correct where an order is, or what it is about."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.intake.domain.amending import AmendOrder, amend
from services.intake.domain.category import (
    CategoryQuestion,
    Choice,
    NoSuchChoice,
    UnknownQuestion,
    Urgency,
)
from services.intake.domain.order import (
    Order,
    OrderClosed,
    OutsideJurisdiction,
    UnknownCategory,
)
from services.intake.domain.timeline import Progress
from services.intake.queries import OrderOut
from shared.caller import Caller
from shared.contracts.from_intake.orders import OrderAmendedV2, OrderRetitledV1
from shared.contracts.message import Message
from shared.entry import Decision, Entry
from shared.problems import NotAllowed, NotFound
from tests.unit.intake.given import (
    CATEGORIES,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    NEIGHBOUR,
    NOON,
    ORDER,
    OUTLINE,
    RESIDENT,
    placed,
)

KNOWN = next(iter(CATEGORIES.values()))
OTHER = "street_light" if KNOWN.code != "street_light" else "noise"
ALL = {**CATEGORIES, OTHER: KNOWN.model_copy(update={"code": OTHER})}


def corrected(by: Caller = DISTRICT, order: Order | None = None, **changes: Any) -> Decision[Order]:
    command = AmendOrder.model_validate({"reason": "看过了，电话13812345678", **changes})
    before = order or placed()
    return amend(before, command, by=by, at=NOON, categories=ALL, outline=OUTLINE)


def moved(**changes: float) -> dict[str, Any]:
    place = placed().place
    assert place is not None
    return {"longitude": place.longitude, "latitude": place.latitude, **changes}


def test_a_corrected_category_is_told_with_its_reason_masked() -> None:
    decision = corrected(category=OTHER)
    (said,) = decision.events
    assert isinstance(said, OrderAmendedV2)
    assert (said.category, said.place, said.reason) == (OTHER, placed().place, "看过了，电话***")
    assert decision.state.category == OTHER
    assert decision.state.timeline[-1].event == "order_amended"
    assert decision.state.progress is placed().progress


def test_a_corrected_place_keeps_the_address_unless_another_is_given() -> None:
    before = placed().place
    assert before is not None
    place = corrected(place=moved(latitude=before.latitude + 0.0001)).state.place
    assert place is not None
    assert (place.latitude, place.address) == (before.latitude + 0.0001, before.address)


def test_what_is_so_already_is_no_correction() -> None:
    order = placed()
    assert corrected(order=order, category=order.category).state is order
    assert corrected(order=order, place=moved()).state is order


@pytest.mark.parametrize(
    ("by", "refusal"),
    [(NEIGHBOUR, NotFound), (ELSEWHERE, NotFound), (COMMUNITY, NotFound), (RESIDENT, NotAllowed)],
)
def test_only_the_staff_who_see_it_correct_it(by: Caller, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):  # the community does not see it before dispatch has found the grid
        corrected(by, category=OTHER)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"category": "nothing_known"}, UnknownCategory),
        ({"place": {"longitude": 0, "latitude": 0}}, OutsideJurisdiction),
    ],
)
def test_a_correction_is_checked_like_an_order(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        corrected(**changes)


@pytest.mark.parametrize("progress", [Progress.CLOSED, Progress.WITHDRAWN])
def test_what_has_ended_is_not_corrected(progress: Progress) -> None:
    with pytest.raises(OrderClosed):
        corrected(order=placed().but(progress=progress), category=OTHER)


def test_a_correction_needs_a_reason() -> None:
    with pytest.raises(ValidationError):
        AmendOrder.model_validate({"category": OTHER, "reason": " "})


PRESSING = {**ALL, "danger": KNOWN.model_copy(update={"code": "danger", "urgency": Urgency.EMERGENCY})}


def urgencies(order: Order, *steps: dict[str, Any]) -> list[str]:
    """How urgent it is after each correction."""
    found = []
    for step in steps:
        command = AmendOrder.model_validate({"reason": "so", **step})
        order = amend(order, command, by=DISTRICT, at=NOON, categories=PRESSING, outline=OUTLINE).state
        found.append(order.urgency)
    return found


def test_the_urgency_follows_the_category_until_somebody_says_another_one() -> None:
    usual = placed().but(urgency=KNOWN.urgency)
    there, back = {"category": "danger"}, {"category": KNOWN.code}
    assert urgencies(usual, there, back) == ["emergency", KNOWN.urgency]
    other = next(one for one in Urgency if one not in (KNOWN.urgency, Urgency.EMERGENCY))
    assert urgencies(usual, {"urgency": other}, there) == [other, other]
    assert urgencies(usual.but(urgency=other), there) == [other]  # whoever placed it said so
    same = {"urgency": KNOWN.urgency}  # and said by the staff, it stays as well
    assert urgencies(usual, same, there) == [KNOWN.urgency, KNOWN.urgency]


ASKED = KNOWN.model_copy(
    update={
        "questions": (
            CategoryQuestion(
                code="where",
                zh="在哪",
                en="Where?",
                choices=(
                    yard := Choice(code="yard", zh="院", en="Yard"),
                    Choice(code="road", zh="路", en="Road"),
                ),
            ),
            CategoryQuestion(code="since", zh="多久", en="Since when?"),
        )
    }
)


def test_answers_are_put_right_and_only_choices_leave_intake() -> None:
    before = placed().but(answers={"where": yard.code, "since": "三天"})
    command = AmendOrder(answers={"where": "road"}, reason="so")
    all_of_them = {**ALL, KNOWN.code: ASKED}
    decision = amend(before, command, by=DISTRICT, at=NOON, categories=all_of_them, outline=OUTLINE)
    (said,) = decision.events
    assert isinstance(said, OrderAmendedV2)
    assert (said.answers, decision.state.answers) == ({"where": "road"}, {"where": "road", "since": "三天"})
    for wrong, refusal in (({"where": "moon"}, NoSuchChoice), ({"who": "me"}, UnknownQuestion)):
        with pytest.raises(refusal):
            amend(
                before,
                AmendOrder(answers=wrong, reason="so"),
                by=DISTRICT,
                at=NOON,
                categories=all_of_them,
                outline=OUTLINE,
            )


def test_the_staff_write_a_title_and_whoever_is_named_by_number_is_masked() -> None:
    decision = corrected(title="26号楼的灯，电话13812345678")
    (told,) = decision.events
    assert told == OrderRetitledV1(title="26号楼的灯，电话***", reason="看过了，电话***")
    assert decision.state.title == "26号楼的灯，电话***"
    assert corrected(order=decision.state, title="26号楼的灯，电话13812345678").state is decision.state


def test_a_note_beside_a_correction_stays_with_the_staff_of_the_area() -> None:
    decision = corrected(category=OTHER, note="她电话里说得不清楚")
    assert "电话里" not in str([decision.events, decision.state.timeline])
    [kept] = decision.state.notes
    assert (kept.by, kept.text) == (DISTRICT.id, "她电话里说得不清楚")
    again = corrected(order=decision.state, category=OTHER, note="她电话里说得不清楚")
    assert again.state is decision.state
    assert len(corrected(order=decision.state, category=OTHER, note="又打来了").state.notes) == 2
    entry = Entry(ORDER, decision.state)
    assert OrderOut.of(entry, DISTRICT).notes == [kept]
    assert OrderOut.of(entry, RESIDENT).notes is None
    assert OrderOut.of(entry, DISTRICT, opened=False).notes is None


@pytest.mark.parametrize("progress", [Progress.CLOSED, Progress.WITHDRAWN])
def test_a_title_is_corrected_also_when_it_has_ended(progress: Progress) -> None:
    """What names somebody is shown as long as the order is."""
    assert corrected(order=placed().but(progress=progress), title="a lamp").events


NAMED = {**ALL, OTHER: KNOWN.model_copy(update={"code": OTHER, "zh": "路灯", "en": "Street light"})}


def test_another_category_has_other_words_unless_the_staff_wrote_the_title() -> None:
    command = AmendOrder.model_validate({"category": OTHER, "reason": "seen"})

    def told(order: Order) -> list[Message]:
        decision = amend(order, command, by=DISTRICT, at=NOON, categories=NAMED, outline=OUTLINE)
        assert decision.state.timeline[-1].n == len(decision.events) + 1
        return list(decision.events)

    assert [one.name for one in told(placed())] == ["order_amended", "order_retitled"]
    assert isinstance(last := told(placed())[-1], OrderRetitledV1)
    assert last.title == "路灯 Street light"
    assert [one.name for one in told(placed(DISTRICT, title="a lamp", ordered_for="r-li"))] == [
        "order_amended"
    ]
