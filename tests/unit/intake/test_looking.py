"""That somebody reads what is private stands on the order: once a day for each, and nothing of the owners."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.intake.domain.looking import look
from services.intake.domain.order import Order
from services.intake.domain.timeline import Seen
from services.intake.queries import LookOut, OrderOut, WorkOut, shown_to
from shared.caller import Caller, Role
from shared.contracts.from_dispatch import (
    DispatchOpenedV1,
    QuestionAskedV1,
    ReferralAnsweredV1,
    ReferralMadeV1,
    TaskGivenV1,
)
from shared.entry import Entry
from shared.problems import NotFound
from tests.unit.intake.given import (
    AREA,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    LEADER,
    NEIGHBOUR,
    NOON,
    ORDER,
    PARTNER,
    RESIDENT,
    claim,
    hear,
    placed,
    told,
)
from tests.unit.stored import stored

HERE = ZoneInfo("Asia/Shanghai")  # noon of the tests is 12:00 there
LATER = NOON + timedelta(days=1)
OFFICER = Caller("o-1", Role.DEPARTMENT, department="sewage")
WORKER = Caller("m-1", Role.PARTNER, partner=str(PARTNER))
SAID = told(
    (
        1,
        DispatchOpenedV1(
            area=AREA, category="sewage_pipe", urgency="urgent", answer_by=LATER, close_by=LATER
        ),
    ),
    (2, QuestionAskedV1(number=1, question="何时在家？", until=LATER)),
    (3, ReferralMadeV1(department="sewage", answer_by=LATER)),
    (4, ReferralAnsweredV1(department="sewage", accepted=True)),
    (5, TaskGivenV1(number=1, title="围挡", unit="sewage", deadline=LATER)),  # it has that beside the partner
    (6, claim(UUID(int=1), 5, 0)),
)
CONTACT = {"name": "李四", "phone": "13812345678"}
FRESH = placed(LEADER, ordered_for="r-li", contact=CONTACT)
ASKED = hear(FRESH, *SAID["dispatch"][:3])
HAVE = hear(FRESH, *SAID["dispatch"], *SAID["partners"])


def looked(order: Order, by: Caller, minutes: int = 0) -> Order:
    return look(order, by=by, at=NOON + timedelta(minutes=minutes), zone=HERE).state


@pytest.mark.parametrize("by", [RESIDENT, LEADER])
def test_what_is_their_own_people_read_as_they_like(by: Caller) -> None:
    assert looked(HAVE, by) is HAVE


@pytest.mark.parametrize("by", [NEIGHBOUR, ELSEWHERE, Caller("x", Role.DEPARTMENT, department="water")])
def test_who_may_not_read_it_is_told_of_nothing(by: Caller) -> None:
    with pytest.raises(NotFound):
        looked(HAVE, by)


@pytest.mark.parametrize("by", [COMMUNITY, DISTRICT, OFFICER, WORKER])
def test_everybody_else_is_noted_once_a_day(by: Caller) -> None:
    decision = look(HAVE, by=by, at=NOON, zone=HERE)
    assert not decision.events, "nobody is told"
    once = decision.state
    assert [(one.role, one.id, one.what) for one in once.looks] == [(by.role, by.id, Seen.CONTACT)]
    assert looked(once, by, 11 * 60 + 59) is once, "the same day of the place"
    assert [one.at.hour for one in looked(once, by, 12 * 60).looks] == [4, 16], "its midnight has passed"
    assert stored(once) == once


def test_who_reads_more_than_before_on_the_same_day_is_noted_with_that() -> None:
    asked = looked(ASKED, OFFICER)
    assert [one.what for one in asked.looks] == [Seen.TEXT]
    have = looked(hear(asked, SAID["dispatch"][3]), OFFICER, 5)
    assert [(one.what, one.at) for one in have.looks] == [(Seen.CONTACT, NOON)]
    assert looked(have, OFFICER, 6) is have


def test_the_same_person_in_another_office_is_noted_besides() -> None:
    order = looked(looked(HAVE, OFFICER), Caller("o-1", Role.COMMUNITY, area=AREA))
    assert [(one.role, one.office) for one in order.looks] == [("department", "sewage"), ("community", "")]


def test_of_many_the_latest_are_kept_and_the_others_counted() -> None:
    order = HAVE
    for day in range(203):
        order = looked(order, COMMUNITY, day * 24 * 60)
    assert (len(order.looks), order.looks_before) == (200, 3)
    assert order.looks[0].at == NOON + timedelta(days=3)


def shown(order: Order, caller: Caller) -> OrderOut | WorkOut:
    return shown_to(Entry(ORDER, order), caller)


@pytest.mark.parametrize("by", [RESIDENT, LEADER])
def test_the_owners_read_which_office_looked_and_when_but_not_who(by: Caller) -> None:
    out: Any = shown(looked(looked(looked(HAVE, OFFICER), WORKER), COMMUNITY), by)
    common: dict[str, Any] = {"what": Seen.CONTACT, "at": NOON, "id": None}
    assert out.looks == [
        LookOut(role="department", department="sewage", partner=None, **common),
        LookOut(role="partner", department=None, partner=str(PARTNER), **common),
        LookOut(role="community", department=None, partner=None, **common),
    ]
    staff: Any = shown(looked(HAVE, OFFICER), COMMUNITY)
    assert [one.id for one in staff.looks] == ["o-1"]


@pytest.mark.parametrize(
    ("order", "by", "contact", "questions"),
    [(ASKED, OFFICER, False, 0), (HAVE, OFFICER, True, 1), (HAVE, WORKER, True, 1)],
)
def test_who_works_reads_what_the_work_needs(order: Order, by: Caller, contact: bool, questions: int) -> None:
    out = shown(looked(order, by), by)
    assert isinstance(out, WorkOut)
    assert (out.text, bool(out.contact), len(out.questions)) == (FRESH.text, contact, questions)
    assert out.place == FRESH.place
    written = out.model_dump_json()
    for hidden in ("r-li", "l-26", "looks", "timeline", "funding", "o-1"):
        assert hidden not in written


def test_who_does_not_have_it_any_more_is_shown_nothing_of_it() -> None:
    out = shown(ASKED.but(closed_at=NOON), WORKER)
    assert isinstance(out, OrderOut)
    assert (out.text, out.contact, out.questions, out.looks) == (None, None, [], [])
