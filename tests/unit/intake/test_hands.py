"""Who has the work now, told by what two lists say: the same however they are mixed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.hands import Hands, Reads, hands, may_read
from services.intake.domain.order import WithdrawOrder, withdraw
from services.intake.queries import WorkOut
from shared.caller import Caller, Role
from shared.contracts import from_dispatch as dispatch
from shared.contracts.from_dispatch.ladder import CalledUnit
from shared.contracts.from_partners import CallExpiredV1, ClaimReleasedV1
from shared.contracts.message import Message
from shared.entry import Entry
from tests.unit.intake.given import (
    AREA,
    FIRST,
    NOON,
    ORDER,
    OTHER_PARTNER,
    PARTNER,
    RESIDENT,
    SECOND,
    claim,
    golden_a,
    hear,
    placed,
    told,
)
from tests.unit.intake.test_timeline import interleavings

LATER = NOON + timedelta(days=1)
MADE = dispatch.ReferralMadeV1(department="sewage", answer_by=LATER)
YES = dispatch.ReferralAnsweredV1(department="sewage", accepted=True)
NO = dispatch.ReferralAnsweredV1(department="sewage", accepted=False, reason="out_of_remit", refusals=1)
DISPUTED = dispatch.RefusalDisputedV1(department="sewage", to_level="street", answer_by=LATER)
CALLED = dispatch.JointWhistleBlownV1(
    from_level="community",
    units=(CalledUnit(unit="sewage", answer_by=LATER), CalledUnit(unit="water", answer_by=LATER)),
)
CLOSED = dispatch.DispatchClosedV1(outcome="not_solved", in_time=True)
TASK = dispatch.TaskGivenV1(number=1, title="围挡", unit="sewage", deadline=LATER)
ASSIGNED = dispatch.DispatchAssignedV1(to="c-1", level="community")
RAISED = dispatch.SupervisionRaisedV1(cause="silence")
DIRECTED = dispatch.SupervisionDirectedV1(unit="sewage", measures="去看", due=LATER)


def came(unit: str, waiting: int) -> Message:
    return dispatch.WhistleAnsweredV2(unit=unit, level=None, waiting=waiting)


def blown(kind: str = "resident", *, by_silence: bool = False) -> Message:
    return dispatch.WhistleBlownV1(
        kind=kind,
        from_level="community",
        to_level="street",
        area=AREA,
        answer_by=LATER,
        by_silence=by_silence,
    )


def ruled(*, upheld: bool) -> Message:
    return dispatch.DisputeRuledV1(department="sewage", upheld=upheld)


def ended(how: str = "done") -> Message:
    return dispatch.TaskEndedV1(number=1, unit="sewage", ended=how, late=False)


def reopened(calls: int = 0) -> Message:
    return dispatch.DispatchReopenedV1(
        number=1, level="community", taken=True, close_by=LATER, calls=calls, cost=0, shares=0, subsidies=0
    )


def moved(*, anew: bool) -> Message:
    return dispatch.DispatchMovedV1(
        area=AREA,
        from_area=AREA,
        level="grid",
        in_no_grid=False,
        cause="transfer",
        answer_by=LATER if anew else None,
    )


def reminder(clock: str) -> Message:
    return dispatch.ReminderSentV1(clock=clock, level="district", ends=LATER)


def merged() -> Message:
    return dispatch.DispatchMergedV1(original=UUID(int=9))


def unmerged() -> Message:
    return dispatch.DispatchUnmergedV1(cause="unbound", level="grid", answer_by=LATER, close_by=LATER)


def agreed(gap: int) -> Message:
    return dispatch.RoundClosedV2(
        number=1,
        agreed=True,
        binds=True,
        cost=100,
        shares=100 - gap,
        subsidies=0,
        gap=gap,
        consenting=3,
        households=3,
    )


def succeeded(department: str = "sewage") -> Message:
    return dispatch.DepartmentSucceededV1(department=department, successor="water")


def recalled(department: str = "sewage") -> Message:
    return dispatch.ReferralRecalledV1(department=department, reason="问错了")


def lead(unit: str) -> Message:
    return dispatch.LeadNamedV1(unit=unit)


def called_off(*units: str, waiting: int) -> Message:
    return dispatch.WhistleRecalledV1(level="community", units=units, reason="不用了", waiting=waiting)


# what dispatch has said → departments that are asked, departments that have it or a part of it
SITUATIONS: dict[str, tuple[tuple[Message, ...], str, str]] = {
    "nobody was asked": ((ASSIGNED,), "", ""),
    "asked": ((MADE,), "sewage", ""),
    "accepted": ((MADE, YES), "", "sewage"),
    "refused": ((MADE, NO), "", ""),
    "recalled": ((MADE, recalled()), "", ""),
    "another one was recalled": ((MADE, recalled("water")), "sewage", ""),
    "a refusal of another was excused": ((MADE, YES, recalled("water")), "", "sewage"),
    "disputed": ((MADE, NO, DISPUTED), "", ""),
    "overruled": ((MADE, NO, DISPUTED, ruled(upheld=False)), "", "sewage"),
    "upheld": ((MADE, NO, DISPUTED, ruled(upheld=True)), "", ""),
    "silent, the level above is called": ((MADE, blown(by_silence=True)), "", ""),
    "silent, and nobody is above": ((MADE, RAISED), "", ""),
    "reminded": ((MADE, reminder("referral")), "sewage", ""),
    "silent without a word, and the level is reminded": ((MADE, reminder("handling")), "", ""),
    "silent without a word, and the level goes on": ((MADE, dispatch.HandlingReportedV1(note="在做")), "", ""),
    "has it, and is reminded": ((MADE, YES, reminder("handling")), "", "sewage"),
    "taken from it by whistle": ((MADE, YES, blown()), "", ""),
    "taken from it by assignment": ((MADE, YES, ASSIGNED), "", ""),
    "handed to another grid": ((MADE, YES, moved(anew=True)), "", ""),
    "found in another grid": ((MADE, YES, moved(anew=False)), "", "sewage"),
    "another is asked": ((MADE, YES, dispatch.ReferralMadeV1(department="water", answer_by=LATER)), "water", ""),
    "it is deadlocked with it": ((MADE, YES, dispatch.DeadlockDeclaredV1(reason="没钱")), "", "sewage"),
    "households pay all of it": ((MADE, YES, agreed(0)), "", ""),
    "households pay a part of it": ((MADE, YES, agreed(40)), "", "sewage"),
    "called together": ((CALLED,), "sewage water", ""),
    "one has come": ((CALLED, came("sewage", 1)), "water", ""),
    "all have come": ((CALLED, came("sewage", 1), came("water", 0)), "", ""),
    "one is called off": ((CALLED, called_off("water", waiting=1)), "sewage", ""),
    "all are called off": ((CALLED, called_off("sewage", "water", waiting=0)), "", ""),
    "over one that is silent a level is called too": ((CALLED, blown("joint", by_silence=True)), "sewage water", ""),
    "nobody is waited for": ((CALLED, dispatch.WhistleEndedV1(level="community", absent=("water",))), "", ""),
    "has a part": ((TASK,), "", "sewage"),
    "has done its part": ((TASK, ended()), "", ""),
    "its part is late": ((TASK, dispatch.TaskLateV1(number=1, unit="sewage", deadline=LATER)), "", "sewage"),
    "leads": ((RAISED, lead("sewage")), "", "sewage"),
    "a level leads": ((MADE, YES, lead("370203")), "", "370203"),
    "is directed": ((RAISED, DIRECTED), "", "sewage"),
    "was directed": ((RAISED, DIRECTED, dispatch.SupervisionClosedV1(result="好")), "", ""),
    "asked, and is no more": ((MADE, succeeded()), "water", ""),
    "accepted, and is no more": ((MADE, YES, TASK, succeeded()), "", "water"),
    "called, and is no more": ((CALLED, succeeded()), "water", ""),
    "closed": ((MADE, YES, TASK, CLOSED), "", ""),
    "closed and opened again": ((MADE, YES, TASK, CLOSED, reopened()), "", "sewage"),
    "closed while it was asked, and opened again": ((MADE, CLOSED, reopened()), "", ""),
    "repeats another one": ((MADE, YES, merged()), "", ""),
    "came back": ((MADE, YES, merged(), unmerged()), "", ""),
    "solved with another one, and opened again": ((MADE, YES, merged(), CLOSED, reopened()), "", "sewage"),
}  # fmt: skip


def said(*messages: Message) -> dict[str, list[Any]]:
    return told(*enumerate(messages))


def names(ids: Iterable[str]) -> str:
    return " ".join(sorted(ids))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_departments_have_it_from_their_yes_until_somebody_else_has_it(situation: str) -> None:
    messages, asked, have = SITUATIONS[situation]
    order = hear(placed(), *said(*messages)["dispatch"])
    now = hands(order)
    assert (names(now.asked), names(now.departments)) == (asked, have)
    for department in ("sewage", "water", "urban_management"):
        reads = may_read(order, Caller("o-1", Role.DEPARTMENT, department=department))
        assert reads == (
            Reads.ALL if department in have else Reads.WORDS if department in asked else Reads.NOTHING
        )


def released(claim_id: UUID, partner: UUID) -> Message:
    return ClaimReleasedV1(round=1, claim_id=claim_id, partner_id=partner, gap=5, reopened=False)


BOTH = (claim(FIRST, 5, 5), claim(SECOND, 5, 0, partner=OTHER_PARTNER))
OVER = dispatch.CallWithdrawnV1(round=1)
PARTNERS: dict[str, tuple[tuple[Message, ...], tuple[UUID, ...]]] = {
    "nobody has claimed": ((MADE,), ()),
    "both have claimed": (BOTH, (PARTNER, OTHER_PARTNER)),
    "one gave back": ((*BOTH, released(FIRST, PARTNER)), (OTHER_PARTNER,)),
    "one was taken over": (
        (BOTH[0], released(FIRST, PARTNER), claim(SECOND, 5, 5, partner=OTHER_PARTNER)),
        (OTHER_PARTNER,),
    ),
    "the call expired": ((*BOTH, CallExpiredV1(round=1, gap=10)), ()),
    "the call was withdrawn": ((*BOTH, OVER), ()),
    "it was called again": ((BOTH[0], OVER, BOTH[1].model_copy(update={"round": 2})), (OTHER_PARTNER,)),
    "it is closed": ((*BOTH, CLOSED), ()),
    "it is opened again": ((*BOTH, CLOSED, reopened(calls=1)), ()),
    "a department leads": ((*BOTH, RAISED, lead("sewage")), (PARTNER, OTHER_PARTNER)),
}


@pytest.mark.parametrize("situation", PARTNERS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_partners_have_it_from_claim_to_release_however_the_lists_are_heard(
    situation: str, data: st.DataObject
) -> None:
    messages, have = PARTNERS[situation]
    order = hear(placed(), *data.draw(interleavings(said(*messages))))
    assert hands(order).partners == {str(one) for one in have}
    for partner in (PARTNER, OTHER_PARTNER):
        reads = may_read(order, Caller("m-1", Role.PARTNER, partner=str(partner)))
        assert reads == (Reads.ALL if partner in have else Reads.NOTHING)


STUCK = (MADE, YES, dispatch.DeadlockDeclaredV1(reason="没钱"))
CLAIM = claim(FIRST, 5, 5)
RESTS: dict[str, tuple[tuple[Message, ...], str]] = {
    "nobody has claimed": (STUCK, "sewage"),
    "a partner has claimed": ((*STUCK, CLAIM), ""),
    "one of two gave back": ((*STUCK, *BOTH, released(FIRST, PARTNER)), ""),
    "both gave back": ((*STUCK, *BOTH, released(FIRST, PARTNER), released(SECOND, OTHER_PARTNER)), "sewage"),
    "one was taken over": (
        (*STUCK, CLAIM, released(FIRST, PARTNER), claim(SECOND, 5, 5, partner=OTHER_PARTNER)),
        "",
    ),
    "the call expired": ((*STUCK, CLAIM, CallExpiredV1(round=1, gap=10)), "sewage"),
    "the call was withdrawn": ((*STUCK, CLAIM, OVER), "sewage"),
    "it was called again": ((*STUCK, CLAIM, OVER, CLAIM.model_copy(update={"round": 2})), ""),
    "it is closed": ((*STUCK, CLAIM, CLOSED), ""),
    "it is opened again": ((*STUCK, CLAIM, CLOSED, reopened(calls=1)), "sewage"),
    "it is no more, and they gave back": ((*STUCK, CLAIM, succeeded(), released(FIRST, PARTNER)), "water"),
    "it has a part of it": ((*STUCK, TASK, CLAIM), "sewage"),
    "its part is over": ((*STUCK, TASK, CLAIM, ended()), ""),
    "it leads": ((*STUCK, CLAIM, RAISED, lead("sewage")), "sewage"),
    "it led": ((*STUCK, CLAIM, RAISED, lead("sewage"), dispatch.SupervisionClosedV1(result="好")), ""),
}


@pytest.mark.parametrize("situation", RESTS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_partners_have_the_department_has_not_until_they_are_gone(
    situation: str, data: st.DataObject
) -> None:
    messages, have = RESTS[situation]
    order = hear(placed(), *data.draw(interleavings(said(*messages))))
    assert names(hands(order).departments) == have
    for department in ("sewage", "water"):
        reads = may_read(order, Caller("o-1", Role.DEPARTMENT, department=department))
        assert reads == (Reads.ALL if department == have else Reads.NOTHING)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_hands_are_the_same_at_every_moment_that_knows_the_same(data: st.DataObject) -> None:
    """Some of everything that happens, in any order of things, and mixed in any two ways."""
    everything = [one for messages, _, _ in SITUATIONS.values() for one in messages]
    everything += [one for messages, _ in (*PARTNERS.values(), *RESTS.values()) for one in messages]
    happened = said(*data.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=12)))
    one, other = (hear(placed(), *data.draw(interleavings(happened))) for _ in range(2))
    assert hands(one) == hands(other)


def test_what_its_resident_withdrew_nobody_has_though_dispatch_has_not_heard_of_it() -> None:
    order = hear(placed(), *said(MADE, YES)["dispatch"])
    assert hands(withdraw(order, WithdrawOrder(), by=RESIDENT, at=NOON).state) == Hands()


def test_a_scope_counts_with_its_role_alone() -> None:
    order = hear(placed(), *(one for messages in said(MADE, YES, *BOTH).values() for one in messages))
    for caller in (
        Caller("r-1", Role.RESIDENT, department="sewage", partner=str(PARTNER)),
        Caller("o-1", Role.DEPARTMENT, partner=str(PARTNER)),
        Caller("p-1", Role.PARTNER, department="sewage"),
        Caller("o-1", Role.DEPARTMENT),
        Caller("p-1", Role.PARTNER),
    ):
        assert may_read(order, caller) is Reads.NOTHING


def test_whoever_does_it_again_reads_why() -> None:
    until_then = [(minute, message) for minute, message in golden_a() if minute <= 21]
    order = hear(placed(), *(one for mine in told(*until_then).values() for one in mine))
    partner = Caller("li", Role.PARTNER, partner=str(PARTNER))
    [shown] = WorkOut.of(Entry(ORDER, order), Reads.ALL).reworks
    assert may_read(order, partner) is Reads.ALL
    assert shown.reason == "leaks"
    assert WorkOut.of(Entry(ORDER, order), Reads.WORDS).reworks == []
