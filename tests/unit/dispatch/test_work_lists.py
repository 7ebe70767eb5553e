"""What work lists find a dispatch by, in every situation that the rules can make."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import orjson
import pytest

from services.dispatch.books import Books
from services.dispatch.domain.clocks.pause import AskForTime, ask_for_time
from services.dispatch.domain.deliberation.notice import (
    AnswerObjection,
    RaiseObjection,
    answer_objector,
    object_to,
)
from services.dispatch.domain.duty import NotYourLevel, sees
from services.dispatch.domain.states import OPEN, DispatchState
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.worklist import OURS, answers_for, found_by, units_of
from services.dispatch.queries.names import Naming
from services.dispatch.queries.rows import page_json
from services.dispatch.queries.views import DispatchOut
from services.dispatch.settings import Settings
from services.dispatch.store import Queue, WorkList
from shared.caller import Caller
from shared.entry import Entry
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    ORDER,
    SEWAGE,
    STREET,
)

ABOVE = ["370203", "370203/370203014", "370203/370203014/370203014008", AREA]


@pytest.mark.parametrize("situation", situations())
def test_whatever_is_open_lies_in_its_areas_and_has_its_next_end(situation: str) -> None:
    dispatch = situations()[situation]
    found = found_by(dispatch)
    if dispatch.state is DispatchState.UNKNOWN:
        assert found == {}, "nobody lists what nobody knows"
        return
    assert found["areas"] == ABOVE[: len(found["areas"])]
    assert found.get("open", False) is (dispatch.state is not DispatchState.CLOSED)
    if dispatch.state is DispatchState.MERGED:
        assert set(found) == {"areas", "open"}, "what repeats another one waits for nobody"
        return
    assert found.get("next_at") == min(
        (at for name, at in dispatch.due.items() if not name.startswith("reminder/")), default=None
    )
    if dispatch.state is DispatchState.CLOSED:
        assert set(found) == {"areas"}, "what is closed waits for nobody"


@pytest.mark.parametrize("situation", situations())
def test_whatever_is_open_is_answered_for_by_one_unit_that_sees_it(situation: str) -> None:
    dispatch = situations()[situation]
    unit = answers_for(dispatch)
    ours = [one[1:] for one in found_by(dispatch).get("has", ()) if one.startswith(OURS)]
    assert ours == ([unit] if unit else [])
    assert (unit is not None) is (dispatch.state in OPEN)
    by_unit = {units_of(one)[0]: one for one in (GRID_WORKER, COMMUNITY, STREET, DISTRICT, SEWAGE)}
    assert unit is None or sees(dispatch, by_unit[unit])


@pytest.mark.parametrize(
    ("situation", "unit"),
    [("received", GRID_WORKER), ("in_handling", COMMUNITY), ("referred", SEWAGE), ("to_check", COMMUNITY)],
)
def test_the_unit_that_answers_is_the_level_or_the_department_that_was_asked(
    situation: str, unit: Caller
) -> None:
    assert answers_for(situations()[situation]) == units_of(unit)[0]


@pytest.mark.parametrize(
    ("situation", "waiting"),
    [
        ("received", GRID_WORKER),
        ("whistled", COMMUNITY),
        ("referred", SEWAGE),
        ("referred, disputed", STREET),
        ("deadlocked", COMMUNITY),
        ("to_check", COMMUNITY),
        ("in_handling, time asked", STREET),
    ],
)
def test_it_waits_for_the_unit_whose_turn_it_is(situation: str, waiting: Caller) -> None:
    found = found_by(situations()[situation])
    assert set(found["waits_for"]) & set(units_of(waiting))
    for other in {GRID_WORKER, COMMUNITY, STREET, DISTRICT, SEWAGE} - {waiting}:
        assert not set(found["waits_for"]) & set(units_of(other)), other.id


def test_an_objection_waits_for_the_unit_until_it_is_answered() -> None:
    noticed = situations()["in_deliberation, on notice"]
    objection = RaiseObjection(household=noticed.rounds[0].households[0].id, reason="too dear")
    raised = object_to(noticed, 1, objection, by=COMMUNITY, at=NOW, limits=LIMITS).state
    reply = AnswerObjection(household=objection.household, upheld=False, reason="it is not")
    answered = answer_objector(raised, 1, reply, by=COMMUNITY, at=NOW, limits=LIMITS).state
    waits = [found_by(one).get("waits_for") for one in (noticed, raised, answered)]
    assert waits == [None, units_of(COMMUNITY), None]


def test_what_is_due_is_asked_for_by_the_field_that_orders_it() -> None:
    assert Queue(area="370203", of=WorkList.DUE).filter() == {
        "find.areas": "370203",
        "find.next_at": {"$exists": True},
    }


@pytest.mark.parametrize(
    ("situation", "rests"), [("called", False), ("claimed", True), ("to_check", True), ("to_evaluate", True)]
)
def test_what_partners_have_a_department_has_not_unless_it_leads(situation: str, rests: bool) -> None:
    """Nor does it act as if it had it; a level that had it in hand has it still."""
    dispatch = situations()[situation]
    theirs = dispatch.but(handled_by="sewage", departments=("sewage",))
    assert ("sewage" in found_by(theirs)["has"]) is not rests
    assert COMMUNITY.area in found_by(dispatch.but(handled_by=COMMUNITY.area))["has"]
    watched = supervise(theirs, Cause.SILENCE, at=NOW, limits=LIMITS).state
    directed = commands()["supervision"](watched).state
    assert "sewage" in found_by(directed)["has"]
    more = AskForTime(kind="extension", reason="frost", until=NOW + timedelta(days=25))
    cancel = commands(SEWAGE)["tasks/1/cancellation"]
    split = situations()["in_handling, split"]
    for one, refused in ((theirs, rests), (directed, False)):
        with pytest.raises(NotYourLevel) if refused else nullcontext():
            cancel(one.but(tasks=split.tasks))
        if situation != "to_evaluate":  # nobody has to do anything more
            with pytest.raises(NotYourLevel) if refused else nullcontext():
                ask_for_time(one, more, by=SEWAGE, at=NOW, limits=LIMITS)


@pytest.mark.parametrize("situation", [name for name in situations() if situations()[name].departments])
def test_a_department_reads_the_address_as_long_as_it_has_work_there(situation: str) -> None:
    """Residents write flats and names into it. On its lists and on the page of the order alike."""
    dispatch = situations()[situation].but(address="3单元201 张三")
    found = found_by(dispatch)
    has = dispatch.handled_by == "sewage" or situation in ("referred", "whistled, together")
    state = dispatch.model_dump()
    row = {"_id": ORDER, "version": 1, "state": state, "find": found}
    for caller, reads in ((SEWAGE, has), (COMMUNITY, True)):
        page = orjson.loads(page_json([row], None, caller, Naming(Books(Settings().first_ground()))))[
            "items"
        ][0]
        shown = DispatchOut.of(Entry(ORDER, dispatch), caller)
        assert (page["place"]["address"], shown.place.address) == (("3单元201 张三" if reads else ""),) * 2
