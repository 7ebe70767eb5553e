"""A dispatch comes to another area: by transfer, or found again in another version of the territory."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from services.dispatch.domain.clocks.pause import Resume, resume
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.register import Register
from services.dispatch.domain.ground.staff import Person
from services.dispatch.domain.ground.territory import AreaUnknown, Found, Territory
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.ladder.whistle import fell_silent
from services.dispatch.domain.place.moving import (
    AMENDED,
    LiesThereAlready,
    TransferDispatch,
    find_again,
    settle_in,
    transfer,
)
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.worklist import OURS, found_by
from services.dispatch.domain.works.tasks import FinishTask, GiveTask, finish_task, give_task
from shared.caller import Caller, Role
from shared.contracts.from_dispatch.place import AreaSucceededV1, DispatchMovedV1
from shared.entry import Decision
from shared.problems import NotFound, WrongState
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NEXT_COMMUNITY,
    NOW,
    SEWAGE,
    STRANGER,
    STREET,
    in_community,
    later,
    only,
    opened,
    territory,
)

ELSEWHERE = "370203/370203015/370203015005/03"  # a grid of another street
NEXT_DOOR = AREA[:-1] + "5"
GROUND = Ground(territory(), DEPARTMENTS)


def handed(
    dispatch: Dispatch,
    to: str = NEXT_DOOR,
    by: Caller = COMMUNITY,
    reason: str = "it lies there",
    ground: Ground = GROUND,
) -> Decision[Dispatch]:
    command = TransferDispatch(to=to, reason=reason)
    return transfer(dispatch, command, by=by, ground=ground, at=later(hours=5), limits=LIMITS)


def again(
    dispatch: Dispatch, area: str, *, in_no_grid: bool = False, ground: Ground = GROUND
) -> Decision[Dispatch]:
    found = Found(area, in_no_grid, version=2)
    return find_again(dispatch, found, ground, cause="territory", at=later(hours=5), limits=LIMITS)


def test_another_grid_has_it_as_if_it_were_new_but_for_its_end() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    decision = handed(taken)
    there = decision.state
    assert (there.state, there.area, there.level) == (DispatchState.RECEIVED, NEXT_DOOR, Level.GRID)
    assert (there.assigned_to, there.handled_by, there.territory_version) == (None, None, 1)
    assert there.due[Clock.DISPATCH] == later(hours=29)
    assert there.close_by == taken.close_by
    told = only(decision, DispatchMovedV1)
    assert (told.area, told.from_area, told.cause, told.answer_by) == (
        NEXT_DOOR,
        AREA,
        "transfer",
        later(hours=29),
    )


def test_what_the_community_has_stays_with_it_when_only_the_grid_changes() -> None:
    decision = handed(in_community())
    assert decision.state.state is DispatchState.IN_HANDLING
    assert decision.state.handled_by == COMMUNITY.area
    assert decision.state.due == in_community().due
    assert only(decision, DispatchMovedV1).answer_by is None


def test_between_communities_the_street_hands_it_over() -> None:
    with pytest.raises(NotYourLevel):
        handed(in_community(), NEXT_COMMUNITY, by=COMMUNITY)
    assert handed(in_community(), NEXT_COMMUNITY, by=STREET).state.level is Level.GRID
    with pytest.raises(NotYourLevel):
        handed(in_community(), ELSEWHERE, by=STREET)
    assert handed(in_community(), ELSEWHERE, by=DISTRICT).state.area == ELSEWHERE


def test_a_grid_cannot_hand_it_away_and_a_stranger_cannot_see_it() -> None:
    with pytest.raises(NotYourLevel):
        handed(opened(), by=GRID_WORKER)
    with pytest.raises(NotFound):
        handed(opened(), by=STRANGER)


@pytest.mark.parametrize("to", [f"{AREA[:-1]}9", "370203/1/2/3"])
def test_it_is_handed_to_grids_that_there_are(to: str) -> None:
    with pytest.raises(AreaUnknown):
        handed(opened(), to, by=DISTRICT)


def test_handing_it_to_where_it_lies_is_refused_but_for_the_same_said_again() -> None:
    """Before (28d5448): whoever saw it was answered 200, whatever they said, and it was lost."""
    with pytest.raises(LiesThereAlready):
        handed(opened(), AREA)
    with pytest.raises(NotYourLevel):
        handed(opened(), AREA, by=GRID_WORKER)
    with pytest.raises(WrongState):
        handed(situations()["referred"], AREA)
    there = handed(opened()).state
    assert handed(there).state is there
    with pytest.raises(LiesThereAlready):
        handed(there, reason="it does not lie there")
    with pytest.raises(LiesThereAlready):
        handed(there, by=STREET)


def test_found_in_the_same_grid_only_the_version_is_noted_and_nothing_told() -> None:
    decision = again(opened(), AREA)
    assert (decision.state.territory_version, decision.events) == (2, ())
    assert again(decision.state, AREA).state is decision.state


def test_found_in_no_grid_the_community_has_it() -> None:
    community = again(opened(), AREA.rpartition("/")[0], in_no_grid=True).state
    assert (community.level, community.in_no_grid) == (Level.COMMUNITY, True)


FREE = (DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING)


@pytest.mark.parametrize("situation", situations())
def test_found_elsewhere_it_moves_and_is_received_anew_or_goes_on_as_it_was(situation: str) -> None:
    before = situations()[situation]
    if situation == "unknown":
        return
    decision = again(before, ELSEWHERE)
    after = decision.state
    if before.state is DispatchState.CLOSED:
        assert after is before
        return
    assert after.area == only(decision, DispatchMovedV1).area == ELSEWHERE
    if before.state in FREE and situation not in ("in_handling, split", "in_handling, paused"):
        assert after.state is DispatchState.RECEIVED
        assert after.due[Clock.DISPATCH] - later(hours=5) == timedelta(hours=24)
    elif before.state is DispatchState.MERGED:
        assert (after.area, after.level, after.state) == (ELSEWHERE, Level.GRID, DispatchState.MERGED)
        assert after.due == before.due, "it waits for another order, wherever it lies"
    else:
        goes_on(before, after)
    assert again(after, ELSEWHERE).state is after


def grounded(**areas: str) -> Ground:
    """With these people in the register, by id and area."""
    people = [Person(id=id, name="孙", role="grid_worker", area=area) for id, area in areas.items()]
    return GROUND._replace(register=Register(people))


@pytest.mark.parametrize("situation", situations())
def test_whoever_does_not_see_what_lies_there_has_it_no_more(situation: str) -> None:
    """Whether the register knows them or not, and whatever is done about it meanwhile.

    Before (e41bcb1): they kept it, were answered 404, and nobody of the new community could take it.
    """
    before = situations()[situation].but(assigned_to="sun")
    if before.state in (DispatchState.UNKNOWN, DispatchState.CLOSED, DispatchState.MERGED):
        return
    assert again(before, ELSEWHERE).state.assigned_to is None
    gone = again(before, NEXT_DOOR, ground=grounded(sun=AREA)).state
    assert gone.assigned_to is None
    if before.state is DispatchState.ASSIGNED:
        assert (gone.state, gone.due[Clock.DISPATCH]) == (DispatchState.RECEIVED, later(hours=29))
    there = again(before, NEXT_DOOR, ground=grounded(sun=COMMUNITY.area or "")).state
    assert there.assigned_to == (None if there.state is DispatchState.RECEIVED else "sun")
    elsewhere = again(before, ELSEWHERE, ground=grounded(sun="370203")).state
    assert elsewhere.assigned_to == (None if elsewhere.state is DispatchState.RECEIVED else "sun")


@pytest.mark.parametrize(("level", "hours"), [(Level.COMMUNITY, 72 + 24), (Level.GRID, 24)])
def test_whose_holder_stays_behind_has_the_time_to_take_it_anew_another_unit_the_rest(
    level: Level, hours: int
) -> None:
    """The community had it and gave it to a grid worker; another grid is not known to be late by days."""
    taken = situations()["assigned"].but(level=level, assigned_to="sun")
    found, at = Found(NEXT_DOOR, in_no_grid=False, version=2), later(days=3)
    moved = find_again(taken, found, grounded(sun=AREA), cause=AMENDED, at=at, limits=LIMITS).state
    assert (moved.state, moved.due[Clock.DISPATCH]) == (DispatchState.RECEIVED, later(hours=hours))
    assert (f"{Clock.REMINDER}/{Clock.DISPATCH}" in moved.due) == (level is Level.COMMUNITY)


def test_what_is_paused_waits_for_the_unit_there_when_its_holder_stays_behind() -> None:
    """Before (e41bcb1): after the pause the new community was answered 409 `taken-already`."""
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    asked = ask_resident(taken, AskResident(question="since when?"), by=GRID_WORKER, at=NOW, limits=LIMITS)
    moved = again(asked.state, ELSEWHERE).state
    assert (moved.state, moved.assigned_to, found_by(moved)["has"]) == (
        DispatchState.ASSIGNED,
        None,
        [f"{OURS}{ELSEWHERE}"],
    )
    there = Caller("grid-worker-there", Role.GRID_WORKER, area=ELSEWHERE)
    going = resume(moved, Resume(), by=there, at=later(hours=6), limits=LIMITS).state
    assert Clock.HANDLING in going.due
    mine = assign(going, AssignDispatch(), by=there, at=later(hours=6), limits=LIMITS).state
    assert mine.assigned_to == there.id


def test_where_the_area_of_the_holder_is_gone_they_keep_it_until_it_is_known_where_they_are() -> None:
    taken = situations()["assigned"]
    ground = Ground(without_its_community(), register=grounded(**{"grid-worker-06": AREA}).register)
    assert settle_in(taken, ground, at=later(hours=5), limits=LIMITS).state.assigned_to == "grid-worker-06"


def of_nobody_known(situation: str, **changes: object) -> Decision[Dispatch]:
    """After an import in which its community goes; the register knows nobody."""
    before = situations()[situation].but(**changes)
    return settle_in(before, Ground(without_its_community()), at=later(hours=5), limits=LIMITS)


@pytest.mark.parametrize("level", [Level.GRID, Level.COMMUNITY])
def test_who_had_it_without_being_in_the_register_has_it_no_more_where_their_area_is_gone(
    level: Level,
) -> None:
    """It is received by the same level of the area that came after, with the time to take it from now.

    Before (28d5448): it stayed assigned to them, who could not read it any more.
    """
    decision = of_nobody_known("assigned", level=level)
    free = decision.state
    assert (free.state, free.level, free.assigned_to) == (DispatchState.RECEIVED, level, None)
    assert found_by(free)["waits_for"] == [level.of(AREA.replace(GONE, COMES_AFTER))]
    assert (Clock.DISPATCH in free.due, Clock.HANDLING in free.due) == (True, False)
    told = only(decision, DispatchMovedV1)
    assert told.answer_by == free.due[Clock.DISPATCH] == later(hours=5 + 24)
    assert free.close_by == situations()["assigned"].close_by


def test_where_a_level_above_has_it_that_stays_they_keep_it() -> None:
    kept = of_nobody_known("assigned", level=Level.STREET, assigned_to="street-sun")
    assert (kept.state.state, kept.state.assigned_to) == (DispatchState.ASSIGNED, "street-sun")
    assert only(kept, DispatchMovedV1).answer_by is None


def test_a_unit_that_has_it_goes_on_under_its_new_name() -> None:
    kept = of_nobody_known("assigned", level=Level.COMMUNITY, assigned_to=GONE).state
    assert (kept.state, kept.assigned_to) == (DispatchState.ASSIGNED, COMES_AFTER)


@pytest.mark.parametrize("paused", [True, False])
def test_what_cannot_be_received_yet_is_watched_by_the_clock_of_the_unit_there(paused: bool) -> None:
    """Paused, or with open tasks: nobody has it, its unit does, and when it goes on the word of that is waited for."""
    taken = situations()["assigned"]
    if paused:
        held = ask_resident(taken, AskResident(question="when?"), by=GRID_WORKER, at=NOW, limits=LIMITS)
    else:
        part = GiveTask(title="a sign", unit="sewage", deadline=later(days=2))
        held = give_task(taken, part, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS)
    there = settle_in(held.state, Ground(without_its_community()), at=later(hours=5), limits=LIMITS).state
    area = AREA.replace(GONE, COMES_AFTER)
    assert (there.state, there.assigned_to) == (DispatchState.ASSIGNED, None)
    assert f"{OURS}{area}" in found_by(there)["has"]
    staff = Caller("worker-there", Role.GRID_WORKER, area=area)
    above = Caller("community-there", Role.COMMUNITY, area=COMES_AFTER)
    at = later(hours=6)
    if paused:
        going = resume(there, Resume(), by=staff, at=at, limits=LIMITS).state
    else:
        going = finish_task(there, 1, FinishTask(), by=above, at=at).state
    assert Clock.HANDLING in going.due
    assert assign(going, AssignDispatch(), by=staff, at=at, limits=LIMITS).state.assigned_to == staff.id
    silent = fell_silent(going, Clock.HANDLING, at=at, limits=LIMITS).state
    assert (silent.state, silent.level) == (DispatchState.WHISTLED, Level.COMMUNITY)


def test_what_has_ended_is_nobodys_whose_area_is_gone() -> None:
    """Opened again it would be back with somebody who does not see it."""
    assert of_nobody_known("closed", assigned_to="sun").state.assigned_to is None
    known = Ground(without_its_community(), register=grounded(sun=AREA).register)
    closed = situations()["closed"].but(assigned_to="sun")
    assert settle_in(closed, known, at=later(hours=5), limits=LIMITS).state.assigned_to == "sun"


@pytest.mark.parametrize("situation", situations())
def test_from_an_area_that_is_gone_it_goes_on_in_the_hands_of_who_comes_after(situation: str) -> None:
    before = situations()[situation]
    if situation == "unknown":
        return
    there = Ground(without_its_community(), register=grounded(**{"grid-worker-06": AREA}).register)
    decision = settle_in(before, there, at=later(hours=5), limits=LIMITS)
    after = decision.state
    assert after.area == AREA.replace(GONE, COMES_AFTER)
    goes_on(before, after)
    assert sorted(after.due.values()) == sorted(before.due.values())  # nobody has more time, or less
    if before.state is DispatchState.CLOSED:
        assert only(decision, AreaSucceededV1).from_area == AREA
    else:
        assert only(decision, DispatchMovedV1).from_area == AREA
    assert settle_in(after, there, at=later(hours=5), limits=LIMITS).state is after


def goes_on(before: Dispatch, after: Dispatch) -> None:
    """The same state in the same hands; and nothing that is still to be done names a unit of the area before."""
    assert (after.state, after.paused, after.close_by) == (before.state, before.paused, before.close_by)
    assert len(after.due) == len(before.due)
    ladder = {level.of(before.area) for level in Level} - {level.of(after.area) for level in Level}
    found = found_by(after)
    assert not ladder.intersection((*found["areas"], *found.get("has", ()), *found.get("waits_for", ())))
    assert not [name for name in after.due if name.rpartition("unit/")[2] in ladder]


GONE, COMES_AFTER = AREA.rpartition("/")[0], "370203/370203014/370203014999"


def without_its_community() -> Territory:
    """The same land, in which the community has another code."""
    now = territory()
    features = json.loads(now.geojson("").replace(f'"{GONE}'.encode(), f'"{COMES_AFTER}'.encode()))[
        "features"
    ]
    return now.with_part(features, within=now.code, sliver=10, successors={GONE: COMES_AFTER})


def test_what_a_department_has_stays_with_it_wherever_it_lies() -> None:
    accepted = respond(
        situations()["referred"], AnswerReferral(accepted=True), by=SEWAGE, at=later(), limits=LIMITS
    ).state
    moved = again(accepted, ELSEWHERE).state
    assert (moved.area, moved.state, moved.handled_by) == (ELSEWHERE, DispatchState.IN_HANDLING, "sewage")
