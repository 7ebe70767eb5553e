"""The states of a dispatch with their legal moves, and the ladder of levels that the whistle climbs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DispatchState(StrEnum):
    """Where a dispatch stands. Whether it is overdue or supervised are facts beside it, not states."""

    UNKNOWN = "unknown"  # heard of, nothing known yet
    RECEIVED = "received"  # has a grid, nobody has taken it
    ASSIGNED = "assigned"  # a person or a unit has it
    WHISTLED = "whistled"  # waits for a level's answer
    REFERRED = "referred"  # waits for a department's answer
    IN_HANDLING = "in_handling"  # a unit works on it itself
    DEADLOCKED = "deadlocked"
    IN_DELIBERATION = "in_deliberation"
    CALLED = "called"  # open to partners
    CLAIMED = "claimed"  # partners have all of it
    TO_CHECK = "to_check"  # work delivered, acceptance check
    TO_EVALUATE = "to_evaluate"
    CLOSED = "closed"
    MERGED = "merged"  # it repeats another one, and waits for how that ends


_S = DispatchState

NEXT: Mapping[DispatchState, frozenset[DispatchState]] = {
    _S.UNKNOWN: frozenset({_S.RECEIVED}),
    _S.RECEIVED: frozenset({_S.RECEIVED, _S.ASSIGNED, _S.WHISTLED, _S.REFERRED, _S.CLOSED, _S.MERGED}),
    _S.ASSIGNED: frozenset({
        _S.RECEIVED, _S.ASSIGNED, _S.WHISTLED, _S.REFERRED, _S.DEADLOCKED, _S.IN_DELIBERATION, _S.CALLED,
        _S.TO_CHECK, _S.CLOSED, _S.MERGED,
    }),
    _S.WHISTLED: frozenset({_S.RECEIVED, _S.REFERRED, _S.WHISTLED, _S.IN_HANDLING, _S.CLOSED}),
    _S.REFERRED: frozenset({_S.RECEIVED, _S.REFERRED, _S.IN_HANDLING, _S.WHISTLED, _S.CLOSED}),
    _S.IN_HANDLING: frozenset({
        _S.RECEIVED, _S.ASSIGNED, _S.WHISTLED, _S.REFERRED, _S.DEADLOCKED, _S.IN_DELIBERATION, _S.CALLED,
        _S.TO_CHECK, _S.TO_EVALUATE, _S.CLOSED, _S.MERGED,
    }),
    _S.DEADLOCKED: frozenset({_S.IN_HANDLING, _S.IN_DELIBERATION, _S.CALLED, _S.WHISTLED, _S.CLOSED, _S.MERGED}),
    _S.IN_DELIBERATION: frozenset({
        _S.IN_DELIBERATION, _S.IN_HANDLING, _S.WHISTLED, _S.DEADLOCKED, _S.CALLED, _S.CLOSED, _S.MERGED,
    }),
    _S.CALLED: frozenset({_S.CLAIMED, _S.IN_HANDLING, _S.DEADLOCKED, _S.IN_DELIBERATION, _S.CLOSED}),
    _S.CLAIMED: frozenset({_S.CALLED, _S.TO_CHECK, _S.IN_HANDLING, _S.DEADLOCKED, _S.IN_DELIBERATION, _S.CLOSED}),
    _S.TO_CHECK: frozenset({_S.TO_EVALUATE, _S.CLAIMED, _S.IN_HANDLING, _S.CLOSED}),
    _S.TO_EVALUATE: frozenset({_S.CLOSED, _S.CLAIMED, _S.IN_HANDLING}),
    _S.CLOSED: frozenset({_S.RECEIVED, _S.ASSIGNED, _S.IN_HANDLING}),  # opened again
    _S.MERGED: frozenset({_S.RECEIVED, _S.CLOSED}),
}  # fmt: skip


class Clock(StrEnum):
    """What a clock of a dispatch is for."""

    DISPATCH = "dispatch"  # nobody has taken it in time
    WHISTLE = "whistle"  # the level does not answer
    UNIT = "unit"  # one of several units that were called together does not answer: `unit/<its id>`
    REFERRAL = "referral"  # the department does not answer
    DEADLOCK = "deadlock"  # nobody found a way out
    ROUND = "round"  # the households have had their time
    NOTICE = "notice"  # the public notice is over
    RETURNED = "returned"  # it is back with the unit, which must say what comes next
    HANDLING = "handling"  # the unit that has it says nothing
    CLOSE_BY = "close_by"  # it must have ended
    DISPUTE = "dispute"  # the level above does not decide about a refusal
    TASK = "task"  # a unit's part is late: `task/<number>`
    OVERDUE = "overdue"  # it should have ended, and still has not
    PAUSE = "pause"  # the clocks have stood still long enough
    REMINDER = "reminder"  # most of the time of another clock has passed: `reminder/whistle`
    SUPERVISION = "supervision"  # what is supervised must have moved
    ORIGINAL = "original"  # at once: the order that it repeats, or does not repeat any more, hears it: `original/<id>`
    DUPLICATES = "duplicates"  # at once: it has ended, and those that repeat it hear it
    CHECK = "check"  # the work waits for its acceptance check
    TIME_REQUEST = "time_request"  # more time was asked for, and the level that decides has not answered
    DEADLINE = "deadline"  # what a unit promised by then; of several units `deadline/<its id>`
    EVALUATION = "evaluation"  # the residents' time is over, and nobody has told how it ended

    @classmethod
    def of(cls, name: str) -> Clock | None:
        """The kind of a running clock; some run for one part each, e.g. `task/3`. None for a name nobody knows."""
        return _KINDS.get(name.partition("/")[0])


_KINDS: Mapping[str, Clock] = {one.value: one for one in Clock}

# The clocks that wait for somebody's answer.
ASKED = frozenset({Clock.DISPATCH, Clock.WHISTLE, Clock.UNIT, Clock.REFERRAL, Clock.DISPUTE})

# A unit has it, and may ask the households or the partners.
WITH_A_UNIT = (_S.ASSIGNED, _S.IN_HANDLING, _S.DEADLOCKED, _S.IN_DELIBERATION)

WITH_PARTNERS = (_S.CALLED, _S.CLAIMED)

OPEN = frozenset(_S) - {_S.UNKNOWN, _S.CLOSED, _S.MERGED}

# By these one dispatch reaches another: no time is waited for, and nobody.
AMONG_US = frozenset({Clock.ORIGINAL, Clock.DUPLICATES})

# The unit's time ends with the passed check: after it only that of the residents runs.
THE_UNITS = OPEN - {_S.TO_EVALUATE}

PAUSABLE = (_S.ASSIGNED, _S.IN_HANDLING, _S.DEADLOCKED)  # a unit has it, and nobody else is waited for

EXTENSIBLE = (*PAUSABLE, _S.IN_DELIBERATION, _S.CALLED, _S.CLAIMED, _S.TO_CHECK)

# In which states a clock runs. Any move to another state stops it, so no clock outlives its reason.
RUNS_IN: Mapping[Clock, frozenset[DispatchState]] = {
    Clock.DISPATCH: frozenset({_S.RECEIVED}),
    Clock.WHISTLE: frozenset({_S.WHISTLED}),
    Clock.UNIT: frozenset({_S.WHISTLED}),
    Clock.REFERRAL: frozenset({_S.REFERRED}),
    Clock.DEADLOCK: frozenset({_S.DEADLOCKED}),
    Clock.ROUND: frozenset({_S.IN_DELIBERATION}),
    Clock.NOTICE: frozenset({_S.IN_DELIBERATION}),
    Clock.RETURNED: frozenset({_S.IN_DELIBERATION, _S.IN_HANDLING, _S.DEADLOCKED}),
    Clock.DISPUTE: frozenset({_S.REFERRED}),
    Clock.TASK: THE_UNITS,
    Clock.HANDLING: frozenset({_S.ASSIGNED, _S.IN_HANDLING}),
    Clock.CLOSE_BY: THE_UNITS,
    Clock.OVERDUE: THE_UNITS,
    Clock.PAUSE: OPEN,
    Clock.REMINDER: OPEN,  # and only while the clock runs that it is about
    Clock.SUPERVISION: OPEN,
    Clock.ORIGINAL: frozenset(_S) - {_S.UNKNOWN},
    Clock.DUPLICATES: frozenset({_S.CLOSED}),
    Clock.SUPERVISION: THE_UNITS,
    Clock.CHECK: frozenset({_S.TO_CHECK}),
    Clock.TIME_REQUEST: frozenset(EXTENSIBLE),
    Clock.DEADLINE: frozenset({_S.ASSIGNED, _S.IN_HANDLING}),
    Clock.EVALUATION: frozenset({_S.TO_EVALUATE}),
}


def runs_in(name: str, state: DispatchState) -> bool:
    """Whether a running clock has its reason in this state; a reminder has that of its clock."""
    kind = Clock.of(name)
    if kind is Clock.REMINDER:
        return runs_in(name.partition("/")[2], state)
    return kind is not None and state in RUNS_IN[kind]


class Level(StrEnum):
    """Who answers for a dispatch, lowest first."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"

    @property
    def rank(self) -> int:
        return tuple(Level).index(self)

    @property
    def above(self) -> Level | None:
        """The level that a whistle from here calls; None at the top."""
        return None if self is Level.DISTRICT else tuple(Level)[self.rank + 1]

    def of(self, area: str) -> str:
        """The part of an area path that this level answers for: the district's is its first code alone."""
        return "/".join(area.split("/")[: len(Level) - self.rank])
