"""The words that stay with the staff are kept, and are in no message, whatever is asked for in whatever situation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.notes import MOST
from services.dispatch.domain.record import KeptNote
from services.dispatch.domain.words import Name, Noted
from services.dispatch.domain.works.checking import CheckedItemIn, CheckWork, check
from services.dispatch.domain.works.handling import ReportHandling, report
from services.dispatch.domain.works.record import ListedItem
from services.dispatch.domain.works.tasks import GiveTask
from services.dispatch.queries.views import DispatchOut
from shared.caller import Caller
from shared.entry import Decision, Entry
from tests.unit.dispatch.situations import ASIDE, commands, situations
from tests.unit.dispatch.stories import COMMUNITY, GRID_WORKER, LIMITS, NOW, ORDER, SEWAGE
from tests.unit.dispatch.test_moves import LEGAL

# Says nothing that anybody could read.
WORDLESS = {"assignment", "rounds/1/consents", "rounds/1/result", "payments", "payments/returns"}


@pytest.mark.parametrize(
    ("command", "situation"), [(command, one) for command in LEGAL for one in LEGAL[command]]
)
def test_a_note_is_kept_and_never_told(command: str, situation: str) -> None:
    before = situations()[situation]
    decision = commands()[command](before)
    assert all(ASIDE not in event.model_dump_json() for event in decision.events)
    assert ASIDE not in decision.state.but(notes=()).model_dump_json(), "another day it could be told"
    noted = decision.state.notes[len(before.notes) :]
    assert [one.text for one in noted] == ([] if command in WORDLESS else [ASIDE])


def said(dispatch: Dispatch, public: str, note: str, by: Caller = COMMUNITY) -> Decision[Dispatch]:
    return report(
        dispatch,
        ReportHandling(public_note=public, note=note),
        by=by,
        at=NOW + timedelta(hours=1),
        limits=LIMITS,
    )


def test_a_note_says_who_wrote_it_when_and_with_what() -> None:
    decision = said(situations()["in_handling"], "we dig", "ask the brother, call 138 1234 5678")
    assert decision.state.notes == (
        KeptNote(
            what="report_handling",
            at=NOW + timedelta(hours=1),
            role="community",
            by=COMMUNITY.id,
            text="ask the brother, call ***",
        ),
    )


def test_saying_the_same_again_with_another_note_tells_nothing_and_loses_nothing() -> None:
    once = said(situations()["in_handling"], "we dig", "first").state
    again = said(once, "we dig", "second")
    assert (again.events, [one.text for one in again.state.notes]) == ((), ["first", "second"])
    assert said(again.state, "we dig", "first").state is again.state


def test_the_latest_notes_are_kept() -> None:
    dispatch = situations()["in_handling"]
    for n in range(MOST + 5):
        dispatch = said(dispatch, f"day {n}", f"note {n}").state
    assert [one.text for one in dispatch.notes] == [f"note {n}" for n in range(5, MOST + 5)]


def shown(dispatch: Dispatch, caller: Caller) -> DispatchOut:
    return DispatchOut.of(Entry(ORDER, dispatch, version=1), caller)


@pytest.mark.parametrize("caller", [GRID_WORKER, COMMUNITY])
def test_the_staff_of_the_area_read_notes(caller: Caller) -> None:
    notes = shown(said(situations()["in_handling"], "we dig", "aside").state, caller).notes
    assert notes is not None
    assert [one.text for one in notes] == ["aside"]


def test_a_department_reads_notes_as_long_as_it_has_the_work() -> None:
    taken = commands()["referral"](situations()["in_handling"]).state
    notes = shown(taken, SEWAGE).notes
    assert notes is not None
    assert [one.text for one in notes] == [ASIDE]
    refused = commands()["referral/answer"](taken).state
    assert shown(refused, SEWAGE).notes is None
    assert shown(refused, COMMUNITY).notes == list(refused.notes)


def test_what_was_noted_of_an_item_is_read_by_the_staff_and_who_has_the_work() -> None:
    looked = CheckWork(
        passed=False,
        public_note="not yet",
        items=(CheckedItemIn(code="flows", passed=False, note=ASIDE),),
    )
    listed = (ListedItem(code="flows", name=Name(zh="不再外溢")),)
    dispatch = situations()["to_check, by the unit"].but(departments=("sewage",))
    limits = Limits(checklists={dispatch.category: listed})
    decision = check(dispatch, looked, by=COMMUNITY, at=NOW, limits=limits)
    assert all(ASIDE not in event.model_dump_json() for event in decision.events)
    has = decision.state.but(handled_by="sewage")
    for dispatch, caller in ((decision.state, COMMUNITY), (has, SEWAGE)):
        checked = shown(dispatch, caller).check
        assert checked is not None
        assert checked.items[0].note == ASIDE
    assert shown(decision.state, SEWAGE).check is None


def test_every_command_that_takes_a_note_is_walked_through_above() -> None:
    kept = {
        note.what.replace("_", "")
        for command, moves in LEGAL.items()
        for situation in moves
        for note in commands()[command](situations()[situation]).state.notes
    }
    taking = {one.__name__ for one in Noted.__subclasses__()} | {GiveTask.__name__}
    item = {CheckedItemIn.__name__}  # a part of a command: its note stays with the item
    assert kept == {name.lower() for name in taking - item}
