"""An order that repeats another one is bound to it: it ends with that, or comes back with its clocks.

The two are two entries, so each hears of the other by a clock that is due at once: `original/<id>` of the one that
repeats, `duplicates` of the one that has ended.
"""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.place.moving import find_again
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import end_supervision
from services.dispatch.domain.words import Noted, PublicReason
from services.dispatch.domain.works.record import WORKED, Binding
from shared.caller import Caller
from shared.contracts.from_dispatch import DispatchMergedV1, DispatchUnmergedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

UNBOUND, ORIGINAL_ENDED, CIRCLE, REOPENED = "unbound", "original_ended", "circle", "reopened"


class UnknownOriginal(RuleBroken):
    """There is no other order of your area that this one repeats.

    It must be open, or have been solved lately.
    """


class CircleOfDuplicates(RuleBroken):
    """It would repeat itself, by way of others; or of too many others."""


class TooManyDuplicates(RuleBroken):
    """Too many orders repeat that one already."""


class UnbindDuplicate(Noted):
    """It was bound to the wrong order."""

    reason: PublicReason


def can_be_repeated(original: Dispatch, *, at: datetime, limits: Limits) -> bool:
    """Whether another order may be bound to this one: it is open, or was solved lately. Raises TooManyDuplicates."""
    if len(original.duplicates) >= limits.duplicates:
        raise TooManyDuplicates(f"{limits.duplicates} orders")
    if original.state is not DispatchState.CLOSED:
        return original.state is not DispatchState.UNKNOWN
    ended = original.closed_at
    return original.outcome in WORKED and ended is not None and at - ended <= limits.solved_lately


def bind(dispatch: Dispatch, original: str, note: str, *, by: Caller, at: datetime) -> Decision[Dispatch]:
    """It repeats that order, and waits for how it ends; nobody has it, and no clock of the unit runs.

    Raises RoundIsOpen, OnNotice.
    """
    dispatch.must_not_be_discussed()
    binding = Binding(original=original, note=note, by=by.id, at=at)
    merged = (
        end_supervision(dispatch, result="duplicate", by="", at=at)
        .moved(DispatchState.MERGED, duplicate_of=original, binding=binding, closing_note=note, overdue=False)
        .with_clock(f"{Clock.ORIGINAL}/{original}", at)
    )
    return decided(merged, DispatchMergedV1.of(binding))


@keeps_note
def unbind(
    dispatch: Dispatch,
    command: UnbindDuplicate,
    *,
    found: Found,
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """It was bound wrongly, and comes back. `found`: where it lies by now."""
    must_see(dispatch, by)
    last = dispatch.binding
    if last is not None and (last.ended, last.reason) == (UNBOUND, command.reason):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.MERGED)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    return come_back(dispatch, UNBOUND, note=command.reason, found=found, at=at, limits=limits)


def come_back(
    dispatch: Dispatch, cause: str, *, found: Found, at: datetime, limits: Limits, note: str = ""
) -> Decision[Dispatch]:
    """It is received by the unit that answers for it where it lies by now, and has all its time from now."""
    moved = unchanged(dispatch)
    if found.version != dispatch.territory_version:
        nobodys = dispatch.but(assigned_to=None)
        moved = find_again(nobodys, found, None, cause="territory", at=at, limits=limits)
    there = moved.state
    urgency, category = there.urgency, there.category
    take_by = limits.term(Limit.TAKE, at, urgency=urgency, category=category, level=there.level)
    close_by = limits.term(Limit.CLOSE, at, urgency=urgency, category=category)
    back = (
        parted(there, cause, note=note, at=at)
        .moved(
            DispatchState.RECEIVED, assigned_to=None, handled_by=None, closing_note="", close_by=close_by.end
        )
        .with_limit(Clock.DISPATCH, take_by, at=at, reminder=limits.reminder)
        .with_limit(Clock.CLOSE_BY, close_by, at=at, reminder=limits.reminder)
    )
    told = DispatchUnmergedV1(
        cause=cause, note=note, level=back.level, answer_by=take_by.end, close_by=close_by.end
    )
    return decided(back, *moved.events, told)


def parted(dispatch: Dispatch, how: str, *, at: datetime, note: str = "") -> Dispatch:
    """It does not repeat the other one any more, which hears that at once. What is bound to none stays as it is."""
    binding = dispatch.binding
    if binding is None or dispatch.duplicate_of is None:
        return dispatch
    ended = binding.but(ended=how, reason=note, ended_at=at)
    free = dispatch.but(duplicate_of=None, binding=ended)
    return free.with_clock(f"{Clock.ORIGINAL}/{binding.original}", at)


def note_duplicate(original: Dispatch, id: str, *, bound: bool) -> Decision[Dispatch]:
    """It knows that this order repeats it, or does not any more."""
    if bound is (id in original.duplicates):
        return unchanged(original)
    others = tuple(one for one in original.duplicates if one != id)
    return decided(original.but(duplicates=(*others, id) if bound else others))
